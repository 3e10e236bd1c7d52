from __future__ import annotations

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from fermata import FermataError
from fermata.v1 import errors_pb2


def error(*details: object, raw: bytes | None = None) -> FermataError:
    status = status_pb2.Status(code=9, message="text")
    for detail in details:
        status.details.add().Pack(detail)
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", raw or status.SerializeToString()))
    made = grpc.aio.AioRpcError(grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), trailing, details="text")
    return FermataError.of(made)


def test_reads_everything_that_a_server_attaches() -> None:
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="spec.reason", description="must not be empty")
    failure = error_details_pb2.PreconditionFailure()
    failure.violations.add(type="STATE", subject="compute-1", description="is DRAINING")
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromMilliseconds(2500)
    info = error_details_pb2.ErrorInfo(domain="fermata.dev", reason="WRONG_STATE", metadata={"state": "RUNNING"})
    read = error(info, bad, failure, retry)
    assert read.code is grpc.StatusCode.FAILED_PRECONDITION
    assert (read.reason, read.reason_name) == (errors_pb2.ERROR_REASON_WRONG_STATE, "WRONG_STATE")
    assert read.metadata == {"state": "RUNNING"}
    assert read.field_violations[0].field == "spec.reason"
    assert read.precondition_violations[0].subject == "compute-1"
    assert read.retry_after == 2.5
    assert str(read) == "WRONG_STATE: text\n- spec.reason: must not be empty\n- compute-1: is DRAINING"


def test_keeps_the_name_of_a_reason_that_it_does_not_know() -> None:
    read = error(error_details_pb2.ErrorInfo(domain="fermata.dev", reason="FROM_THE_FUTURE"))
    assert (read.reason, read.reason_name) == (errors_pb2.ERROR_REASON_UNSPECIFIED, "FROM_THE_FUTURE")


@pytest.mark.parametrize("raw", [None, b"\xff\xff\xff"])
def test_what_is_not_ours_or_is_damaged_counts_as_absent(raw: bytes | None) -> None:
    read = error(error_details_pb2.ErrorInfo(domain="proxy.example", reason="WRONG_STATE"), raw=raw)
    assert (read.reason, read.reason_name, read.metadata, read.retry_after) == (0, "", {}, None)
    assert read.reason_or_code == "FAILED_PRECONDITION"
