"""When each thing that an owner read was handled, by what its journal says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sdks.journal import Line

GIVEN_UP_AFTER = 5
"""So often is the handler of an event called."""


@dataclass(frozen=True)
class Item:
    """Something that was read, and the line of the journal at which it was handled."""

    line: int
    sequence: int
    is_snapshot: bool
    done: int | None
    """None: never."""


def items(lines: list[Line], is_silent: bool = False) -> list[Item]:
    """All that a life has read, in order. `is_silent`: its handlers leave questions without an answer."""
    calls: Counter[tuple[str, str]] = Counter()
    found: list[Item] = []
    for at, line in enumerate(lines):
        if line["kind"] == "snapshot":
            asked = [one for one in line["notifications"] if one[2] == "PENDING"]
            ends = [question_ends(lines, at, one[0], one[1], is_silent) for one in asked]
            done = None if None in ends else max([at, *(end for end in ends if end is not None)])
            found.append(Item(at, line["sequence"], True, done))
        elif line["kind"] == "event":
            if line["what"] != "notification":
                name = handler_of(line)
                calls[name, line["id"]] += 1
                done = _event_ends(lines, name, line["id"], calls[name, line["id"]])
            elif line["change"] == "PENDING":
                done = question_ends(lines, at, line["id"], line["plan_revision"], is_silent)
            else:
                done = at
            found.append(Item(at, line["sequence"], False, done))
    return found


def handler_of(line: Line) -> str:
    """Which handler hears of an event that is not a notification."""
    if line["what"] == "server":
        return "server"
    return "complete" if line["change"] in ("COMPLETED", "CANCELLED") else "session"


def question_ends(lines: list[Line], asked: int, id: str, revision: int, is_silent: bool = False) -> int | None:
    """The line at which a question that was read at line `asked` is over: replied to, left without an answer, or withdrawn."""
    # After a counter-offer it is asked anew; what was answered before that counts no more.
    begin = max((at for at in range(asked) if _shows(lines[at], id, "COUNTER_OFFERED")), default=0)
    for at in range(begin, len(lines)):
        line = lines[at]
        if at > asked and _withdraws(line, id, revision):
            return at
        if line.get("id") == id and line.get("plan_revision") == revision:
            ends = line["kind"] == "handler" and line["phase"] == "end" if is_silent else line["kind"] == "reply"
            if ends:
                # What was answered before the question was read once more is answered.
                return max(at, asked)
    return None


def _shows(line: Line, id: str, state: str) -> bool:
    if line["kind"] == "snapshot":
        return any(one[0] == id and one[2] == state for one in line["notifications"])
    return line["kind"] == "event" and line["what"] == "notification" and (line["id"], line["change"]) == (id, state)


def _withdraws(line: Line, id: str, revision: int) -> bool:
    if line["kind"] == "event" and line["what"] == "notification" and line["id"] == id:
        return bool(line["change"] != "PENDING" or line["plan_revision"] > revision)
    if line["kind"] == "snapshot":
        return not any(one[0] == id and one[1] == revision and one[2] == "PENDING" for one in line["notifications"])
    return False


def _event_ends(lines: list[Line], name: str, id: str, count: int) -> int | None:
    """The line at which the handler of an event has ended for the `count`th time."""
    for at, line in enumerate(lines):
        if line["kind"] != "handler" or (line["handler"], line["id"]) != (name, id):
            continue
        count -= line["phase"] == "end" or (line["phase"] == "failed" and line["attempt"] >= GIVEN_UP_AFTER)
        if count == 0:
            return at
    return None


def questions(lines: list[Line]) -> Iterator[tuple[int, str, int]]:
    """The questions that were read: at which line, of which notification, in which revision."""
    for at, line in enumerate(lines):
        if line["kind"] == "snapshot":
            yield from ((at, one[0], one[1]) for one in line["notifications"] if one[2] == "PENDING")
        elif line["kind"] == "event" and line["what"] == "notification" and line["change"] == "PENDING":
            yield at, line["id"], line["plan_revision"]
