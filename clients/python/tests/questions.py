"""Notifications for tests."""

from __future__ import annotations

import time

from fermata.v1 import notification_pb2, types_pb2
from fermata.v1.notification_pb2 import (
    AffectedServer,
    Notification,
    NotificationKind,
    NotificationState,
    OwnerEvent,
    OwnerSessionEvent,
    ServerEvent,
)

PENDING = notification_pb2.NOTIFICATION_STATE_PENDING
ANSWERED = notification_pb2.NOTIFICATION_STATE_ANSWERED
CLOSED = notification_pb2.NOTIFICATION_STATE_CLOSED
PLANNED = notification_pb2.NOTIFICATION_KIND_PLANNED
SCALE_IN = notification_pb2.NOTIFICATION_KIND_SCALE_IN
MOVES = (types_pb2.ACTION_LIVE_MIGRATE, types_pb2.ACTION_MIGRATE)


def question(
    name: str = "n",
    revision: int = 1,
    *,
    state: NotificationState.ValueType = PENDING,
    kind: NotificationKind.ValueType = PLANNED,
    seconds: float | None = 3600.0,
    servers: list[AffectedServer] | None = None,
) -> Notification:
    made = Notification(id=name, project_id="p", session_id="s", plan_revision=revision, state=state, kind=kind)
    if seconds is not None:
        made.reply_deadline_time.FromNanoseconds(round((time.time() + seconds) * 1e9))
    made.servers.extend([server("a")] if servers is None else servers)
    return made


def server(name: str) -> AffectedServer:
    return AffectedServer(
        server_id=name, name=name, allowed_actions=MOVES, default_action=types_pb2.ACTION_LIVE_MIGRATE
    )


def server_event(server_id: str, session_id: str = "s") -> OwnerEvent:
    return OwnerEvent(server=ServerEvent(server_id=server_id, session_id=session_id))


def session_event(change: notification_pb2.OwnerSessionChange.ValueType, session_id: str = "s") -> OwnerEvent:
    return OwnerEvent(session=OwnerSessionEvent(session_id=session_id, change=change))
