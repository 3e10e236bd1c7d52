"""Notices that a stream is silent."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

import grpc


class Silence:
    """Cancels a call from which nothing comes for too long.

    A time limit around each read would cost as much as the read itself. This has one timer for many messages: when it fires, it
    looks whether the reader waits at all, and since when.
    """

    def __init__(self) -> None:
        self._call: grpc.aio.UnaryStreamCall[Any, Any] | None = None
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        # When the timer fires.
        self._fires = math.inf
        self._now = time.monotonic
        self._cancelled = False

    def begin(self, call: grpc.aio.UnaryStreamCall[Any, Any], patience: float) -> None:
        """The reader waits from now on, for so many seconds at most."""
        if call is not self._call:
            self._call, self._cancelled = call, False
            self._now = asyncio.get_running_loop().time
        # A call that was cancelled stays so: a message may have come just before, and the reader learns of it by its next read.
        self._until = until = self._now() + patience
        if until < self._fires:
            self._set(until)

    def end(self) -> None:
        """Something came. What the reader does with it takes as long as it takes."""
        self._until = None

    def stop(self) -> None:
        """Nobody reads any more."""
        self._until = self._call = None
        self._fires = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires = when
        self._timer = asyncio.get_running_loop().call_at(when, self._check)

    def was_it(self) -> bool:
        """Whether a cancellation that the reader sees is that of this timer, and not one of its own task."""
        task = asyncio.current_task()
        # Python 3.10 cannot tell when both happen at once.
        cancelling = getattr(task, "cancelling", None)
        return self._cancelled and not (cancelling and cancelling())

    def _check(self) -> None:
        self._timer, self._fires = None, math.inf
        if self._until is None or self._call is None:
            return
        if self._now() >= self._until:
            self._cancelled = True
            self._call.cancel()
        else:
            self._set(self._until)
