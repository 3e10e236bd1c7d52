"""What is added to every call: who calls, a `request_id`, the trace, a time limit, and another try where that is safe."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from typing import Any

import grpc
from grpc.aio import ClientCallDetails, Metadata, UnaryStreamCall, UnaryUnaryCall
from opentelemetry import propagate

from fermata.credentials import Credentials
from fermata.errors import FermataError

TIMEOUT = 60.0
"""How many seconds a call without a `timeout` may take. Streams have no limit."""
ATTEMPTS = 5
"""How often a call is sent at most."""
_FIRST_WAIT = 0.25
# Methods that change nothing; all others have a `request_id`.
_READS = ("Get", "List", "Preview")
# Writes that may be repeated without a `request_id`. They get none: an owner acknowledges every second, and the server keeps each
# id for days.
_HARMLESS = ("AcknowledgePosition", "PutSubscription")
# The server has done nothing, as it has too much to do.
_TOO_BUSY = ("TOO_MANY_CALLS", "CALL_RATE_EXCEEDED")


async def metadata(credentials: Credentials | None) -> list[tuple[str, str]]:
    """Who calls, and the trace that the call belongs to."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    headers = [(key.lower(), value) for key, value in carrier.items()]
    header = await credentials.header() if credentials else None
    return [*headers, header] if header else headers


async def renewed(credentials: Credentials | None, error: FermataError) -> bool:
    """Whether the call may be sent again because its credential had only expired, and another one is to be had."""
    return error.reason_name == "CREDENTIALS_EXPIRED" and credentials is not None and await credentials.renew()


def wait_before(attempt: int, error: FermataError, longest: float = 15.0) -> float:
    """How many seconds to wait after this failed attempt, counted from 0: doubled, half of it by chance."""
    doubled = min(_FIRST_WAIT * 2.0 ** min(attempt, 20), longest)
    return max(doubled * random.uniform(0.5, 1.0), error.retry_after or 0.0)


def with_request_id(request: Any) -> Any:
    """The request with a `request_id`, if it has the field and it is empty."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name or request.request_id:
        return request
    named = type(request)()
    named.CopyFrom(request)
    named.request_id = str(uuid.uuid4())
    return named


class UnaryCalls(grpc.aio.UnaryUnaryClientInterceptor):
    """For calls with one answer. Their errors become `FermataError`."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: ClientCallDetails, request: Any
    ) -> Any:
        """Sends the call, and sends it again where that is safe."""
        method = client_call_details.method
        name = (method.decode() if isinstance(method, bytes) else method).rpartition("/")[2]
        harmless = name in _HARMLESS
        if not harmless:
            request = with_request_id(request)
        safe = harmless or name.startswith(_READS) or bool(getattr(request, "request_id", ""))
        limit = TIMEOUT if client_call_details.timeout is None else client_call_details.timeout
        until = asyncio.get_running_loop().time() + limit
        has_renewed = False
        for attempt in range(ATTEMPTS):
            left = until - asyncio.get_running_loop().time()
            try:
                details = await _detailed(client_call_details, self._credentials, timeout=max(left, 0.0))
                call: UnaryUnaryCall[Any, Any] = await continuation(details, request)
                return await call
            except grpc.aio.AioRpcError as failed:
                error = FermataError.of(failed)
            except grpc.aio.UsageError as closed:
                error = FermataError.of_closed(closed)
            except FermataError as failed_credentials:
                error = failed_credentials
            if not has_renewed and await renewed(self._credentials, error):
                has_renewed = True
                continue
            wait = wait_before(attempt, error)
            passes = error.code is grpc.StatusCode.UNAVAILABLE or error.reason_name in _TOO_BUSY
            again = safe and passes and attempt + 1 < ATTEMPTS
            if not again or asyncio.get_running_loop().time() + wait >= until:
                raise error
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


class StreamCalls(grpc.aio.UnaryStreamClientInterceptor):
    """For streams, and for the answer of PreviewSession in parts."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    async def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: ClientCallDetails, request: Any
    ) -> UnaryStreamCall[Any, Any]:
        """Opens the stream. What ends it stays gRPC's error: `FermataError.of` decodes it."""
        details = await _detailed(client_call_details, self._credentials, timeout=client_call_details.timeout)
        stream: UnaryStreamCall[Any, Any] = await continuation(details, request)
        return stream


async def _detailed(given: ClientCallDetails, who: Credentials | None, timeout: float | None) -> ClientCallDetails:
    own = given.metadata or ()
    return ClientCallDetails(
        method=given.method,
        timeout=timeout,
        metadata=Metadata(*own, *await metadata(who)),
        credentials=given.credentials,
        wait_for_ready=given.wait_for_ready,
    )
