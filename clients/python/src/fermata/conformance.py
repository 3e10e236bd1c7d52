"""The conformance program: an owner, or a watch, that writes a journal of what it does.

    python -m fermata.conformance --server URL --project ID --subscription ID --journal FILE --layer watch|owner

One suite runs the programs of all SDKs against a server behind a proxy that does harm, and compares what they write.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import Any, TextIO

import fermata
from fermata.hooks import OwnerItem
from fermata.v1 import notification_pb2
from fermata.v1.notification_pb2 import OwnerEvent
from fermata.v1.notification_service_pb2 import SubscribeRequest

COUNTER_OFFER_DELAY = timedelta(seconds=10)


class Journal:
    """One JSON object per line, flushed at once."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, kind: str, **fields: Any) -> None:
        """Writes a line."""
        self._file.write(json.dumps({"at": time.time(), "kind": kind, **fields}) + "\n")
        self._file.flush()

    def item(self, item: OwnerItem) -> None:
        """Writes what a watch gave."""
        if isinstance(item, fermata.Snapshot):
            self.write(
                "snapshot",
                sequence=item.position.sequence,
                store_id=item.position.store_id,
                servers=[server.server_id for server in item.state.servers],
                notifications=[[n.id, n.plan_revision, _state(n.state)] for n in item.state.notifications],
            )
        elif isinstance(item, fermata.Event):
            self.write("event", sequence=item.position.sequence, **_event(item.event))
        elif isinstance(item, fermata.Connected):
            self.write("connected")
        else:
            self.write("interrupted", cause=item.cause.value, code=item.code.name)


class Journaling(fermata.Hooks):
    """Writes what an owner does."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def on_item(self, item: OwnerItem) -> None:
        """See `fermata.Hooks`."""
        self._journal.item(item)

    def on_handler(self, call: fermata.HandlerCall) -> None:
        """See `fermata.Hooks`."""
        self._journal.write(
            "handler",
            handler=call.handler,
            id=call.id,
            plan_revision=call.plan_revision,
            attempt=call.attempt,
            phase=call.phase,
        )

    def on_reply(
        self,
        notification: fermata.Notification,
        answer: fermata.Answer,
        fallback: bool,
        error: fermata.FermataError | None,
    ) -> None:
        """See `fermata.Hooks`."""
        self._journal.write(
            "reply",
            id=notification.id,
            plan_revision=notification.plan_revision,
            answer=answer.name,
            fallback=fallback,
            outcome=error.reason_or_code if error else "accepted",
        )

    def on_acknowledged(self, sequence: int) -> None:
        """See `fermata.Hooks`."""
        self._journal.write("acknowledged", sequence=sequence)


def _state(state: notification_pb2.NotificationState.ValueType) -> str:
    return notification_pb2.NotificationState.Name(state).removeprefix("NOTIFICATION_STATE_")


def _event(event: OwnerEvent) -> dict[str, Any]:
    what = event.WhichOneof("event")
    if what == "notification":
        n = event.notification
        return {"what": what, "id": n.id, "change": _state(n.state), "plan_revision": n.plan_revision}
    if what == "server":
        change = notification_pb2.ServerChange.Name(event.server.change).removeprefix("SERVER_CHANGE_")
        return {"what": what, "id": event.server.server_id, "change": change, "plan_revision": 0}
    session = event.session
    change = notification_pb2.OwnerSessionChange.Name(session.change).removeprefix("OWNER_SESSION_CHANGE_")
    return {"what": "session", "id": session.session_id, "change": change, "plan_revision": 0}


class Behaviour:
    """How the owner decides."""

    def __init__(self, name: str, slow_for: float) -> None:
        self._name, self._slow_for = name, slow_for
        # How often each was handled.
        self._calls: dict[object, int] = {}
        self._offered: set[str] = set()

    async def decide(self, notification: fermata.Notification) -> fermata.Answer:
        """A handler for all questions."""
        self._fail_twice((notification.id, notification.plan_revision))
        if self._name == "slow":
            await asyncio.sleep(self._slow_for)
        if self._name == "no_answer":
            return fermata.no_answer()
        if self._name == "reject":
            return fermata.reject("the behaviour is to reject")
        if notification.kind == notification_pb2.NOTIFICATION_KIND_SCALE_IN:
            return fermata.reject("no server can go")
        if self._name == "counter_offer" and notification.id not in self._offered:
            self._offered.add(notification.id)
            return fermata.counter_offer(not_before=datetime.now(timezone.utc) + COUNTER_OFFER_DELAY)
        return fermata.accept()

    async def hear(self, event: fermata.ServerEvent | fermata.OwnerSessionEvent) -> None:
        """A handler for all events."""
        self._fail_twice(event.SerializeToString(deterministic=True))

    def _fail_twice(self, key: object) -> None:
        if self._name != "raise":
            return
        self._calls[key] = self._calls.get(key, 0) + 1
        if self._calls[key] <= 2:
            raise RuntimeError("the behaviour is to fail twice")


async def _watch(connection: fermata.Connection, options: argparse.Namespace, journal: Journal) -> None:
    request = SubscribeRequest(project_id=options.project)
    if options.heartbeat:
        request.heartbeat_interval.FromNanoseconds(round(options.heartbeat * 1e9))
    async with fermata.watch(connection, request) as items:
        async for item in items:
            journal.item(item)
            await asyncio.sleep(options.read_delay)


def _owner(options: argparse.Namespace, journal: Journal) -> fermata.Owner:
    owner = fermata.Owner(
        options.project,
        options.subscription,
        display_name="conformance",
        answer_margin=options.answer_margin,
        heartbeat=options.heartbeat or None,
        hooks=Journaling(journal),
    )
    behaviour = Behaviour(options.behaviour, options.slow_for)
    for register in (owner.on_planned, owner.on_drain, owner.on_scale_in):
        register(behaviour.decide)
    owner.on_server_event(behaviour.hear)
    owner.on_session_event(behaviour.hear)
    owner.on_complete(behaviour.hear)
    return owner


async def _run(options: argparse.Namespace, journal: Journal) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    credentials = fermata.TokenFile(options.token_file) if options.token_file else None
    reason = "stopped"
    async with fermata.connect(
        options.server, credentials=credentials, tls=fermata.Tls(ca=options.tls_ca)
    ) as connection:
        owner = _owner(options, journal) if options.layer == "owner" else None
        work = asyncio.create_task(owner.run(connection) if owner else _watch(connection, options, journal))
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if owner is not None:
            owner.stop()
        else:
            work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            # The watch was left, as it was told to, or its connection was lost for good.
            reason = "stopped" if stopped.is_set() else "CANCELLED"
        except fermata.FermataError as error:
            reason = error.reason_or_code
    journal.write("ended", reason=reason)
    return 0 if reason == "stopped" else 1


def parser() -> argparse.ArgumentParser:
    """The options, the same for all SDKs."""
    made = argparse.ArgumentParser(prog="python -m fermata.conformance", description=__doc__)
    made.add_argument("--server", required=True, metavar="URL")
    made.add_argument("--project", required=True, metavar="ID")
    made.add_argument("--subscription", required=True, metavar="ID")
    made.add_argument("--journal", required=True, metavar="FILE")
    made.add_argument("--layer", required=True, choices=["watch", "owner"])
    made.add_argument("--token-file", metavar="FILE")
    made.add_argument("--tls-ca", metavar="FILE")
    made.add_argument("--heartbeat", type=float, default=0.0, metavar="SECONDS")
    behaviours = ["accept", "reject", "raise", "slow", "counter_offer", "no_answer"]
    made.add_argument("--behaviour", choices=behaviours, default="accept")
    made.add_argument("--slow-for", type=float, default=0.0, metavar="SECONDS")
    made.add_argument("--read-delay", type=float, default=0.0, metavar="SECONDS")
    made.add_argument("--answer-margin", type=float, default=10.0, metavar="SECONDS")
    return made


def main() -> int:
    """Runs until SIGTERM, or until an error that trying again cannot mend (exit code 1)."""
    options = parser().parse_args()
    with open(options.journal, "a") as file:
        return asyncio.run(_run(options, Journal(file)))


if __name__ == "__main__":
    sys.exit(main())
