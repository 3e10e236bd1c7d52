"""Handlers: each question once in a life, each event in its turn, none beside another of the same notification or session."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sdks.finding import Finding
from sdks.handled import GIVEN_UP_AFTER, handler_of, question_ends, questions
from sdks.journal import Life, Line
from sdks.record import Record

QUESTIONS = ("planned", "drain", "scale_in")


def check_handlers(record: Record) -> Iterator[Finding]:
    """Life after life."""
    sessions = {event["id"]: event["session"] for store in record.stores for event in store.events}
    kinds = {event["id"]: event.get("kind", "").lower() for store in record.stores for event in store.events}
    for number, life in enumerate(record.lives, 1):
        who = f"life {number}"
        yield from _asked(who, life, kinds)
        yield from _in_turn(who, life, sessions)
        yield from _attempts(who, life)
        if life.ended == "stopped" and record.expected.ended == "stopped" and not record.trouble:
            yield from _left_out(who, life)


def _asked(who: str, life: Life, kinds: dict[str, str]) -> Iterator[Finding]:
    """A question is given to the handler of its kind, once; and only if it was read."""
    begun: Counter[tuple[str, int]] = Counter()
    rounds: Counter[tuple[str, int]] = Counter()
    stores = 0
    read: set[tuple[str, int]] = set()
    store = ""
    for line in life.lines:
        if line["kind"] == "snapshot":
            # Another database does not know what was answered.
            stores += store not in ("", line["store_id"])
            store = line["store_id"]
            read |= {(one[0], one[1]) for one in line["notifications"] if one[2] == "PENDING"}
        elif line["kind"] == "event" and line["what"] == "notification" and line["change"] == "PENDING":
            read.add((line["id"], line["plan_revision"]))
        if line["kind"] == "reply" and line["answer"] == "counter_offer":
            rounds[line["id"], line["plan_revision"]] += 1
        if line["kind"] != "handler" or line["handler"] not in QUESTIONS or line["phase"] != "begin":
            continue
        key = (line["id"], line["plan_revision"])
        if key not in read:
            yield Finding("handler", f"{who}: {line['handler']} began for {_name(key)}, which was not read")
        if line["handler"] != kinds.get(line["id"], line["handler"]):
            yield Finding("handler", f"{who}: {line['handler']} began for {_name(key)}, which is of kind {kinds[line['id']]}")
        if line["attempt"] == 1:
            begun[key] += 1
            if begun[key] > 1 + rounds[key] + stores:
                yield Finding("twice", f"{who}: {line['handler']} was given {_name(key)} {begun[key]} times")


def _in_turn(who: str, life: Life, sessions: dict[str, str]) -> Iterator[Finding]:
    """Events of a session are handled in their order, one after the other; so are the questions of a notification."""
    waiting: dict[str, list[tuple[str, str]]] = defaultdict(list)
    running: dict[str, tuple[str, str]] = {}
    for line in life.lines:
        if line["kind"] == "event" and line["what"] != "notification":
            waiting[sessions.get(line["id"], "")].append((handler_of(line), line["id"]))
        if line["kind"] != "handler":
            continue
        is_question = line["handler"] in QUESTIONS
        lane = f"notification {line['id']}" if is_question else f"session {sessions.get(line['id'], '')}"
        what = (line["handler"], f"{line['id']}/{line['plan_revision']}" if is_question else line["id"])
        if line["phase"] != "begin":
            if running.pop(lane, None) != what:
                yield Finding("handler", f"{who}: {_name(what)} ended ({line['phase']}) without having begun")
            continue
        if lane in running:
            yield Finding("beside", f"{who}: {_name(what)} began while {_name(running[lane])} ran for the same {lane}")
        running[lane] = what
        if not is_question and line["attempt"] == 1:
            due = waiting[lane.removeprefix("session ")]
            wanted = due.pop(0) if due else None
            if wanted != what:
                yield Finding(
                    "order", f"{who}: {_name(what)} began, but it was the turn of {_name(wanted) if wanted else 'nothing'}"
                )
    if life.ended == "stopped":
        for lane, what in running.items():
            yield Finding("handler", f"{who}: {_name(what)} of {lane} began and did not end")


def _attempts(who: str, life: Life) -> Iterator[Finding]:
    """Attempts are counted from 1 by 1, and events are given up after the fifth."""
    last: dict[tuple[str, str, int], Line] = {}
    for line in life.lines:
        if line["kind"] != "handler":
            continue
        key = (line["handler"], line["id"], line["plan_revision"])
        before = last.get(key)
        if line["phase"] == "begin":
            wanted = before["attempt"] + 1 if before is not None and before["phase"] == "failed" else 1
            if line["attempt"] not in (1, wanted):
                yield Finding("attempt", f"{who}: {_name(key)} was tried for the {line['attempt']}th time, not the {wanted}th")
            if line["handler"] not in QUESTIONS and line["attempt"] > GIVEN_UP_AFTER:
                yield Finding("attempt", f"{who}: {_name(key)} was tried {line['attempt']} times")
        last[key] = line


def _left_out(who: str, life: Life) -> Iterator[Finding]:
    """All that was read in a life that ended in good order was given to a handler."""
    begun = {(line["id"], line["plan_revision"]) for line in life.lines if line["kind"] == "handler"}
    for at, id, revision in questions(life.lines):
        if (id, revision) not in begun and question_ends(life.lines, at, id, revision) is None:
            yield Finding("lost", f"{who}: no handler was given {_name((id, revision))}, and nothing else came of it")


def _name(key: tuple[object, ...]) -> str:
    return "/".join(str(part) for part in key)
