"""What a watch gives."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Generic, NamedTuple, TypeVar

import grpc

from fermata.errors import FermataError

S_co = TypeVar("S_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)


class Position(NamedTuple):
    """Where a message stands in its stream."""

    store_id: str
    """The database that `sequence` belongs to."""
    sequence: int
    """The event's number; of a snapshot, that of the last event before it."""
    nanoseconds: int
    """When it happened, since 1970."""
    resume_token: bytes
    """Begin another stream after this message with it. Opaque."""

    @property
    def time(self) -> datetime:
        """When it happened, in UTC, in whole microseconds."""
        # A float keeps these exactly until the year 2255.
        return datetime.fromtimestamp(self.nanoseconds // 1000 / 1e6, timezone.utc)


@dataclass(frozen=True)
class Connected:
    """The server has opened the stream: what is known is current, as soon as what follows has been read.

    It comes before everything else, and once after each interruption that is over, also where nothing happens then for a long time.
    """


# These two are not frozen: to make one that is takes as long as to decode the event.
@dataclass(slots=True)
class Snapshot(Generic[S_co]):
    """The state as it stands. It replaces all that was known before."""

    state: S_co
    position: Position


@dataclass(slots=True)
class Event(Generic[E_co]):
    """Something happened."""

    event: E_co
    position: Position


class Cause(enum.Enum):
    """Why a stream was interrupted."""

    FAILED = "failed"
    """An error that may pass."""
    CLOSED = "closed"
    """The server ended it."""
    SILENT = "silent"
    """Nothing came for three heartbeats, or opening took too long."""
    GOING_AWAY = "going_away"
    """The server stops, and serves the stream again when it has started."""
    MISSED = "missed"
    """The events since the last message are not kept any more. A snapshot comes next."""


@dataclass(frozen=True)
class Interrupted:
    """The stream was cut, and is opened again. No event is lost by it, unless the cause is MISSED."""

    cause: Cause
    retry_in: float
    """How many seconds pass before it is opened again."""
    error: FermataError | None = None
    """What cut it, for FAILED and MISSED."""

    @property
    def code(self) -> grpc.StatusCode:
        """The status code. OK if there was no error."""
        return self.error.code if self.error else grpc.StatusCode.OK
