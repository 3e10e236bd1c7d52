"""The truth: what the server sends to a plain subscriber that nothing disturbs."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import grpc
from fermata.v1 import notification_pb2
from fermata.v1.notification_pb2 import Notification, NotificationKind, NotificationState, OwnerSessionChange, ServerChange
from fermata.v1.notification_service_pb2 import SubscribeRequest, SubscribeResponse
from fermata.v1.stream_pb2 import StreamStart

from sdks.calls import Calls
from sdks.topology import PROJECT

Fields = dict[str, Any]


@dataclass
class Store:
    """A database, and what it told the owner."""

    id: str
    first: int
    """The sequence of the first snapshot: events come after it."""
    events: list[Fields] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The sequence of the last event."""
        return int(self.events[-1]["sequence"]) if self.events else self.first


def short(enum: Any, value: int) -> str:
    """The name of an enum's value without the enum's own name."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    return str(enum.Name(value)).removeprefix(prefix)


def brief(notification: Notification) -> Fields:
    """What the checker needs of a notification."""
    offered = notification.counter_offer.create_time.ToMicroseconds() if notification.HasField("counter_offer") else 0
    return {
        "id": notification.id,
        "session": notification.session_id,
        "kind": short(NotificationKind, notification.kind),
        "state": short(NotificationState, notification.state),
        "plan_revision": notification.plan_revision,
        "counter_offer": offered,
    }


class Observer:
    """Reads everything, from before the first event on."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._token = b""
        self.stores: list[Store] = []

    @property
    def last(self) -> Store:
        """The database of now."""
        return self.stores[-1]

    async def follow(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self._read()
            except grpc.aio.AioRpcError as error:
                if error.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE):
                    # Another database.
                    self._token = b""
            await asyncio.sleep(0.05)

    async def _read(self) -> None:
        request = SubscribeRequest(project_id=PROJECT)
        if self._token:
            request.start.CopyFrom(StreamStart(resume_token=self._token))
        async for message in self._calls.notifications.Subscribe(request, metadata=self._calls.metadata):
            self._take(message)

    def _take(self, message: SubscribeResponse) -> None:
        if message.HasField("snapshot"):
            if message.snapshot.last:
                assert not self.stores or self.last.id != message.store_id, "the observer has missed something"
                self.stores.append(Store(message.store_id, message.sequence))
        elif message.HasField("event"):
            self.last.events.append({"sequence": message.sequence, **_event(message.event)})
        self._token = message.resume_token or self._token

    def ended(self) -> set[str]:
        """The sessions that are over."""
        return {one["id"] for one in self.last.events if one["change"] in ("COMPLETED", "CANCELLED")}

    async def count_parts(self) -> int:
        """Of how many parts a snapshot of now is."""
        request = SubscribeRequest(project_id=PROJECT)
        async for message in self._calls.notifications.Subscribe(request, metadata=self._calls.metadata):
            if message.snapshot.last:
                return int(message.snapshot.part)
        raise AssertionError("a stream ended inside a snapshot")


def _event(event: notification_pb2.OwnerEvent) -> Fields:
    what = event.WhichOneof("event")
    if what == "notification":
        fields = brief(event.notification)
        return {"what": what, **fields, "change": fields["state"]}
    if what == "server":
        heard = event.server
        return {
            "what": what,
            "id": heard.server_id,
            "session": heard.session_id,
            "change": short(ServerChange, heard.change),
            "plan_revision": 0,
        }
    assert what == "session", what
    told = event.session
    return {
        "what": what,
        "id": told.session_id,
        "session": told.session_id,
        "change": short(OwnerSessionChange, told.change),
        "plan_revision": 0,
    }
