"""The replicas: their processes, their lives and deaths, and their links to the database."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from kills.cloud import Cloud
from kills.database import Database


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Timeline:
    """What was done to whom, and when."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def note(self, what: str, **more: Any) -> None:
        self.entries.append({"at": time.time(), "what": what, **more})


class Replica:
    """A replica at one address; each of its lives is a process with a log of its own."""

    def __init__(self, number: int, cluster: "Cluster", database_port: int) -> None:
        self.number = number
        self.cluster = cluster
        self.database_port = database_port
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.life = 0
        options = cluster.options
        self.binary: str = options.upgrade_from or options.binary
        self.process: subprocess.Popen[bytes] | None = None
        self.stopped = False
        self.ready = False
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None

    def log_file(self, life: int) -> Path:
        return self.cluster.directory / f"replica-{self.number}-{life:03}.log"

    def start(self) -> None:
        assert self.process is None, "it runs already"
        self.life += 1
        options = self.cluster.options
        command = [
            self.binary, "serve",
            "--listen", self.address,
            "--http-listen", "off",
            "--database-url", f"postgres://fermata@127.0.0.1:{self.database_port}/fermata",
            "--lease", f"{options.lease}s",
            "--hints", "false" if options.no_hints else "true",
            "--cloud", "simulated",
            "--simulated-at", self.cluster.cloud.address,
            "--poll-interval", "300ms",
            "--heartbeat-interval", "1s",
            "--reconnect-spread", "100ms",
            "--shutdown-grace", "10s",
            "--log-format", "json",
            "--log", "info,sqlx=warn,sea_orm_migration=warn",
        ]  # fmt: skip
        foreign = ("FERMATA_", "OS_", "OTEL_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        with self.log_file(self.life).open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.cluster.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.stopped = self.ready = False
        self.cluster.timeline.note("start", replica=self.number, life=self.life)
        self._watch = asyncio.create_task(self._wait_for_ready(self.process, self.life))

    async def _wait_for_ready(self, process: subprocess.Popen[bytes], life: int) -> None:
        """Notes when it says that it is ready, and whether it ends by itself."""
        while self.process is process:
            if process.poll() is not None:
                self.cluster.timeline.note("ended by itself", replica=self.number, life=life, code=process.returncode)
                self.process = None
                return
            if not self.ready and b'"message":"ready"' in self.log_file(life).read_bytes():
                self.ready = True
                self.cluster.timeline.note("ready", replica=self.number, life=life)
            await asyncio.sleep(0.1 if not self.ready else 0.5)

    def kill(self) -> None:
        process, self.process = self.process, None
        assert process, "it does not run"
        self.cluster.timeline.note("kill", replica=self.number, life=self.life)
        self.stopped = self.ready = False
        process.kill()
        process.wait()

    def stop(self) -> None:
        assert self.process
        self.stopped = True
        self.cluster.timeline.note("stop", replica=self.number, life=self.life)
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self, life: int) -> None:
        """Ends a stop, unless that life is over."""
        if self.process and self.life == life and self.stopped:
            self.process.send_signal(signal.SIGCONT)
            self.stopped = False
            self.cluster.timeline.note("go on", replica=self.number, life=self.life)

    async def end_in_order(self) -> None:
        """Tells it to end, and waits for that while everything else goes on."""
        process, self.process = self.process, None
        assert process, "it does not run"
        self.cluster.timeline.note("end", replica=self.number, life=self.life)
        self.stopped = self.ready = False
        process.send_signal(signal.SIGTERM)
        while process.poll() is None:
            await asyncio.sleep(0.05)

    def end(self) -> None:
        """Ends it for good, in good order if it can."""
        process, self.process = self.process, None
        if process is None:
            return
        if self.stopped:
            process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            self.cluster.timeline.note("did not end when told", replica=self.number, life=self.life)
            process.kill()
            process.wait()


class Cluster:
    """All replicas, with a database and a cloud between them."""

    def __init__(self, options: Any, directory: Path, database: Database, cloud: Cloud) -> None:
        self.options = options
        self.directory = directory
        self.database = database
        self.cloud = cloud
        self.timeline = Timeline()
        command = [sys.executable, "-m", "kills.links", str(database.port), str(options.replicas)]
        self.links = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True
        )
        assert self.links.stdout
        ports = json.loads(self.links.stdout.readline())
        self.replicas = [Replica(i, self, port) for i, port in enumerate(ports)]
        self.cuts: dict[int, str] = {}

    def cut(self, number: int, how: str) -> None:
        """Cuts a replica's link to the database: `reset` or `swallow`."""
        self.cuts[number] = how
        self._link(number, how)
        self.timeline.note("cut", replica=number, how=how)

    def mend(self, number: int) -> None:
        if self.cuts.pop(number, None):
            self._link(number, "open")
            self.timeline.note("mend", replica=number)

    def _link(self, number: int, mode: str) -> None:
        assert self.links.stdin
        self.links.stdin.write(json.dumps({"link": number, "mode": mode}) + "\n")
        self.links.stdin.flush()

    async def restart_database(self) -> None:
        self.timeline.note("database down")
        await self.database.restart()
        while not await self.database.is_up():
            await asyncio.sleep(0.05)
        self.timeline.note("database up")

    async def heal(self) -> None:
        """Everything runs and is linked."""
        for replica in self.replicas:
            self.mend(replica.number)
            replica.go_on(replica.life)
            if not replica.is_running:
                replica.start()
        for _ in range(600):
            if all(replica.ready for replica in self.replicas):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("not every replica is ready a minute after everything was healed")

    def end(self) -> None:
        for replica in self.replicas:
            replica.end()
        assert self.links.stdin
        self.links.stdin.close()
        self.links.wait()

    def logs(self) -> list[dict[str, Any]]:
        """The lines that tell of sessions changing hands, and of faults in Fermata itself."""
        wanted = {"session taken over", "session created", "the lease was lost; others work on its sessions"}
        wanted |= {"the work on the session ends"}
        found = []
        for replica in self.replicas:
            for life in range(1, replica.life + 1):
                for line in replica.log_file(life).read_text(errors="replace").splitlines():
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        entry = {"level": "ERROR", "message": line}
                    if entry.get("message") in wanted or entry.get("level") == "ERROR":
                        found.append(entry | {"replica": replica.number, "life": life})
        return found
