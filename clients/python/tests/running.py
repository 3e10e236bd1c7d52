"""An owner that runs against a scripted server, and what its hooks were told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import fermata
from fermata.testing import until
from fermata.v1.types_pb2 import Warning as StoredWarning
from tests.scripted import Hang, Scripted, Step, serving


class Told(fermata.Hooks):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int, str]] = []
        self.replies: list[tuple[str, str, bool, str]] = []
        self.refused: list[str] = []
        self.errors: list[tuple[str, str]] = []
        self.warnings: list[str] = []

    def on_warning(self, warning: StoredWarning) -> None:
        super().on_warning(warning)
        self.warnings.append(warning.field)

    def on_handler(self, call: fermata.HandlerCall) -> None:
        self.calls.append((call.handler, call.id, call.attempt, call.phase))

    def on_reply(
        self,
        notification: fermata.Notification,
        answer: fermata.Answer,
        fallback: bool,
        error: fermata.FermataError | None,
    ) -> None:
        outcome = error.reason_or_code if error else "accepted"
        self.replies.append((notification.id, answer.name, fallback, outcome))

    def on_reply_refused(
        self, notification: fermata.Notification, answer: fermata.Answer, error: fermata.FermataError
    ) -> None:
        self.refused.append(error.reason_or_code)

    def on_error(self, call: fermata.HandlerCall, error: BaseException) -> None:
        self.errors.append((call.id, str(error)))


class Running:
    """An owner that runs against a script."""

    def __init__(self, scripted: Scripted, **options: Any) -> None:
        self.scripted, self.told = scripted, Told()
        self.owner = fermata.Owner("p", "vnfm", hooks=self.told, **options)

    @contextlib.asynccontextmanager
    async def __call__(self) -> AsyncIterator[Running]:
        async with serving(self.scripted) as target:
            running = asyncio.create_task(self.owner.run(target))
            try:
                yield self
            finally:
                self.owner.stop()
                await running

    async def acknowledged(self, sequence: int) -> None:
        await until(f"{sequence} to be acknowledged", lambda: self.scripted.acknowledged[-1:] == [sequence])

    async def replied(self, count: int = 1) -> None:
        await until(f"{count} replies", lambda: len(self.told.replies) >= count)


def running(*script: Step, **options: Any) -> Running:
    return Running(Scripted([*script, Hang()]), **options)
