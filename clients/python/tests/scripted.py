"""A server whose answers are written by the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Union, cast

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from fermata.v1.notification_pb2 import Notification, OwnerEvent
from fermata.v1.notification_service_pb2 import (
    AcknowledgePositionRequest,
    AcknowledgePositionResponse,
    ListNotificationServersRequest,
    ListNotificationServersResponse,
    OwnerSnapshot,
    PutSubscriptionRequest,
    PutSubscriptionResponse,
    ReplyRequest,
    ReplyResponse,
    SubscribeRequest,
    SubscribeResponse,
)
from fermata.v1.notification_service_pb2_grpc import (
    NotificationServiceServicer,
    add_NotificationServiceServicer_to_server,
)
from fermata.v1.stream_pb2 import GoingAway, Heartbeat
from fermata.v1.types_pb2 import Warning as StoredWarning

Context = Any
if TYPE_CHECKING:
    # The generated class is abstract; what is not written here answers UNIMPLEMENTED.
    _Servicer = object
else:
    _Servicer = NotificationServiceServicer
Step = Union[SubscribeResponse, "Refuse", "Hang", Callable[[], Awaitable[object]]]


class Hang:
    """Sends nothing more, and leaves the stream open."""


class Refuse(Exception):
    """Ends a call with an error."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str = "",
        *,
        retry_after: float = 0.0,
        metadata: dict[str, str] | None = None,
    ) -> None:
        self.code, self.reason, self.retry_after, self.metadata = code, reason, retry_after, metadata or {}

    async def end(self, context: Context) -> None:
        status = status_pb2.Status(code=self.code.value[0], message="scripted")
        if self.reason:
            info = error_details_pb2.ErrorInfo(domain="fermata.dev", reason=self.reason, metadata=self.metadata)
            status.details.add().Pack(info)
        if self.retry_after:
            info = error_details_pb2.RetryInfo()
            info.retry_delay.FromNanoseconds(round(self.retry_after * 1e9))
            packed = AnyMessage()
            packed.Pack(info)
            status.details.append(packed)
        details = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(self.code, "scripted", details)


class Scripted(_Servicer):
    """Each stream that is opened plays the next script; the last one hangs. Notes what it was asked."""

    def __init__(self, *scripts: Sequence[Step]) -> None:
        self.scripts = list(scripts)
        self.subscribed: list[SubscribeRequest] = []
        self.headers: list[dict[str, str]] = []
        self.replies: list[ReplyRequest] = []
        self.reply_errors: list[Refuse] = []
        self.put: list[PutSubscriptionRequest] = []
        self.put_errors: list[Refuse] = []
        self.put_warnings: list[StoredWarning] = []
        self.acknowledged: list[int] = []
        self.servers: list[ListNotificationServersResponse] = []
        self.open_streams = 0
        # As servers over HTTP/2 do.
        self.headers_sent: tuple[tuple[str, str], ...] = (("date", "now"),)
        self.before_opening: Callable[[], Awaitable[object]] | None = None

    async def Subscribe(self, request: SubscribeRequest, context: Context) -> None:
        self.subscribed.append(request)
        self.headers.append(dict(context.invocation_metadata()))
        self.open_streams += 1
        try:
            if self.before_opening is not None:
                await self.before_opening()
            await context.send_initial_metadata(self.headers_sent)
            script = self.scripts.pop(0) if self.scripts else [Hang()]
            for step in script:
                if isinstance(step, SubscribeResponse):
                    await context.write(step)
                elif isinstance(step, Refuse):
                    await step.end(context)
                elif isinstance(step, Hang):
                    await asyncio.Event().wait()
                else:
                    await step()
        finally:
            self.open_streams -= 1

    async def PutSubscription(self, request: PutSubscriptionRequest, context: Context) -> PutSubscriptionResponse:
        self.put.append(request)
        self.headers.append(dict(context.invocation_metadata()))
        if self.put_errors:
            await self.put_errors.pop(0).end(context)
        return PutSubscriptionResponse(subscription=request.subscription, warnings=self.put_warnings)

    async def Reply(self, request: ReplyRequest, context: Context) -> ReplyResponse:
        self.replies.append(request)
        if self.reply_errors:
            await self.reply_errors.pop(0).end(context)
        return ReplyResponse(notification=Notification(id=request.notification_id))

    async def AcknowledgePosition(
        self, request: AcknowledgePositionRequest, context: Context
    ) -> AcknowledgePositionResponse:
        self.acknowledged.append(request.sequence)
        return AcknowledgePositionResponse()

    async def ListNotificationServers(
        self, request: ListNotificationServersRequest, context: Context
    ) -> ListNotificationServersResponse:
        return self.servers[int(request.page_token or 0)]


@contextlib.asynccontextmanager
async def serving(scripted: Scripted, port: int = 0) -> AsyncIterator[str]:
    """Inside the block the server runs. Gives its address."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_NotificationServiceServicer_to_server(cast(Any, scripted), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"http://127.0.0.1:{bound}"
    finally:
        await server.stop(0)


def snapshot(
    sequence: int, *notifications: Notification, part: int = 1, last: bool = True, store: str = "s"
) -> SubscribeResponse:
    state = OwnerSnapshot(part=part, last=last, notifications=notifications)
    token = f"{store}{sequence}".encode() if last else b""
    return SubscribeResponse(resume_token=token, sequence=sequence, snapshot=state, store_id=store)


def event(sequence: int, event: OwnerEvent | None = None) -> SubscribeResponse:
    return SubscribeResponse(resume_token=f"s{sequence}".encode(), sequence=sequence, event=event or OwnerEvent())


def asked(sequence: int, notification: Notification) -> SubscribeResponse:
    return event(sequence, OwnerEvent(notification=notification))


def heartbeat(sequence: int, interval: float) -> SubscribeResponse:
    beat = Heartbeat()
    beat.interval.FromNanoseconds(round(interval * 1e9))
    return SubscribeResponse(resume_token=f"s{sequence}".encode(), sequence=sequence, heartbeat=beat, store_id="s")


def going_away(sequence: int, after: float, token: bytes = b"away") -> SubscribeResponse:
    away = GoingAway()
    away.reconnect_after.FromNanoseconds(round(after * 1e9))
    return SubscribeResponse(resume_token=token, sequence=sequence, going_away=away, store_id="s")
