"""Plays the steps of a scenario. A step is a few words, which name a method, and its arguments."""

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc

from sdks.languages import Program
from sdks.processes import LIMIT_SECONDS
from sdks.record import Record
from sdks.scenario import Scenario
from sdks.stage import SUBSCRIPTION, Stage
from sdks.topology import SPARES


class Play:
    """One play. Its steps are methods."""

    def __init__(self, scenario: Scenario, layer: str, program: Program, directory: Path, seed: int) -> None:
        if layer == "watch":
            # Nobody answers, so that nobody needs the time.
            scenario = dataclasses.replace(
                scenario, terms=dataclasses.replace(scenario.terms, reply_seconds=1, drain_seconds=1)
            )
        self.scenario, self.seed = scenario, seed
        self.stage = Stage(scenario, layer, program, directory, seed)
        self._chance = random.Random(f"{seed}/{scenario.name}")
        self._held: list[str] = []

    async def run(self) -> Record:
        """Plays it from its first step to its end, and returns what is to be checked."""
        stage = self.stage
        record = Record(
            stage.program.language, self.scenario.name, stage.layer, self.scenario.behaviour, self.seed, self.scenario.expected
        )
        await stage.open()
        try:
            for attempt in (self._see_through(record), stage.stop_program()):
                try:
                    await attempt
                except (AssertionError, TimeoutError, grpc.aio.AioRpcError) as error:
                    record.trouble.append(str(error) or "a call of the operator was not answered")
        finally:
            await stage.close()
        record.lives, record.stores, record.parts = stage.lives, stage.observer.stores, stage.parts
        record.harm = dict(stage.proxy.did)
        return record

    async def _see_through(self, record: Record) -> None:
        for step in self.scenario.steps:
            await self._step(step)
        await self._finish()
        record.outcome = await self.stage.maintenance.outcome()
        if self.stage.layer == "owner" and self.scenario.expected.ended == "stopped":
            record.acknowledged = await self.stage.maintenance.acknowledged(SUBSCRIPTION)

    async def _step(self, step: list[str]) -> None:
        for words in (3, 2, 1):
            method: Callable[..., Awaitable[None]] | None = getattr(self, "_".join(step[:words]), None)
            if len(step) >= words and method is not None:
                await method(*step[words:])
                return
        raise AssertionError(f"there is no step {' '.join(step)}")

    async def _finish(self) -> None:
        """Until nothing happens any more, and the program has all of it."""
        stage = self.stage
        stage.proxy.mend()
        await stage.until("the end of every session", lambda: all(task.done() for task in stage.maintenance.driven))
        for task in stage.maintenance.driven:
            task.result()
        if self.scenario.expected.ended != "stopped":
            await stage.until("the program to end by itself", stage.has_ended)
            return
        await stage.until("the program to read everything", stage.is_up_to_date)
        if stage.layer == "owner":
            await self._until_acknowledged()

    async def _until_acknowledged(self) -> None:
        stage = self.stage
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                # Something may still be told while handlers end.
                while (
                    not stage.is_up_to_date() or await stage.maintenance.acknowledged(SUBSCRIPTION) != stage.observer.last.last
                ):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError("waited for the last position to be acknowledged in vain") from None

    # Steps.

    async def program_start(self, behaviour: str = "") -> None:
        """Starts the program, with another behaviour if one is named."""
        self.stage.start_program(behaviour or self.scenario.behaviour)

    async def program_kill(self) -> None:
        """kill -9."""
        self.stage.kill_program()

    async def program_stop(self) -> None:
        """SIGTERM."""
        await self.stage.stop_program()

    async def program_freeze(self) -> None:
        """SIGSTOP."""
        self.stage.freeze()

    async def program_thaw(self) -> None:
        """SIGCONT."""
        self.stage.thaw()

    async def session(self) -> None:
        """Opens a session over all hosts; the operator sees it through."""
        await self.stage.maintenance.open(self.scenario.site.names)

    async def session_change(self) -> None:
        """Changes the last session: its owners are asked again."""
        await self.stage.maintenance.change(self.stage.maintenance.sessions[-1])

    async def hold(self, count: str) -> None:
        """Opens sessions that only ask, one for each host, until there are `count` of them."""
        names = self.scenario.site.names
        for name in names[len(self._held) : int(count)]:
            self._held.append(await self.stage.maintenance.hold([name]))

    async def release(self) -> None:
        """Cancels the sessions that are held."""
        for session in self._held:
            await self.stage.maintenance.cancel(session)
        self._held.clear()

    async def events(self, count: str) -> None:
        """Makes at least so many events: sessions that are announced and cancelled. All of them have been told."""
        stage = self.stage
        before = stage.observer.last.last
        cancelled: set[str] = set()

        async def make(host: str) -> None:
            while stage.observer.last.last < before + int(count):
                session = await stage.maintenance.hold([host])
                await stage.maintenance.cancel(session)
                cancelled.add(session)

        await asyncio.gather(*(make(host) for host in SPARES))
        await stage.until("the last of the events", lambda: cancelled <= stage.observer.ended())

    async def snapshot(self) -> None:
        """Counts the parts of a snapshot of now."""
        self.stage.parts = max(self.stage.parts, await self.stage.observer.count_parts())

    async def mark(self) -> None:
        """What is waited for, in the journal and of the server, comes after this moment."""
        self.stage.mark()

    async def written(self, *wanted: str) -> None:
        """Waits until the journal has a line with these fields."""
        await self.stage.until_written(dict(pair.split("=", 1) for pair in wanted))

    async def told(self, *wanted: str) -> None:
        """Waits until the server has told an event with these fields."""
        await self.stage.until_told(dict(pair.split("=", 1) for pair in wanted))

    async def caught_up(self) -> None:
        """Waits until the program has read everything."""
        await self.stage.until("the program to read everything", self.stage.is_up_to_date)

    async def acknowledged(self) -> None:
        """Waits until everything is handled and acknowledged."""
        await self._until_acknowledged()

    async def pause(self, least: str, most: str = "") -> None:
        """Lets time pass: harm needs some to be felt."""
        await asyncio.sleep(self._chance.uniform(float(least), float(most or least)))

    async def server_stop(self) -> None:
        """SIGTERM."""
        await self.stage.server.stop()

    async def server_kill(self) -> None:
        """kill -9."""
        self.stage.server.kill()

    async def server_start(self) -> None:
        """Starts it where it was."""
        await self.stage.server.start()

    async def server_back_up(self) -> None:
        """While it does not run: its database is copied."""
        self.stage.server.back_up()

    async def server_restore(self) -> None:
        """While it does not run: the copy is put in place."""
        await self.stage.server.restore()

    async def another_store(self) -> None:
        """Waits until the observer has seen another database."""
        stores = self.stage.observer.stores
        await self.stage.until("another database", lambda: len(stores) > 1)

    async def link_silence(self, *directions: str) -> None:
        """Nothing passes."""
        self.stage.proxy.silence(*directions)  # type: ignore[arg-type]

    async def link_stall(self) -> None:
        """Nothing is read from the server."""
        self.stage.proxy.stall()

    async def link_throttle(self, bytes_per_second: str) -> None:
        """What the server sends passes slowly."""
        self.stage.proxy.throttle(int(bytes_per_second))

    async def link_slow(self, seconds: str) -> None:
        """Each piece is late."""
        self.stage.proxy.slow(float(seconds))

    async def link_refuse(self) -> None:
        """There is no way to the server."""
        self.stage.proxy.refuse()

    async def link_reset(self) -> None:
        """Connections are reset."""
        self.stage.proxy.reset()

    async def link_close(self) -> None:
        """Connections are closed in good order."""
        self.stage.proxy.close()

    async def link_cut(self, size: str) -> None:
        """The connection is reset that passes this number of bytes."""
        self.stage.proxy.cut_after(int(size))

    async def link_is_cut(self) -> None:
        """Waits until that has happened."""
        await self.stage.until("a cut", lambda: self.stage.proxy.did["cut"] > 0)

    async def link_mend(self) -> None:
        """All passes again."""
        self.stage.proxy.mend()

    async def certificate_rotate(self) -> None:
        """The server gets another certificate; it looks for one every two seconds."""
        assert self.stage.certificates is not None
        self.stage.certificates.rotate()

    async def token_expire(self) -> None:
        """The owner's token has expired; the server reads its file every two seconds."""
        assert self.stage.principals is not None
        self.stage.principals.expire()

    async def token_add(self) -> None:
        """Another token is good, too. The owner does not have it yet."""
        assert self.stage.principals is not None
        self.stage.principals.add()

    async def token_remove(self) -> None:
        """All tokens but the newest are unknown."""
        assert self.stage.principals is not None
        self.stage.principals.remove()

    async def token_renew(self) -> None:
        """The owner's token file has the newest."""
        assert self.stage.principals is not None
        self.stage.principals.renew()
