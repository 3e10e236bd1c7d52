"""The checker finds what it is there for: a good run is found good, and whatever is made wrong in it is found."""

import copy
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fermata.v1 import notification_pb2 as notification
from fermata.v1.notification_service_pb2 import SubscribeResponse
from fermata.v1.session_pb2 import SessionHostState
from fermata.v1.session_service_pb2 import WatchSessionResponse

from kills import chain
from kills.check_log import digest
from kills.checker import check
from kills.record import Command, Connection, Event, Journal, Record, Reply

SESSION, HOST, PROJECT = "01a2-session", "compute-a", "project-1"
T0 = 1_800_000_000.0


def rfc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def log(record: Record, topic: str, at: float, message: SubscribeResponse | WatchSessionResponse) -> None:
    message.time.FromMicroseconds(int(at * 1e6))
    events = record.events.setdefault(topic, [])
    events.append(Event(len(events) + 1, at, message.SerializeToString()))
    record.topics[topic] = len(events)


def host_event(record: Record, at: float, state: str) -> None:
    message = WatchSessionResponse()
    message.event.host.host = HOST
    message.event.host.state = SessionHostState.Value(f"SESSION_HOST_STATE_{state}")
    log(record, f"session/{SESSION}", at, message)


def notice(record: Record, at: float, kind: int, state: int, reply_deadline_time: float) -> None:
    message = SubscribeResponse()
    asked = message.event.notification
    asked.id, asked.session_id, asked.project_id, asked.kind, asked.state = "n1", SESSION, PROJECT, kind, state
    asked.reply_deadline_time.FromMicroseconds(int(reply_deadline_time * 1e6))
    asked.actions_start_time.FromMicroseconds(int(at * 1e6))
    for server in ("mover", "keeper"):
        asked.servers.add(server_id=server)
    log(record, f"project/{PROJECT}", at, message)


def written(record: Record, role: str, action: int, reason: str) -> None:
    before = record.audit_records[-1]["hash"] if record.audit_records else chain.first()
    row = {
        "sequence": len(record.audit_records) + 1,
        "at": int(T0 * 1e6),
        "principal": "loopback",
        "role": role,
        "action": action,
        "resource_kind": 1,
        "project": "",
        "resource": SESSION,
        "detail": "",
        "reason": reason,
        "before_digest": "\\x",
        "after_digest": "\\x00ff",
        "previous_hash": before,
    }
    record.audit_records.append(row | {"hash": chain.hash_of(row)})


def cloud(record: Record, at: float, **event: object) -> None:
    record.cloud.append({"number": len(record.cloud), "at": rfc(T0 + at), "event": event})


def server(record: Record, at: float, name: str, host: str, status: str = "active", task: str | None = None) -> None:
    seen = {"server": name, "project": PROJECT, "host": host, "reserved": None, "status": status, "task": task}
    cloud(record, at, server=seen)


def call(record: Record, at: float, operation: str, name: str, outcome: str = "done") -> None:
    made = {"operation": operation, "server": name, "host": None, "outcome": outcome, "answer": "ok"}
    cloud(record, at, call=made)


def migration(record: Record, at: float, name: str, status: str) -> None:
    moved = {"migration": 1, "server": name, "status": status, "source": HOST, "destination": "compute-b"}
    cloud(record, at, migration=moved)


def entry(action: str) -> dict[str, object]:
    return {"decision": {"action": action, "source": "owner"}, "failures": 0, "state": "moved"}


def switch(record: Record, at: float, scheduling: object) -> None:
    cloud(record, at, host={"host": HOST, "up": True, "scheduling": scheduling})


@pytest.fixture
def good() -> Record:
    """One session over one host, with a server that moves and one that is kept; a replica is killed meanwhile."""
    record = Record(figures={"lease": 2, "blind": [], "odd": []})
    switch(record, 0, "enabled")
    server(record, 0, "mover", HOST)
    server(record, 0, "keeper", HOST)
    pending, answered = notification.NOTIFICATION_STATE_PENDING, notification.NOTIFICATION_STATE_ANSWERED
    drain = notification.NOTIFICATION_KIND_DRAIN
    notice(record, T0 + 2, drain, pending, T0 + 10)
    notice(record, T0 + 3, drain, answered, T0 + 10)
    host_event(record, T0 + 1, "DRAINING")
    switch(record, 1.5, {"disabled": {"reason": SESSION}})
    server(record, 4, "mover", HOST, task="migrating")
    call(record, 4, "live_migrate", "mover")
    migration(record, 5, "mover", "completed")
    server(record, 5, "mover", "compute-b")
    server(record, 6, "keeper", HOST, task="powering-off")
    call(record, 6, "stop", "keeper")
    server(record, 7, "keeper", HOST, status="shutoff")
    host_event(record, T0 + 8, "IN_MAINTENANCE")
    host_event(record, T0 + 9, "RETURNING")
    switch(record, 9.5, "enabled")
    server(record, 10, "keeper", HOST, status="shutoff", task="powering-on")
    call(record, 10, "start", "keeper")
    server(record, 11, "keeper", HOST)
    host_event(record, T0 + 12, "MAINTAINED")
    record.replies.append(
        Reply(
            notification="n1",
            session=SESSION,
            project=PROJECT,
            plan_revision=1,
            decisions={"mover": "LIVE_MIGRATE", "keeper": "KEEP"},
            asked_at=T0 + 2.5,
            answered_at=T0 + 3.1,
            result="OK",
            shown={"mover": ["LIVE_MIGRATE", "AFFECTED"], "keeper": ["KEEP", "AFFECTED"]},
        )
    )
    record.commands = [
        Command("CreateSession", SESSION, "", "create-1", T0, T0 + 0.1, "OK", 1),
        Command("CompleteHost", SESSION, HOST, "complete-1", T0 + 8.5, T0 + 9, "OK", 2),
    ]
    written(record, "operator", 1, "create-1")
    written(record, "owner", 15, "")
    written(record, "operator", 8, "complete-1")
    record.audit_chain = [{"id": 1, "last": 3, "hash": record.audit_records[-1]["hash"]}]
    body = {"revision": 3, "created_at": rfc(T0), "ended_at": rfc(T0 + 12), "reason": ""}
    record.sessions = [{"id": SESSION, "revision": 3, "state": "COMPLETED", "active": False, "body": body}]
    record.session_hosts = [{"session_id": SESSION, "host": HOST}]
    record.session_servers = [
        {"session_id": SESSION, "host": HOST, "server": "mover", "body": entry("live_migrate")},
        {"session_id": SESSION, "host": HOST, "server": "keeper", "body": entry("keep")},
    ]
    sent = [[e.sequence, digest(e.payload, e.sequence)] for e in record.events[f"project/{PROJECT}"]]
    again = [copy.copy(event) for event in sent[1:]]
    record.journals = [
        Journal(0, PROJECT, [Connection(0, 0, T0, sent[:1]), Connection(1, 0, T0 + 2, copy.deepcopy(sent))]),
        Journal(1, PROJECT, [Connection(2, 1, T0, again)]),
    ]
    record.timeline = [
        {"at": T0 - 2, "what": "ready", "replica": 0, "life": 1},
        {"at": T0 - 2, "what": "ready", "replica": 1, "life": 1},
        {"at": T0 + 1, "what": "kill", "replica": 0, "life": 1},
    ]
    record.tenures = [
        {"at": T0, "session": SESSION, "owner": "a", "epoch": 1, "active": True},
        {"at": T0 + 3, "session": SESSION, "owner": "b", "epoch": 2, "active": True},
        {"at": T0 + 12, "session": SESSION, "owner": "b", "epoch": 2, "active": False},
    ]
    created, taken = {"message": "session created"}, {"message": "session taken over", "epoch": 2}
    record.logs = [
        created | {"session_id": SESSION, "replica": 0, "life": 1, "timestamp": rfc(T0)},
        taken | {"session_id": SESSION, "replica": 1, "life": 1, "timestamp": rfc(T0 + 3)},
    ]
    return record


def test_a_good_run_is_found_good(good: Record) -> None:
    assert check(good) == []


def calls(record: Record, operation: str) -> list[int]:
    """Where in the journal these calls are."""
    return [i for i, e in enumerate(record.cloud) if e["event"].get("call", {}).get("operation") == operation]


def repeat_move_before_the_first_ended(record: Record) -> None:
    at = calls(record, "live_migrate")[0]
    record.cloud.insert(at + 1, copy.deepcopy(record.cloud[at]))


def repeat_move_after_the_first_ended(record: Record) -> None:
    call(record, 6, "live_migrate", "mover")


def repeat_move_that_is_refused(record: Record) -> None:
    i = calls(record, "live_migrate")[0]
    again = copy.deepcopy(record.cloud[i])
    again["event"]["call"]["outcome"] = "refused"
    record.cloud.insert(i + 1, again)


def stop_that_is_never_undone(record: Record) -> None:
    i = calls(record, "start")[0]
    del record.cloud[i - 1 : i + 2]


def act_before_the_reply(record: Record) -> None:
    record.replies[0].asked_at = T0 + 4.5
    # It was answered only afterwards, before its time was over.
    del record.events[f"project/{PROJECT}"][1]
    record.topics[f"project/{PROJECT}"] = 1
    for journal in record.journals:
        for connection in journal.connections:
            connection.events = [e for e in connection.events if e[0] == 1]
            connection.after = min(connection.after, 1)


def act_on_a_host_that_is_not_drained(record: Record) -> None:
    for event in record.events[f"session/{SESSION}"][:1]:
        message = WatchSessionResponse.FromString(event.payload)
        message.event.host.state = SessionHostState.SESSION_HOST_STATE_WAITING
        event.payload = message.SerializeToString()


def act_on_a_host_of_nobody(record: Record) -> None:
    call(record, 20, "stop", "mover")


def run_on_a_held_host(record: Record) -> None:
    at = next(i for i, e in enumerate(record.cloud) if e["at"] == rfc(T0 + 9.5))
    server(record, 8.2, "mover", HOST)
    record.cloud.insert(at, record.cloud.pop())


def move_without_the_session_knowing(record: Record) -> None:
    at = calls(record, "live_migrate")[0] + 1
    migration(record, 4.2, "mover", "failed")
    record.cloud.insert(at, record.cloud.pop())


def lose_an_event_in_the_log(record: Record) -> None:
    del record.events[f"session/{SESSION}"][1]


def lose_an_event_in_a_journal(record: Record) -> None:
    del record.journals[0].connections[1].events[0]


def lose_the_last_event(record: Record) -> None:
    for connection in record.journals[0].connections:
        connection.events = [e for e in connection.events if e[0] != 2]


def skip_on_resuming(record: Record) -> None:
    first, second = record.journals[0].connections
    first.events, second.after, second.events = [], 1, second.events[1:]


def swap_two_events(record: Record) -> None:
    record.journals[0].connections[1].events.reverse()


def send_other_bytes(record: Record) -> None:
    record.journals[1].connections[0].events[0][1] = "0" * 64


def pass_over_an_event_by_heartbeat(record: Record) -> None:
    record.journals[0].connections[0].odd_heartbeats.append([2, 1])


def leave_a_hole_in_the_audit(record: Record) -> None:
    del record.audit_records[1]


def record_twice_in_the_audit(record: Record) -> None:
    record.audit_records.append(dict(record.audit_records[1]))


def change_the_audit(record: Record) -> None:
    record.audit_records[1]["reason"] = "another one"


def replace_a_record_of_the_audit(record: Record) -> None:
    change_the_audit(record)
    record.audit_records[1]["hash"] = chain.hash_of(record.audit_records[1])


def cut_the_audit_off(record: Record) -> None:
    record.audit_records.pop()


def carry_out_twice(record: Record) -> None:
    record.audit_records[1] |= {"role": "operator", "reason": "complete-1"}


def forget_what_was_answered(record: Record) -> None:
    record.audit_records[2]["reason"] = ""


def change_what_was_replied(record: Record) -> None:
    record.session_servers[0]["body"]["decision"] = {"action": "live_migrate", "source": "session_default"}


def leave_a_call_unanswered(record: Record) -> None:
    record.commands[1].result = ""


def put_a_host_into_two_sessions(record: Record) -> None:
    other = copy.deepcopy(record.sessions[0]) | {"id": "other", "revision": 0}
    other["body"] |= {"created_at": rfc(T0 + 5), "revision": 0}
    record.sessions.append(other)
    record.session_hosts.append({"session_id": "other", "host": HOST})


def leave_a_session_open(record: Record) -> None:
    record.sessions[0] |= {"active": True, "state": "RUNNING"}


def leave_a_host_disabled(record: Record) -> None:
    switch(record, 13, {"disabled": {"reason": SESSION}})


def leave_a_server_stopped(record: Record) -> None:
    server(record, 13, "keeper", HOST, status="shutoff")


def adopt_late(record: Record) -> None:
    record.tenures[1]["at"] = T0 + 5.2
    record.logs[1]["timestamp"] = rfc(T0 + 5.2)


def adopt_never(record: Record) -> None:
    del record.tenures[1:]


def end_by_itself(record: Record) -> None:
    record.timeline.append({"at": T0 + 4, "what": "ended by itself", "replica": 1, "life": 1, "code": 101})


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (repeat_move_before_the_first_ended, "repeated"),
        (repeat_move_after_the_first_ended, "unasked"),
        (repeat_move_that_is_refused, "repeated"),
        (move_without_the_session_knowing, "repeated"),
        (stop_that_is_never_undone, "end"),
        (act_before_the_reply, "early"),
        (act_on_a_host_that_is_not_drained, "unasked"),
        (act_on_a_host_of_nobody, "unasked"),
        (run_on_a_held_host, "empty"),
        (lose_an_event_in_the_log, "log"),
        (lose_an_event_in_a_journal, "lost"),
        (lose_the_last_event, "lost"),
        (skip_on_resuming, "lost"),
        (swap_two_events, "lost"),
        (send_other_bytes, "bytes"),
        (pass_over_an_event_by_heartbeat, "lost"),
        (leave_a_hole_in_the_audit, "audit"),
        (record_twice_in_the_audit, "audit"),
        (change_the_audit, "audit"),
        (replace_a_record_of_the_audit, "audit"),
        (cut_the_audit_off, "audit"),
        (carry_out_twice, "twice"),
        (forget_what_was_answered, "answer"),
        (change_what_was_replied, "reply"),
        (leave_a_call_unanswered, "answer"),
        (put_a_host_into_two_sessions, "host"),
        (leave_a_session_open, "end"),
        (leave_a_host_disabled, "end"),
        (leave_a_server_stopped, "end"),
        (adopt_late, "adoption"),
        (adopt_never, "adoption"),
        (end_by_itself, "process"),
    ],
)
def test_what_is_wrong_is_found(good: Record, spoil: Callable[[Record], None], rule: str) -> None:
    spoil(good)
    assert rule in {finding.rule for finding in check(good)}


@pytest.mark.parametrize(
    "excuse",
    [
        [{"at": T0 + 1.5, "what": "database down"}, {"at": T0 + 2, "what": "database up"}],
        [{"at": T0 + 1.5, "what": "stop", "replica": 1, "life": 1}],
        [{"at": T0 + 1.5, "what": "cut", "replica": 1, "how": "reset"}],
        [{"at": T0 + 1.5, "what": "kill", "replica": 1, "life": 1}],
    ],
)
def test_a_late_adoption_is_excused(good: Record, excuse: list[dict[str, object]]) -> None:
    adopt_late(good)
    good.timeline.extend(excuse)
    assert "adoption" not in {finding.rule for finding in check(good)}


def test_the_hash_is_the_one_of_the_contract() -> None:
    """The example in audit.proto."""
    row = {
        "previous_hash": chain.first(),
        "sequence": 1,
        "at": 1_700_000_000_000_000,
        "principal": "kim",
        "role": "operator",
        "action": 8,
        "resource_kind": 1,
        "project": "",
        "resource": "00000000-0000-0000-0000-000000000007",
        "detail": "compute-1",
        "reason": "reason 0",
        "before_digest": "\\x" + hashlib.sha256(b"{}\n").hexdigest(),
        "after_digest": "\\x",
    }
    proto = Path(__file__).parent.parent.parent / "proto/fermata/v1/audit.proto"
    assert chain.hash_of(row).removeprefix("\\x") in proto.read_text()


def test_a_record_is_the_same_when_it_is_read_again(good: Record, tmp_path: Path) -> None:
    good.save(tmp_path)
    assert Record.load(tmp_path) == good
