"""Notifications in the words of ETSI NFV: alarms of the VnfFm interfaces of SOL002 and SOL003.

A VNFM that gets a notification tells its NFVO (SOL003) or element manager (SOL002) of the coming maintenance by alarms with the
fault type `NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE`: the state of virtualised resources changes because the NFVI is maintained.
What each field says, and why, is in `docs/etsi.md`; all SDKs make the same alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from fermata.v1 import notification_pb2, types_pb2
from fermata.v1.notification_pb2 import AffectedServer, Notification

__all__ = ["FAULT_TYPE", "Vnf", "Vnfc", "alarms"]

FAULT_TYPE = "NFVI_OAM_VIRTUALISED_RESOURCE_STATE_CHANGE"
"""The fault type of maintenance."""


@dataclass(frozen=True)
class Vnfc:
    """What a VNFM knows of a server."""

    instance_id: str | None = None
    """The VNFC instance that the server is."""
    affinity_group_ids: Sequence[str] = ()
    """Affinity and anti-affinity groups of the VNFD that it is in."""


@dataclass(frozen=True)
class Vnf:
    """What a VNFM knows of a VNF instance."""

    instance_id: str
    """The VNF instance."""
    vnfcs: Mapping[str, Vnfc] = field(repr=False)
    """Its servers, by the cloud's id. Only they have alarms."""
    alarms_url: str
    """The alarms of the VNFM's interface, for example `https://vnfm.example/vnffm/v1/alarms`."""
    instance_url: str | None = None
    """The VNF instance at the VNFM."""
    vim_connection_id: str | None = None
    """The connection to the VIM of the servers."""


def alarms(notification: Notification, vnf: Vnf, time: datetime) -> list[dict[str, Any]]:
    """The `Alarm`s of a notification, ready for JSON: one for each of its servers that belongs to the VNF instance.

    `time`, with a time zone, is when the notification became what it is: the time of the position of its event. An alarm keeps
    its id when the notification changes; it is CLEARED once that is CLOSED. SCALE_IN gives no alarm.
    """
    return [_alarm(notification, server, vnf, time) for server in notification.servers if server.server_id in vnf.vnfcs]


def _alarm(notification: Notification, server: AffectedServer, vnf: Vnf, time: datetime) -> dict[str, Any]:
    vnfc = vnf.vnfcs[server.server_id]
    alarm_id = f"{notification.id}.{server.server_id}"
    raised, told = _time(notification.create_time), _format(time)
    cleared = notification.state == notification_pb2.NOTIFICATION_STATE_CLOSED
    retired = notification.maintenance_kind == types_pb2.MAINTENANCE_KIND_RETIREMENT
    links = {"self": {"href": f"{vnf.alarms_url.removesuffix('/')}/{alarm_id}"}}
    if vnf.instance_url:
        links["objectInstance"] = {"href": vnf.instance_url}
    made: dict[str, Any] = {
        "id": alarm_id,
        "managedObjectId": vnf.instance_id,
        "rootCauseFaultyResource": {"faultyResource": _resource(server, vnf), "faultyResourceType": "COMPUTE"},
        "alarmRaisedTime": raised,
        "ackState": "UNACKNOWLEDGED",
        "perceivedSeverity": "CLEARED" if cleared else "WARNING",
        "eventTime": raised,
        "eventType": "EQUIPMENT_ALARM",
        "faultType": FAULT_TYPE,
        "probableCause": "NFVI_COMPONENT_RETIREMENT" if retired else "NFVI_COMPONENT_MAINTENANCE",
        "isRootCause": False,
        "faultDetails": list(_details(notification, server, vnfc)),
        "_links": links,
    }
    if vnfc.instance_id:
        made["vnfcInstanceIds"] = [vnfc.instance_id]
    if cleared or told > raised:
        made["alarmChangedTime"] = told
    if cleared:
        made["alarmClearedTime"] = told
    return made


def _details(notification: Notification, server: AffectedServer, vnfc: Vnfc) -> Iterable[str]:
    """`key=value`, those first that the standard names."""
    if server.HasField("expected_start_time"):
        yield f"anticipatedTime={_time(server.expected_start_time)}"
    elif notification.HasField("actions_start_time"):
        yield f"anticipatedTime={_time(notification.actions_start_time)}"
    for group_id in vnfc.affinity_group_ids:
        yield f"affinityOrAntiAffinityGroupId={group_id}"
    if server.impact and server.impact in notification_pb2.Impact.values():
        yield f"impact={notification_pb2.Impact.Name(server.impact).removeprefix('IMPACT_')}"
    action = server.decision or server.default_action
    if action and action in types_pb2.Action.values():
        yield f"action={types_pb2.Action.Name(action).removeprefix('ACTION_')}"
    if notification.HasField("reply_deadline_time"):
        yield f"replyDeadlineTime={_time(notification.reply_deadline_time)}"
    if notification.window.HasField("end_time"):
        yield f"windowEndTime={_time(notification.window.end_time)}"
    yield f"maintenanceSessionId={notification.session_id}"
    if notification.reason:
        yield f"reason={notification.reason}"


def _resource(server: AffectedServer, vnf: Vnf) -> dict[str, str]:
    """A `ResourceHandle`."""
    handle = {"resourceId": server.server_id, "vimLevelResourceType": "OS::Nova::Server"}
    return handle | {"vimConnectionId": vnf.vim_connection_id} if vnf.vim_connection_id else handle


def _time(moment: Timestamp) -> str:
    return _format(moment.ToDatetime(timezone.utc))


def _format(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
