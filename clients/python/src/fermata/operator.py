"""Operators (NFVOs): create a session and follow it to its end."""

from __future__ import annotations

import asyncio
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from fermata._operator.pages import merge_plan, merge_report
from fermata._watch.recovery import Backoff, Verdict, judge
from fermata.connection import Connection
from fermata.errors import FermataError
from fermata.v1 import session_pb2
from fermata.v1.event_pb2 import SessionEvent
from fermata.v1.plan_pb2 import Plan, PlanConflict, PlanOptions
from fermata.v1.session_pb2 import Session, SessionHost, SessionReport, SessionSpec
from fermata.v1.session_service_pb2 import (
    CompleteHostRequest,
    CreateSessionRequest,
    FailHostRequest,
    GetSessionReportRequest,
    PreviewSessionRequest,
    WatchSessionRequest,
)
from fermata.watching import Event, Snapshot, watch

__all__ = ["EventCallback", "HostHandler", "Operator"]

HostHandler = Callable[[SessionHost], Awaitable[None]]
"""Works on a host that is empty and held. Returns when the work is done; raises when it failed."""
EventCallback = Callable[[SessionEvent], Awaitable[None] | None]
"""Hears of each event of the session, in order."""

_IN_MAINTENANCE = session_pb2.SESSION_HOST_STATE_IN_MAINTENANCE
_ENDED = (session_pb2.SESSION_STATE_COMPLETED, session_pb2.SESSION_STATE_CANCELLED)
# The contract's limit.
_REASON_CHARACTERS = 1024
_log = logging.getLogger("fermata.operator")


class Operator:
    """Creates maintenance sessions and follows them. Everything else is `connection.sessions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sessions = connection.sessions

    async def preview(self, spec: SessionSpec, options: PlanOptions | None = None) -> Plan | PlanConflict:
        """The plan of such a session, or why there is none. Creates nothing and tells nobody."""
        call = self._sessions.PreviewSession(PreviewSessionRequest(spec=spec, options=options))
        plan = Plan()
        try:
            async for part in call:
                if part.WhichOneof("answer") == "conflict":
                    return part.conflict
                merge_plan(plan, part.plan)
        except grpc.aio.AioRpcError as error:
            raise FermataError.of(error) from error
        except grpc.aio.UsageError as error:
            raise FermataError.of_closed(error) from error
        return plan

    async def create(self, spec: SessionSpec, *, request_id: str | None = None) -> Session:
        """Creates a session, and announces it to every owner that it affects.

        It is sent again while the server is not available; with a `request_id` of your own you may also send it again after a
        restart of your program: no second session is created.
        """
        request = CreateSessionRequest(spec=spec, request_id=request_id or str(uuid.uuid4()))
        return (await self._sessions.CreateSession(request)).session

    async def follow(
        self,
        session_id: str,
        *,
        on_host_ready: HostHandler | None = None,
        on_event: EventCallback | None = None,
    ) -> SessionReport:
        """Follows a session until it is COMPLETED or CANCELLED, and returns its report.

        `on_host_ready` is called for each host that is in maintenance and empty, beside each other. When it returns, the host is
        completed; when it raises, the host has failed, with what was raised as the reason. After a restart of your program it is
        called again for a host that is still in maintenance. `on_event` is called for each event that comes after the beginning.

        A session that is PAUSED or FAILED waits for you, and this waits with it. Raises `FermataError` for what trying again cannot
        mend, and what `on_event` raises.
        """
        following = _Following(self._connection, session_id, on_host_ready)
        try:
            await following.until_the_end(on_event)
        finally:
            await following.close()
        return await self.report(session_id)

    async def report(self, session_id: str) -> SessionReport:
        """What happened to every host and server, and what owners were asked and replied, all pages of it."""
        request = GetSessionReportRequest(session_id=session_id, page_size=500)
        report = SessionReport()
        while True:
            page = await self._sessions.GetSessionReport(request)
            merge_report(report, page.report)
            if not page.next_page_token:
                return report
            request.page_token = page.next_page_token


class _Following:
    """A session that is followed."""

    def __init__(self, connection: Connection, session_id: str, on_host_ready: HostHandler | None) -> None:
        self._connection = connection
        self._session_id = session_id
        self._on_host_ready = on_host_ready
        self._hosts: dict[str, SessionHost] = {}
        # Hosts in maintenance whose work has begun.
        self._working: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def until_the_end(self, on_event: EventCallback | None) -> None:
        request = WatchSessionRequest(session_id=self._session_id)
        async with watch(self._connection, request) as items:
            async for item in items:
                ended = False
                if isinstance(item, Snapshot):
                    self._hosts = {host.host: host for host in item.state.hosts}
                    ended = item.state.session.status.state in _ENDED
                    for host in self._hosts.values():
                        self._look_at(host)
                elif isinstance(item, Event):
                    ended = self._apply(item.event)
                    if on_event is not None:
                        heard = on_event(item.event)
                        if inspect.isawaitable(heard):
                            await heard
                if ended:
                    break
        if self._tasks:
            # The last word about a host was taken, but its answer may still be on its way.
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def _apply(self, event: SessionEvent) -> bool:
        """Whether the session has ended by it."""
        kind = event.WhichOneof("event")
        if kind == "host":
            change = event.host
            host = self._hosts.setdefault(change.host, SessionHost(host=change.host))
            host.state, host.state_reason, host.state_cause = change.state, change.reason, change.cause
            host.servers_total, host.servers_done = change.servers_total, change.servers_done
            self._look_at(host)
        return kind == "session" and event.session.state in _ENDED

    def _look_at(self, host: SessionHost) -> None:
        if host.state != _IN_MAINTENANCE:
            # If it comes into maintenance again, the work begins again.
            self._working.pop(host.host, None)
        elif self._on_host_ready is not None and host.host not in self._working:
            ready = SessionHost()
            ready.CopyFrom(host)
            task = asyncio.create_task(self._work(self._on_host_ready, ready), name=f"fermata work on {host.host}")
            self._working[host.host] = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, handler: HostHandler, host: SessionHost) -> None:
        try:
            await handler(host)
        except Exception as error:
            _log.warning("the work on %s failed", host.host, exc_info=error)
            reason = (str(error) or type(error).__name__)[:_REASON_CHARACTERS]
            failed = FailHostRequest(session_id=self._session_id, host=host.host, reason=reason)
            await self._say(self._connection.sessions.FailHost, failed, host)
        else:
            done = CompleteHostRequest(session_id=self._session_id, host=host.host)
            await self._say(self._connection.sessions.CompleteHost, done, host)

    async def _say(self, method: Callable[..., Awaitable[Any]], request: Any, host: SessionHost) -> None:
        request.request_id = str(uuid.uuid4())
        backoff = Backoff(0.25, 15.0)
        while True:
            try:
                await method(request, timeout=10.0)
                return
            except FermataError as error:
                if judge(error, own_token=False) is Verdict.GIVE_UP:
                    # Somebody else decided about the host meanwhile; the session shows what.
                    _log.warning("%s: %s", host.host, error)
                    return
                wait = backoff.next(error.retry_after)
            await asyncio.sleep(wait)
