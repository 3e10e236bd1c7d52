"""Questions: each is given to a handler once, answered once, and withdrawn when it does not matter any more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fermata._owner import calls, replies, telemetry
from fermata._owner.keys import Key
from fermata._owner.positions import Ticket
from fermata.answers import Answer, accept, no_answer, reject
from fermata.connection import Connection
from fermata.errors import FermataError
from fermata.hooks import HandlerName, Hooks
from fermata.v1 import notification_pb2
from fermata.v1.notification_pb2 import Notification, NotificationKind
from fermata.v1.notification_service_pb2 import ListNotificationServersRequest

Fallback = Literal["accept", "reject"]
Handlers = Mapping[HandlerName, "calls.Handler[Answer]"]

NAMES: dict[NotificationKind.ValueType, HandlerName] = {
    notification_pb2.NOTIFICATION_KIND_PLANNED: "planned",
    notification_pb2.NOTIFICATION_KIND_DRAIN: "drain",
    notification_pb2.NOTIFICATION_KIND_SCALE_IN: "scale_in",
}
# A question in one of these states is never asked again.
_ENDED = (notification_pb2.NOTIFICATION_STATE_CLOSED, notification_pb2.NOTIFICATION_STATE_EXPIRED)
_log = logging.getLogger("fermata.owner")


@dataclass
class _Asked:
    """What was asked by one notification."""

    keys: set[Key] = field(default_factory=set)
    revision: int = 0
    task: asyncio.Task[None] | None = None
    # The answer is on its way: it is not taken back, the server decides what it is worth.
    replying: bool = False
    withdrawn: bool = False

    def withdraw(self) -> None:
        if self.task is not None and not self.task.done() and not self.replying:
            self.withdrawn = True
            self.task.cancel()


class Questions:
    """All questions of an owner."""

    def __init__(
        self,
        connection: Connection,
        handlers: Handlers,
        hooks: Hooks,
        stopping: asyncio.Event,
        *,
        fallback: Fallback,
        answer_margin: float,
        concurrency: int,
    ) -> None:
        self._connection, self._handlers, self._hooks = connection, handlers, hooks
        self._stopping = stopping
        self._fallback: Fallback = fallback
        self._margin = answer_margin
        self._turn = asyncio.Semaphore(concurrency)
        self._asked: dict[str, _Asked] = {}
        self.begun: set[asyncio.Task[None]] = set()
        """Those whose turn has come."""
        self.waiting: set[asyncio.Task[None]] = set()
        """Those whose turn has not come."""

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """All of them."""
        return self.begun | self.waiting

    def take(self, notification: Notification, ticket: Ticket) -> None:
        """A notification as it stands now. The ticket is done when its question is."""
        asked = self._asked.setdefault(notification.id, _Asked())
        if notification.state != notification_pb2.NOTIFICATION_STATE_PENDING:
            asked.withdraw()
            if notification.state in _ENDED:
                del self._asked[notification.id]
            ticket.done()
            return
        key = Key.of(notification)
        if key in asked.keys or key.plan_revision < asked.revision:
            ticket.done()
            return
        telemetry.questions.add(1, {"kind": NotificationKind.Name(notification.kind)})
        asked.keys.add(key)
        asked.revision = key.plan_revision
        asked.withdraw()
        before = asked.task
        # A state of its own: the one before may still be on its way out.
        asked = self._asked[notification.id] = _Asked(asked.keys, asked.revision)
        task = asyncio.create_task(self._in_turn(asked, before, notification, key, ticket), name=key.request_id)
        asked.task = task
        self.waiting.add(task)
        task.add_done_callback(self._ended)

    def keep(self, notification_ids: set[str]) -> None:
        """A snapshot has these notifications: questions of all others do not matter any more."""
        for gone in self._asked.keys() - notification_ids:
            self._asked.pop(gone).withdraw()

    def forget(self) -> None:
        """The database is another one, which does not know the answers that were given."""
        for asked in self._asked.values():
            asked.withdraw()
            asked.keys.clear()
            asked.revision = 0

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.begun.discard(task)
        self.waiting.discard(task)

    async def _in_turn(
        self, asked: _Asked, before: asyncio.Task[None] | None, notification: Notification, key: Key, ticket: Ticket
    ) -> None:
        try:
            if before is not None:
                await asyncio.wait({before})
            async with self._turn:
                task = asked.task
                assert task is not None
                self.waiting.discard(task)
                self.begun.add(task)
                await self._answered(asked, notification, key)
        except asyncio.CancelledError:
            if not asked.withdrawn:
                # The owner stops: the ticket stays open, and the question is asked again after the next start.
                raise
        except Exception:
            _log.exception("question %s was not answered: a defect of this SDK", notification.id)
        ticket.done()

    async def _answered(self, asked: _Asked, notification: Notification, key: Key) -> None:
        handler = self._handlers.get(NAMES.get(notification.kind, "planned"))
        deadline = replies.deadline_of(notification)
        # The fallback answers then.
        until = None if deadline is None else deadline - min(self._margin, max(deadline - time.time(), 0.0) / 4)
        attempt = 0
        while True:
            if self._stopping.is_set():
                raise asyncio.CancelledError
            attempt += 1
            try:
                notification = await self._complete(notification)
                answer = await self._decided(handler, notification, attempt, until)
                asked.replying = True
                await self._send(notification, key, answer, fallback=False)
                return
            except calls.OutOfTime:
                break
            except replies.InvalidAnswer as error:
                _log.warning("question %s: the answer is not valid: %s", notification.id, error)
            except FermataError as error:
                _log.warning("question %s: its servers cannot be listed: %s", notification.id, error)
            except calls.Failed:
                pass
            asked.replying = False
            wait = calls.wait_after(attempt)
            if until is not None and time.time() + wait >= until:
                await calls.rest(self._stopping, max(until - time.time(), 0.0))
                break
            await calls.rest(self._stopping, wait)
        if self._stopping.is_set():
            raise asyncio.CancelledError
        asked.replying = True
        await self._send(notification, key, self._fallback_answer(notification), fallback=True)

    async def _decided(
        self, handler: calls.Handler[Answer] | None, notification: Notification, attempt: int, until: float | None
    ) -> Answer:
        """What the handler decides. Raises `calls.Failed` or `calls.OutOfTime`."""
        if handler is None:
            if notification.kind == notification_pb2.NOTIFICATION_KIND_SCALE_IN:
                return reject("the owner's software does not scale in")
            return accept() if notification.kind in NAMES else no_answer()
        name = NAMES[notification.kind]
        seconds = None if until is None else until - time.time()
        if seconds is not None and seconds <= 0:
            raise calls.OutOfTime
        answer = await calls.call(
            handler, notification, self._hooks, name, notification.id, notification.plan_revision, attempt, seconds
        )
        if not isinstance(answer, Answer):
            raise replies.InvalidAnswer(f"the handler returned {answer!r} and no answer, such as fermata.accept()")
        return answer

    async def _send(self, notification: Notification, key: Key, answer: Answer, fallback: bool) -> None:
        if answer.message is not None:
            await replies.send(self._connection, self._hooks, notification, key, answer, fallback)

    def _fallback_answer(self, notification: Notification) -> Answer:
        if self._fallback == "reject" or notification.kind == notification_pb2.NOTIFICATION_KIND_SCALE_IN:
            return reject("the owner's software did not decide in time")
        return accept()

    async def _complete(self, notification: Notification) -> Notification:
        """The notification with its servers."""
        if not notification.servers_omitted or notification.servers:
            return notification
        whole = Notification()
        whole.CopyFrom(notification)
        request = ListNotificationServersRequest(
            project_id=notification.project_id, notification_id=notification.id, page_size=1000
        )
        while True:
            page = await self._connection.notifications.ListNotificationServers(request)
            whole.servers.extend(page.servers)
            if not page.next_page_token:
                return whole
            request.page_token = page.next_page_token
