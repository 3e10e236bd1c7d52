"""Streams that go on: they reconnect, resume after the last message, and leave out what came before.

    async for item in fermata.watch(connection, WatchSessionRequest(session_id=id)):
        match item:
            case fermata.Connected():
                ...
            case fermata.Snapshot(session):
                ...
            case fermata.Event(event):
                ...

The states of a watch, and how one leads to the next:

                ┌──────── the wait is over ───────┐
                ▼                                 │
    ───▶ opening ── opened ──▶ reading ── cut ──▶ waiting
                │ └────── failed ────────────────▶│
                └─ cannot be mended ─▶ over ◀─────┘ (from reading, too)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Generic, TypeVar, overload

import grpc
from google.protobuf.message import Message

from fermata import _calls
from fermata._watch.cursor import Cursor, with_start
from fermata._watch.items import Cause, Connected, Event, Interrupted, Position, Snapshot
from fermata._watch.kinds import KINDS
from fermata._watch.parts import Gathered, Parts
from fermata._watch.recovery import Backoff, Verdict, judge
from fermata._watch.silence import Silence
from fermata.connection import Connection
from fermata.errors import FermataError
from fermata.v1.event_pb2 import HostEvent, SessionEvent
from fermata.v1.host_service_pb2 import HostsSnapshot, WatchHostsRequest
from fermata.v1.notification_pb2 import OwnerEvent
from fermata.v1.notification_service_pb2 import OwnerSnapshot, SubscribeRequest
from fermata.v1.session_service_pb2 import SessionSnapshot, WatchSessionRequest

__all__ = ["Cause", "Connected", "Event", "Interrupted", "Item", "Position", "Snapshot", "Watch", "watch"]

OPEN_TIMEOUT = 10.0
"""How many seconds opening a stream may take."""
FIRST_WAIT = 0.25
"""The first wait before a stream is opened again, in seconds; it doubles."""
LONGEST_WAIT = 15.0
"""The longest wait before a stream is opened again, in seconds, unless the server wants a longer one."""
MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024
"""The largest snapshot, all parts together."""

S = TypeVar("S")
E = TypeVar("E")
Call = grpc.aio.UnaryStreamCall[Any, Any]
_Code = grpc.StatusCode
_log = logging.getLogger("fermata.watch")
Item = Connected | Snapshot[S] | Event[E] | Interrupted
"""What a watch gives."""


class Watch(AsyncIterator["Item[S, E]"], Generic[S, E]):
    """A stream that goes on until its reader leaves, or until an error that trying again cannot mend: that one is raised.

    The call is cancelled when the reader leaves: with `async with`, by `aclose()`, by a cancellation, or when it drops the watch.
    One reader at a time.
    """

    def __init__(self, connection: Connection, request: Message) -> None:
        self._call: Call | None = None
        self._silence = Silence()
        self._connection = connection
        self._request = request
        self._stub = KINDS[type(request)].stub(connection._plain)
        self._cursor = Cursor(request)
        self._parts = Parts(MAX_SNAPSHOT_BYTES)
        self._backoff = Backoff(FIRST_WAIT, LONGEST_WAIT)
        self._wait = 0.0
        # The first message, if it had to be read to know that the stream is open.
        self._ahead: Any = None
        self._over = False

    async def __anext__(self) -> Item[S, E]:
        # One coroutine: each further one costs every event.
        item: Item[S, E] | None = None
        while item is None:
            if self._over:
                raise StopAsyncIteration
            try:
                call = self._call
                if call is None:
                    return await self._open()
                self._silence.begin(call, self._cursor.patience)
                if self._ahead is None:
                    response = await call.read()
                else:
                    response, self._ahead = self._ahead, None
            except BaseException as error:
                item = await self._broken(error)
            else:
                self._silence.end()
                item = self._take(response)
        return item

    async def aclose(self) -> None:
        """Cancels the call. Reading ends."""
        self._end()

    async def __aenter__(self) -> Watch[S, E]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        self._drop()

    async def _broken(self, error: BaseException) -> Interrupted:
        """What an error means. Raises the one that trying again cannot mend, and that of a reader that leaves."""
        try:
            if isinstance(error, asyncio.CancelledError) and self._silence.was_it():
                return self._cut(Cause.SILENT)
            if isinstance(error, FermataError):
                return await self._failed(error)
            if isinstance(error, grpc.aio.AioRpcError):
                return await self._failed(FermataError.of(error))
            if isinstance(error, grpc.aio.UsageError):
                return await self._failed(FermataError.of_closed(error))
            raise error
        except BaseException:
            self._end()
            raise

    async def _open(self) -> Connected:
        if self._wait:
            await asyncio.sleep(self._wait)
            self._wait = 0.0
        # What there is of a snapshot that was cut is of no use to this stream.
        self._parts.drop()
        headers = await _calls.metadata(self._connection.credentials)
        call = self._stub(with_start(self._request, self._cursor.start), metadata=headers)
        self._call = call
        self._silence.begin(call, OPEN_TIMEOUT)
        await call.wait_for_connection()
        # A call that is refused has no headers, and no status yet: only what comes next tells it from one whose headers are empty.
        if not await call.initial_metadata():
            self._silence.begin(call, self._cursor.patience)
            self._ahead = await call.read()
        self._silence.end()
        return Connected()

    def _take(self, response: Any) -> Item[S, E] | None:
        """What a message means. None: nothing that the reader wants to know."""
        if response is grpc.aio.EOF:
            return self._cut(Cause.CLOSED)
        self._backoff.reset()
        kind = response.WhichOneof("message")
        if kind == "event":
            position = self._cursor.position(response)
            return Event(response.event, position) if self._cursor.passed(position, kind) else None
        if kind == "snapshot":
            gathered = self._parts.add(response.snapshot)
            if gathered is Gathered.BEGUN:
                return None
            if gathered is Gathered.TORN:
                return self._cut(Cause.FAILED, FermataError(_Code.UNKNOWN, "a part of the snapshot is missing"))
            if gathered is Gathered.TOO_LARGE:
                self._end()
                text = f"the snapshot is larger than {MAX_SNAPSHOT_BYTES} bytes"
                raise FermataError(_Code.RESOURCE_EXHAUSTED, text)
        position = self._cursor.position(response)
        self._cursor.passed(position, kind)
        if kind == "snapshot":
            whole = self._parts.whole
            self._parts.drop()
            return Snapshot(whole, position)
        if kind == "heartbeat":
            self._cursor.heartbeat(response.heartbeat)
        if kind == "going_away":
            after = response.going_away
            # The server spreads its clients itself; chance would only undo that.
            exactly = after.reconnect_after.ToTimedelta().total_seconds() if after.HasField("reconnect_after") else None
            return self._cut(Cause.GOING_AWAY, wait=exactly)
        return None

    async def _failed(self, error: FermataError) -> Interrupted:
        if await _calls.renewed(self._connection.credentials, error):
            return self._cut(Cause.FAILED, error)
        verdict = judge(error, own_token=self._cursor.has_own_token)
        if verdict is Verdict.GIVE_UP:
            raise error
        if verdict is Verdict.BEGIN_AGAIN:
            self._cursor.begin_again()
            return self._cut(Cause.MISSED, error)
        return self._cut(Cause.FAILED, error)

    def _cut(self, cause: Cause, error: FermataError | None = None, wait: float | None = None) -> Interrupted:
        self._drop()
        self._wait = self._backoff.next(error.retry_after if error else None) if wait is None else wait
        _log.debug("the stream was cut (%s), and is opened again in %.3f s", cause.value, self._wait, exc_info=error)
        return Interrupted(cause, self._wait, error)

    def _end(self) -> None:
        self._over = True
        self._drop()

    def _drop(self) -> None:
        self._silence.stop()
        self._ahead = None
        call, self._call = self._call, None
        if call is not None:
            call.cancel()


@overload
def watch(connection: Connection, request: SubscribeRequest) -> Watch[OwnerSnapshot, OwnerEvent]: ...
@overload
def watch(connection: Connection, request: WatchSessionRequest) -> Watch[SessionSnapshot, SessionEvent]: ...
@overload
def watch(connection: Connection, request: WatchHostsRequest) -> Watch[HostsSnapshot, HostEvent]: ...
def watch(connection: Connection, request: Message) -> Watch[Any, Any]:
    """Follows a stream: gives a `Snapshot`, then each `Event` once and in order, and `Interrupted` whenever the stream is cut.

    Before these comes `Connected`, and again whenever the stream is open after an interruption. Between the two what is known may
    be stale.

    It begins where the `start` of the request says, with a snapshot if that is not set, and reconnects by itself for as long as it
    is read. A snapshot may come again (`Cause.MISSED`); it replaces all that was known.

    Raises `FermataError` for what trying again cannot mend, for example a session that does not exist.
    """
    return Watch(connection, request)
