"""A Fermata on a simulated cloud, for the tests of owners and operators.

    from fermata.testing import SimulatedFermata

    async def test_my_vnfm_keeps_its_databases() -> None:
        with SimulatedFermata() as fermata:
            async with fermata.running(my_vnfm.owner):
                report = await fermata.maintain("compute-a1")
        assert {server.action for server in report.hosts[0].servers} == {KEEP}

With pytest there is a fixture, `simulated_fermata`. The program is `FERMATA_BIN`, else `fermata` on the PATH.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from fermata.connection import Connection, connect
from fermata.operator import HostHandler, Operator
from fermata.owner import Owner
from fermata.v1.notification_service_pb2 import DeleteSubscriptionRequest, ListSubscriptionsRequest
from fermata.v1.session_pb2 import Session, SessionHost, SessionReport, SessionSpec
from fermata.v1.session_service_pb2 import ListSessionServersRequest

__all__ = ["CORE_NETWORK", "IMS", "SimulatedFermata", "free_port", "until"]

CORE_NETWORK = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
"""The project `core-network` of the site: amf, smf, upf and mme-db."""
IMS = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202"
"""The project `ims` of the site: pcscf, cscf and hss-lab."""
SITE = Path(__file__).with_name("site.toml")
"""The topology of the site that is simulated where none is given."""
PATIENCE = 60.0
"""Whatever is waited for comes within so many seconds, also on a busy machine."""


class SimulatedFermata:
    """A server in a process of its own, on a free port of 127.0.0.1, with a simulated cloud in it. Use it with `with`.

    The site has six hosts in two zones (compute-a1 … compute-b3) and fourteen servers of two projects; a maintenance of one host
    takes a second or two. Database and cloud survive `restart`, and are deleted at the end.
    """

    def __init__(
        self,
        topology: str | Path | None = None,
        *,
        arguments: Iterable[str] = (),
        program: str | None = None,
    ) -> None:
        """`topology`: a file with another site, or its text (TOML). `arguments`: further ones of `fermata serve`."""
        self.program = program or os.environ.get("FERMATA_BIN") or "fermata"
        self._folder = tempfile.TemporaryDirectory(prefix="fermata-")
        self.folder = Path(self._folder.name)
        """Holds the database and the state of the cloud."""
        self._arguments = list(arguments)
        self._topology = self._topology_file(topology or SITE)
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._ready = threading.Event()
        self.log: list[dict[str, Any]] = []
        """What the server has logged, the last start's only."""

    @property
    def target(self) -> str:
        """Its address, for `fermata.connect`. The same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process."""
        if self._process is None:
            raise RuntimeError("this server is not running")
        return self._process.pid

    def start(self) -> None:
        """Starts it, and waits until it is ready. RuntimeError with its log if it does not become so."""
        if self._process is not None:
            raise RuntimeError("this server is running")
        if shutil.which(self.program) is None:
            raise RuntimeError(f"there is no program {self.program!r}; set FERMATA_BIN, or put fermata on the PATH")
        command = [
            *(self.program, "serve", "--cloud", "simulated", "--log-format", "json", "--http-listen", "off"),
            *("--listen", f"127.0.0.1:{self._port}", "--poll-interval", "50ms"),
            *("--database-url", f"sqlite://{self.folder}/fermata.db?mode=rwc"),
            *("--topology", str(self._topology), "--simulated-state", str(self.folder / "cloud.json")),
            *self._arguments,
        ]
        # Variables of the one who tests must not configure the server that is tested.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FERMATA_")}
        self._ready.clear()
        self.log = []
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self._ready.wait(PATIENCE)
        if not any(line.get("message") == "ready" for line in self.log):
            self.kill()
            raise RuntimeError("the server did not start:\n" + "\n".join(json.dumps(line) for line in self.log))

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
        self._folder.cleanup()

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

    def _topology_file(self, topology: str | Path) -> Path:
        if isinstance(topology, Path) or "\n" not in topology:
            return Path(topology)
        file = self.folder / "topology.toml"
        file.write_text(topology)
        return file

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        log = self.log
        for line in process.stdout:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"message": line.rstrip()}
            log.append(entry)
            if entry.get("message") == "listening" and "grpc" in entry:
                self._port = int(entry["grpc"].rpartition(":")[2])
            if entry.get("message") == "ready":
                self._ready.set()
        # It has ended: whoever waits for its start need not wait longer.
        self._ready.set()

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            raise RuntimeError("this server is not running")
        process.send_signal(how)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            self._process = None
            if self._reader is not None:
                self._reader.join()
            assert process.stdout is not None
            process.stdout.close()


async def until(what: str, condition: Callable[[], Any | Awaitable[Any]], seconds: float = PATIENCE) -> Any:
    """What `condition` returns once that is true. Fails with `what` if it does not become true in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        assert loop.time() < end, f"not within {seconds:.0f} s: {what}"
        # Between two looks, not in place of one.
        await asyncio.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
