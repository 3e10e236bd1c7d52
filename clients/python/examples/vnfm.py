"""A VNFM of a pair of servers, one of which is active: it switches over before the active one is touched.

    python vnfm.py PROJECT --pair amf-1 amf-2 --busy 17:00-22:00

- Who is affected is moved live, databases cold. If the active member is affected, the other one becomes active first.
- In busy hours it offers to begin when they are over.
- Where there is no room, it deletes members of the group that it is asked for, and creates them again afterwards.

What is specific to a VNF is in `Vnf`; a real one talks to its VNF and to Nova there.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone

import fermata

log = logging.getLogger("vnfm")


class Vnf:
    """What the VNFM can do with its VNF. This one only remembers."""

    def __init__(self, active: str, standby: str) -> None:
        self.active, self.standby = active, standby
        self.removed: list[str] = []

    async def switch_over(self) -> None:
        """Makes the standby member the active one, and returns when it is."""
        self.active, self.standby = self.standby, self.active
        log.info("%s is active now", self.active)

    async def scale_in(self, server_ids: Iterable[str]) -> None:
        """Deletes members."""
        self.removed += server_ids

    async def scale_out(self) -> None:
        """Creates the deleted members again."""
        self.removed.clear()


class BusyHours:
    """A time of the day, in UTC, at which nothing should move. It may go over midnight."""

    def __init__(self, start: time, end: time) -> None:
        self.start, self.end = start, end

    @classmethod
    def parse(cls, text: str) -> BusyHours:
        """Reads `17:00-22:00`."""
        start, _, end = text.partition("-")
        return cls(time.fromisoformat(start), time.fromisoformat(end))

    def over_at(self, now: datetime) -> datetime | None:
        """When the busy hours that it is now are over. None: it is none of them."""
        clock = now.time()
        over_midnight = self.start > self.end
        busy = clock >= self.start or clock < self.end if over_midnight else self.start <= clock < self.end
        if not busy:
            return None
        end = datetime.combine(now.date(), self.end, timezone.utc)
        return end if end > now else end + timedelta(days=1)


class Vnfm:
    """Answers for the servers of one VNF."""

    def __init__(self, project_id: str, vnf: Vnf, busy: BusyHours | None = None, *, name: str = "vnfm") -> None:
        self.vnf, self.busy = vnf, busy
        # Two questions at once must not switch over twice.
        self._switching = asyncio.Lock()
        self.owner = fermata.Owner(project_id, name, display_name="example VNFM")
        self.owner.on_planned(self.decide)
        self.owner.on_drain(self.decide)
        self.owner.on_scale_in(self.scale_in)
        self.owner.on_server_event(self.changed)
        self.owner.on_complete(self.complete)

    async def decide(self, question: fermata.Notification) -> fermata.Answer:
        """Later, or now and how for each server."""
        over_at = self.busy.over_at(datetime.now(timezone.utc)) if self.busy else None
        # Who was declined once knows that later is not possible.
        if (
            over_at
            and over_at < question.window.end_time.ToDatetime(timezone.utc)
            and not question.HasField("counter_offer")
        ):
            return fermata.counter_offer(not_before=over_at, comment="these are our busy hours")
        async with self._switching:
            if any(server.name == self.vnf.active for server in question.servers):
                await self.vnf.switch_over()
        return fermata.accept({server.server_id: self.action(server) for server in question.servers})

    def action(self, server: fermata.AffectedServer) -> fermata.Action.ValueType:
        """What shall happen to a server, as far as it is possible."""
        wanted = fermata.MIGRATE if "-db-" in server.name else fermata.LIVE_MIGRATE
        return wanted if wanted in server.allowed_actions else server.allowed_actions[0]

    async def scale_in(self, question: fermata.Notification) -> fermata.Answer:
        """Gives what was suggested."""
        wanted = question.scale_in
        await self.vnf.scale_in(wanted.suggested_server_ids[: wanted.server_count])
        return fermata.own_action_done()

    async def changed(self, event: fermata.ServerEvent) -> None:
        """Tells what happens."""
        log.info("%s: %s %s", event.name, fermata.ServerChange.Name(event.change), event.detail)

    async def complete(self, event: fermata.OwnerSessionEvent) -> None:
        """The maintenance is over."""
        await self.vnf.scale_out()


def main() -> None:
    """Runs until it is stopped."""
    parser = argparse.ArgumentParser(description="an example of a VNFM")
    parser.add_argument("project")
    parser.add_argument("--pair", nargs=2, metavar=("ACTIVE", "STANDBY"), required=True)
    parser.add_argument("--busy", type=BusyHours.parse, metavar="17:00-22:00")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    fermata.serve(Vnfm(options.project, Vnf(*options.pair), options.busy).owner)


if __name__ == "__main__":
    main()
