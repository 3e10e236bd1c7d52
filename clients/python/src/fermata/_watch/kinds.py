"""What the three streams have in common: a start, and messages of the same four kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from fermata.v1 import host_service_pb2, notification_service_pb2, session_service_pb2


@dataclass(frozen=True)
class Kind:
    """A call that answers with a stream that can be resumed."""

    method: str
    request: type[Message]
    response: type[Message]

    def stub(self, channel: grpc.aio.Channel) -> Callable[..., grpc.aio.UnaryStreamCall[Any, Any]]:
        """The call on a channel."""
        made: Callable[..., grpc.aio.UnaryStreamCall[Any, Any]] = channel.unary_stream(
            self.method,
            request_serializer=self.request.SerializeToString,
            response_deserializer=self.response.FromString,
        )
        return made


KINDS = {
    kind.request: kind
    for kind in (
        Kind(
            "/fermata.v1.NotificationService/Subscribe",
            notification_service_pb2.SubscribeRequest,
            notification_service_pb2.SubscribeResponse,
        ),
        Kind(
            "/fermata.v1.SessionService/WatchSession",
            session_service_pb2.WatchSessionRequest,
            session_service_pb2.WatchSessionResponse,
        ),
        Kind(
            "/fermata.v1.HostService/WatchHosts",
            host_service_pb2.WatchHostsRequest,
            host_service_pb2.WatchHostsResponse,
        ),
    )
}
"""By the type of the request."""
