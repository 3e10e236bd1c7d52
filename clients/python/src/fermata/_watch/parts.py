"""Puts a snapshot together from its parts."""

from __future__ import annotations

import enum
from typing import Any


class Gathered(enum.Enum):
    """What a part means."""

    BEGUN = enum.auto()
    """More parts follow."""
    WHOLE = enum.auto()
    """It was the last one."""
    TORN = enum.auto()
    """A part before it is missing."""
    TOO_LARGE = enum.auto()
    """All together are larger than allowed."""


class Parts:
    """The parts of a snapshot that is not complete."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._number = 0
        self.whole: Any = None
        """The parts so far, in one message."""

    def drop(self) -> None:
        """Forgets what there is, which is of no use to another stream."""
        self._bytes = self._number = 0
        self.whole = None

    def add(self, part: Any) -> Gathered:
        """Adds a part of a snapshot."""
        if part.part != self._number + 1:
            self.drop()
            return Gathered.TORN
        self._number += 1
        self._bytes += part.ByteSize()
        if self._bytes > self._most:
            return Gathered.TOO_LARGE
        if self.whole is None:
            self.whole = part
        else:
            # Lists grow, and `part` and `last` become those of this part.
            self.whole.MergeFrom(part)
        return Gathered.WHOLE if part.last else Gathered.BEGUN
