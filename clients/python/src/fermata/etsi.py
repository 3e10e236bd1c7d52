"""Notifications in the words of ETSI NFV: alarms of the VnfFm interfaces of SOL002 and SOL003.

A VNFM that gets a notification tells its NFVO (SOL003) or element manager (SOL002) of the coming maintenance by an alarm with the
fault type `NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE`: the state of virtualised resources changes because the NFVI is maintained.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from fermata.v1 import notification_pb2, types_pb2
from fermata.v1.notification_pb2 import AffectedServer, Notification

__all__ = ["FAULT_TYPE", "alarm"]

FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE"
"""The fault type of maintenance."""

_OVER = (notification_pb2.NOTIFICATION_STATE_CLOSED, notification_pb2.NOTIFICATION_STATE_EXPIRED)
_IMPACTS = {
    notification_pb2.IMPACT_MOVE: "the resource is moved",
    notification_pb2.IMPACT_DOWN: "the resource is down during the work on its host",
    notification_pb2.IMPACT_REMOVED_WITH_HOST: "the host of the resource is removed for good",
    notification_pb2.IMPACT_OWN_ACTION: "the consumer acts itself",
}


def alarm(
    notification: Notification,
    vnf_instance_id: str,
    *,
    vnfc_instance_ids: Iterable[str] = (),
    vim_connection_id: str | None = None,
    group_ids: Iterable[str] = (),
    self_href: str | None = None,
    vnf_href: str | None = None,
) -> dict[str, Any]:
    """The `Alarm` of a notification, ready for JSON.

    `vnf_instance_id` is the VNF to which the servers belong (`managedObjectId`); give only those servers of the notification that
    belong to it. `vnfc_instance_ids`: its VNFCs that are affected. `group_ids`: affinity or anti-affinity groups of the VNFD that
    the servers are in. `self_href` and `vnf_href`: addresses of the alarm and of the VNF at the VNFM.

    The alarm keeps its id when the notification changes; it is cleared once the notification is CLOSED or EXPIRED.
    """
    changed = notification.create_time.ToDatetime(timezone.utc)
    over = notification.state in _OVER
    made: dict[str, Any] = {
        "id": notification.id,
        "managedObjectId": vnf_instance_id,
        "alarmRaisedTime": _time(changed),
        "ackState": "UNACKNOWLEDGED",
        "perceivedSeverity": "CLEARED" if over else "WARNING",
        "eventTime": _time(changed),
        "eventType": "EQUIPMENT_ALARM",
        "faultType": FAULT_TYPE,
        "probableCause": _probable_cause(notification),
        "isRootCause": True,
        "faultDetails": list(_details(notification, group_ids)),
    }
    if vnfc := list(vnfc_instance_ids):
        made["vnfcInstanceIds"] = vnfc
    if notification.servers:
        made["rootCauseFaultyResource"] = {
            "faultyResource": _resource(notification.servers[0], vim_connection_id),
            "faultyResourceType": "COMPUTE",
        }
    links = {"self": self_href, "objectInstance": vnf_href}
    if any(links.values()):
        made["_links"] = {name: {"href": href} for name, href in links.items() if href}
    return made


def _probable_cause(notification: Notification) -> str:
    if notification.kind == notification_pb2.NOTIFICATION_KIND_SCALE_IN:
        return "NFVI_CAPACITY_SHORTAGE"
    retired = notification.maintenance_kind == types_pb2.MAINTENANCE_KIND_RETIREMENT
    return "NFVI_COMPONENT_RETIREMENT" if retired else "NFVI_COMPONENT_MAINTENANCE"


def _details(notification: Notification, group_ids: Iterable[str]) -> Iterable[str]:
    """`key=value`, those first that the standard names."""
    if notification.HasField("actions_start_time"):
        yield f"anticipatedTime={_time(notification.actions_start_time.ToDatetime(timezone.utc))}"
    for group_id in group_ids:
        yield f"affinityOrAntiAffinityGroupId={group_id}"
    if notification.HasField("window"):
        yield f"windowEndTime={_time(notification.window.end_time.ToDatetime(timezone.utc))}"
    if notification.HasField("reply_deadline_time"):
        yield f"replyDeadlineTime={_time(notification.reply_deadline_time.ToDatetime(timezone.utc))}"
    yield f"reason={notification.reason}"
    for server in notification.servers:
        yield f"resourceId={server.server_id}"
        if server.impact in _IMPACTS:
            yield f"impact={server.server_id}: {_IMPACTS[server.impact]}"


def _resource(server: AffectedServer, vim_connection_id: str | None) -> dict[str, str]:
    """A `ResourceHandle`."""
    handle = {"resourceId": server.server_id, "vimLevelResourceType": "OS::Nova::Server"}
    return handle | {"vimConnectionId": vim_connection_id} if vim_connection_id else handle


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
