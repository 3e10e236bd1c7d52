"""What an error of a call says, as types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from fermata.v1 import errors_pb2

DOMAIN = "fermata.dev"
"""The domain of the reasons that Fermata gives."""

_STATUS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class FieldViolation:
    """A field of a request that is wrong."""

    field: str
    """Its path in the request, for example `spec.window.end_time`."""
    description: str
    """What is wrong with it, and what would be right."""


@dataclass(frozen=True)
class PreconditionViolation:
    """A condition that does not hold."""

    kind: str
    """What kind of condition."""
    subject: str
    """What it is about, for example a host's name."""
    description: str
    """How it failed."""


class FermataError(Exception):
    """An error of a call or a stream.

    `code` is for decisions that any gRPC service allows; `reason` is Fermata's own, as `ErrorReason` of the contract documents it.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason_name: str = "",
        metadata: Mapping[str, str] | None = None,
        field_violations: tuple[FieldViolation, ...] = (),
        precondition_violations: tuple[PreconditionViolation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        """The status code."""
        self.message = message
        """What is wrong, for people."""
        self.reason_name = reason_name
        """The reason as it was sent, for example `WRONG_STATE`. Empty: there is none."""
        self.metadata: Mapping[str, str] = dict(metadata or {})
        """What goes with the reason, as `ErrorReason` documents it."""
        self.field_violations = field_violations
        """The fields that were wrong."""
        self.precondition_violations = precondition_violations
        """The conditions that did not hold."""
        self.retry_after = retry_after
        """How many seconds to wait at least before another try. None: the server did not say."""

    @property
    def reason(self) -> errors_pb2.ErrorReason.ValueType:
        """The reason. `ERROR_REASON_UNSPECIFIED` if there is none, or one that this version does not know."""
        by_name = errors_pb2.ErrorReason.DESCRIPTOR.values_by_name
        found = by_name.get(f"ERROR_REASON_{self.reason_name}")
        return errors_pb2.ErrorReason.ValueType(found.number if found else 0)

    @property
    def reason_or_code(self) -> str:
        """The name of the reason, or that of the code if there is no reason. For logs and labels."""
        return self.reason_name or self.code.name

    def __str__(self) -> str:
        violations = [f"{v.field}: {v.description}" for v in self.field_violations]
        violations += [f"{v.subject}: {v.description}" for v in self.precondition_violations]
        listed = "".join(f"\n- {violation}" for violation in violations)
        return f"{self.reason_or_code}: {self.message}{listed}"

    @classmethod
    def of(cls, error: grpc.RpcError) -> FermataError:
        """The same error with its details decoded. Details that cannot be decoded count as absent."""
        # Both kinds of gRPC's errors, that of asyncio and the blocking one, are calls with a code.
        assert isinstance(error, (grpc.aio.AioRpcError, grpc.Call))
        code, text = error.code(), error.details() or ""
        status = _status(error)
        info, bad, failure, retry = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.BadRequest(),
            error_details_pb2.PreconditionFailure(),
            error_details_pb2.RetryInfo(),
        )
        has_info = _unpack(status, info) and info.domain == DOMAIN
        _unpack(status, bad)
        _unpack(status, failure)
        made = cls(
            code,
            text,
            reason_name=info.reason if has_info else "",
            metadata=dict(info.metadata) if has_info else None,
            field_violations=tuple(FieldViolation(v.field, v.description) for v in bad.field_violations),
            precondition_violations=tuple(
                PreconditionViolation(v.type, v.subject, v.description) for v in failure.violations
            ),
            retry_after=retry.retry_delay.ToTimedelta().total_seconds() if _unpack(status, retry) else None,
        )
        made.__cause__ = error
        return made

    @classmethod
    def of_closed(cls, error: grpc.aio.UsageError) -> FermataError:
        """That the connection was closed before the call began. gRPC cancels those that have begun."""
        made = cls(grpc.StatusCode.CANCELLED, "the connection is closed")
        made.__cause__ = error
        return made


def _status(error: grpc.aio.AioRpcError | grpc.Call) -> status_pb2.Status:
    status = status_pb2.Status()
    for key, value in error.trailing_metadata() or ():
        if key == _STATUS_KEY and isinstance(value, bytes):
            try:
                status.ParseFromString(value)
            except DecodeError:
                return status_pb2.Status()
    return status


def _unpack(status: status_pb2.Status, into: Message) -> bool:
    """Whether the status has a detail of this type; it is written into `into`."""
    try:
        return any(detail.Unpack(into) for detail in status.details)
    except DecodeError:
        into.Clear()
        return False
