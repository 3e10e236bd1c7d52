"""Up to which event everything has been handled."""

from __future__ import annotations

import asyncio


class Ticket:
    """An event, or a snapshot, until it has been handled: as often as it was held, and once for its reader, `done` is called."""

    def __init__(self, positions: Positions, before: int | None) -> None:
        self._positions = positions
        self._holders = 1
        self.before = before
        """What may be acknowledged while this one is open. None: nothing, what came before it is not known."""

    def hold(self) -> Ticket:
        """One more thing has to be handled."""
        self._holders += 1
        return self

    def done(self) -> None:
        """One thing has been handled."""
        self._holders -= 1
        if not self._holders:
            self._positions.close(self)


class Positions:
    """The tickets that are open, in order, so that memory grows with what is not handled only."""

    def __init__(self, most: int) -> None:
        self._most = most
        # In the order in which they were opened.
        self._open: dict[Ticket, None] = {}
        self._last: int | None = None
        self.acknowledged = 0
        """The position that the server knows."""
        self.moved = asyncio.Event()
        """Set whenever there may be something to acknowledge."""
        self._room = asyncio.Event()
        self._room.set()

    def event(self, sequence: int) -> Ticket:
        """An event was read."""
        return self._begin(sequence, sequence - 1)

    def snapshot(self, sequence: int) -> Ticket:
        """A snapshot was read. Tickets of what came before it count no more."""
        self._open.clear()
        self.acknowledged = 0
        return self._begin(sequence, None)

    def _begin(self, sequence: int, before: int | None) -> Ticket:
        ticket = Ticket(self, before)
        self._open[ticket] = None
        self._last = sequence
        if len(self._open) >= self._most:
            self._room.clear()
        return ticket

    def close(self, ticket: Ticket) -> None:
        """Everything about this ticket has been handled."""
        self._open.pop(ticket, None)
        if len(self._open) < self._most:
            self._room.set()
        self.moved.set()

    async def room(self) -> None:
        """Waits until there are fewer open tickets than allowed."""
        await self._room.wait()

    @property
    def handled(self) -> int | None:
        """The position up to which everything has been handled. None: not known."""
        first = next(iter(self._open), None)
        return self._last if first is None else first.before
