"""The checker finds nothing in a good play, and each kind of fault in one that is spoiled."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from sdks import good
from sdks import record as records
from sdks.checker import check, compare
from sdks.good import DRAIN, PLANNED, SESSION, STORE, VM, acknowledged, event, handled, handler, line, reply, snapshot
from sdks.journal import Line
from sdks.observer import Store
from sdks.record import Record


def find(lines: list[Line], **wanted: object) -> int:
    """Where the first line with these fields is."""
    return next(at for at, one in enumerate(lines) if all(one.get(name) == value for name, value in wanted.items()))


def change(lines: list[Line], wanted: dict[str, object], **fields: object) -> None:
    lines[find(lines, **wanted)].update(fields)


def without(lines: list[Line], **wanted: object) -> None:
    del lines[find(lines, **wanted)]


def after(lines: list[Line], new: list[Line], **wanted: object) -> None:
    at = find(lines, **wanted) + 1
    lines[at:at] = new


def _without_last(lines: list[Line], kind: str) -> None:
    del lines[max(at for at, one in enumerate(lines) if one["kind"] == kind)]


def swap(lines: list[Line], first: dict[str, object], second: dict[str, object]) -> None:
    one, other = find(lines, **first), find(lines, **second)
    lines[one], lines[other] = lines[other], lines[one]


def rules(record: Record) -> set[str]:
    return {finding.rule for finding in check(record)}


def test_nothing_is_found_in_a_good_play() -> None:
    assert check(good.owner()) == []
    assert check(good.watch()) == []
    assert compare([good.owner(), good.owner()]) == []


# Each spoils the second life of an owner, which ends in good order.
OWNER: dict[str, tuple[str, Callable[[list[Line]], object]]] = {
    "an event is missing": ("lost", lambda lines: without(lines, kind="event", sequence=8)),
    "an event comes twice": ("order", lambda lines: after(lines, [event(8)], kind="event", sequence=8)),
    "events change places": (
        "order",
        lambda lines: swap(lines, {"kind": "event", "sequence": 8}, {"kind": "event", "sequence": 9}),
    ),
    "the last event is missing": ("lost", lambda lines: without(lines, kind="event", sequence=10)),
    "an event says something else": ("invented", lambda lines: change(lines, {"sequence": 8}, change="EXPIRED")),
    "an event was never told": (
        "invented",
        lambda lines: after(lines, [{**event(10), "sequence": 11}], sequence=10, kind="event"),
    ),
    "it begins too late": ("lost", lambda lines: lines.__delitem__(slice(1, 3))),
    "it does not say that it is connected": ("connected", lambda lines: without(lines, kind="connected")),
    "it does not say that it is connected again": ("connected", lambda lines: _without_last(lines, "connected")),
    "it says twice that it is connected": ("connected", lambda lines: after(lines, [line("connected")], kind="event", sequence=9)),
    "a position is acknowledged too early": (
        "acknowledged",
        lambda lines: swap(lines, {"handler": "session", "phase": "end"}, {"kind": "acknowledged", "sequence": 3}),
    ),
    "a position is acknowledged before its question is answered": (
        "acknowledged",
        lambda lines: after(lines, [acknowledged(4)], handler="drain", phase="begin"),
    ),
    "a position is acknowledged that was not read": ("acknowledged", lambda lines: after(lines, [acknowledged(9)], sequence=7)),
    "positions go back": ("acknowledged", lambda lines: after(lines, [acknowledged(2)], kind="acknowledged", sequence=3)),
    "a question is handled twice": ("twice", lambda lines: after(lines, handled("drain", DRAIN, 1), kind="reply")),
    "a question is never handled": ("lost", lambda lines: _without_drain(lines)),
    "a question is given to another handler": ("handler", lambda lines: _rename(lines, "drain", "planned")),
    "a question was not read": ("handler", lambda lines: after(lines, handled("drain", "drain-2", 1), kind="reply")),
    "a handler runs beside another of its session": (
        "beside",
        lambda lines: swap(lines, {"handler": "server", "phase": "end"}, {"handler": "server", "n": 2}),
    ),
    "a handler ends that did not begin": ("handler", lambda lines: without(lines, handler="complete", phase="begin")),
    "an event is not handled in its turn": ("order", lambda lines: _last_first(lines)),
    "an event is never handled": ("acknowledged", lambda lines: _without(lines, "complete")),
    "an event is handled twice": (
        "order",
        lambda lines: after(lines, handled("complete", SESSION), handler="complete", phase="end"),
    ),
    "an attempt is left out": ("attempt", lambda lines: change(lines, {"handler": "complete"}, attempt=3)),
    "an event is tried too often": ("attempt", lambda lines: _try_often(lines)),
    "it decides and does not reply": ("answers", lambda lines: without(lines, kind="reply")),
    "it replies twice": ("answers", lambda lines: after(lines, [reply(DRAIN)], kind="reply")),
    "it gives two answers": ("answers", lambda lines: after(lines, [reply(DRAIN, "reject")], kind="reply")),
    "a reply ends with an error of the program": (
        "answers",
        lambda lines: change(lines, {"kind": "reply"}, outcome="INVALID_FIELD"),
    ),
    "the fallback answers in good time": ("expected", lambda lines: change(lines, {"kind": "reply"}, fallback=True)),
    "a snapshot comes although nothing was missed": (
        "snapshot",
        lambda lines: after(lines, [snapshot(5, [PLANNED, 1, "ANSWERED"], [DRAIN, 1, "ANSWERED"])], kind="event", sequence=5),
    ),
    "it does not say that it ends": ("ended", lambda lines: lines.pop()),
    "it says that it ends, and goes on": ("ended", lambda lines: lines.append(event(10))),
    "it ends for another reason": ("ended", lambda lines: lines[-1].update(reason="UNAVAILABLE")),
    "a field is missing": ("format", lambda lines: lines[1].pop("what")),
    "a field has another type": ("format", lambda lines: lines[1].update(sequence="2")),
    "a field is unknown": ("format", lambda lines: lines[1].update(more=1)),
    "a kind is unknown": ("format", lambda lines: lines.insert(0, line("something"))),
    "a cause is unknown": ("format", lambda lines: change(lines, {"kind": "interrupted"}, cause="tired")),
    "an outcome is missing": ("format", lambda lines: lines[find(lines, kind="reply")].pop("outcome")),
}


@pytest.mark.parametrize("name", OWNER)
def test_what_an_owner_does_wrong_is_found(name: str) -> None:
    rule, spoil = OWNER[name]
    record = good.owner()
    lines = record.lives[1].lines
    # Of two lines that look the same, the second is numbered.
    seen = [at for at, one in enumerate(lines) if (one.get("handler"), one.get("phase")) == ("server", "begin")]
    lines[seen[1]]["n"] = 2
    spoil(lines)
    for one in lines:
        one.pop("n", None)
    assert rule in rules(record)


WATCH: dict[str, tuple[str, Callable[[list[Line]], object]]] = {
    "a snapshot leaves a notification out": ("snapshot", lambda lines: lines[6]["notifications"].pop()),
    "a snapshot has an old state": ("snapshot", lambda lines: lines[6]["notifications"][0].__setitem__(2, "PENDING")),
    "a snapshot has a notification twice": ("snapshot", lambda lines: lines[6]["notifications"].append([DRAIN, 1, "PENDING"])),
    "a snapshot has a server of another owner": ("foreign", lambda lines: lines[6].update(servers=["vm-2"])),
    "a snapshot has a server twice": ("snapshot", lambda lines: lines[6].update(servers=[VM, VM])),
    "a snapshot goes back": ("order", lambda lines: lines.__setitem__(6, snapshot(1, [PLANNED, 1, "PENDING"]))),
    "a snapshot is of a database that there never was": ("snapshot", lambda lines: lines[6].update(store_id="store-2")),
    "a snapshot comes without a cause": ("snapshot", lambda lines: lines[4].update(cause="failed")),
    "an event is missing after the snapshot": ("lost", lambda lines: lines.pop(7)),
    "an event of before comes after the snapshot": ("order", lambda lines: lines.insert(7, event(4))),
    "it begins without a snapshot": ("snapshot", lambda lines: lines.pop(1)),
    "nothing is read": ("lost", lambda lines: lines.__delitem__(slice(0, -1))),
}


@pytest.mark.parametrize("name", WATCH)
def test_what_a_watch_does_wrong_is_found(name: str) -> None:
    rule, spoil = WATCH[name]
    record = good.watch()
    spoil(record.lives[0].lines)
    assert rule in rules(record)


PLAY: dict[str, tuple[str, Callable[[Record], object]]] = {
    "the server recorded a reply twice": ("answers", lambda record: record.outcome["replies"].append(DRAIN)),
    "the server recorded no reply": ("answers", lambda record: record.outcome["replies"].remove(DRAIN)),
    "the session has failed": ("expected", lambda record: record.outcome["sessions"][0].update(state="FAILED")),
    "the default decided": ("expected", lambda record: _server(record).update(decided_by="SESSION_DEFAULT")),
    "not all is acknowledged in the end": ("acknowledged", lambda record: setattr(record, "acknowledged", 9)),
    "the program ends by itself": ("ended", lambda record: setattr(record.lives[1], "ended", "by itself")),
    "the program does not end by itself": ("ended", lambda record: _expect(record, "ended", "PROJECT_FOREIGN")),
    "the first life begins without a snapshot": ("snapshot", lambda record: record.lives[0].lines.pop(1)),
    "what is acknowledged is not written": ("acknowledged", lambda record: _one_life(record)),
    "the exit code is another": ("ended", lambda record: setattr(record.lives[1], "code", 1)),
    "a program that is killed had ended before": (
        "ended",
        lambda record: record.lives[0].lines.append(line("ended", reason="INTERNAL")),
    ),
    "two lives give two answers": ("answers", lambda record: _second_answer(record)),
    "the play waited in vain": ("play", lambda record: record.trouble.append("nothing came")),
    "no server of another owner was affected": ("expected", lambda record: _foreign(record)),
    "a server of another owner was told of": ("foreign", lambda record: record.outcome["foreign"].append(VM)),
    "no harm was done": ("expected", lambda record: record.expected.harm.append("cut")),
    "no harm was felt": ("expected", lambda record: record.expected.interrupted.append("silent")),
    "the harm was another": ("expected", lambda record: record.expected.codes.append("INTERNAL")),
    "an answer was not given": ("expected", lambda record: record.expected.answers.append("counter_offer")),
    "no reply was refused": ("expected", lambda record: record.expected.refused.append("REPLY_LATE")),
    "the fallback did not answer": ("expected", lambda record: _expect(record, "fallback", "once")),
    "there were too few events": ("expected", lambda record: _expect(record, "events", 400)),
    "there were too few parts": ("expected", lambda record: _expect(record, "parts", 3)),
    "there was one database only": ("expected", lambda record: _expect(record, "stores", 2)),
}


@pytest.mark.parametrize("name", PLAY)
def test_what_a_play_did_not_come_to_is_found(name: str) -> None:
    rule, spoil = PLAY[name]
    record = good.owner()
    spoil(record)
    assert rule in rules(record)


# What is lost of these cannot be told: nobody else knows how often a program was interrupted, or acknowledged on the way. Event
# 2 was handled in the life before, or missed before the snapshot.
SILENT = ("interrupted", "acknowledged")


@pytest.mark.parametrize("play", [good.owner, good.watch])
@pytest.mark.parametrize("spoil", ["leave out", "double"])
def test_each_line_counts(play: Callable[[], Record], spoil: str) -> None:
    for at, one in enumerate(play().lives[-1].lines):
        if one["kind"] in SILENT or (spoil == "leave out" and one.get("sequence") == 2):
            continue
        record = play()
        record.lives[-1].lines[at : at + 1] = [] if spoil == "leave out" else [one, one]
        assert check(record) != [], one


def test_a_question_that_a_snapshot_brings_again_is_open_until_it_is_answered() -> None:
    record = good.watch()
    record.layer = "owner"
    lines = record.lives[0].lines
    lines[3:3] = [*handled("planned", PLANNED, 1), reply(PLANNED)]
    at = find(lines, kind="snapshot", sequence=4) + 1
    answered = [*handled("drain", DRAIN, 1), reply(DRAIN)]
    rest = [*handled("server", VM), *handled("server", VM), *handled("complete", SESSION), acknowledged(10)]
    lines[-1:-1] = rest
    record.acknowledged = 10
    late, early = copy.deepcopy(record), copy.deepcopy(record)
    late.lives[0].lines[at:at] = [*answered, acknowledged(4)]
    assert check(late) == []
    early.lives[0].lines[at:at] = [answered[0], acknowledged(4), *answered[1:]]
    assert rules(early) == {"acknowledged"}


def test_a_back_up_begins_with_a_snapshot() -> None:
    record = good.watch()
    other = Store("store-2", 2, [{**one} for one in good.EVENTS[2:4]])
    record.stores.append(other)
    again = [
        line("interrupted", cause="missed", code="INVALID_ARGUMENT"),
        line("connected"),
        {**snapshot(2), "store_id": "store-2"},
        event(3),
        event(4),
    ]
    record.lives[0].lines[-1:-1] = again
    assert check(record) == []
    record.lives[0].lines[-4]["store_id"] = STORE
    assert "lost" in rules(record)


def test_languages_that_differ_are_found() -> None:
    others = [good.owner(), good.owner(), good.owner()]
    for language, record in zip(("go", "java", "typescript"), others, strict=True):
        record.language = language
    _server(others[1])["action"] = "MIGRATE"
    found = compare([good.owner(), *others])
    assert [finding.rule for finding in found] == ["same"]
    assert "in java" in found[0].text


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = good.owner()
    record.write(tmp_path / "record.json")
    assert records.read(tmp_path / "record.json") == record


def _server(record: Record) -> dict[str, str]:
    server: dict[str, str] = record.outcome["sessions"][0]["servers"][0]
    return server


def _without(lines: list[Line], name: str) -> None:
    lines[:] = [one for one in lines if one.get("handler") != name]


def _without_drain(lines: list[Line]) -> None:
    _without(lines, "drain")
    lines[:] = [one for one in lines if one["kind"] != "reply" and not (one["kind"] == "event" and one["sequence"] in (5, 9))]


def _rename(lines: list[Line], name: str, other: str) -> None:
    for one in lines:
        if one.get("handler") == name:
            one["handler"] = other


def _last_first(lines: list[Line]) -> None:
    _without(lines, "server")
    after(lines, [*handled("server", VM), *handled("server", VM)], handler="complete", phase="end")


def _try_often(lines: list[Line]) -> None:
    at = find(lines, handler="complete", phase="begin")
    tries = [(handler("complete", SESSION, "begin", 0, n), handler("complete", SESSION, "failed", 0, n)) for n in range(1, 7)]
    lines[at : at + 2] = [one for pair in tries for one in pair]


def _second_answer(record: Record) -> None:
    record.lives[1].lines[3:3] = [*handled("planned", PLANNED, 1), reply(PLANNED, "reject")]


def _expect(record: Record, name: str, value: object) -> None:
    object.__setattr__(record.expected, name, value)


def _foreign(record: Record) -> None:
    record.outcome["foreign"].clear()
    _expect(record, "foreign", True)


def _one_life(record: Record) -> None:
    """As if it had not been killed, and not written its last position."""
    lines = record.lives.pop(0).lines[:-2] + record.lives[0].lines[1:]
    record.lives[0].lines = lines
    assert check(record) == []
    without(lines, kind="acknowledged", sequence=10)
