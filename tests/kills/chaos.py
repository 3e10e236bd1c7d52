"""What goes wrong: kills, stops, links that are cut, a database that is ended. All by chance, and by one seed."""

import asyncio
import random

from kills.cluster import Cluster, Replica

# Kills between two restarts of the database.
RESTART_EVERY = 20


class Chaos:
    """Does damage until so many kills are done."""

    def __init__(self, cluster: Cluster, kills: int, seed: int) -> None:
        self.cluster = cluster
        self.kills = kills
        self.done = 0
        self.rng = {name: random.Random(f"{seed}/{name}") for name in ("kill", "stop", "cut")}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        others = [asyncio.create_task(work) for work in (self._stop_some(), self._cut_some())]
        try:
            await self._kill_some()
            for task in others:
                if task.done():
                    task.result()
        finally:
            for task in [*others, *self._tasks]:
                task.cancel()
            await asyncio.gather(*others, *self._tasks, return_exceptions=True)

    async def _kill_some(self) -> None:
        rng = self.rng["kill"]
        restarts = 0
        while self.done < self.kills:
            await asyncio.sleep(rng.uniform(1, 3))
            victims = [r for r in self.cluster.replicas if r.is_running]
            count = 2 if rng.random() < 0.1 else 1
            for replica in rng.sample(victims, min(count, len(victims), self.kills - self.done)):
                replica.kill()
                self.done += 1
                # Mostly soon, as whoever watches over processes would; never later than 4 s.
                self._later(self._revive(replica, 4 * rng.random() ** 3))
            if self.done // RESTART_EVERY > restarts:
                restarts = self.done // RESTART_EVERY
                await asyncio.sleep(rng.uniform(0, 1))
                await self.cluster.restart_database()

    async def _revive(self, replica: Replica, after: float) -> None:
        await asyncio.sleep(after)
        if not replica.is_running:
            replica.start()

    async def _stop_some(self) -> None:
        rng = self.rng["stop"]
        while True:
            await asyncio.sleep(rng.uniform(4, 12))
            victims = [r for r in self.cluster.replicas if r.is_running and r.ready and not r.stopped]
            if victims:
                replica = rng.choice(victims)
                life = replica.life
                replica.stop()
                await asyncio.sleep(rng.uniform(1, 6))
                replica.go_on(life)

    async def _cut_some(self) -> None:
        rng = self.rng["cut"]
        while True:
            await asyncio.sleep(rng.uniform(4, 12))
            replica = rng.choice(self.cluster.replicas)
            self.cluster.cut(replica.number, rng.choice(["reset", "swallow"]))
            await asyncio.sleep(rng.uniform(1, 6))
            self.cluster.mend(replica.number)

    def _later(self, work: object) -> None:
        task = asyncio.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
