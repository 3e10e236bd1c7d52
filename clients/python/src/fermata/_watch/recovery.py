"""Whether and when to try again after an error."""

from __future__ import annotations

import enum
import random

import grpc

from fermata.errors import FermataError

_GIVE_UP = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)


class Verdict(enum.Enum):
    """What an error means for a watch."""

    GIVE_UP = enum.auto()
    """Trying again cannot mend it."""
    BEGIN_AGAIN = enum.auto()
    """The place to go on from is lost: begin with a snapshot."""
    GO_ON = enum.auto()
    """Go on after the last message."""


def judge(error: FermataError, *, own_token: bool) -> Verdict:
    """`own_token`: the stream was opened with a token of this watch, not with one of the caller's."""
    if error.reason_name == "RESUME_TOKEN_EXPIRED":
        return Verdict.BEGIN_AGAIN
    # A token that this server gave is invalid only where its database was replaced.
    if error.reason_name == "RESUME_TOKEN_INVALID" and own_token:
        return Verdict.BEGIN_AGAIN
    # Servers and proxies cancel calls too, and come back; a connection that is closed here does not.
    if isinstance(error.__cause__, grpc.aio.UsageError):
        return Verdict.GIVE_UP
    # It has the code of what passes, but somebody has to delete something first.
    if error.reason_name == "QUOTA_EXCEEDED":
        return Verdict.GIVE_UP
    return Verdict.GIVE_UP if error.code in _GIVE_UP else Verdict.GO_ON


class Backoff:
    """Waits that double, with jitter, so that clients that were cut at once do not return at once."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._failures = 0

    def reset(self) -> None:
        """It works again."""
        self._failures = 0

    def next(self, at_least: float | None = None) -> float:
        """The next wait in seconds: half of it fixed, half by chance, and no less than `at_least`."""
        doubled = self._first * 2.0 ** min(self._failures, 20)
        self._failures += 1
        return max(min(doubled, self._longest) * random.uniform(0.5, 1.0), at_least or 0.0)
