"""What an owner tells while it works."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from fermata._watch.items import Connected, Event, Interrupted, Snapshot
from fermata.answers import Answer
from fermata.errors import FermataError
from fermata.v1.notification_pb2 import Notification, OwnerEvent
from fermata.v1.notification_service_pb2 import OwnerSnapshot
from fermata.v1.types_pb2 import Warning as StoredWarning

__all__ = ["HandlerCall", "HandlerName", "Hooks", "OwnerItem", "Phase"]

OwnerItem = Connected | Snapshot[OwnerSnapshot] | Event[OwnerEvent] | Interrupted
"""What an owner's stream gives."""
HandlerName = Literal["planned", "drain", "scale_in", "server", "session", "complete"]
Phase = Literal["begin", "end", "failed", "cancelled"]

_log = logging.getLogger("fermata.owner")


@dataclass(frozen=True)
class HandlerCall:
    """A handler begins or ends."""

    handler: HandlerName
    id: str
    """The notification, server or session that it is about."""
    plan_revision: int
    """The revision that a question is about. 0 for events."""
    attempt: int
    """From 1."""
    phase: Phase
    error: BaseException | None = None
    """What it raised, for `failed`."""


class Hooks:
    """Override what you want to know. The methods are called on the event loop, and should return soon.

    These here write to the logger `fermata.owner`.
    """

    def on_item(self, item: OwnerItem) -> None:
        """Something came from the server, or the stream was interrupted, or is open again."""
        if isinstance(item, Interrupted):
            _log.info("the stream was interrupted (%s), and is opened again in %.1f s", item.cause.value, item.retry_in)
        elif isinstance(item, Connected):
            _log.info("the stream is open")

    def on_warning(self, warning: StoredWarning) -> None:
        """The server stored the subscription, and something in it may not be what was meant.

        For example, no server in the cloud belongs to the project.
        """
        _log.warning("%s: %s", warning.field, warning.message)

    def on_handler(self, call: HandlerCall) -> None:
        """A handler begins or ends."""
        if call.phase == "failed":
            _log.warning(
                "handler %s failed for %s, attempt %d", call.handler, call.id, call.attempt, exc_info=call.error
            )

    def on_reply(self, notification: Notification, answer: Answer, fallback: bool, error: FermataError | None) -> None:
        """A reply was accepted, or refused for good. `fallback`: no handler had decided in time."""
        if error is None:
            _log.info(
                "question %s: the answer is %s%s", notification.id, answer.name, " (fallback)" if fallback else ""
            )

    def on_reply_refused(self, notification: Notification, answer: Answer, error: FermataError) -> None:
        """The server did not take an answer, and will not take it: an earlier one stands, or the question is another one now."""
        _log.warning("question %s: the answer %s was refused: %s", notification.id, answer.name, error)

    def on_acknowledged(self, sequence: int) -> None:
        """The server knows that everything up to this event has been handled."""

    def on_error(self, call: HandlerCall, error: BaseException) -> None:
        """The handler of an event failed for the last time. The event is given up."""
        _log.error("handler %s failed %d times for %s; given up", call.handler, call.attempt, call.id, exc_info=error)


def tell(hook: object, *values: object) -> None:
    """Calls a hook. What it raises is logged: it must not stop the owner."""
    assert callable(hook)
    try:
        hook(*values)
    except Exception:
        _log.exception("a hook failed")
