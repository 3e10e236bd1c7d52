"""The operator of a play: opens sessions, completes hosts that are empty, and reads what came of it."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fermata.v1 import session_service_pb2 as service
from fermata.v1.audit_pb2 import AUDIT_ACTION_REPLY
from fermata.v1.audit_service_pb2 import AuditFilter, ListAuditRecordsRequest
from fermata.v1.notification_service_pb2 import GetSubscriptionRequest, ListNotificationsRequest
from fermata.v1.session_pb2 import (
    ON_OBJECTION_FAIL_HOST,
    SESSION_HOST_STATE_IN_MAINTENANCE,
    SESSION_STATE_FAILED,
    START_MODE_MANUAL,
    SessionSpec,
    SessionState,
    SessionStatus,
)
from fermata.v1.types_pb2 import Action, DecisionSource, ServerState

from sdks.calls import Calls
from sdks.observer import Fields, brief, short
from sdks.topology import PROJECT

DAY = 24 * 3600
KIB = 1024


@dataclass(frozen=True)
class Terms:
    """How sessions are opened."""

    reply_seconds: float = 40
    """How long owners may answer the announcement."""
    drain_seconds: float = 40
    """How long owners may answer before a host is drained."""
    metadata_kib: int = 0
    """How much each notification carries, so that a message is larger than what a network takes at once."""


class Maintenance:
    """All sessions of a play."""

    def __init__(self, calls: Calls, terms: Terms) -> None:
        self._calls, self._terms = calls, terms
        self.sessions: list[str] = []
        self.driven: list[asyncio.Task[None]] = []
        self._foreign: set[str] = set()

    async def open(self, hosts: list[str]) -> str:
        """Opens a session that is seen through while the play goes on."""
        session = await self._create(self._spec(hosts))
        self.sessions.append(session)
        self.driven.append(asyncio.create_task(self._drive(session)))
        return session

    async def hold(self, hosts: list[str]) -> str:
        """Opens a session that only asks, and never starts."""
        spec = self._spec(hosts)
        spec.start_mode = START_MODE_MANUAL
        return await self._create(spec)

    async def cancel(self, session: str) -> None:
        """Cancels a session."""
        request = service.CancelSessionRequest(session_id=session, reason="held no longer", request_id=_id())
        await self._calls.call(self._calls.sessions.CancelSession, request)

    async def change(self, session: str) -> None:
        """Changes a session so that its owners are asked again, for another plan."""
        request = service.UpdateSessionRequest(session_id=session, request_id=_id())
        request.spec.window.end_time.FromSeconds(int(time.time()) + 2 * DAY)
        request.update_mask.paths.append("window.end_time")
        await self._calls.call(self._calls.sessions.UpdateSession, request)

    def _spec(self, hosts: list[str]) -> SessionSpec:
        spec = SessionSpec(reason="conformance", on_objection=ON_OBJECTION_FAIL_HOST)
        spec.hosts.names.extend(hosts)
        spec.window.end_time.FromSeconds(int(time.time()) + DAY)
        spec.announce_reply_period.FromTimedelta(timedelta(seconds=self._terms.reply_seconds))
        spec.drain_reply_period.FromTimedelta(timedelta(seconds=self._terms.drain_seconds))
        for number in range(self._terms.metadata_kib):
            spec.metadata[f"filling-{number:03}"] = "x" * (KIB - 11)
        return spec

    async def _create(self, spec: SessionSpec) -> str:
        request = service.CreateSessionRequest(spec=spec, request_id=_id())
        created = await self._calls.call(self._calls.sessions.CreateSession, request)
        return str(created.session.id)

    async def _drive(self, session: str) -> None:
        """Completes each host that is empty, until the session has ended. One that has failed is cancelled."""
        ready = service.SessionHostFilter(states=[SESSION_HOST_STATE_IN_MAINTENANCE])
        while not (status := await self._status(session)).HasField("end_time"):
            if status.state == SESSION_STATE_FAILED:
                await self.cancel(session)
            request = service.ListSessionHostsRequest(session_id=session, filter=ready)
            listed = await self._calls.call(self._calls.sessions.ListSessionHosts, request)
            for host in listed.hosts:
                done = service.CompleteHostRequest(session_id=session, host=host.host, request_id=f"{session}/{host.host}")
                await self._calls.call(self._calls.sessions.CompleteHost, done)
            await asyncio.sleep(0.2)

    async def end(self) -> None:
        """Sees no session through any more."""
        for task in self.driven:
            task.cancel()
        await asyncio.gather(*self.driven, return_exceptions=True)

    async def _status(self, session: str) -> SessionStatus:
        got = await self._calls.call(self._calls.sessions.GetSession, service.GetSessionRequest(session_id=session))
        return got.session.status

    async def outcome(self) -> Fields:
        """What the server says in the end."""
        return {
            "sessions": [await self._report(session) for session in self.sessions],
            "notifications": await self._notifications(),
            "replies": await self._replies(),
            "foreign": sorted(self._foreign),
        }

    async def _report(self, session: str) -> Fields:
        servers: list[Fields] = []
        request = service.GetSessionReportRequest(session_id=session)
        while True:
            page = await self._calls.call(self._calls.sessions.GetSessionReport, request)
            for host in page.report.hosts:
                servers += [_server(server) for server in host.servers if server.project_id == PROJECT]
                self._foreign |= {server.server_id for server in host.servers if server.project_id != PROJECT}
            if not page.next_page_token:
                state = short(SessionState, page.report.session.status.state)
                return {"id": session, "state": state, "servers": sorted(servers, key=lambda server: str(server["name"]))}
            request.page_token = page.next_page_token

    async def _notifications(self) -> list[Fields]:
        found: list[Fields] = []
        request = ListNotificationsRequest(project_id=PROJECT, page_size=500)
        while True:
            page = await self._calls.call(self._calls.notifications.ListNotifications, request)
            found += [brief(notification) for notification in page.notifications]
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def _replies(self) -> list[str]:
        """The notification of each reply that changed something, in the order of the audit trail."""
        found: list[str] = []
        request = ListAuditRecordsRequest(page_size=1000, order_by="sequence")
        request.filter.CopyFrom(AuditFilter(project_id=PROJECT, actions=[AUDIT_ACTION_REPLY]))
        while True:
            page = await self._calls.call(self._calls.audit.ListAuditRecords, request)
            found += [record.detail for record in page.records]
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def acknowledged(self, subscription: str) -> int:
        """The position that the server knows of a subscription."""
        request = GetSubscriptionRequest(project_id=PROJECT, subscription_id=subscription)
        got = await self._calls.call(self._calls.notifications.GetSubscription, request)
        return int(got.subscription.acknowledged_sequence)


def _server(server: Any) -> Fields:
    return {
        "name": server.name,
        "state": short(ServerState, server.state),
        "action": short(Action, server.action),
        "decided_by": short(DecisionSource, server.decision_source),
    }


def _id() -> str:
    return str(uuid.uuid4())
