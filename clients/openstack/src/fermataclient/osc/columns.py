"""What commands show: names of enums, times, and the columns of each resource."""

from __future__ import annotations

from datetime import timezone
from typing import Any

from cliff import columns
from fermata.v1 import host_pb2, notification_pb2, policy_pb2, session_pb2, types_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from fermataclient.osc.arguments import Words
from fermataclient.osc.names import ProjectNames

ACTION = Words(types_pb2.Action, "ACTION_")
KIND = Words(types_pb2.MaintenanceKind, "MAINTENANCE_KIND_")
DECISION_SOURCE = Words(types_pb2.DecisionSource, "DECISION_SOURCE_")
SERVER_STATE = Words(types_pb2.ServerState, "SERVER_STATE_")
SESSION_STATE = Words(session_pb2.SessionState, "SESSION_STATE_")
SESSION_HOST_STATE = Words(session_pb2.SessionHostState, "SESSION_HOST_STATE_")
ON_SILENCE = Words(session_pb2.OnSilence, "ON_SILENCE_")
ON_OBJECTION = Words(session_pb2.OnObjection, "ON_OBJECTION_")
ON_FAILURE = Words(session_pb2.OnFailure, "ON_FAILURE_")
START_MODE = Words(session_pb2.StartMode, "START_MODE_")
WAIT_PARTY = Words(session_pb2.WaitParty, "WAIT_PARTY_")
HOST_STATE = Words(host_pb2.HostState, "HOST_STATE_")
NOTIFICATION_KIND = Words(notification_pb2.NotificationKind, "NOTIFICATION_KIND_")
NOTIFICATION_STATE = Words(notification_pb2.NotificationState, "NOTIFICATION_STATE_")
IMPACT = Words(notification_pb2.Impact, "IMPACT_")
OFFER_STATE = Words(notification_pb2.CounterOfferState, "COUNTER_OFFER_STATE_")
UNEXPECTED_ACTION = Words(policy_pb2.UnexpectedAction, "UNEXPECTED_ACTION_")
MIGRATION_TYPE = Words(policy_pb2.MigrationType, "MIGRATION_TYPE_")
ANSWER_KIND = Words(session_pb2.OwnerAnswerKind, "OWNER_ANSWER_KIND_")
POLICY_SOURCE = Words(policy_pb2.PolicySource, "POLICY_SOURCE_")


class Lines(columns.FormattableColumn[list[str]]):
    """Several values: a list for programs, one line each for people."""

    def human_readable(self) -> str:
        return "\n".join(self._value)


def time(message: Any, field: str) -> str | None:
    """A time of a message, in RFC 3339. None: it is not set."""
    if not message.HasField(field):
        return None
    value: Timestamp = getattr(message, field)
    return value.ToDatetime(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds(message: Any, field: str) -> float | None:
    """A span of a message, in seconds. None: it is not set."""
    if not message.HasField(field):
        return None
    value: Duration = getattr(message, field)
    return round(value.ToTimedelta().total_seconds(), 3)


def session(shown: session_pb2.Session, names: ProjectNames) -> dict[str, Any]:
    """All of a session."""
    spec, status = shown.spec, shown.status
    progress = status.progress
    hosts = [
        *spec.hosts.names,
        *(f"aggregate {a}" for a in spec.hosts.aggregates),
        *(f"zone {z}" for z in spec.hosts.zones),
    ]
    waits = [
        f"{WAIT_PARTY.name(w.party)} {names.beside(w.project_id) or w.host}: {w.description}" for w in status.waits
    ]
    return {
        "id": shown.id,
        "state": SESSION_STATE.name(status.state),
        "state_reason": status.state_reason,
        "reason": spec.reason,
        "kind": KIND.name(spec.kind),
        "hosts": Lines(["all hosts"] if spec.hosts.all else hosts),
        "window_start": time(spec.window, "start_time"),
        "window_end": time(spec.window, "end_time"),
        # Hosts that were left out are not done, though the server counts them among those.
        "hosts_done": f"{progress.hosts_done - progress.hosts_skipped}/{progress.hosts_total}",
        "hosts_skipped": progress.hosts_skipped,
        "hosts_in_maintenance": progress.hosts_in_maintenance,
        "hosts_failed": progress.hosts_failed,
        "servers_done": f"{progress.servers_done}/{progress.servers_total}",
        "waits_for": Lines(waits),
        "expected_end": time(status, "expected_end_time"),
        "started_at": time(status, "start_time"),
        "ended_at": time(status, "end_time"),
        "created_at": time(shown, "create_time"),
        "updated_at": time(shown, "update_time"),
        "etag": shown.etag,
    }


def host(shown: host_pb2.Host) -> dict[str, Any]:
    """All of a compute host."""
    return {
        "name": shown.name,
        "state": HOST_STATE.name(shown.state),
        "disabled_reason": shown.disabled_reason,
        "zone": shown.zone,
        "aggregates": Lines(list(shown.aggregates)),
        "servers": shown.server_count,
        "vcpus": shown.vcpus,
        "memory_mib": shown.memory_mib,
        "disk_gib": shown.disk_gib,
        "hypervisor_type": shown.hypervisor_type,
        "hypervisor_version": shown.hypervisor_version,
        "session_id": shown.session_id,
        "session_state_reason": shown.session_state_reason,
    }


def notification(shown: notification_pb2.Notification, names: ProjectNames) -> dict[str, Any]:
    """All of a notification but its servers."""
    offer = shown.counter_offer
    scale_in = shown.scale_in
    return {
        "id": shown.id,
        "project_id": shown.project_id,
        "project_name": names.name(shown.project_id),
        "session_id": shown.session_id,
        "kind": NOTIFICATION_KIND.name(shown.kind),
        "state": NOTIFICATION_STATE.name(shown.state),
        "plan_revision": shown.plan_revision,
        "maintenance_kind": KIND.name(shown.maintenance_kind),
        "reason": shown.reason,
        "reply_deadline": time(shown, "reply_deadline_time"),
        "actions_start": time(shown, "actions_start_time"),
        "window_end": time(shown.window, "end_time"),
        "default_action": ACTION.name(shown.default_action),
        "server_count": shown.server_count,
        "counter_offer": f"{OFFER_STATE.name(offer.state)} {offer.reason}".strip()
        if shown.HasField("counter_offer")
        else None,
        "scale_in": f"{scale_in.server_count} of group {scale_in.group_id}" if shown.HasField("scale_in") else None,
        "comment": shown.comment,
        "created_at": time(shown, "create_time"),
    }


def affected(server: notification_pb2.AffectedServer) -> str:
    """A server of a notification, in a line."""
    allowed = ", ".join(ACTION.name(action) for action in server.allowed_actions)
    decided = ACTION.name(server.decision) or f"undecided, default {ACTION.name(server.default_action) or 'none'}"
    return f"{server.server_id} {server.name}: {decided} (of {allowed})"


def policy(shown: policy_pb2.Policy) -> dict[str, Any]:
    """All of a policy."""
    return {
        "controlled_temporary": ACTION.name(shown.controlled_temporary),
        "controlled_permanent": ACTION.name(shown.controlled_permanent),
        "unexpected_temporary": UNEXPECTED_ACTION.name(shown.unexpected_temporary),
        "unexpected_permanent": UNEXPECTED_ACTION.name(shown.unexpected_permanent),
        "lead_time_seconds": seconds(shown, "lead_time"),
        "max_interruption_seconds": seconds(shown, "max_interruption"),
        "migration_types": Lines([MIGRATION_TYPE.name(kind) for kind in shown.migration_types]),
        "mitigation_requested": shown.mitigation_requested if shown.HasField("mitigation_requested") else None,
    }


def group(shown: policy_pb2.ServerGroup, names: ProjectNames) -> dict[str, Any]:
    """All of a group."""
    return {
        "id": shown.id,
        "project_id": shown.project_id,
        "project_name": names.name(shown.project_id),
        "name": shown.display_name,
        "members": Lines(list(shown.member_ids)),
        "nova_server_group_id": shown.nova_server_group_id,
        "max_impacted": Lines([f"{entry.max} from size {entry.group_size}" for entry in shown.max_impacted]),
        "min_preserved": Lines([f"{entry.min} from size {entry.group_size}" for entry in shown.min_preserved]),
        "recovery_time_seconds": seconds(shown, "recovery_time"),
        "anti_affinity": shown.anti_affinity,
        "max_per_host": shown.max_per_host if shown.HasField("max_per_host") else None,
        "min_size_for_scale_in": shown.min_size_for_scale_in if shown.HasField("min_size_for_scale_in") else None,
        "member_policy": Lines([f"{key}: {value}" for key, value in _set(shown.member_policy)]),
        "updated_at": time(shown, "update_time"),
        "etag": shown.etag,
    }


def _set(shown: policy_pb2.Policy) -> list[tuple[str, Any]]:
    """The fields of a policy that are set, as plain values."""
    plain = {k: ", ".join(v.machine_readable()) if isinstance(v, Lines) else v for k, v in policy(shown).items()}
    return [(key, value) for key, value in plain.items() if value not in (None, "")]


def show(values: dict[str, Any]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """As `ShowOne` wants it."""
    return tuple(values), tuple(values.values())


def table(titles: dict[str, str], rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """As `Lister` wants it: the titles of columns, by the keys of the rows."""
    return tuple(titles.values()), [tuple(row[key] for key in titles) for row in rows]
