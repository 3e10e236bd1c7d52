"""Sends an answer until the server has taken or refused it."""

from __future__ import annotations

import asyncio
import time

import grpc

from fermata._owner import telemetry
from fermata._owner.keys import Key
from fermata._watch.recovery import Backoff
from fermata.answers import Answer, reply_request
from fermata.connection import Connection
from fermata.errors import FermataError
from fermata.hooks import Hooks, tell
from fermata.v1.notification_pb2 import Notification

_ATTEMPT_TIMEOUT = 10.0
# Of counter-offers to a question. It has the code of what passes, and does not.
_QUOTA = "QUOTA_EXCEEDED"
_MAY_PASS = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.CANCELLED,
    }
)


class InvalidAnswer(Exception):
    """The server finds the answer wrong, whenever it is sent: the handler has to think again."""


async def send(
    connection: Connection, hooks: Hooks, notification: Notification, key: Key, answer: Answer, fallback: bool
) -> None:
    """Sends an answer, repeats it until the deadline while it cannot be told, and tells the hooks how it ended.

    The request is the same each time, so the server counts it once. Raises `InvalidAnswer` for an answer of a handler that the
    server finds wrong; of all else the hooks know.
    """
    try:
        request = reply_request(answer, notification, key.request_id)
    except (TypeError, ValueError) as error:
        raise InvalidAnswer(str(error)) from error
    deadline = deadline_of(notification)
    backoff = Backoff(0.25, 15.0)
    refused: FermataError | None = None
    while True:
        try:
            await connection.notifications.Reply(request, timeout=_ATTEMPT_TIMEOUT)
        except FermataError as error:
            wait = backoff.next(error.retry_after)
            if _may_pass(error) and (deadline is None or time.time() + wait < deadline):
                await asyncio.sleep(wait)
                continue
            refused = error
        break
    telemetry.replies.add(1, {"outcome": refused.reason_or_code if refused else "accepted"})
    tell(hooks.on_reply, notification, answer, fallback, refused)
    if refused is None:
        return
    thinks_again = refused.code is grpc.StatusCode.INVALID_ARGUMENT or refused.reason_name == _QUOTA
    if thinks_again and not fallback:
        raise InvalidAnswer(str(refused)) from refused
    tell(hooks.on_reply_refused, notification, answer, refused)


def deadline_of(notification: Notification) -> float | None:
    """Until when replies are taken, in seconds since 1970. None: there is no deadline."""
    if not notification.HasField("reply_deadline_time"):
        return None
    return notification.reply_deadline_time.ToNanoseconds() / 1e9


def _may_pass(error: FermataError) -> bool:
    if error.code is grpc.StatusCode.ABORTED:
        return error.reason_name in ("", "CONCURRENT_CHANGE")
    return error.code in _MAY_PASS and error.reason_name != _QUOTA
