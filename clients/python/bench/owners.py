"""What many owners in one process take: memory, and processor time for a session. One of them answers, all see its end.

usage: owners.py [OWNERS]          FERMATA_BIN names the server. It says something on a quiet machine only.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time

import fermata
from fermata.hooks import OwnerItem
from fermata.testing import CORE_NETWORK, SimulatedFermata
from fermata.v1.notification_pb2 import Notification, OwnerSessionEvent

PATIENCE = 600.0


class Seen(fermata.Hooks):
    """Counts the owners that have read what there is."""

    def __init__(self) -> None:
        self.snapshots = asyncio.Semaphore(0)
        self.ends = asyncio.Semaphore(0)

    def on_item(self, item: OwnerItem) -> None:
        """A snapshot is what each begins with."""
        if isinstance(item, fermata.Snapshot):
            self.snapshots.release()


def owner(number: int, seen: Seen) -> fermata.Owner:
    """The first one answers."""
    made = fermata.Owner(CORE_NETWORK, f"vnfm-{number}", hooks=seen)

    async def answer(_: Notification) -> fermata.Answer:
        return fermata.accept() if number == 0 else fermata.no_answer()

    async def complete(_: OwnerSessionEvent) -> None:
        seen.ends.release()

    made.on_planned(answer)
    made.on_drain(answer)
    made.on_complete(complete)
    return made


async def all_of(owners: int, seen: asyncio.Semaphore, what: str) -> None:
    """Waits for as many as there are owners."""
    began = time.monotonic()
    for _ in range(owners):
        await asyncio.wait_for(seen.acquire(), PATIENCE)
    print(f"{owners} owners {what} after {time.monotonic() - began:.1f} s")


async def main(owners: int) -> None:
    """Runs them on one connection."""
    seen = Seen()
    with SimulatedFermata(arguments=["--max-subscriptions", str(owners)]) as server:
        async with fermata.connect(server.target) as connection:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            made = [owner(number, seen) for number in range(owners)]
            runs = [asyncio.ensure_future(one.run(connection)) for one in made]
            await all_of(owners, seen.snapshots, "take part")
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            cpu = time.process_time()
            await server.maintain("compute-a2")
            await all_of(owners, seen.ends, "have seen the end")
            cpu = time.process_time() - cpu
            for one in made:
                one.stop()
            await asyncio.gather(*runs)
    print(f"{used / owners:.0f} KiB of memory and {cpu / owners * 1000:.1f} ms of processor time per owner")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
