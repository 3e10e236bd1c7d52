"""One run of an owner: reads its stream, hands out what comes, acknowledges what has been handled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from fermata._owner.events import Events
from fermata._owner.positions import Positions
from fermata._owner.questions import Fallback, Questions
from fermata._watch.recovery import Backoff, Verdict, judge
from fermata.connection import Connection
from fermata.errors import FermataError
from fermata.hooks import HandlerName, Hooks, OwnerItem, tell
from fermata.v1.notification_service_pb2 import (
    AcknowledgePositionRequest,
    PutSubscriptionRequest,
    SubscribeRequest,
)
from fermata.v1.stream_pb2 import STREAM_POINT_ACKNOWLEDGED, StreamStart
from fermata.v1.subscription_pb2 import Subscription
from fermata.watching import Connected, Event, Interrupted, Snapshot, watch

MOST_UNHANDLED = 1000
"""With so many events that are not handled yet, reading pauses."""
ACKNOWLEDGE_EVERY = 1.0
"""A position is acknowledged at most once in so many seconds."""
STOP_TIMEOUT = 10.0
"""Handlers have so many seconds to end when the owner stops."""
_log = logging.getLogger("fermata.owner")


class Run:
    """One run of an owner."""

    def __init__(
        self,
        connection: Connection,
        subscription: Subscription,
        handlers: Mapping[HandlerName, Any],
        hooks: Hooks,
        *,
        heartbeat: float | None,
        fallback: Fallback,
        answer_margin: float,
        concurrency: int,
    ) -> None:
        self._connection, self._subscription, self._hooks = connection, subscription, hooks
        self._heartbeat = heartbeat
        self.stopping = asyncio.Event()
        """Set it, and the run ends in good order."""
        self._positions = Positions(MOST_UNHANDLED)
        self._questions = Questions(
            connection,
            handlers,
            hooks,
            self.stopping,
            fallback=fallback,
            answer_margin=answer_margin,
            concurrency=concurrency,
        )
        self._events = Events(handlers, hooks, self.stopping, concurrency)
        self._store_id = ""

    async def run(self) -> None:
        """Until it is stopped. Raises `FermataError` for what trying again cannot mend."""
        reading = asyncio.create_task(self._read(), name="fermata owner reads")
        acknowledging = asyncio.create_task(self._acknowledge_often(), name="fermata owner acknowledges")
        stopped = asyncio.create_task(self.stopping.wait(), name="fermata owner is stopped")
        try:
            await asyncio.wait({reading, stopped}, return_when=asyncio.FIRST_COMPLETED)
            is_wanted = self.stopping.is_set()
            self.stopping.set()
            await _end({reading, acknowledging})
            await self._end_handlers()
            await self._acknowledge()
            if not reading.cancelled():
                # Why it ended.
                reading.result()
            elif not is_wanted:
                raise FermataError(grpc.StatusCode.CANCELLED, "the stream was cancelled; was the connection closed?")
        finally:
            await _end({reading, acknowledging, stopped, *self._questions.tasks, *self._events.tasks})

    async def _end_handlers(self) -> None:
        """No new handler begins, and those that run have some time."""
        await _end(self._questions.waiting)
        running = {*self._questions.begun, *self._events.tasks}
        if running:
            await asyncio.wait(running, timeout=STOP_TIMEOUT)

    async def _read(self) -> None:
        await self._put_subscription()
        request = SubscribeRequest(
            project_id=self._subscription.project_id,
            subscription_id=self._subscription.id,
            start=StreamStart(point=STREAM_POINT_ACKNOWLEDGED),
        )
        if self._heartbeat is not None:
            request.heartbeat_interval.CopyFrom(_duration(self._heartbeat))
        async with watch(self._connection, request) as items:
            async for item in items:
                tell(self._hooks.on_item, item)
                self._take(item)
                await self._positions.room()

    def _take(self, item: OwnerItem) -> None:
        if isinstance(item, Snapshot):
            is_another_store = bool(self._store_id) and item.position.store_id != self._store_id
            self._store_id = item.position.store_id
            if is_another_store:
                self._questions.forget()
                self._positions.forget()
            ticket = self._positions.snapshot(item.position.sequence)
            self._questions.keep({notification.id for notification in item.state.notifications})
            for notification in item.state.notifications:
                self._questions.take(notification, ticket.hold())
            ticket.done()
        elif isinstance(item, Event):
            ticket = self._positions.event(item.position.sequence)
            kind = item.event.WhichOneof("event")
            if kind == "notification":
                self._questions.take(item.event.notification, ticket)
            elif kind == "server":
                self._events.take(item.event.server, ticket)
            elif kind == "session":
                self._events.take(item.event.session, ticket)
            else:
                # Of a kind that this version does not know.
                ticket.done()
        else:
            assert isinstance(item, (Connected, Interrupted))

    async def _put_subscription(self) -> None:
        """While the server is away it waits."""
        backoff = Backoff(0.25, 15.0)
        while True:
            try:
                request = PutSubscriptionRequest(subscription=self._subscription)
                stored = await self._connection.notifications.PutSubscription(request, timeout=10.0)
                for warning in stored.warnings:
                    tell(self._hooks.on_warning, warning)
                return
            except FermataError as error:
                if judge(error, own_token=False) is Verdict.GIVE_UP:
                    raise
                wait = backoff.next(error.retry_after)
                _log.info("the server does not answer, and is asked again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)

    async def _acknowledge_often(self) -> None:
        while True:
            await self._positions.moved.wait()
            self._positions.moved.clear()
            await self._acknowledge()
            # Not a wait for something: it keeps the rate.
            await asyncio.sleep(ACKNOWLEDGE_EVERY)

    async def _acknowledge(self) -> None:
        handled = self._positions.handled
        if handled is None or handled <= self._positions.acknowledged:
            return
        request = AcknowledgePositionRequest(
            project_id=self._subscription.project_id, subscription_id=self._subscription.id, sequence=handled
        )
        try:
            await self._connection.notifications.AcknowledgePosition(request, timeout=10.0)
        except FermataError as error:
            # The next one, or the next start, makes up for it: events that are not acknowledged come again.
            _log.info("position %d was not acknowledged: %s", handled, error)
            self._positions.moved.set()
            return
        self._positions.acknowledged = handled
        tell(self._hooks.on_acknowledged, handled)


def _duration(seconds: float) -> Duration:
    made = Duration()
    made.FromNanoseconds(round(seconds * 1e9))
    return made


async def _end(given: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels tasks, and waits for their end."""
    tasks = {task for task in given if not task.done()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
