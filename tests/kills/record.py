"""What a run leaves behind: journals, answers, and the tables as they were at the end. The checker reads nothing else.

Times are seconds since 1970, of the one clock that this machine has.
"""

import base64
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass
class Connection:
    """A stream from its start to its end, whoever ended it."""

    replica: int
    # What came before was had already: the sequence of the token it began with, or of its first message.
    after: int
    at: float
    # [sequence, SHA-256 of the message without its resume token]
    events: list[list[Any]] = field(default_factory=list)
    # Heartbeats whose sequence was not that of the last event: [sequence, the last event's]
    odd_heartbeats: list[list[int]] = field(default_factory=list)
    end: str = ""


@dataclass
class Journal:
    """Everything that one subscriber was sent."""

    subscriber: int
    project: str
    connections: list[Connection] = field(default_factory=list)


@dataclass
class Reply:
    """An owner's reply and what came of it."""

    notification: str
    session: str
    project: str
    plan_revision: int
    decisions: dict[str, str]
    asked_at: float
    answered_at: float
    # OK, or the reason of the error that ended it; empty: nobody answered.
    result: str
    # What the answer showed: {server: [decision, state]}
    shown: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Command:
    """What the operator asked for and what came of it."""

    method: str
    session: str
    host: str
    # The request id; given as the reason, too, so that it is found in the audit.
    request: str
    asked_at: float
    answered_at: float
    result: str
    tries: int


@dataclass
class Event:
    """A row of the log."""

    sequence: int
    at: float
    payload: bytes


@dataclass
class Record:
    """A whole run."""

    journals: list[Journal] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    # What was done to the replicas, their links and the database, in order.
    timeline: list[dict[str, Any]] = field(default_factory=list)
    # Who worked on which session, as polled: changes of {session, owner, epoch, active}; see `polled`.
    tenures: list[dict[str, Any]] = field(default_factory=list)
    # The cloud's journal without its reads.
    cloud: list[dict[str, Any]] = field(default_factory=list)
    # The log by topic, and each topic's counter.
    events: dict[str, list[Event]] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    # Rows as JSON, their `body` parsed.
    audit_records: list[dict[str, Any]] = field(default_factory=list)
    audit_chain: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    session_hosts: list[dict[str, Any]] = field(default_factory=list)
    session_servers: list[dict[str, Any]] = field(default_factory=list)
    # Lines of the replicas' logs that matter, each with `replica` and `life`.
    logs: list[dict[str, Any]] = field(default_factory=list)
    # Numbers of the run: lease, how long everything took.
    figures: dict[str, Any] = field(default_factory=dict)

    def save(self, directory: Path) -> None:
        _write(directory / "journals.jsonl", (asdict(j) for j in self.journals))
        _write(directory / "replies.jsonl", (asdict(r) for r in self.replies))
        _write(directory / "commands.jsonl", (asdict(c) for c in self.commands))
        for name in LISTS:
            _write(directory / f"{name}.jsonl", getattr(self, name))
        rows = (
            {"topic": topic, "sequence": e.sequence, "at": e.at, "payload": base64.b64encode(e.payload).decode()}
            for topic, events in self.events.items()
            for e in events
        )
        _write(directory / "events.jsonl", rows)
        (directory / "topics.json").write_text(json.dumps(self.topics))
        (directory / "figures.json").write_text(json.dumps(self.figures, indent=1))

    @staticmethod
    def load(directory: Path) -> "Record":
        record = Record()
        for row in _read(directory / "journals.jsonl"):
            connections = [Connection(**c) for c in row.pop("connections")]
            record.journals.append(Journal(**row, connections=connections))
        record.replies = [Reply(**row) for row in _read(directory / "replies.jsonl")]
        record.commands = [Command(**row) for row in _read(directory / "commands.jsonl")]
        for name in LISTS:
            setattr(record, name, list(_read(directory / f"{name}.jsonl")))
        for row in _read(directory / "events.jsonl"):
            event = Event(row["sequence"], row["at"], base64.b64decode(row["payload"]))
            record.events.setdefault(row["topic"], []).append(event)
        record.topics = json.loads((directory / "topics.json").read_text())
        record.figures = json.loads((directory / "figures.json").read_text())
        return record


LISTS = ["timeline", "tenures", "cloud", "audit_records", "audit_chain", "sessions", "session_hosts", "session_servers", "logs"]


def moment(text: str) -> float:
    """A time as RFC 3339 writes it."""
    head, dot, rest = text.partition(".")
    digits = rest.rstrip("Z") if dot else ""
    if "+" in digits or (not dot and not text.endswith("Z")):
        return datetime.fromisoformat(text).timestamp()
    return datetime.fromisoformat(head.rstrip("Z") + "+00:00").timestamp() + float(f"0.{digits or 0}")


def clock(at: float) -> str:
    """A time for people who look into logs."""
    return datetime.fromtimestamp(at).astimezone(tz=None).strftime("%H:%M:%S.%f")[:-3]


def _write(path: Path, rows: Any) -> None:
    with path.open("w") as file:
        for row in rows:
            file.write(json.dumps(row, separators=(",", ":")) + "\n")


def _read(path: Path) -> Any:
    with path.open() as file:
        for line in file:
            yield json.loads(line)
