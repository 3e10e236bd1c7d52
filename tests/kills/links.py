"""The links between the replicas and the database: TCP proxies that can be cut. A process of its own, so that what
passes does not wait for the test; it is told what to do line by line, and ends with its standard input.

    python -m kills.links PORT COUNT        prints the ports of the links as JSON
    {"link": 0, "mode": "reset"}            open: all passes; reset: connections are reset, new ones too;
                                            swallow: nothing passes until it is open again, then what waited does
"""

import asyncio
import json
import socket
import struct
import sys


class Link:
    """One proxy."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = "open"
        self.passes = asyncio.Event()
        self.passes.set()
        self.writers: set[asyncio.StreamWriter] = set()

    def set(self, mode: str) -> None:
        self.mode = mode
        if mode == "swallow":
            self.passes.clear()
        else:
            self.passes.set()
        if mode == "reset":
            for writer in list(self.writers):
                _reset(writer)

    async def serve(self) -> int:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=256)
        self.server = server
        return int(server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        other = None
        try:
            await self.passes.wait()
            if self.mode == "reset":
                _reset(writer)
                return
            try:
                there, other = await asyncio.open_connection("127.0.0.1", self.target)
            except OSError:
                _reset(writer)
                return
            self.writers.add(other)
            await asyncio.gather(self._pump(reader, other), self._pump(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, other):
                if end:
                    self.writers.discard(end)
                    end.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                await self.passes.wait()
                sink.write(data)
                await sink.drain()
            await self.passes.wait()
        except OSError:
            await self.passes.wait()
        sink.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


async def main() -> None:
    target, count = int(sys.argv[1]), int(sys.argv[2])
    links = [Link(target) for _ in range(count)]
    print(json.dumps([await link.serve() for link in links]), flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        command = json.loads(line)
        links[command["link"]].set(command["mode"])


if __name__ == "__main__":
    asyncio.run(main())
