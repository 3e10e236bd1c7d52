"""Calls a handler."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fermata._owner import telemetry
from fermata.hooks import HandlerCall, HandlerName, Hooks, Phase, tell

T = TypeVar("T")
Handler = Callable[[Any], T | Awaitable[T]]

FIRST_WAIT = 1.0
"""How many seconds pass before a handler that failed is called again; it doubles."""
LONGEST_WAIT = 30.0
# A handler that does not heed its cancellation is left to itself after so many seconds.
_CANCELLATION = 1.0


class Failed(Exception):
    """The handler raised `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class OutOfTime(Exception):
    """The handler had not returned in time."""


def wait_after(attempt: int) -> float:
    """How many seconds to wait after this attempt, counted from 1."""
    return min(FIRST_WAIT * 2.0 ** min(attempt - 1, 10), LONGEST_WAIT)


async def rest(stopping: asyncio.Event, seconds: float) -> None:
    """Waits so long, or until the owner stops."""
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({stopped}, timeout=seconds)
    finally:
        stopped.cancel()


async def call(
    handler: Handler[T],
    argument: Any,
    hooks: Hooks,
    name: HandlerName,
    identity: str,
    revision: int,
    attempt: int,
    seconds: float | None = None,
) -> T:
    """What the handler returns. Raises `Failed` or `OutOfTime`; a cancellation of the caller cancels the handler."""

    def told(phase: Phase, error: BaseException | None = None) -> None:
        tell(hooks.on_handler, HandlerCall(name, identity, revision, attempt, phase, error))

    async def run() -> T:
        with telemetry.handling(name, identity, attempt):
            result = handler(argument)
            return await result if inspect.isawaitable(result) else result

    told("begin")
    task = asyncio.create_task(run(), name=f"fermata handler {name} {identity}")
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _cancelled(task)
        told("cancelled")
        raise
    if not task.done():
        await _cancelled(task)
        told("cancelled")
        raise OutOfTime
    try:
        result = task.result()
    except asyncio.CancelledError as error:
        # Nobody here cancelled it: it is the handler's own doing.
        failed = RuntimeError("the handler was cancelled by something that it waited for")
        told("failed", failed)
        raise Failed(failed) from error
    except Exception as error:
        told("failed", error)
        raise Failed(error) from error
    told("end")
    return result


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=_CANCELLATION)
    if task.done() and not task.cancelled():
        # Retrieved, so that asyncio does not complain.
        task.exception()
