"""One play of one scenario in one language: a server, a proxy, a program, and an observer, of its own."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

from sdks import journal
from sdks.calls import Calls
from sdks.certificates import Certificates
from sdks.journal import Life, Line
from sdks.languages import Program
from sdks.maintenance import Maintenance
from sdks.observer import Observer
from sdks.principals import Principals
from sdks.processes import LIMIT_SECONDS, Process, Server
from sdks.proxy import Proxy
from sdks.scenario import Scenario
from sdks.topology import PROJECT

SUBSCRIPTION = "conformance"


class Stage:
    """What is on it, and what can be waited for."""

    def __init__(self, scenario: Scenario, layer: str, program: Program, directory: Path, seed: int) -> None:
        self.scenario, self.layer, self.program, self.directory = scenario, layer, program, directory
        self.lives: list[Life] = []
        self.parts = 0
        self._process: Process | None = None
        self._mark = self._mark_told = self._opened = 0
        self._tail: journal.Tail | None = None
        (directory / "topology.toml").write_text(scenario.site.text(seed))
        options = dict(scenario.server)
        self.certificates = Certificates(directory) if scenario.tls else None
        if self.certificates is not None:
            options["server-cert"] = str(self.certificates.certificate_file)
            options["server-key"] = str(self.certificates.key_file)
        self.principals = Principals(directory) if scenario.principals else None
        if self.principals is not None:
            options["principals"] = str(self.principals.file)
        self.server = Server(os.environ["FERMATA_BIN"], directory, options)
        self.proxy = Proxy(0, seed)
        self._ends = contextlib.AsyncExitStack()

    async def open(self) -> None:
        """Starts everything but the program."""
        ends = self._ends
        ends.callback(self.server.kill)
        try:
            await self.server.start()
            self.proxy.target = self.server.port
            ends.push_async_callback(self.proxy.end)
            await self.proxy.start()
            ca = self.certificates.ca if self.certificates else None
            self.calls = Calls(self.server.port, ca, self.principals.operator if self.principals else None)
            ends.push_async_callback(self.calls.close)
            self.maintenance, self.observer = Maintenance(self.calls, self.scenario.terms), Observer(self.calls)
            ends.push_async_callback(self.maintenance.end)
            observing = asyncio.create_task(self.observer.follow())
            ends.callback(observing.cancel)
            await self.until("the observer's first snapshot", lambda: bool(self.observer.stores))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends everything that there still is."""
        if self._process is not None:
            self._process.kill()
        await self._ends.aclose()

    # The program.

    def start_program(self, behaviour: str) -> None:
        """Starts it, with a journal of its own."""
        assert self._process is None, "it runs"
        self.lives.append(Life())
        self._tail = journal.Tail(self._journal)
        self._mark, self._opened = 0, self.proxy.did["opened"]
        scheme = "https" if self.certificates else "http"
        options = {
            "server": f"{scheme}://127.0.0.1:{self.proxy.port}",
            "project": self.scenario.project or PROJECT,
            "subscription": SUBSCRIPTION,
            "journal": str(self._journal),
            "layer": self.layer,
            "heartbeat": "1",
            "answer-margin": "2",
            "behaviour": behaviour,
            **self.scenario.program,
        }
        if self.principals is not None:
            options["token-file"] = str(self.principals.token_file)
        if self.certificates is not None:
            options["tls-ca"] = str(self.certificates.ca_file)
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        log = self.directory / f"program-{len(self.lives)}.log"
        self._process = Process([*self.program.command, *arguments], log, self.program.variables)

    @property
    def _journal(self) -> Path:
        return self.directory / f"journal-{len(self.lives)}.jsonl"

    def lines(self) -> list[Line]:
        """What the program has written in this life."""
        return self._tail.lines() if self._tail else []

    def kill_program(self) -> None:
        """Ends it at once."""
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        process.kill()
        self.lives[-1] = Life(journal.read(self._journal, was_killed=True), "killed")

    async def stop_program(self) -> None:
        """Tells it to end, if it has not ended by itself. Before it connects it may not have learnt yet what the signal means."""
        if self._process is not None:
            await self.until("the program to connect", lambda: self.has_ended() or self.proxy.did["opened"] > self._opened)
        process, self._process = self._process, None
        if process is not None:
            ended = "stopped" if process.code is None else "by itself"
            code = await process.stop()
            self.lives[-1] = Life(journal.read(self._journal), ended, code)

    def has_ended(self) -> bool:
        """It has ended, by itself."""
        return self._process is None or self._process.code is not None

    def freeze(self) -> None:
        """The whole program stands still, as on a machine that is too busy."""
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """It moves again."""
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    # Waiting.

    def mark(self) -> None:
        """What is waited for comes after this moment."""
        self._mark, self._mark_told = len(self.lines()), len(self.observer.last.events)

    async def until(self, what: str, is_so: Any) -> None:
        """Waits for a condition, which is asked often."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while not is_so():
                    self._check_others()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"waited for {what} in vain") from None

    def _check_others(self) -> None:
        """What has gone wrong elsewhere ends the wait."""
        for task in self.maintenance.driven:
            if task.done():
                task.result()
        if self._process is not None and self._process.code is not None and self.scenario.expected.ended == "stopped":
            raise AssertionError("the program has ended by itself")

    async def until_written(self, wanted: dict[str, str]) -> None:
        """Waits for a line of the journal with these fields. They are compared as text."""
        await self.until(f"a line of the journal with {wanted}", lambda: _any(self.lines()[self._mark :], wanted))

    async def until_told(self, wanted: dict[str, str]) -> None:
        """Waits for an event of the server with these fields."""
        await self.until(f"an event with {wanted}", lambda: _any(self.observer.last.events[self._mark_told :], wanted))

    @property
    def position(self) -> tuple[str, int]:
        """Where the program is: in which database, at which event. One that starts again may have nothing more to read."""
        sequence = -1
        # A watch begins anew in each life.
        before = reversed(self.lives[:-1]) if self.layer == "owner" else ()
        for lines in [self.lines(), *(life.lines for life in before)]:
            for line in reversed(lines):
                if line["kind"] in ("snapshot", "event"):
                    sequence = line["sequence"] if sequence < 0 else sequence
                if line["kind"] == "snapshot":
                    return line["store_id"], sequence
        return "", sequence

    def is_up_to_date(self) -> bool:
        """The program has read all that there is."""
        store, sequence = self.position
        last = self.observer.last
        return store in ("", last.id) and sequence == last.last


def _any(rows: list[dict[str, Any]], wanted: dict[str, str]) -> bool:
    return any(all(str(row.get(name)) == value for name, value in wanted.items()) for row in rows)
