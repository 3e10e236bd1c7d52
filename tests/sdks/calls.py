"""Calls of the runner itself: straight to the server, not through the proxy, and again while it is away."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from fermata.v1 import audit_service_pb2_grpc as audit
from fermata.v1 import notification_service_pb2_grpc as notifications
from fermata.v1 import session_service_pb2_grpc as sessions

from sdks.processes import LIMIT_SECONDS

AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED}
MIB = 1 << 20


class Calls:
    """A connection to the server, which may go away and come back."""

    def __init__(self, port: int, ca: bytes | None, token: str | None) -> None:
        options = [
            ("grpc.max_receive_message_length", 16 * MIB),
            ("grpc.initial_reconnect_backoff_ms", 50),
            ("grpc.min_reconnect_backoff_ms", 50),
            ("grpc.max_reconnect_backoff_ms", 200),
            # One connection for each play, whatever others do.
            ("grpc.use_local_subchannel_pool", 1),
        ]
        address = f"127.0.0.1:{port}"
        if ca is None:
            self._channel = grpc.aio.insecure_channel(address, options)
        else:
            self._channel = grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(ca), options)
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self.sessions: Any = sessions.SessionServiceStub(self._channel)
        self.notifications: Any = notifications.NotificationServiceStub(self._channel)
        self.audit: Any = audit.AuditServiceStub(self._channel)

    async def call(self, method: Callable[..., Any], request: Any) -> Any:
        """Calls until there is an answer. Raises any error that trying again cannot mend."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                try:
                    return await method(request, metadata=self.metadata, timeout=LIMIT_SECONDS)
                except grpc.aio.AioRpcError as error:
                    if error.code() not in AGAIN:
                        raise
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close()
