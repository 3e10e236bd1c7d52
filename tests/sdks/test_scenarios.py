"""Scenarios say what can be played."""

import re

import pytest

from sdks import chance, scenario
from sdks.play import Play
from sdks.scenario import Scenario

LISTED = scenario.read()
RANDOM = [chance.scenario(seed) for seed in range(300)]


def method(step: list[str]) -> str | None:
    """The longest name of a method that a step begins with."""
    names = ["_".join(step[:words]) for words in (3, 2, 1)]
    return next((name for name in names if hasattr(Play, name)), None)


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.name)
def test_each_step_is_one_that_there_is(one: Scenario) -> None:
    assert [step for step in one.steps if method(step) is None] == []
    assert re.fullmatch(r"[a-z-]+", one.name)
    assert one.says.endswith(".")
    assert set(one.layers) <= {"owner", "watch"}


def test_names_are_unique() -> None:
    assert len({one.name for one in LISTED}) == len(LISTED)


def test_random_scenarios_can_be_played() -> None:
    for one in RANDOM:
        assert [step for step in one.steps if method(step) is None] == []
        # Whatever was done to the server and the link is undone in the end.
        for begins, ends in (
            ("server stop", "server start"),
            ("server kill", "server start"),
            ("program kill", "program start"),
        ):
            last = [" ".join(step[:2]) for step in one.steps]
            if begins in last:
                assert ends in last[last.index(begins) :]


def test_a_seed_gives_the_same_scenario() -> None:
    assert [chance.scenario(seed) for seed in range(20)] == RANDOM[:20]
    assert len({str(one.steps) for one in RANDOM}) > 200


def test_random_scenarios_do_every_kind_of_harm() -> None:
    done = {" ".join(step[:2]) for one in RANDOM for step in one.steps}
    assert {"server kill", "server stop", "program kill", "program freeze", "link cut", "link silence", "link refuse"} <= done


def test_a_star_grows() -> None:
    short = next(one for one in LISTED if one.name == "many-events-behind")
    long = scenario.longer(short, 10)
    assert ["events", "4000"] in long.steps
    assert long.expected.events == 10 * short.expected.events
