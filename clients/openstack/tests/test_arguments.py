from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone

import pytest

from fermataclient.osc import columns
from fermataclient.osc.arguments import moment, pair, span
from fermataclient.osc.group import _sized


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("0.5s", 0.5)]
)
def test_spans(text: str, seconds: float) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "10 m", "10m!", "-1s"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="span"):
        span(text)


def test_times() -> None:
    assert moment("2030-01-01T02:00:00Z") == moment("2030-01-01T02:00") == datetime(2030, 1, 1, 2, tzinfo=timezone.utc)
    assert moment("2030-01-01T02:00:00+01:00") == datetime(2030, 1, 1, 1, tzinfo=timezone.utc)
    assert moment("+2h") > datetime.now(timezone.utc) + timedelta(hours=1)
    with pytest.raises(argparse.ArgumentTypeError, match="tomorrow"):
        moment("tomorrow")


def test_words() -> None:
    assert list(columns.ACTION) == ["live-migrate", "migrate", "own-action", "keep"]
    assert columns.ACTION.name(columns.ACTION.value("Live-Migrate")) == "LIVE_MIGRATE"
    assert (columns.ACTION.name(0), columns.ACTION.name(99)) == ("", "99")
    with pytest.raises(argparse.ArgumentTypeError, match="live-migrate, migrate"):
        columns.ACTION.value("jump")


def test_pairs_and_sizes() -> None:
    assert pair(str)("a=b=c") == ("a", "b=c")
    assert (_sized("2"), _sized("2:5")) == ((2, 0), (2, 5))
    for read, text in ((pair(str), "a"), (pair(str), "=b"), (_sized, "many"), (_sized, "1:")):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)
