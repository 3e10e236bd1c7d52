"""Sessions, from outside: an audit trail that is one chain, answers that hold, no host in two sessions, and a good end."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from fermata.v1.session_pb2 import SessionHostState
from fermata.v1.session_service_pb2 import WatchSessionResponse

from kills import chain
from kills.finding import Finding
from kills.record import Record, moment

# Answers that say no, and are right to.
REFUSALS = {
    "CreateSession": {"HOST_IN_SESSION"},
    "PauseSession": {"WRONG_STATE"},
    "ResumeSession": {"WRONG_STATE"},
    "CancelSession": {"WRONG_STATE"},
    "Reply": {"REPLY_LATE", "PLAN_REVISION_STALE", "WRONG_STATE"},
}
# These always change something when they are carried out.
ALWAYS_CHANGE = {"CreateSession", "CompleteHost"}
# Nothing more is done with a server in one of these.
OVER = {"MOVED", "KEPT", "RESTORED", "GONE", "HANDED_OVER"}
# Clocks of replicas follow that of the database; this is what they may differ by.
SKEW = 0.5

Timelines = dict[tuple[str, str], list[tuple[float, str]]]


def check_audit(record: Record) -> Iterator[Finding]:
    """One chain without a hole, in which every record carries the hash of the one before."""
    sequence, previous = 0, chain.first()
    for row in sorted(record.audit_records, key=lambda row: row["sequence"]):
        sequence += 1
        if row["sequence"] != sequence:
            yield Finding("audit", f"record {sequence} is missing, or there twice: {row['sequence']} comes in its place")
            return
        if row["previous_hash"] != previous or row["hash"] != chain.hash_of(row):
            yield Finding("audit", f"record {sequence} does not fit into the chain: {row}")
        previous = row["hash"]
    for head in record.audit_chain:
        if (head["last"], head["hash"]) != (sequence, previous):
            yield Finding("audit", f"the chain ends with record {sequence}, and its head says {head['last']}")
    for session in record.sessions:
        if session["revision"] != session["body"]["revision"]:
            yield Finding("audit", f"session {session['id']} has two revisions: of its row and of its body")


def check_commands(record: Record) -> Iterator[Finding]:
    """What was answered OK was done, once; what was refused was not done; and all was answered."""
    done = Counter(row["reason"] for row in record.audit_records if row["role"] == "operator")
    sessions = {row["id"] for row in record.sessions}
    for command in record.commands:
        what = f"{command.method} {command.request} of session {command.session or '(new)'} {command.host}".strip()
        if command.result == "":
            yield Finding("answer", f"{what} was answered by nobody in {command.answered_at - command.asked_at:.0f} s")
        elif command.result != "OK" and command.result not in REFUSALS.get(command.method, set()):
            yield Finding("answer", f"{what} was refused: {command.result}")
        if command.method == "GetSession":
            continue
        count = done[command.request]
        if count > 1:
            yield Finding("twice", f"{what} was carried out {count} times")
        if command.result == "OK" and command.method in ALWAYS_CHANGE and count == 0:
            yield Finding("answer", f"{what} was answered OK and is not in the audit")
        if command.result not in ("OK", "") and count > 0:
            yield Finding("answer", f"{what} was refused ({command.result}) and carried out all the same")
        if command.result == "OK" and command.session not in sessions:
            yield Finding("answer", f"{what} was answered OK, but there is no such session")


def check_replies(record: Record) -> Iterator[Finding]:
    """What an owner was shown as decided stays decided."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in record.session_servers:
        rows[row["session_id"], row["server"]].append(row)
    tried_again = {key for key, states in host_timelines(record).items() if "WAITING" in [s for _, s in states]}
    for reply in record.replies:
        what = f"the reply of {reply.project} to {reply.notification} (revision {reply.plan_revision})"
        if reply.result == "":
            yield Finding("answer", f"{what} was answered by nobody")
        elif reply.result != "OK":
            if reply.result not in REFUSALS["Reply"]:
                yield Finding("answer", f"{what} was refused: {reply.result}")
            continue
        for server, wanted in reply.decisions.items():
            if reply.result != "OK":
                continue
            if server not in reply.shown:
                yield Finding("reply", f"{what} was answered OK without server {server}")
                continue
            decision, state = reply.shown[server]
            if decision != wanted and state not in OVER:
                yield Finding("reply", f"{what} was answered OK, but shows {decision} for {server}, not {wanted}")
                continue
            found = rows.get((reply.session, server), [])
            found = [row for row in found if (reply.session, row["host"]) not in tried_again]
            kept = [row["body"]["decision"] for row in found if row["body"]["decision"]]
            if found and state not in OVER and not any(
                (k["action"].upper(), k["source"]) == (wanted, "owner") for k in kept
            ):
                yield Finding("reply", f"{what} decided {wanted} for {server}; in the end it is {kept}")


def check_hosts(record: Record) -> Iterator[Finding]:
    """A host is in one active session at a time."""
    spans: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    lives = {row["id"]: life(row) for row in record.sessions}
    for row in record.session_hosts:
        start, end = lives[row["session_id"]]
        spans[row["host"]].append((start, end, row["session_id"]))
    for host, taken in spans.items():
        taken.sort()
        for (_, end, first), (start, _, second) in zip(taken, taken[1:]):
            if start < end - SKEW:
                yield Finding("host", f"{host} was in {first} until {end:.3f} and in {second} from {start:.3f} on")


def check_end(record: Record) -> Iterator[Finding]:
    """Every session is over."""
    for row in record.sessions:
        if row["active"] or row["state"] not in ("COMPLETED", "CANCELLED"):
            yield Finding("end", f"session {row['id']} is {row['state']} at the end: {row['body']['reason']}")


def life(session: dict[str, Any]) -> tuple[float, float]:
    """From when to when a session was active."""
    ended = session["body"]["ended_at"]
    return moment(session["body"]["created_at"]), moment(ended) if ended else float("inf")


def host_timelines(record: Record) -> Timelines:
    """What was told of the hosts of sessions: {(session, host): [(when, state)]}."""
    found: Timelines = defaultdict(list)
    for topic, events in record.events.items():
        if not topic.startswith("session/"):
            continue
        for event in events:
            message = WatchSessionResponse.FromString(event.payload)
            if message.event.HasField("host"):
                at = message.time.seconds + message.time.nanos / 1e9
                change = message.event.host
                state = SessionHostState.Name(change.state).removeprefix("SESSION_HOST_STATE_")
                key = (topic.removeprefix("session/"), change.host)
                if not found[key] or found[key][-1][1] != state:
                    found[key].append((at, state))
    return found
