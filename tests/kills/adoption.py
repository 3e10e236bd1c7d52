"""How long a session stays without anybody after its replica was killed: told from the database, as polled, and
from the replicas' logs, which say who took over what."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from kills.record import Record, moment

Span = tuple[float, float]


@dataclass
class Adoption:
    """A session that lost its replica."""

    session: str
    replica: int
    killed_at: float
    # None: not until the end.
    seconds: float | None
    # Whether the promise holds for it: the database was up, and somebody else alive and linked, all the time.
    counts: bool


@dataclass
class Loss:
    """A replica's life that ended by a kill, or that could not work for a while."""

    replica: int
    life: int
    at: float


def measure(record: Record) -> list[Adoption]:
    """Every session that was held by a replica when that was killed."""
    limit = record.figures["lease"] + 2
    holders = _holders(record)
    taken = _taken_at(record)
    available, down = _available(record.timeline), _database_down(record.timeline)
    by_session: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in record.tenures:
        by_session[row["session"]].append(row)
    found = []
    for kill in (e for e in record.timeline if e["what"] == "kill"):
        at, replica = kill["at"], kill["replica"]
        for session, rows in by_session.items():
            before = [row for row in rows if row["at"] <= at]
            if not before or not before[-1]["active"]:
                continue
            epoch = before[-1]["epoch"]
            if holders.get((session, epoch)) != (replica, kill["life"]):
                continue
            later = next((row for row in rows if row["at"] > at and row["epoch"] > epoch), None)
            if later is None:
                ended = next((row for row in rows if row["at"] > at and not row["active"]), None)
                if ended:
                    # It was at its end already.
                    continue
            seconds = None
            if later:
                seconds = min(later["at"], taken.get((session, epoch + 1), later["at"])) - at
            until = at + (limit if seconds is None else min(seconds, limit))
            # The same kill may take two replicas at once: what counts is who was there all the time.
            there = any(
                start <= at and end >= until
                for number, spans in available.items()
                if number != replica
                for start, end in spans
            )
            up = not any(start < until and end > at for start, end in down)
            found.append(Adoption(session, replica, at, seconds, there and up))
    return found


def _holders(record: Record) -> dict[tuple[str, int], tuple[int, int]]:
    """Which replica, in which life, worked on a session under an epoch."""
    holders = {}
    for line in record.logs:
        match line.get("message"):
            case "session taken over":
                holders[line["session_id"], int(line["epoch"])] = (line["replica"], line["life"])
            case "session created":
                holders[line["session_id"], 1] = (line["replica"], line["life"])
    return holders


def _taken_at(record: Record) -> dict[tuple[str, int], float]:
    """When the log says that a session was taken over under an epoch."""
    return {
        (line["session_id"], int(line["epoch"])): moment(line["timestamp"])
        for line in record.logs
        if line.get("message") == "session taken over"
    }


def _available(timeline: list[dict[str, Any]]) -> dict[int, list[Span]]:
    """When a replica was ready, ran, and reached the database."""
    spans: dict[int, list[Span]] = defaultdict(list)
    states: dict[int, dict[str, bool]] = defaultdict(lambda: {"ready": False, "stopped": False, "cut": False})
    since: dict[int, float] = {}
    changes = {
        "ready": ("ready", True),
        "kill": ("ready", False),
        "ended by itself": ("ready", False),
        "stop": ("stopped", True),
        "go on": ("stopped", False),
        "start": ("stopped", False),
        "cut": ("cut", True),
        "mend": ("cut", False),
    }
    for entry in timeline:
        if entry["what"] not in changes:
            continue
        number, (name, value) = entry["replica"], changes[entry["what"]]
        states[number][name] = value
        works = states[number] == {"ready": True, "stopped": False, "cut": False}
        if works and number not in since:
            since[number] = entry["at"]
        elif not works and number in since:
            spans[number].append((since.pop(number), entry["at"]))
    for number, start in since.items():
        spans[number].append((start, float("inf")))
    return spans


def _database_down(timeline: list[dict[str, Any]]) -> list[Span]:
    spans = []
    start = None
    for entry in timeline:
        if entry["what"] == "database down":
            start = entry["at"]
        elif entry["what"] == "database up" and start is not None:
            spans.append((start, entry["at"]))
            start = None
    if start is not None:
        spans.append((start, float("inf")))
    return spans
