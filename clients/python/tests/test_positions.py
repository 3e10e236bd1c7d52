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


def test_a_snapshot_is_handled_when_all_in_it_is() -> None:
    positions = Positions(10)
    before = positions.event(30)
    snapshot = positions.snapshot(4)
    question = snapshot.hold()
    later = positions.event(5)
    snapshot.done()
    later.done()
    # What came before the snapshot counts no more.
    before.done()
    assert positions.handled is None
    question.done()
    assert positions.handled == 5
