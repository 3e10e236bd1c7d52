"""How far a watch has read: where the next stream begins, what was seen, and how long silence is normal."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fermata._watch.items import Position
from fermata.v1 import stream_pb2

DEFAULT_HEARTBEAT = 15.0
"""The contract's default in seconds, until a heartbeat says the one in force."""
MISSED_HEARTBEATS = 3
"""So many heartbeats that do not come are silence."""

SNAPSHOT = stream_pb2.StreamStart(point=stream_pb2.STREAM_POINT_SNAPSHOT)


class Cursor:
    """How far a watch has read."""

    def __init__(self, request: Any) -> None:
        self._asked: stream_pb2.StreamStart = request.start if request.HasField("start") else SNAPSHOT
        # Of the last message of this watch.
        self._token = b""
        self._sequence = 0
        self._store_id = ""
        asked = (
            request.heartbeat_interval.ToTimedelta().total_seconds() if request.HasField("heartbeat_interval") else 0
        )
        self.patience = MISSED_HEARTBEATS * (asked or DEFAULT_HEARTBEAT)
        """How many seconds of silence are normal."""

    @property
    def start(self) -> stream_pb2.StreamStart:
        """Where the next stream begins."""
        return stream_pb2.StreamStart(resume_token=self._token) if self._token else self._asked

    @property
    def has_own_token(self) -> bool:
        """Whether `start` is a token of this watch, not the caller's."""
        return bool(self._token)

    def begin_again(self) -> None:
        """Forgets what was read: the next stream begins with a snapshot."""
        self._asked, self._token, self._sequence = SNAPSHOT, b"", 0

    def position(self, response: Any) -> Position:
        """Where a message stands."""
        self._store_id = response.store_id or self._store_id
        at = response.time
        return Position(self._store_id, response.sequence, at.seconds * 1_000_000_000 + at.nanos, response.resume_token)

    def passed(self, position: Position, kind: str | None) -> bool:
        """Moves behind a message. True: the caller has not had it yet."""
        _, sequence, _, token = position
        self._token = token or self._token
        # A snapshot counts anew: after a restore the numbers are lower.
        if sequence > self._sequence or kind == "snapshot":
            self._sequence = sequence
            return True
        return False

    def heartbeat(self, heartbeat: stream_pb2.Heartbeat) -> None:
        """Takes over the interval that is in force."""
        interval = heartbeat.interval.ToTimedelta().total_seconds()
        if interval > 0:
            self.patience = MISSED_HEARTBEATS * interval


def with_start(request: Message, start: stream_pb2.StreamStart) -> Message:
    """The same request with another beginning."""
    made = type(request)()
    made.CopyFrom(request)
    made.start.CopyFrom(start)  # type: ignore[attr-defined]
    return made
