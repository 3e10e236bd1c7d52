"""Positions: acknowledged only when everything before them is handled, so that whoever starts again begins early enough."""

from collections.abc import Iterator

from sdks.finding import Finding
from sdks.handled import Item, items
from sdks.journal import Life
from sdks.observer import Store
from sdks.record import Record


def check_positions(record: Record) -> Iterator[Finding]:
    """Life after life."""
    if not record.stores:
        return
    is_silent = record.behaviour == "no_answer"
    # Up to here everything was handled in the lives before: the next one may not begin later.
    handled, store = record.stores[0].first, record.stores[0].id
    for number, life in enumerate(record.lives, 1):
        who = f"life {number}"
        read = items(life.lines, is_silent)
        yield from _acknowledged(who, life, read)
        first = next((item for item in read), None)
        if first is not None and not first.is_snapshot and first.sequence > handled + 1:
            yield Finding(
                "lost", f"{who} begins with event {first.sequence}, but only {handled} and before was handled until then"
            )
        now = next((line["store_id"] for line in reversed(life.lines) if line["kind"] == "snapshot"), store)
        reached = _reached(read)
        handled = max(handled, reached) if now == store else reached
        store = now
    yield from _last(record, record.stores[-1])


def _acknowledged(who: str, life: Life, read: list[Item]) -> Iterator[Finding]:
    last = -1
    for at, line in enumerate(life.lines):
        if line["kind"] == "snapshot":
            # Another database may have lower numbers.
            last = -1
        if line["kind"] != "acknowledged":
            continue
        sequence = line["sequence"]
        # The same once more is a call too many, and does no harm.
        if sequence < last:
            yield Finding("acknowledged", f"{who} acknowledged {sequence} after {last}")
        last = max(last, sequence)
        before = [item for item in read if item.line < at]
        # What a snapshot stands for is not handled one by one.
        begin = max((number for number, item in enumerate(before) if item.is_snapshot), default=0)
        if sequence > max((item.sequence for item in before), default=0):
            yield Finding("acknowledged", f"{who} acknowledged {sequence}, which it had not read")
        for item in before[begin:]:
            if item.sequence <= sequence and (item.done is None or item.done > at):
                what = "the snapshot of" if item.is_snapshot else "event"
                yield Finding("acknowledged", f"{who} acknowledged {sequence} before {what} {item.sequence} was handled")


def _reached(read: list[Item]) -> int:
    """Up to which event everything was handled in a life. What was open when a snapshot came is its business."""
    begin = max((number for number, item in enumerate(read) if item.is_snapshot), default=0)
    reached = 0
    for item in read[begin:]:
        if item.done is None:
            break
        reached = item.sequence
    return reached


def _last(record: Record, store: Store) -> Iterator[Finding]:
    """In the end all of it is acknowledged, and a program that was not killed has written so."""
    if record.expected.ended != "stopped" or record.trouble:
        return
    if record.acknowledged != store.last:
        yield Finding("acknowledged", f"{record.acknowledged} of {store.last} is acknowledged in the end")
    written = [line["sequence"] for life in record.lives for line in life.lines if line["kind"] == "acknowledged"]
    if not any(life.ended == "killed" for life in record.lives) and written[-1:] != [record.acknowledged]:
        yield Finding("acknowledged", f"{record.acknowledged} is acknowledged, and the journal ends with {written[-1:]}")
