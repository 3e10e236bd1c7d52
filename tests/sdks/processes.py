"""Processes that a play starts: each is ended by its own id, whatever happens."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# Generous: it ends what never comes.
LIMIT_SECONDS = 180
FOREIGN_VARIABLES = ("FERMATA_", "OS_", "OTEL_")


class Process:
    """A process with a log."""

    def __init__(self, command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env={**kept, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """How it has ended. None: it runs."""
        return self._process.poll()

    def send(self, number: int) -> None:
        """Sends a signal."""
        if self.code is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send(signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> int:
        """Tells it to end, and waits for that. One that does not end is killed."""
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while (code := self.code) is None:
                    await asyncio.sleep(0.02)
                return code
        except TimeoutError:
            self.kill()
            raise AssertionError(f"process {self._process.pid} did not end when it was told to") from None


class Server:
    """The server under its simulated cloud: it has the same port, database and cloud in each of its lives."""

    def __init__(self, binary: str, directory: Path, options: Mapping[str, str]) -> None:
        self._binary, self._directory, self._options = binary, directory, options
        self._process: Process | None = None
        self._lives = 0
        self.port = 0

    async def start(self) -> None:
        """Starts it, and waits until it is ready."""
        assert self._process is None, "it runs"
        self._lives += 1
        options = {
            "cloud": "simulated",
            "topology": f"{self._directory / 'topology.toml'}",
            "simulated-state": f"{self._directory / 'cloud.json'}",
            "database-url": self._url,
            "listen": f"127.0.0.1:{self.port}",
            "http-listen": "off",
            "heartbeat-interval": "1s",
            "poll-interval": "100ms",
            "reconnect-spread": "500ms",
            "shutdown-grace": "5s",
            "lease": "2s",
            "log-format": "json",
            **self._options,
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        log = self._directory / f"server-{self._lives}.log"
        self._process = Process([self._binary, "serve", *arguments], log)
        ready = await self._logged(log, "ready")
        assert ready
        listening = await self._logged(log, "listening")
        self.port = int(str(listening["grpc"]).rpartition(":")[2])

    async def _logged(self, log: Path, message: str) -> dict[str, object]:
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                for line in log.read_text().splitlines():
                    entry = _json(line)
                    if entry.get("message") == message:
                        return entry
                assert self._process is not None
                if self._process.code is not None:
                    raise AssertionError(f"the server ended by itself: {log}")
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    async def stop(self) -> None:
        """Ends it in good order."""
        process, self._process = self._process, None
        if process is not None:
            await process.stop()

    @property
    def _database(self) -> Path:
        return self._directory / "server.db"

    def back_up(self) -> None:
        """Copies the database of a server that does not run."""
        assert self._process is None, "it runs"
        shutil.copy(self._database, self._directory / "back-up.db")

    async def restore(self) -> None:
        """Puts the copy in place of the database of a server that does not run, as the documents say."""
        assert self._process is None, "it runs"
        for file in self._directory.glob("server.db*"):
            file.unlink()
        shutil.copy(self._directory / "back-up.db", self._database)
        command = [self._binary, "database", "restored", "--database-url", self._url]
        restored = Process(command, self._directory / "restored.log")
        async with asyncio.timeout(LIMIT_SECONDS):
            while restored.code is None:
                await asyncio.sleep(0.02)
        assert restored.code == 0, f"the database was not restored: {self._directory / 'restored.log'}"

    @property
    def _url(self) -> str:
        return f"sqlite://{self._database}?mode=rwc"


def _json(line: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
