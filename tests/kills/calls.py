"""Calls to whichever replica answers: asked again elsewhere, with the same request id, until somebody does."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from fermata.v1.notification_service_pb2_grpc import NotificationServiceStub
from fermata.v1.session_service_pb2_grpc import SessionServiceStub

from kills import wire
from kills.cluster import Replica

OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.use_local_subchannel_pool", 1),
]
# A replica that does not answer within this is left for another one.
PATIENCE = 3.0
# Errors that say: ask again. Any other one is an answer.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    # A connection that breaks may end a call in these as well.
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
}
# How many streams share a connection.
STREAMS = 20


class Door:
    """The way to a replica."""

    def __init__(self, replica: Replica, streams: int) -> None:
        self.number = replica.number
        self.channel = grpc.aio.insecure_channel(replica.address, OPTIONS)
        self.sessions = SessionServiceStub(self.channel)
        self.notifications = NotificationServiceStub(self.channel)
        count = max(1, streams // STREAMS)
        self.for_streams = [grpc.aio.insecure_channel(replica.address, OPTIONS) for _ in range(count)]

    async def close(self) -> None:
        for channel in [self.channel, *self.for_streams]:
            await channel.close()


@dataclass
class Answer:
    """What came of a call."""

    asked_at: float
    answered_at: float
    tries: int
    # OK, or the reason of the error; empty: nobody answered in time.
    result: str
    response: Any = None
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.result == "OK"


class Doors:
    """All replicas, and what went wrong on the way to them."""

    def __init__(self, doors: list[Door], seed: int) -> None:
        self.doors = doors
        self.rng = random.Random(f"{seed}/doors")
        # Errors that no client should see: code, method, detail.
        self.odd: list[str] = []

    async def call(
        self, method: str, pick: Callable[[Door], Any], request: Any, seconds: float = 120
    ) -> Answer:
        """Asks until somebody answers."""
        asked_at = time.time()
        end = time.monotonic() + seconds
        tries = 0
        order = self._order()
        pause = 0.1
        while time.monotonic() < end:
            if not order:
                order = self._order()
                await asyncio.sleep(self.rng.uniform(0.5, 1) * pause)
                pause = min(pause * 2, 1.5)
            door = order.pop(0)
            tries += 1
            try:
                response = await pick(door)(request, timeout=PATIENCE)
                return Answer(asked_at, time.time(), tries, "OK", response)
            except grpc.aio.AioRpcError as error:
                why = reason(error)
                if error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL):
                    self._note_odd(method, door, error, why)
                if error.code() in PASSING or why == "CONCURRENT_CHANGE":
                    if why == "CONCURRENT_CHANGE":
                        await asyncio.sleep(0.1)
                    continue
                return Answer(asked_at, time.time(), tries, why or error.code().name, None, error.details() or "")
        return Answer(asked_at, time.time(), tries, "")

    def _note_odd(self, method: str, door: Door, error: grpc.aio.AioRpcError, why: str) -> None:
        # A reason means that the server itself said so; without one it was the connection.
        if why:
            self.odd.append(f"{time.time():.3f} {method} at replica {door.number}: {error.code().name} {why}")

    def _order(self) -> list[Door]:
        return self.rng.sample(self.doors, len(self.doors))

    async def close(self) -> None:
        for door in self.doors:
            await door.close()


def reason(error: grpc.aio.AioRpcError) -> str:
    """The `reason` of the ErrorInfo among an error's details; empty if it has none."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for field in wire.fields(value):
            if field.number == 3:
                anything = {f.number: f.value for f in wire.fields(field.value)}
                if anything.get(1, b"").endswith(b"google.rpc.ErrorInfo"):
                    return next((f.value.decode() for f in wire.fields(anything[2]) if f.number == 1), "")
    return ""
