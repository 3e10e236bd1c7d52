"""A small good play, which the checker's tests spoil. It is written by hand, as ADR 32 describes journals."""

from typing import Any

from sdks.journal import Life, Line
from sdks.observer import Fields, Store
from sdks.record import Record
from sdks.scenario import Expected

SESSION, PLANNED, DRAIN, VM = "session-1", "planned-1", "drain-1", "vm-1"
STORE = "store-1"


def told(sequence: int, what: str, id: str, change: str, kind: str = "", revision: int = 0) -> Fields:
    """An event, as the observer notes it."""
    fields: Fields = {
        "sequence": sequence,
        "what": what,
        "id": id,
        "session": SESSION,
        "change": change,
        "plan_revision": revision,
    }
    if what == "notification":
        fields |= {"kind": kind, "state": change, "counter_offer": 0}
    return fields


EVENTS = [
    told(1, "notification", PLANNED, "PENDING", "PLANNED", 1),
    told(2, "notification", PLANNED, "ANSWERED", "PLANNED", 1),
    told(3, "session", SESSION, "STARTED"),
    told(4, "notification", DRAIN, "PENDING", "DRAIN", 1),
    told(5, "notification", DRAIN, "ANSWERED", "DRAIN", 1),
    told(6, "server", VM, "ACTION_STARTED"),
    told(7, "server", VM, "ACTION_DONE"),
    told(8, "notification", PLANNED, "CLOSED", "PLANNED", 1),
    told(9, "notification", DRAIN, "CLOSED", "DRAIN", 1),
    told(10, "session", SESSION, "COMPLETED"),
]


def line(kind: str, **fields: Any) -> Line:
    """A line of a journal."""
    return {"at": 1000.0, "kind": kind, **fields}


def snapshot(sequence: int, *notifications: list[Any]) -> Line:
    """A snapshot with these notifications."""
    return line("snapshot", sequence=sequence, store_id=STORE, servers=[], notifications=list(notifications))


def event(sequence: int) -> Line:
    """An event, as it was told."""
    one = EVENTS[sequence - 1]
    fields = {name: one[name] for name in ("what", "id", "change", "plan_revision")}
    return line("event", sequence=sequence, **fields)


def handler(name: str, id: str, phase: str, revision: int = 0, attempt: int = 1) -> Line:
    """A handler begins or ends."""
    return line("handler", handler=name, id=id, plan_revision=revision, attempt=attempt, phase=phase)


def handled(name: str, id: str, revision: int = 0) -> list[Line]:
    """A handler that ends well."""
    return [handler(name, id, "begin", revision), handler(name, id, "end", revision)]


def reply(id: str, answer: str = "accept", outcome: str = "accepted", fallback: bool = False) -> Line:
    """A reply."""
    return line("reply", id=id, plan_revision=1, answer=answer, fallback=fallback, outcome=outcome)


def acknowledged(sequence: int) -> Line:
    """A position is acknowledged."""
    return line("acknowledged", sequence=sequence)


def owner() -> Record:
    """An owner that is killed after the first question, and starts again."""
    first = [line("connected"), snapshot(0), event(1), *handled("planned", PLANNED, 1), reply(PLANNED), acknowledged(1), event(2), event(3)]
    second = [
        *[line("connected"), event(2), event(3), *handled("session", SESSION), acknowledged(3)],
        *[event(4), *handled("drain", DRAIN, 1), reply(DRAIN), event(5)],
        *[event(6), handler("server", VM, "begin"), event(7), handler("server", VM, "end"), *handled("server", VM)],
        *[line("interrupted", cause="failed", code="UNAVAILABLE"), line("connected"), event(8)],
        *[event(9), event(10)],
        *[*handled("complete", SESSION), acknowledged(10), line("ended", reason="stopped")],
    ]
    return _record("owner", [Life(first, "killed"), Life(second, "stopped", 0)])


def watch() -> Record:
    """A watch that misses something, and gets a snapshot for it."""
    lines = [
        *[line("connected"), snapshot(0), event(1), event(2), line("interrupted", cause="missed", code="OUT_OF_RANGE")],
        *[line("connected"), snapshot(4, [PLANNED, 1, "ANSWERED"], [DRAIN, 1, "PENDING"]), *[event(number) for number in range(5, 11)]],
        line("ended", reason="stopped"),
    ]
    return _record("watch", [Life(lines, "stopped", 0)])


def _record(layer: str, lives: list[Life]) -> Record:
    record = Record("python", "good", layer, "accept", 1, Expected(), lives)
    record.stores = [Store(STORE, 0, [dict(one) for one in EVENTS])]
    servers = [{"name": VM, "state": "MOVED", "action": "LIVE_MIGRATE", "decided_by": "OWNER"}]
    notifications = [
        {"id": id, "session": SESSION, "kind": kind, "state": "CLOSED", "plan_revision": 1, "counter_offer": 0}
        for id, kind in ((PLANNED, "PLANNED"), (DRAIN, "DRAIN"))
    ]
    record.outcome = {
        "sessions": [{"id": SESSION, "state": "COMPLETED", "servers": servers}],
        "notifications": notifications,
        "replies": [PLANNED, DRAIN],
        "foreign": ["vm-2"],
    }
    record.acknowledged = 10 if layer == "owner" else 0
    record.harm = {"reset": 1}
    return record
