"""What several tests ask a server."""

from __future__ import annotations

import sys
from pathlib import Path

import fermata
from fermata.v1 import audit_pb2, audit_service_pb2, notification_service_pb2
from fermata.v1.notification_pb2 import Notification

FOLDER = Path(__file__).parents[1]
PYTHON = sys.executable


async def replies(connection: fermata.Connection) -> list[str]:
    """The notifications that were answered, once for each answer that counted, by the audit trail."""
    request = audit_service_pb2.ListAuditRecordsRequest(order_by="sequence", page_size=1000)
    request.filter.actions.append(audit_pb2.AUDIT_ACTION_REPLY)
    return [record.detail for record in (await connection.audit.ListAuditRecords(request)).records]


async def notifications(connection: fermata.Connection, project_id: str, session_id: str) -> list[Notification]:
    """What an owner was asked in a session."""
    request = notification_service_pb2.ListNotificationsRequest(project_id=project_id)
    request.filter.session_id = session_id
    return list((await connection.notifications.ListNotifications(request)).notifications)
