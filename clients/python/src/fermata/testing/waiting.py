"""Waits for conditions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE = 60.0
"""Whatever is waited for comes within so many seconds, also on a busy machine."""


async def until(what: str, condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `condition` returns, plain or async, once that is true. AssertionError with `what` if it is not in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if loop.time() >= end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        # Between two looks, not in place of one.
        await asyncio.sleep(0.02)
