"""How silence is noticed, also when it ends in the same moment."""

from __future__ import annotations

from typing import Any, cast

import grpc
import pytest

import fermata
import fermata.watching as watching
from fermata._watch.silence import Silence
from fermata.testing import until
from fermata.v1.notification_service_pb2 import SubscribeRequest
from tests.scripted import Hang, Scripted, event, serving, snapshot


class _Call:
    """A call that can be cancelled."""

    cancelled = False

    def cancel(self) -> bool:
        self.cancelled = True
        return True


async def test_a_call_that_was_cancelled_stays_so() -> None:
    silence, first, second = Silence(), _Call(), _Call()
    silence.begin(cast(grpc.aio.UnaryStreamCall[Any, Any], first), 0.0)
    await until("the timer", lambda: first.cancelled)
    # A message had come before the timer fired.
    silence.end()
    silence.begin(cast(grpc.aio.UnaryStreamCall[Any, Any], first), 3600.0)
    assert silence.was_it()
    silence.begin(cast(grpc.aio.UnaryStreamCall[Any, Any], second), 3600.0)
    assert not silence.was_it()
    silence.stop()
    assert not second.cancelled


async def test_a_message_that_comes_with_the_silence_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the program was suspended: the timer fires, and the message is there."""
    monkeypatch.setattr(watching, "FIRST_WAIT", 0.01)
    end = Silence.end
    fired: list[Silence] = []

    def late(silence: Silence) -> None:
        fired.append(silence)
        # The first time the stream was opened.
        if len(fired) == 2:
            silence._until = 0.0
            silence._check()
        end(silence)

    monkeypatch.setattr(Silence, "end", late)
    items: list[Any] = []
    scripted = Scripted([snapshot(1), Hang()], [event(2), Hang()])
    async with serving(scripted) as target, fermata.connect(target) as connection:
        async for item in fermata.watch(connection, SubscribeRequest(project_id="p")):
            if not isinstance(item, fermata.Connected):
                items.append(item)
            if len(items) == 3:
                break
    assert isinstance(items[0], fermata.Snapshot)
    assert isinstance(items[1], fermata.Interrupted)
    assert items[1].cause is fermata.Cause.SILENT
    assert isinstance(items[2], fermata.Event)
