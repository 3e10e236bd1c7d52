from __future__ import annotations

from fermata._owner.positions import Positions


def test_the_position_is_that_before_the_first_open_event() -> None:
    positions = Positions(10)
    assert positions.handled is None
    first, second, third = (positions.event(sequence) for sequence in (5, 6, 9))
    assert positions.handled == 4
    second.done()
    assert positions.handled == 4
    first.done()
    assert positions.handled == 8
    third.done()
    assert positions.handled == 9


def test_a_snapshot_is_handled_when_all_in_it_and_before_it_is() -> None:
    positions = Positions(10)
    before = positions.event(3)
    snapshot = positions.snapshot(20)
    question = snapshot.hold()
    later = positions.event(21)
    snapshot.done()
    later.done()
    assert positions.handled == 2
    before.done()
    assert positions.handled == 3
    question.done()
    assert positions.handled == 21


def test_nothing_is_known_before_the_first_snapshot_is_handled() -> None:
    positions = Positions(10)
    snapshot = positions.snapshot(4)
    assert positions.handled is None
    snapshot.done()
    assert positions.handled == 4


def test_another_database_counts_anew() -> None:
    positions = Positions(10)
    before = positions.event(30)
    positions.acknowledged = 29
    positions.forget()
    snapshot = positions.snapshot(4)
    before.done()
    assert (positions.handled, positions.acknowledged) == (None, 0)
    snapshot.done()
    assert positions.handled == 4
