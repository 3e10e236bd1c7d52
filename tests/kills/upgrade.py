"""A rolling upgrade: one replica after the other ends in good order and comes back as the new release, while everything runs."""

import asyncio
import random

from kills.cluster import Cluster, Replica

# Seconds until a replica that was told to end has ended, and until its successor is ready.
PATIENCE = 60


class Upgrade:
    """Old → new, then one of them back to old, as after a disappointment, and forward again."""

    def __init__(self, cluster: Cluster, new: str, seed: int) -> None:
        self.cluster = cluster
        self.new = new
        self.rng = random.Random(f"{seed}/upgrade")

    async def run(self) -> None:
        old = self.cluster.replicas[0].binary
        order = self.rng.sample(self.cluster.replicas, len(self.cluster.replicas))
        for replica in order:
            await self._replace(replica, self.new)
        await self._replace(order[0], old)
        await self._replace(order[0], self.new)

    async def _replace(self, replica: Replica, binary: str) -> None:
        # Long enough that sessions begin and end in hands of both.
        await asyncio.sleep(self.rng.uniform(5, 10))
        async with asyncio.timeout(PATIENCE):
            await replica.end_in_order()
        replica.binary = binary
        replica.start()
        async with asyncio.timeout(PATIENCE):
            while not replica.ready:
                await asyncio.sleep(0.1)
        self.cluster.timeline.note("upgrade" if binary == self.new else "back", replica=replica.number)
