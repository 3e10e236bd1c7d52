"""The proxy does the harm that it is told to do, and none else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sdks.proxy import Proxy

LIMIT_SECONDS = 60


class Echo:
    """A server that sends back what it is sent, and notes it."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self._listener: asyncio.Server | None = None

    async def start(self) -> int:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._listener.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                self.heard += data
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def echo(self, data: bytes) -> bytes:
        self.writer.write(data)
        return await self.got(len(data))

    async def got(self, size: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(size), LIMIT_SECONDS)

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), LIMIT_SECONDS)


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    made = Proxy(await echo.start(), 1)
    await made.start()
    yield made
    await made.end()


async def connect(proxy: Proxy) -> Client:
    return Client(*await asyncio.open_connection("127.0.0.1", proxy.port))


async def until(is_so: object) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not is_so():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_all_passes(proxy: Proxy) -> None:
    client = await connect(proxy)
    large = bytes(range(256)) * 4096
    assert await client.echo(large) == large
    client.writer.close()
    await until(lambda: proxy.connections == 0)


async def test_silence_swallows_both_ways_and_delivers_afterwards(proxy: Proxy, echo: Echo) -> None:
    client = await connect(proxy)
    await client.echo(b"before")
    proxy.silence()
    client.writer.write(b"during")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.reader.read(1), 0.2)
    assert echo.heard == b"before"
    proxy.mend()
    assert await client.got(6) == b"during"


async def test_silence_down_lets_the_server_hear(proxy: Proxy, echo: Echo) -> None:
    client = await connect(proxy)
    proxy.silence("down")
    client.writer.write(b"heard")
    await until(lambda: echo.heard == b"heard")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.reader.read(1), 0.2)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await client.rest()


async def test_a_stalled_link_takes_no_more_than_fits(proxy: Proxy, echo: Echo) -> None:
    client = await connect(proxy)
    await client.echo(b"before")
    proxy.stall()
    size = 1 << 25
    sending = asyncio.create_task(_send(client, bytes(size)))
    heard = -1
    # Until nothing moves any more.
    while heard != len(echo.heard):
        heard = len(echo.heard)
        await asyncio.sleep(0.5)
    assert heard < size
    proxy.mend()
    assert len(await client.got(size)) == size
    await sending


async def test_a_connection_is_cut_at_a_byte(proxy: Proxy) -> None:
    client = await connect(proxy)
    proxy.cut_after(1000)
    client.writer.write(bytes(3000))
    assert len(await client.got(1000)) == 1000
    with pytest.raises(ConnectionResetError):
        await client.rest()
    assert proxy.did["cut"] == 1
    other = await connect(proxy)
    assert await other.echo(bytes(3000)) == bytes(3000)


async def test_what_is_cut_counts_over_messages(proxy: Proxy) -> None:
    client = await connect(proxy)
    proxy.cut_after(10)
    assert await client.echo(b"12345678") == b"12345678"
    client.writer.write(b"abcdef")
    assert await client.got(2) == b"ab"
    with pytest.raises(ConnectionResetError):
        await client.rest()


async def test_refused(proxy: Proxy, echo: Echo) -> None:
    client = await connect(proxy)
    await client.echo(b"before")
    proxy.refuse()
    with pytest.raises(ConnectionResetError):
        await client.rest()
    with pytest.raises(ConnectionResetError):
        await (await connect(proxy)).rest()
    proxy.mend()
    assert await (await connect(proxy)).echo(b"after") == b"after"


async def test_closed_in_good_order(proxy: Proxy) -> None:
    client = await connect(proxy)
    await client.echo(b"before")
    proxy.close()
    assert await client.rest() == b""


async def test_slow_and_throttled_links_deliver_all_in_order(proxy: Proxy) -> None:
    client = await connect(proxy)
    large = bytes(range(256)) * 2048
    proxy.slow(0.01)
    assert await client.echo(large) == large
    proxy.throttle(10_000_000)
    assert await client.echo(large) == large


async def test_nobody_listens(proxy: Proxy) -> None:
    proxy.target = 1
    with pytest.raises(ConnectionResetError):
        await (await connect(proxy)).rest()


async def _send(client: Client, data: bytes) -> None:
    client.writer.write(data)
    await client.writer.drain()
