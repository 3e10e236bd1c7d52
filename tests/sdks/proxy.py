"""A TCP proxy between a program and its server that does harm. It knows nothing of what passes: what it does to a connection
is what networks do."""

import asyncio
import fcntl
import random
import socket
import struct
import termios
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down"]
CHUNK = 1 << 16


class Flow:
    """One direction of all connections: `up` to the server, `down` to the program."""

    def __init__(self) -> None:
        self.passes = asyncio.Event()
        self.passes.set()
        self.reads = asyncio.Event()
        self.reads.set()
        self.delay = 0.0
        """Each piece is late by up to so many seconds."""
        self.bytes_per_second = 0
        """At most so many pass. 0: all."""
        self.left: int | None = None
        """After so many more bytes, in all, the connection that they pass is reset."""


@dataclass(eq=False)
class Connection:
    """Both ends of a connection, and what was read and does not pass yet."""

    program: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Proxy:
    """Listens on a port of its own. Harm is done to the connections that there are, and to new ones until `mend`."""

    def __init__(self, target: int, seed: object) -> None:
        self.target = target
        self.port = 0
        self.did: Counter[str] = Counter()
        """What was done, and how often; `opened` counts connections."""
        self._chance = random.Random(f"{seed}/proxy")
        self._flows: dict[Direction, Flow] = {"up": Flow(), "down": Flow()}
        self._connections: set[Connection] = set()
        self._refuses = False
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=256)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    async def end(self) -> None:
        """Closes everything."""
        if self._listener is not None:
            self._listener.close()
        tasks = [task for connection in self._connections for task in connection.tasks]
        self.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    # What passes.

    def silence(self, *directions: Direction) -> None:
        """What is sent is swallowed; the sender does not notice. It arrives when the link is mended."""
        for direction in directions or ("up", "down"):
            self._flows[direction].passes.clear()
        self.did["silence"] += 1

    def stall(self) -> None:
        """Nothing is read from the server any more, so that what it sends piles up there."""
        self._flows["down"].reads.clear()
        self.did["stall"] += 1

    def slow(self, seconds: float) -> None:
        """Each piece is late by chance, by at most so many seconds; the order stays."""
        for flow in self._flows.values():
            flow.delay = seconds
        self.did["slow"] += 1

    def throttle(self, bytes_per_second: int) -> None:
        """What the server sends passes slowly, so that it piles up there."""
        self._flows["down"].bytes_per_second = bytes_per_second
        self.did["throttle"] += 1

    def refuse(self) -> None:
        """There is no way to the server: connections are reset, new ones too."""
        self._refuses = True
        self.reset()
        self.did["refuse"] += 1

    def mend(self) -> None:
        """All passes again, what was swallowed first."""
        self._refuses = False
        for flow in self._flows.values():
            flow.passes.set()
            flow.reads.set()
            flow.delay = 0.0
            flow.bytes_per_second = 0
            flow.left = None

    # What ends.

    def reset(self) -> None:
        """Resets every connection."""
        for connection in list(self._connections):
            self._reset(connection)
        self.did["reset"] += 1

    def cut_after(self, size: int) -> None:
        """Lets so many bytes pass to the program, and resets the connection that the next one would pass."""
        self._flows["down"].left = size

    def close(self) -> None:
        """Closes every connection in good order, as a proxy does that is stopped."""
        for connection in list(self._connections):
            for writer in (connection.program, connection.server):
                if writer is not None:
                    writer.close()
        self.did["close"] += 1

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        self._connections.add(connection)
        self.did["opened"] += 1
        try:
            if self._refuses:
                self._reset(connection)
                return
            try:
                there, connection.server = await asyncio.open_connection("127.0.0.1", self.target)
            except OSError:
                self._reset(connection)
                return
            # Little room, so that a reader who stalls is soon felt by the server.
            sock = connection.server.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            up = self._pump(connection, self._flows["up"], reader, connection.server)
            down = self._pump(connection, self._flows["down"], there, writer)
            connection.tasks = {asyncio.create_task(up), asyncio.create_task(down)}
            await asyncio.gather(*connection.tasks)
        except (OSError, asyncio.CancelledError):
            # Nobody asks how it ended; asyncio would complain of a cancelled one.
            pass
        finally:
            self._connections.discard(connection)
            for end in (connection.program, connection.server):
                if end is not None:
                    end.close()

    async def _pump(self, connection: Connection, flow: Flow, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            is_open = True
            while is_open:
                await flow.reads.wait()
                data = await source.read(CHUNK)
                is_open = bool(data)
                if not flow.passes.is_set():
                    data, is_open = await self._swallow(flow, source, data)
                if flow.delay:
                    await asyncio.sleep(self._chance.uniform(0, flow.delay))
                if flow.left is not None and flow.left < len(data):
                    await self._cut(connection, flow, sink, data)
                    return
                if flow.left is not None:
                    flow.left -= len(data)
                sink.write(data)
                await sink.drain()
                if flow.bytes_per_second:
                    await asyncio.sleep(len(data) / flow.bytes_per_second)
        except OSError:
            pass
        sink.close()

    async def _swallow(self, flow: Flow, source: asyncio.StreamReader, data: bytes) -> tuple[bytes, bool]:
        """Takes all that is sent until the link passes again. Returns it, and whether there may be more."""
        mended = asyncio.create_task(flow.passes.wait())
        kept, is_open = [data], bool(data)
        try:
            while not mended.done():
                reading = asyncio.create_task(source.read(CHUNK))
                await asyncio.wait({mended, reading} if is_open else {mended}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    kept.append(reading.result())
                    is_open = bool(kept[-1])
                else:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
        finally:
            mended.cancel()
        return b"".join(kept), is_open

    async def _cut(self, connection: Connection, flow: Flow, sink: asyncio.StreamWriter, data: bytes) -> None:
        sink.write(data[: flow.left])
        flow.left = None
        await sink.drain()
        # The program takes what came before the end: a reset would throw it away.
        await self._taken(sink)
        self._reset(connection)
        self.did["cut"] += 1

    async def _taken(self, sink: asyncio.StreamWriter) -> None:
        """Until the kernel has handed over all that was written, or the other side is gone."""
        sock = sink.get_extra_info("socket")
        while not sink.is_closing():
            unsent = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
            if unsent == 0:
                return
            await asyncio.sleep(0.001)

    def _reset(self, connection: Connection) -> None:
        for writer in (connection.program, connection.server):
            sock = None if writer is None else writer.get_extra_info("socket")
            if writer is None or sock is None:
                continue
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            writer.transport.abort()
