"""What really happened in the cloud: nothing done twice, nothing done unasked, everything as it was in the end.

A server's action belongs to the session that had the server's host at that time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fermata.v1.notification_pb2 import NOTIFICATION_KIND_DRAIN, NOTIFICATION_STATE_EXPIRED
from fermata.v1.notification_service_pb2 import SubscribeResponse

from kills.check_sessions import SKEW, Timelines, host_timelines, life
from kills.finding import Finding
from kills.record import Record, clock, moment

MOVES = {"live_migrate", "migrate"}
ACTIONS = MOVES | {"confirm_migration", "stop", "start"}
# What a decision allows. A server that is stopped can only be moved cold.
ALLOWED = {"live_migrate": MOVES, "migrate": {"migrate"}, "keep": {"stop"}}
# A call may arrive so long after it was sent: a process is stopped for up to 6 s in this test.
LATE = 10.0


@dataclass
class Server:
    """A server as the journal has it."""

    host: str
    status: str
    task: str | None
    reserved: str | None


@dataclass
class Action:
    """A call that took effect."""

    number: int
    at: float
    operation: str
    server: str
    # Where the server was.
    host: str


@dataclass
class History:
    """The journal, read once."""

    servers: dict[str, Server] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    # Ends of migrations: (when, server, where from, Nova's word).
    moves: list[tuple[float, str, str, str]] = field(default_factory=list)
    # Every state of a server: {server: [(when, state)]}
    states: dict[str, list[tuple[float, Server]]] = field(default_factory=lambda: defaultdict(list))
    # Switches of scheduling: {host: [(when, enabled)]}
    scheduling: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)


def read(record: Record) -> History:
    """Plays the journal back; calls on a server that something is done with already are findings."""
    history = History()
    # The state before the newest entry of each server, and that entry's number: an action shows itself in the
    # server before its call is noted.
    before: dict[str, tuple[int, Server]] = {}
    for entry in record.cloud:
        number, at, event = entry["number"], moment(entry["at"]), entry["event"]
        if host := event.get("host"):
            history.hosts[host["host"]] = host
            history.scheduling[host["host"]].append((at, host["scheduling"] == "enabled"))
        elif seen := event.get("server"):
            status = seen["status"] if isinstance(seen["status"], str) else next(iter(seen["status"].values()))
            server = Server(seen["host"], status.lower(), seen["task"], seen["reserved"])
            if seen["server"] in history.servers:
                before[seen["server"]] = (number, history.servers[seen["server"]])
            history.servers[seen["server"]] = server
            history.states[seen["server"]].append((at, server))
        elif migration := event.get("migration"):
            if migration["status"] in ("completed", "finished", "failed", "error", "cancelled"):
                history.moves.append((at, migration["server"], migration["source"], migration["status"]))
        elif (call := event.get("call")) and call["operation"] in ACTIONS:
            _read_call(history, before, number, at, call)
    return history


def _read_call(
    history: History, before: dict[str, tuple[int, Server]], number: int, at: float, call: dict[str, Any]
) -> None:
    name, operation = call["server"], call["operation"]
    server = history.servers.get(name)
    if server is None:
        history.findings.append(Finding("cloud", f"#{number} {operation} of {name}, which there is not"))
        return
    if call["outcome"] == "done" and name in before and before[name][0] == number - 1:
        server = before[name][1]
    waits = operation == "confirm_migration" and server.status == "verify_resize"
    busy = server.task is not None or (server.status == "verify_resize" and not waits)
    # A call that a fault swallowed reached nobody.
    if call["outcome"] != "nothing" and (busy or (operation == "confirm_migration" and not waits)):
        history.findings.append(
            Finding(
                "repeated",
                f"#{number} {clock(at)} {operation} of {name} ({call['outcome']}) while it was {server.status}"
                f" on {server.host}, task {server.task}",
            )
        )
    elif call["outcome"] == "refused":
        history.findings.append(
            Finding("repeated", f"#{number} {clock(at)} {operation} of {name} was refused: it was {server.status}")
        )
    if call["outcome"] == "done":
        # After a cold migration, where it came from is what the session knows it by.
        host = server.reserved if operation == "confirm_migration" and server.reserved else server.host
        history.actions.append(Action(number, at, operation, name, host))


def check_cloud(record: Record) -> Iterator[Finding]:
    """Everything about actions."""
    history = read(record)
    yield from history.findings
    timelines = host_timelines(record)
    holds: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    lives = {row["id"]: life(row) for row in record.sessions}
    for row in record.session_hosts:
        holds[row["host"]].append((*lives[row["session_id"]], row["session_id"]))
    rows = {(row["session_id"], row["host"], row["server"]): row for row in record.session_servers}
    by_row: dict[tuple[str, str, str], list[Action]] = defaultdict(list)
    for action in history.actions:
        what = f"#{action.number} {clock(action.at)} {action.operation} of {action.server} on {action.host}"
        session = _session_of(holds[action.host], action.at)
        if session is None:
            yield Finding("unasked", f"{what}: no session had the host")
            continue
        key = (session, action.host, action.server)
        if key not in rows:
            yield Finding("unasked", f"{what}: session {session} does not know the server there")
            continue
        by_row[key].append(action)
        yield from _check_action(what, action, session, rows[key], timelines)
    notices = _notices(record)
    for key, actions in by_row.items():
        yield from _check_counts(key, actions, rows[key], history, lives, timelines)
        yield from _check_acceptance(key, actions, record, notices)
    yield from _check_pairs(history)
    yield from _check_end(history)


def _session_of(holds: list[tuple[float, float, str]], at: float) -> str | None:
    for slack in (0.0, SKEW):
        for start, end, session in holds:
            if start - slack <= at <= end + slack:
                return session
    return None


def _check_action(
    what: str, action: Action, session: str, row: dict[str, Any], timelines: Timelines
) -> Iterator[Finding]:
    states = timelines.get((session, action.host), [])
    wanted = {"start": {"RETURNING"}, "confirm_migration": {"DRAINING", "RETURNING"}}
    wanted_now = wanted.get(action.operation, {"DRAINING"})
    if not _was(states, wanted_now, action.at):
        shown = [(clock(at), state) for at, state in states]
        yield Finding("unasked", f"{what}: in session {session} the host was {shown}")
    decision = row["body"]["decision"]
    if action.operation in MOVES | {"stop"} and decision:
        if action.operation not in ALLOWED.get(decision["action"], set()) and not _tried_again(states):
            yield Finding("unasked", f"{what}: decided was {decision['action']} in session {session}")


def _was(states: list[tuple[float, str]], wanted: set[str], at: float) -> bool:
    """Whether the host was in one of these states at that time, or so shortly before that a call was on its way."""
    ends = [start for start, _ in states[1:]] + [float("inf")]
    spans = [(start, end) for (start, state), end in zip(states, ends) if state in wanted]
    return any(start - SKEW <= at <= end + LATE for start, end in spans)


def _tried_again(states: list[tuple[float, str]]) -> bool:
    return [state for _, state in states].count("DRAINING") > 1


def _check_counts(
    key: tuple[str, str, str],
    actions: list[Action],
    row: dict[str, Any],
    history: History,
    lives: dict[str, tuple[float, float]],
    timelines: Timelines,
) -> Iterator[Finding]:
    session, host, server = key
    start, end = lives[session]
    ours = [(at, word) for at, of, source, word in history.moves if (of, source) == (server, host)]
    ends = [word for at, word in ours if start <= at <= end + SKEW]
    well = sum(word in ("completed", "finished") for word in ends)
    badly = len(ends) - well
    moves = [a for a in actions if a.operation in MOVES]
    stops = [a for a in actions if a.operation == "stop"]
    who = f"session {session}, {server} on {host}"
    if well > 1:
        yield Finding("repeated", f"{who}: it was moved away {well} times")
    if len(moves) > badly + 1:
        yield Finding("repeated", f"{who}: {len(moves)} moves began, of which {badly} failed")
    if not _tried_again(timelines.get((session, host), [])):
        # What the session did not see fail, it must not have done again.
        if badly > row["body"]["failures"]:
            yield Finding("repeated", f"{who}: {badly} moves failed, the session knows of {row['body']['failures']}")
        if len(stops) > 1:
            yield Finding("repeated", f"{who}: it was stopped {len(stops)} times")
    confirms = [a for a in actions if a.operation == "confirm_migration"]
    if len(confirms) > max(1, sum(a.operation == "migrate" for a in moves)):
        yield Finding("repeated", f"{who}: {len(confirms)} confirmations of {len(moves)} moves")


# {(session, server): [(when, kind, state, reply_deadline_time, actions_start_time)]}
Notices = dict[tuple[str, str], list[tuple[float, int, int, float, float]]]


def _notices(record: Record) -> Notices:
    """What owners were told, from the log."""
    found: Notices = defaultdict(list)
    for topic, events in record.events.items():
        if not topic.startswith("project/"):
            continue
        for event in events:
            message = SubscribeResponse.FromString(event.payload)
            if not message.event.HasField("notification"):
                continue
            asked = message.event.notification
            at = message.time.seconds + message.time.nanos / 1e9
            reply_deadline_time, actions_start_time = (t.seconds + t.nanos / 1e9 for t in (asked.reply_deadline_time, asked.actions_start_time))
            for server in asked.servers:
                found[asked.session_id, server.server_id].append((at, asked.kind, asked.state, reply_deadline_time, actions_start_time))
    return found


def _check_acceptance(
    key: tuple[str, str, str], actions: list[Action], record: Record, notices: Notices
) -> Iterator[Finding]:
    """Nothing was touched before its owner was asked, and replied or let its time pass."""
    session, host, server = key
    first = next((a for a in actions if a.operation in MOVES | {"stop"}), None)
    if first is None:
        return
    who = f"session {session}: {first.operation} of {server} on {host} at {clock(first.at)}"
    told = [n for n in notices[session, server] if n[0] <= first.at + SKEW and n[1] == NOTIFICATION_KIND_DRAIN]
    if not told:
        yield Finding("early", f"{who}, before its owner was asked")
        return
    *_, state, reply_deadline_time, actions_start_time = told[-1]
    if first.at < actions_start_time - SKEW:
        yield Finding("early", f"{who}, but nothing was to happen before {clock(actions_start_time)}")
    replied = any(
        reply.session == session and server in reply.decisions and reply.result == "OK" and reply.asked_at <= first.at
        for reply in record.replies
    )
    late = state == NOTIFICATION_STATE_EXPIRED or reply_deadline_time <= first.at + SKEW
    if not replied and not late:
        yield Finding("early", f"{who}, before a reply, which could come until {clock(reply_deadline_time)}")


def _check_pairs(history: History) -> Iterator[Finding]:
    """What was stopped was started, once."""
    stopped: dict[str, Action] = {}
    for action in history.actions:
        if action.operation == "stop":
            if action.server in stopped:
                first = stopped[action.server].number
                yield Finding("repeated", f"{action.server} was stopped at #{first} and #{action.number}")
            stopped[action.server] = action
        elif action.operation == "start":
            if action.server not in stopped:
                yield Finding("repeated", f"{action.server} was started at #{action.number} and not stopped before")
            stopped.pop(action.server, None)
    for action in stopped.values():
        yield Finding("end", f"{action.server}, stopped at #{action.number}, was never started")


def _check_end(history: History) -> Iterator[Finding]:
    for name, host in sorted(history.hosts.items()):
        if host["scheduling"] != "enabled" or not host["up"]:
            yield Finding("end", f"host {name} is {host['scheduling']} at the end")
    for name, server in sorted(history.servers.items()):
        if (server.status, server.task, server.reserved) != ("active", None, None):
            yield Finding("end", f"server {name} is {server.status} at the end, task {server.task}")


def check_empty(record: Record) -> Iterator[Finding]:
    """Nothing runs on a host that is held empty, and nobody may be sent there."""
    history = read(record)
    for (session, host), states in host_timelines(record).items():
        ends = [at for at, _ in states[1:]] + [float("inf")]
        for (start, state), end in zip(states, ends):
            if state != "IN_MAINTENANCE":
                continue
            for server, seen in history.states.items():
                for (at, now), until in zip(seen, [at for at, _ in seen[1:]] + [float("inf")]):
                    there = now.host == host or now.reserved == host
                    rests = now.host == host and now.status == "shutoff" and now.task is None
                    if there and not rests and at < end - SKEW and until > start:
                        text = (
                            f"session {session} held {host} empty from {clock(start)} to {clock(min(end, 9e9))};"
                            f" {server} ({now.status}, task {now.task}, on {now.host}, reserved {now.reserved})"
                            f" was there from {clock(at)} on"
                        )
                        yield Finding("empty", text)
            for (at, enabled), until in zip(
                history.scheduling[host], [at for at, _ in history.scheduling[host][1:]] + [float("inf")]
            ):
                if enabled and at < end - SKEW and until > start:
                    yield Finding("empty", f"session {session} held {host} from {clock(start)}; it was enabled then")
