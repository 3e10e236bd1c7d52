"""Addresses, credentials, and what is added to calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

import fermata
from fermata import _calls
from fermata.connection import _address
from fermata.v1.notification_service_pb2 import AcknowledgePositionRequest, PutSubscriptionRequest, ReplyRequest
from tests.scripted import Refuse, Scripted, serving

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_calls, "_FIRST_WAIT", 0.01)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("http://127.0.0.1:7400", ("127.0.0.1:7400", False)),
        ("https://fermata.example:7400/", ("fermata.example:7400", True)),
        ("https://fermata.example", ("fermata.example:443", True)),
        ("http://[::1]:7400", ("[::1]:7400", False)),
    ],
)
def test_addresses(target: str, address: tuple[str, bool]) -> None:
    assert _address(target) == address


@pytest.mark.parametrize(
    "target", ["127.0.0.1:7400", "ftp://host", "http://", "http://host:port", "http://host/path", "http://u@h"]
)
async def test_what_is_no_address(target: str) -> None:
    with pytest.raises(ValueError, match="address of a server"):
        fermata.connect(target)


async def test_the_environment_says_what_is_not_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FERMATA_SERVER", raising=False)
    assert fermata.connect().target == "http://127.0.0.1:7400"
    monkeypatch.setenv("FERMATA_SERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("FERMATA_TOKEN_FILE", str(tmp_path))
    connection = fermata.connect()
    assert connection.target == "http://127.0.0.1:1"
    assert isinstance(connection.credentials, fermata.TokenFile)
    monkeypatch.setenv("FERMATA_TOKEN", "s3cret")
    assert await fermata.connect().credentials.header() == ("authorization", "Bearer s3cret")  # type: ignore[union-attr]
    monkeypatch.setenv("FERMATA_TLS_CA", str(tmp_path / "missing.pem"))
    with pytest.raises(FileNotFoundError):
        fermata.connect("https://127.0.0.1:1")


async def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(ValueError, match="private key"):
        fermata.connect("https://127.0.0.1:1", tls=fermata.Tls(certificate="me.pem"))


async def test_a_token_is_not_shown() -> None:
    assert "s3cret" not in repr(fermata.Token("s3cret"))
    with pytest.raises(fermata.FermataError, match="characters") as raised:
        fermata.Token("s3\ncret")
    assert "cret" not in str(raised.value)


async def test_a_token_file_that_cannot_be_read(tmp_path: Path) -> None:
    async with fermata.connect("http://127.0.0.1:1", credentials=fermata.TokenFile(tmp_path / "none")) as connection:
        with pytest.raises(fermata.FermataError, match="none cannot be read") as raised:
            await connection.notifications.PutSubscription(PutSubscriptionRequest())
    assert raised.value.code is Code.UNAUTHENTICATED


async def test_a_call_is_sent_again_with_the_same_request_id() -> None:
    scripted = Scripted()
    scripted.put_errors = [Refuse(Code.UNAVAILABLE, "STARTING") for _ in range(2)]
    async with serving(scripted) as target, fermata.connect(target, credentials="s3cret") as connection:
        await connection.notifications.PutSubscription(PutSubscriptionRequest())
    assert len({put.request_id for put in scripted.put}) == 1
    assert scripted.put[0].request_id
    assert len(scripted.put) == 3
    assert {headers["authorization"] for headers in scripted.headers} == {"Bearer s3cret"}


async def test_a_request_id_of_ones_own_stays() -> None:
    scripted = Scripted()
    async with serving(scripted) as target, fermata.connect(target) as connection:
        request = ReplyRequest(request_id="mine")
        await connection.notifications.Reply(request)
        other = AcknowledgePositionRequest()
        await connection.notifications.AcknowledgePosition(other)
    assert scripted.replies[0].request_id == "mine"
    # The caller's request is not changed.
    assert other.request_id == ""


@pytest.mark.parametrize("code", [Code.INTERNAL, Code.INVALID_ARGUMENT, Code.DEADLINE_EXCEEDED])
async def test_other_errors_are_raised_at_once(code: grpc.StatusCode) -> None:
    scripted = Scripted()
    scripted.put_errors = [Refuse(code)]
    async with serving(scripted) as target, fermata.connect(target) as connection:
        with pytest.raises(fermata.FermataError) as raised:
            await connection.notifications.PutSubscription(PutSubscriptionRequest())
    assert raised.value.code is code
    assert isinstance(raised.value.__cause__, grpc.aio.AioRpcError)


async def test_tries_end() -> None:
    scripted = Scripted()
    scripted.put_errors = [Refuse(Code.UNAVAILABLE) for _ in range(9)]
    async with serving(scripted) as target, fermata.connect(target) as connection:
        with pytest.raises(fermata.FermataError):
            await connection.notifications.PutSubscription(PutSubscriptionRequest())
    assert len(scripted.put) == _calls.ATTEMPTS


async def test_a_try_that_would_be_too_late_is_not_made() -> None:
    scripted = Scripted()
    scripted.put_errors = [Refuse(Code.UNAVAILABLE, retry_after=3600)]
    async with serving(scripted) as target, fermata.connect(target) as connection:
        with pytest.raises(fermata.FermataError) as raised:
            await connection.notifications.PutSubscription(PutSubscriptionRequest(), timeout=30)
    assert raised.value.retry_after == 3600
    assert len(scripted.put) == 1


async def test_an_expired_token_is_renewed_once(tmp_path: Path) -> None:
    class Renewable:
        """Counts."""

        def __init__(self) -> None:
            self.number = 1

        async def header(self) -> tuple[str, str]:
            return "authorization", f"Bearer {self.number}"

        async def renew(self) -> bool:
            self.number += 1
            return True

    scripted = Scripted()
    scripted.put_errors = [Refuse(Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED")]
    async with serving(scripted) as target, fermata.connect(target, credentials=Renewable()) as connection:
        await connection.notifications.PutSubscription(PutSubscriptionRequest())
        scripted.put_errors = [Refuse(Code.UNAUTHENTICATED, "CREDENTIALS_EXPIRED") for _ in range(2)]
        with pytest.raises(fermata.FermataError, match="CREDENTIALS_EXPIRED"):
            await connection.notifications.PutSubscription(PutSubscriptionRequest())
    assert [headers["authorization"] for headers in scripted.headers] == [
        "Bearer 1",
        "Bearer 2",
        "Bearer 2",
        "Bearer 3",
    ]


async def test_the_trace_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = TracerProvider().get_tracer("test")
    scripted = Scripted()
    async with serving(scripted) as target, fermata.connect(target) as connection:
        with tracer.start_as_current_span("outer") as span:
            await connection.notifications.PutSubscription(PutSubscriptionRequest())
    expected: Any = trace.format_trace_id(span.get_span_context().trace_id)
    assert expected in scripted.headers[0]["traceparent"]
