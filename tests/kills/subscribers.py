"""Subscribers: each follows a project's stream, loses it, takes it up again elsewhere, and notes every message."""

import asyncio
import hashlib
import random
import time
from collections import deque
from collections.abc import Callable

import grpc
import grpc.aio
from fermata.v1.notification_service_pb2 import SubscribeRequest
from fermata.v1.stream_pb2 import STREAM_POINT_NOW, StreamStart
from google.protobuf.duration_pb2 import Duration

from kills import wire
from kills.calls import Doors, reason
from kills.record import Connection, Journal

METHOD = "/fermata.v1.NotificationService/Subscribe"
# Three heartbeats were missed.
SILENCE = 4
# So many of the last tokens are kept to go back to.
TOKENS = 60

RESUME_TOKEN, SEQUENCE, SNAPSHOT, EVENT, HEARTBEAT, DRAINING = 1, 2, 4, 5, 6, 7


class Subscriber:
    """One of them."""

    def __init__(
        self, number: int, project: str, doors: Doors, seed: int, heard: Callable[[bytes], None] | None = None
    ) -> None:
        self.journal = Journal(number, project)
        self.doors = doors
        self.rng = random.Random(f"{seed}/subscriber/{number}")
        # Is given every message with an event or a snapshot.
        self.heard = heard
        # The highest sequence that was had without a gap; None before the first message.
        self.position: int | None = None
        self.tokens: deque[tuple[int, bytes]] = deque(maxlen=TOKENS)
        self.opened = asyncio.Event()
        self.redelivered = 0
        self.odd: list[str] = []
        # Not left of its own will any more, so that it comes to the end.
        self.stays = False

    async def follow(self, start: int = STREAM_POINT_NOW) -> None:
        """Until it is cancelled."""
        replica = self.rng.randrange(len(self.doors.doors))
        failures = 0
        while True:
            begin = StreamStart(point=start)
            after = None
            if self.tokens:
                after, token = self.tokens[-1]
                if not self.stays and self.rng.random() < 0.2:
                    after, token = self.rng.choice(self.tokens)
                begin = StreamStart(resume_token=token)
            failures = 0 if await self._stream(replica, begin, after) else failures + 1
            others = [d.number for d in self.doors.doors if d.number != replica]
            replica = self.rng.choice(others or [replica])
            # The first failure is answered at once, by another replica; who fails again waits longer each time.
            await asyncio.sleep(self.rng.uniform(0.5, 1) * min(0.1 * 2**failures, 2))

    async def _stream(self, replica: int, begin: StreamStart, after: int | None) -> bool:
        """One stream from its start to its end; whether it brought anything."""
        door = self.doors.doors[replica]
        channel = door.for_streams[self.journal.subscriber % len(door.for_streams)]
        subscribe = channel.unary_stream(METHOD, request_serializer=SubscribeRequest.SerializeToString)
        request = SubscribeRequest(
            project_id=self.journal.project, start=begin, heartbeat_interval=Duration(seconds=1)
        )
        leaves_at = time.monotonic() + self.rng.uniform(20, 90)
        connection = None if after is None else self._open(replica, after)
        brought = False
        call = subscribe(request)
        end = "left"
        try:
            while self.stays or time.monotonic() < leaves_at:
                # Not `wait_for`: before Python 3.12 it forgets a cancellation that arrives together with a message.
                async with asyncio.timeout(SILENCE):
                    message = await call.read()
                if message is grpc.aio.EOF:
                    end = "ended"
                    break
                brought = True
                parts = {f.number: f for f in wire.fields(message)}
                if connection is None:
                    connection = self._open(replica, _sequence(parts))
                if not self._take(connection, message, parts):
                    end = "going_away"
                    break
        except TimeoutError:
            end = "silent"
        except grpc.aio.AioRpcError as error:
            why = reason(error)
            end = why or error.code().name
            if why not in ("", "STORE_UNAVAILABLE", "STARTING", "SHUTTING_DOWN", "SLOW_READER"):
                self.odd.append(f"{time.time():.3f} Subscribe at replica {replica}: {end} {error.details()}")
        finally:
            call.cancel()
            if connection:
                connection.end = end
        return brought

    def _open(self, replica: int, after: int) -> Connection:
        connection = Connection(replica, after, time.time())
        self.journal.connections.append(connection)
        return connection

    def _take(self, connection: Connection, message: bytes, parts: dict[int, wire.Field]) -> bool:
        """Writes a message down. `False`: the server asks to go."""
        sequence = _sequence(parts)
        if EVENT in parts:
            field = parts[RESUME_TOKEN]
            body = message[: field.start] + message[field.end :]
            connection.events.append([sequence, hashlib.sha256(body).hexdigest()])
            if self.position is not None and sequence <= self.position:
                self.redelivered += 1
            if self.position is None or sequence == self.position + 1:
                self.position = sequence
            if self.heard:
                self.heard(message)
        else:
            last = connection.events[-1][0] if connection.events else connection.after
            if sequence != last:
                connection.odd_heartbeats.append([sequence, last])
            if self.position is None:
                self.position = sequence
            if SNAPSHOT in parts and self.heard:
                self.heard(message)
        # A part of a snapshot has none, unless it is the last one.
        if RESUME_TOKEN in parts:
            token = parts[RESUME_TOKEN].value
            assert isinstance(token, bytes)
            self.tokens.append((sequence, token))
            self.opened.set()
        return DRAINING not in parts


def _sequence(parts: dict[int, wire.Field]) -> int:
    # Zero is not written.
    return int(parts[SEQUENCE].value) if SEQUENCE in parts else 0

