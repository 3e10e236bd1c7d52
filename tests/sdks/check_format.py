"""Journals are what ADR 32 says: the same fields, of the same types, in every language."""

from collections.abc import Iterator
from typing import Any

from sdks.finding import Finding
from sdks.journal import Line
from sdks.record import Record

CAUSES = ("failed", "closed", "silent", "going_away", "missed")
HANDLERS = ("planned", "drain", "scale_in", "server", "session", "complete")
PHASES = ("begin", "end", "failed", "cancelled")
ANSWERS = ("accept", "reject", "counter_offer", "own_action_done", "no_answer")
FIELDS: dict[str, dict[str, Any]] = {
    "connected": {},
    "snapshot": {"sequence": int, "store_id": str, "servers": list, "notifications": list},
    "event": {
        "sequence": int,
        "what": ("notification", "server", "session"),
        "id": str,
        "change": str,
        "plan_revision": int,
    },
    "interrupted": {"cause": CAUSES, "code": str},
    "handler": {"handler": HANDLERS, "id": str, "plan_revision": int, "attempt": int, "phase": PHASES},
    "reply": {"id": str, "plan_revision": int, "answer": ANSWERS, "fallback": bool, "outcome": str},
    "acknowledged": {"sequence": int},
    "ended": {"reason": str},
}


def check_format(record: Record) -> Iterator[Finding]:
    """Each line has the fields of its kind."""
    for number, life in enumerate(record.lives, 1):
        for line in life.lines:
            wrong = list(_wrong(line))
            if wrong:
                yield Finding("format", f"life {number}: {', '.join(wrong)} in {line}")


def _wrong(line: Line) -> Iterator[str]:
    kind = line.get("kind")
    if kind not in FIELDS:
        yield f"kind {kind}"
        return
    if not isinstance(line.get("at"), (int, float)):
        yield "at"
    for name, wanted in FIELDS[kind].items():
        value = line.get(name)
        fits = value in wanted if isinstance(wanted, tuple) else type(value) is wanted
        if not fits:
            yield name
    for name in line.keys() - FIELDS[kind].keys() - {"at", "kind"}:
        yield f"{name} (unknown)"
    if kind == "snapshot" and not all(
        isinstance(one, list) and [type(part) for part in one] == [str, int, str] for one in line.get("notifications") or []
    ):
        yield "notifications"
