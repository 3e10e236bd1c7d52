"""Waiting for something to become true, never for time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: str, condition: Callable[[], T], seconds: float = 180, pause: float = 0.1) -> T:
    """The condition's first true value. After `seconds` the test fails and says what was awaited."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what} (last seen: {value!r})")
        time.sleep(pause)
    return value
