"""What the watch costs beside the bare stub: processor time per event, in turns against one server (clients/bench).

usage: watch.py ADDRESS EVENTS ROUNDS
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

import grpc

import fermata
from fermata.v1.host_service_pb2 import WatchHostsRequest
from fermata.v1.host_service_pb2_grpc import HostServiceStub


async def read_bare(channel: grpc.aio.Channel) -> int:
    """Reads to the end with the stub."""
    last = 0
    async for response in HostServiceStub(channel).WatchHosts(WatchHostsRequest()):
        last = response.sequence
    return last


async def read_watch(connection: fermata.Connection, events: int) -> int:
    """Reads to the last event with the watch."""
    async with fermata.watch(connection, WatchHostsRequest()) as watch:
        async for item in watch:
            if isinstance(item, fermata.Event) and item.position.sequence == events:
                return events
    return 0


async def measured(events: int, read: Callable[[], Awaitable[int]]) -> float:
    """Microseconds of processor time per event."""
    before = time.process_time()
    last = await read()
    if last != events:
        raise SystemExit(f"the last event was {last}, not {events}")
    return (time.process_time() - before) / events * 1e6


async def main(address: str, events: int, rounds: int) -> None:
    """Measures, and prints the best rounds."""
    bare = watch = float("inf")
    async with grpc.aio.insecure_channel(address) as channel, fermata.connect(f"http://{address}") as connection:
        for _ in range(rounds):
            bare = min(bare, await measured(events, lambda: read_bare(channel)))
            watch = min(watch, await measured(events, lambda: read_watch(connection, events)))
    print(json.dumps({"bare": round(bare, 3), "watch": round(watch, 3)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
