"""A connection that notices when its peer is gone, and sends along who calls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import grpc

from fermata import _calls
from fermata._version import VERSION
from fermata.credentials import Credentials, Token, TokenFile
from fermata.v1 import (
    audit_service_pb2_grpc,
    host_service_pb2_grpc,
    notification_service_pb2_grpc,
    policy_service_pb2_grpc,
    server_service_pb2_grpc,
    session_service_pb2_grpc,
)

DEFAULT_TARGET = "http://127.0.0.1:7400"
"""Where a server listens that nothing was configured for."""
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message that is received."""

_CHANNEL: list[tuple[str, Any]] = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Without these two, a client whose calls are rare never learns that a partition cut it off.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.primary_user_agent", f"fermata-python/{VERSION}"),
    # A server that was restarted is found at once, and not after the two minutes of gRPC's own.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    # What may be sent again is decided in `_calls`.
    ("grpc.enable_retries", 0),
]

_C = TypeVar("_C", bound="Connection")


@dataclass(frozen=True)
class Tls:
    """How TLS is spoken, for addresses with `https`. All files are PEM."""

    ca: str | Path | None = None
    """The CA that signed the server's certificate. None: the roots that come with gRPC."""
    certificate: str | Path | None = None
    """The own certificate. None: callers are known by something else."""
    key: str | Path | None = None
    """The private key of the own certificate."""


class Connection:
    """A connection to a server, made when it is first used and again after it broke. Use it with `async with`.

    The stubs are the generated ones, for asyncio. Their calls raise `FermataError`, take at most 60 seconds unless told otherwise,
    and are sent again when the server is not available and that is safe: calls that read, and calls with a `request_id`, which
    writes without one are given.
    """

    def __init__(self, target: str, credentials: Credentials | None, tls: Tls) -> None:
        self.target = target
        """The address, as given."""
        self.credentials = credentials
        """Who calls."""
        address, secure = _address(target)
        self.channel = _channel(address, secure, tls, [_calls.UnaryCalls(credentials), _calls.StreamCalls(credentials)])
        """For stubs of your own. It adds to each call what the stubs below add."""
        # Streams of watches are read as they come: an interceptor would stand between each message and its reader. It shares
        # the HTTP/2 connection with the other channel, as gRPC does for equal options.
        self._plain = _channel(address, secure, tls, [])
        self.sessions = session_service_pb2_grpc.SessionServiceStub(self.channel)
        """Maintenance sessions, for operators."""
        self.notifications = notification_service_pb2_grpc.NotificationServiceStub(self.channel)
        """Notifications and replies, for owners."""
        self.hosts = host_service_pb2_grpc.HostServiceStub(self.channel)
        """Compute hosts, for operators and infrastructure components."""
        self.policies = policy_service_pb2_grpc.PolicyServiceStub(self.channel)
        """Policies of owners."""
        self.audit = audit_service_pb2_grpc.AuditServiceStub(self.channel)
        """What was changed, by whom and why."""
        self.server = server_service_pb2_grpc.ServerServiceStub(self.channel)
        """What answers, and as whom it knows the caller."""

    async def close(self) -> None:
        """Ends the connection; calls and streams that are under way are cancelled."""
        await self._plain.close()
        await self.channel.close()

    async def __aenter__(self: _C) -> _C:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"Connection({self.target!r})"


def connect(
    target: str | None = None,
    *,
    credentials: Credentials | str | None = None,
    tls: Tls | None = None,
) -> Connection:
    """A connection to the server at `target`, such as `http://127.0.0.1:7400` or `https://fermata.example:7400`.

    `credentials` says who calls: a token, or one of `Token`, `TokenFile`, `fermata.keystone.Keystone`. What is not given comes from
    the environment, as it does for the command line: `FERMATA_SERVER`, `FERMATA_TOKEN`, `FERMATA_TOKEN_FILE`, `FERMATA_TLS_CA`,
    `FERMATA_TLS_CERT` and `FERMATA_TLS_KEY`; the address is else `http://127.0.0.1:7400`.

    Nothing is sent yet. Raises ValueError for what is no address, OSError for a file that cannot be read.
    """
    if isinstance(credentials, str):
        credentials = Token(credentials)
    return Connection(
        target or os.environ.get("FERMATA_SERVER") or DEFAULT_TARGET,
        credentials or _credentials_from_environment(),
        tls or Tls(*(os.environ.get(f"FERMATA_TLS_{name}") or None for name in ("CA", "CERT", "KEY"))),
    )


def _credentials_from_environment() -> Credentials | None:
    if token := os.environ.get("FERMATA_TOKEN"):
        return Token(token)
    if file := os.environ.get("FERMATA_TOKEN_FILE"):
        return TokenFile(file)
    return None


def _address(target: str) -> tuple[str, bool]:
    """Host and port, and whether TLS is spoken there."""
    try:
        url = urlsplit(target)
        port = url.port
    except ValueError as error:
        raise ValueError(f"{target!r} is not the address of a server: {error}") from error
    if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/") or url.query or url.username:
        raise ValueError(
            f"{target!r} is not the address of a server; write it as http://host:port or https://host:port"
        )
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    secure = url.scheme == "https"
    return f"{host}:{port or (443 if secure else 80)}", secure


def _channel(address: str, secure: bool, tls: Tls, interceptors: list[grpc.aio.ClientInterceptor]) -> grpc.aio.Channel:
    if not secure:
        return grpc.aio.insecure_channel(address, options=_CHANNEL, interceptors=interceptors)
    if (tls.certificate is None) != (tls.key is None):
        raise ValueError("a certificate needs its private key, and a key its certificate: only one of them is given")
    ca, key, certificate = (Path(f).read_bytes() if f else None for f in (tls.ca, tls.key, tls.certificate))
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.aio.secure_channel(address, credentials, options=_CHANNEL, interceptors=interceptors)
