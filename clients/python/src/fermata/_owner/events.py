"""Events: those of one session in order, those of different sessions beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping

from fermata._owner import calls, telemetry
from fermata._owner.positions import Ticket
from fermata.hooks import HandlerCall, HandlerName, Hooks, tell
from fermata.v1 import notification_pb2
from fermata.v1.notification_pb2 import OwnerSessionEvent, ServerEvent

ATTEMPTS = 5
"""How often the handler of an event is called at most."""
Handlers = Mapping[HandlerName, "calls.Handler[None]"]
_COMPLETE = (
    notification_pb2.OWNER_SESSION_CHANGE_COMPLETED,
    notification_pb2.OWNER_SESSION_CHANGE_CANCELLED,
)
_log = logging.getLogger("fermata.owner")


class Events:
    """All events of an owner that are no questions."""

    def __init__(self, handlers: Handlers, hooks: Hooks, stopping: asyncio.Event, concurrency: int) -> None:
        self._handlers, self._hooks = handlers, hooks
        self._turn = asyncio.Semaphore(concurrency)
        self._queues: dict[str, deque[tuple[ServerEvent | OwnerSessionEvent, Ticket]]] = {}
        self._stopping = stopping
        # One for each session that has events.
        self.tasks: set[asyncio.Task[None]] = set()

    def take(self, event: ServerEvent | OwnerSessionEvent, ticket: Ticket) -> None:
        """An event. The ticket is done when it has been handled."""
        name = _name(event)
        telemetry.events.add(1, {"kind": name})
        if name not in self._handlers:
            ticket.done()
            return
        queue = self._queues.get(event.session_id)
        if queue is not None:
            queue.append((event, ticket))
            return
        self._queues[event.session_id] = deque([(event, ticket)])
        task = asyncio.create_task(self._in_order(event.session_id), name=f"fermata events {event.session_id}")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _in_order(self, session_id: str) -> None:
        queue = self._queues[session_id]
        while queue and not self._stopping.is_set():
            async with self._turn:
                if self._stopping.is_set():
                    return
                event, ticket = queue[0]
                try:
                    if not await self._handled(event):
                        return
                except Exception:
                    _log.exception("an event was given up: a defect of this SDK")
                queue.popleft()
                ticket.done()
        if not queue:
            del self._queues[session_id]

    async def _handled(self, event: ServerEvent | OwnerSessionEvent) -> bool:
        """Calls the handler until it returns, or often enough. False: the owner stops first."""
        name = _name(event)
        identity = event.server_id if isinstance(event, ServerEvent) else event.session_id
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await calls.call(self._handlers[name], event, self._hooks, name, identity, 0, attempt)
                return True
            except calls.Failed as failed:
                if attempt == ATTEMPTS:
                    call = HandlerCall(name, identity, 0, attempt, "failed", failed.error)
                    tell(self._hooks.on_error, call, failed.error)
                    return True
            await calls.rest(self._stopping, calls.wait_after(attempt))
            if self._stopping.is_set():
                return False
        raise AssertionError("the last attempt returns")


def _name(event: ServerEvent | OwnerSessionEvent) -> HandlerName:
    if isinstance(event, ServerEvent):
        return "server"
    return "complete" if event.change in _COMPLETE else "session"
