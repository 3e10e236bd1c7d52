"""A server on a simulated cloud."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal

from fermata.connection import Connection, connect
from fermata.operator import HostHandler, Operator
from fermata.owner import Owner
from fermata.testing.cloud import SimulatedCloud
from fermata.testing.process import Line, Process, find_program
from fermata.testing.waiting import until
from fermata.v1.notification_service_pb2 import DeleteSubscriptionRequest, ListSubscriptionsRequest
from fermata.v1.session_pb2 import Session, SessionHost, SessionReport, SessionSpec
from fermata.v1.session_service_pb2 import ListSessionServersRequest

__all__ = ["CORE_NETWORK", "IMS", "SITE", "SimulatedFermata"]

CORE_NETWORK = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
"""The project `core-network` of the site: amf, smf, upf and mme-db."""
IMS = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202"
"""The project `ims` of the site: pcscf, cscf and hss-lab."""
SITE = Path(__file__).with_name("site.toml")
"""The topology of the site that is simulated where none is given."""


class SimulatedFermata:
    """A server on a free port of 127.0.0.1, and a simulated cloud, each in a process of its own. Use it with `with`.

    The site has six hosts in two zones (compute-a1 … compute-b3) and fourteen servers of two projects; a maintenance of one host
    takes a second or two. The cloud outlives `stop` and `kill`, and the database `restart`; both are gone at the end.
    """

    def __init__(
        self,
        topology: str | Path | None = None,
        *,
        arguments: Iterable[str] = (),
        program: str | None = None,
    ) -> None:
        """`topology`: a file with another site, or its text (TOML). `arguments`: further ones of `fermata serve`."""
        self._named = program
        self._arguments = list(arguments)
        self._topology = topology
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._cloud: SimulatedCloud | None = None
        self._process: Process | None = None
        self._port = 0

    @property
    def target(self) -> str:
        """Its address, for `fermata.connect`. The same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._running().pid

    @property
    def log(self) -> list[Line]:
        """What the server has logged since its last start."""
        return self._running().log

    @property
    def cloud(self) -> SimulatedCloud:
        """The cloud, and what others do in it."""
        if self._cloud is None:
            raise RuntimeError("the simulated cloud is not running")
        return self._cloud

    def start(self) -> None:
        """Starts it, and waits until it is ready. RuntimeError with its log if it does not become so."""
        if self._process is not None:
            raise RuntimeError("this server is running")
        program = find_program(self._named)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="fermata-")
        if self._cloud is None:
            self._cloud = SimulatedCloud(program, self._topology_file(Path(self._folder.name)))
        command = [
            *(
                program,
                "serve",
                "--cloud",
                "simulated",
                "--simulated-at",
                self._cloud.address,
                "--poll-interval",
                "50ms",
            ),
            *("--log-format", "json", "--http-listen", "off", "--listen", f"127.0.0.1:{self._port}"),
            *("--database-url", f"sqlite://{self._folder.name}/fermata.db?mode=rwc", *self._arguments),
        ]
        self._process = Process(command, lambda line: line.get("message") == "ready")
        listening = next(line["grpc"] for line in self.log if line.get("message") == "listening")
        self._port = int(listening.rpartition(":")[2])

    def stop(self) -> None:
        """Stops it in good order: streams are told that it goes away."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills it (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops it and starts it again, on the same database, cloud and port."""
        self.stop()
        self.start()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside the block it does nothing, but its connections stay: to its clients it is silent."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Ends it, and deletes what it kept."""
        if self._process is not None:
            self.kill()
        if self._cloud is not None:
            self._cloud.close()
            self._cloud = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> SimulatedFermata:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.asynccontextmanager
    async def running(self, owner: Owner) -> AsyncIterator[Owner]:
        """Inside the block the owner runs against this server, and takes part already. An error that ends it is raised."""
        run = asyncio.create_task(owner.run(self.target))
        try:
            async with connect(self.target) as connection:
                await _first(run, _takes_part(connection, owner))
                yield owner
        finally:
            owner.stop()
            await run

    async def ask(
        self,
        *hosts: str,
        reason: str = "a test",
        reply_seconds: float = 30.0,
        window_seconds: float = 3600.0,
        spec: SessionSpec | None = None,
    ) -> Session:
        """Creates a session over these hosts, which asks their owners: for PLANNED, then for DRAIN. They have `reply_seconds`.

        A short time shows what an owner does near the deadline. `spec` has further fields.
        """
        async with connect(self.target) as connection:
            return await Operator(connection).create(_spec(hosts, reason, reply_seconds, window_seconds, spec))

    async def maintain(
        self,
        *hosts: str,
        reason: str = "a test",
        reply_seconds: float = 30.0,
        window_seconds: float = 3600.0,
        spec: SessionSpec | None = None,
        others: Literal["accept", "silent"] = "accept",
        on_host_ready: HostHandler | None = None,
    ) -> SessionReport:
        """As `ask`, then works on each host until the session has ended (`on_host_ready`; None: no work). Returns the report.

        `others` is what owners do who are not connected: they accept at once, or are silent, and the session waits for
        `reply_seconds`.
        """

        async def nothing_to_do(host: SessionHost) -> None:
            pass

        async with connect(self.target) as connection, contextlib.AsyncExitStack() as stack:
            operator = Operator(connection)
            session = await operator.create(_spec(hosts, reason, reply_seconds, window_seconds, spec))
            if others == "accept":
                for project_id in await _not_connected(connection, session):
                    await stack.enter_async_context(self._accepting(connection, project_id))
            return await operator.follow(session.id, on_host_ready=on_host_ready or nothing_to_do)

    @contextlib.asynccontextmanager
    async def _accepting(self, connection: Connection, project_id: str) -> AsyncIterator[None]:
        """Inside the block an owner of this project accepts everything. Afterwards it takes part no more."""
        owner = Owner(project_id, "accepts-for-a-test")
        async with self.running(owner):
            yield
        request = DeleteSubscriptionRequest(project_id=project_id, subscription_id=owner.subscription_id)
        await connection.notifications.DeleteSubscription(request)

    def _topology_file(self, folder: Path) -> Path:
        topology = self._topology or SITE
        if isinstance(topology, Path) or "\n" not in topology:
            return Path(topology)
        file = folder / "topology.toml"
        file.write_text(topology)
        return file

    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError("this server is not running")
        return self._process

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._running(), None
        process.end(how)


def _spec(
    hosts: Iterable[str], reason: str, reply_seconds: float, window_seconds: float, given: SessionSpec | None
) -> SessionSpec:
    spec = SessionSpec()
    reply = datetime.timedelta(seconds=reply_seconds)
    spec.announce_reply_period.FromTimedelta(reply)
    spec.drain_reply_period.FromTimedelta(reply)
    spec.reason = reason
    spec.hosts.names.extend(hosts)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=window_seconds)
    spec.window.end_time.FromDatetime(end)
    if given is not None:
        spec.MergeFrom(given)
    return spec


async def _connected(connection: Connection, project_id: str) -> set[str]:
    """The subscriptions of a project that have a stream."""
    found = await connection.notifications.ListSubscriptions(ListSubscriptionsRequest(project_id=project_id))
    return {subscription.id for subscription in found.subscriptions if subscription.connected}


async def _not_connected(connection: Connection, session: Session) -> list[str]:
    """The projects that a session affects whose owners have no stream."""
    affected = await connection.sessions.ListSessionServers(ListSessionServersRequest(session_id=session.id))
    projects = sorted({server.project_id for server in affected.servers})
    return [project_id for project_id in projects if not await _connected(connection, project_id)]


async def _takes_part(connection: Connection, owner: Owner) -> None:
    """Until a stream of the owner's subscription is open."""

    async def connected() -> bool:
        return owner.subscription_id in await _connected(connection, owner.project_id)

    await until("the owner is connected", connected)


async def _first(run: asyncio.Task[None], other: Awaitable[None]) -> None:
    """Waits for `other`. Raises what ends `run` before."""
    waiting = asyncio.ensure_future(other)
    await asyncio.wait({run, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        await run
        raise RuntimeError("the owner ended before it took part")
    await waiting
