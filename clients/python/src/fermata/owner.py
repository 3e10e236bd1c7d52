"""Owners of servers (VNFMs): register handlers, and run."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from fermata._owner.run import Run
from fermata.answers import Answer, reply_request
from fermata.connection import Connection, connect
from fermata.hooks import HandlerName, Hooks
from fermata.v1.notification_pb2 import Notification, OwnerSessionEvent, ServerEvent
from fermata.v1.subscription_pb2 import Subscription

__all__ = ["EventHandler", "Owner", "QuestionHandler", "SessionHandler", "serve"]

QuestionHandler = Callable[[Notification], Answer | Awaitable[Answer]]
"""Decides: gets the question with all its servers, and returns an answer. Async, or plain if it does not wait for anything."""
EventHandler = Callable[[ServerEvent], Awaitable[None] | None]
"""Hears of a server."""
SessionHandler = Callable[[OwnerSessionEvent], Awaitable[None] | None]
"""Hears of a session."""
_Q = TypeVar("_Q", bound=QuestionHandler)
_E = TypeVar("_E", bound=EventHandler)
_S = TypeVar("_S", bound=SessionHandler)


class Owner:
    """The owner of the servers of a project: answers what Fermata asks about them, and hears what happens to them.

    Register handlers, then `run` it, or `fermata.serve` it in a program that does nothing else. The rules:

    - Each question is given to its handler once per run, and again if the plan changes or a counter-offer is declined. Its
      handler is cancelled when it does not matter any more.
    - Handlers of different questions run beside each other; those of one question run in order, as do events of one session.
    - A handler that raises is called again after 1 s, 2 s, 4 s … up to 30 s. Shortly before the deadline (`answer_margin`) the
      `fallback` answers instead. The handler of an event is called five times at most.
    - An answer is repeated until the server has it, or the deadline has passed. There are never two answers to one question, not
      even if the owner was killed in between and decides otherwise the second time: the first one stands.
    - The position of an event is acknowledged when it and everything before it has been handled. After a restart of either side
      the owner goes on there, so events come at least once.
    """

    def __init__(
        self,
        project_id: str,
        subscription_id: str,
        *,
        display_name: str = "",
        fallback: Literal["accept", "reject"] = "accept",
        answer_margin: float = 10.0,
        concurrency: int = 64,
        heartbeat: float | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        """`subscription_id` names this owner in its project, the same after every start: 1 to 128 letters, digits, `-`, `_`, `.`.

        `display_name` is for people. `fallback` answers where no handler has decided `answer_margin` seconds before the deadline
        (at most a quarter of the time that there was). `concurrency`: so many handlers of questions, and as many of events, at
        once. `heartbeat`: how often the server shows that it is there, in seconds, at least 1; None: as it likes (15).
        """
        self.project_id = project_id
        self.subscription_id = subscription_id
        self.display_name = display_name
        self.hooks = hooks or Hooks()
        self._fallback: Literal["accept", "reject"] = fallback
        self._answer_margin = answer_margin
        self._concurrency = concurrency
        self._heartbeat = heartbeat
        self._handlers: dict[HandlerName, object] = {}
        self._run: Run | None = None
        self._connection: Connection | None = None

    def on_planned(self, handler: _Q) -> _Q:
        """Decides when a session is announced. Without it: `accept()`."""
        return self._register("planned", handler)

    def on_drain(self, handler: _Q) -> _Q:
        """Decides when a host is about to be drained, about servers that are not decided yet. Without it: `accept()`."""
        return self._register("drain", handler)

    def on_scale_in(self, handler: _Q) -> _Q:
        """Decides when there is not enough room: delete servers, then `own_action_done()`. Without it: `reject`."""
        return self._register("scale_in", handler)

    def on_server_event(self, handler: _E) -> _E:
        """Hears what happens to a server."""
        return self._register("server", handler)

    def on_session_event(self, handler: _S) -> _S:
        """Hears of a session, except that it has ended: that is told to `on_complete`."""
        return self._register("session", handler)

    def on_complete(self, handler: _S) -> _S:
        """Hears that a session has completed or was cancelled: the owner may scale out again."""
        return self._register("complete", handler)

    async def run(self, connection: Connection | str | None = None) -> None:
        """Goes on until `stop`; while the server is away it waits.

        `connection`: one of `fermata.connect`, or what `connect` takes as its target. Raises `FermataError` for what trying again
        cannot mend, for example a project that is not the caller's. A cancellation ends it at once; `stop` in good order.
        """
        if not isinstance(connection, Connection):
            async with connect(connection) as made:
                return await self.run(made)
        if self._run is not None:
            raise RuntimeError("this owner runs already")
        subscription = Subscription(project_id=self.project_id, id=self.subscription_id, display_name=self.display_name)
        self._run = Run(
            connection,
            subscription,
            self._handlers,
            self.hooks,
            heartbeat=self._heartbeat,
            fallback=self._fallback,
            answer_margin=self._answer_margin,
            concurrency=self._concurrency,
        )
        self._connection = connection
        try:
            await self._run.run()
        finally:
            self._run = self._connection = None
        return None

    def stop(self) -> None:
        """Ends `run` in good order: no new handler begins, those that run have 10 seconds, the position is acknowledged."""
        if self._run is not None:
            self._run.stopping.set()

    async def reply(self, notification: Notification, answer: Answer) -> Notification:
        """Answers once more, outside of a handler: another decision before the deadline, or `own_action_done` when it is done.

        Returns the notification after the reply. Raises `FermataError`, for example with `REPLY_LATE`.
        """
        if self._connection is None:
            raise RuntimeError("this owner does not run; use connection.notifications.Reply")
        request = reply_request(answer, notification, str(uuid.uuid4()))
        return (await self._connection.notifications.Reply(request)).notification

    def _register(self, name: HandlerName, handler: _H) -> _H:
        if name in self._handlers:
            raise ValueError(f"there is a handler for {name} already")
        self._handlers[name] = handler
        return handler


_H = TypeVar("_H")


def serve(owner: Owner, target: str | None = None) -> None:
    """Runs an owner until SIGTERM or Ctrl-C, for a program that does nothing else. Blocks.

    `target` is that of `fermata.connect`. Raises what `Owner.run` raises.
    """

    async def until_signalled() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, owner.stop)
        await owner.run(target)

    asyncio.run(until_signalled())
