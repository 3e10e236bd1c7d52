"""The simulated cloud that the replicas share: its topology, its process, its faults and its journal."""

import asyncio
import json
import random
import subprocess
from pathlib import Path
from typing import Any

# How things go wrong: a call, how, and how often in comparison with others.
FAULTS = [
    ("live_migrate", "lost_answer", 4),
    ("migrate", "lost_answer", 4),
    ("confirm_migration", "lost_answer", 3),
    ("stop", "lost_answer", 3),
    ("start", "lost_answer", 3),
    ("set_scheduling", "lost_answer", 3),
    ("live_migrate", "unknown_not_done", 2),
    ("migrate", "unknown_not_done", 2),
    ("stop", "unknown_not_done", 2),
    ("start", "unknown_not_done", 2),
    ("live_migrate", "fails", 3),
    ("migrate", "fails", 3),
    ("live_migrate", "rejects", 1),
    ("live_migrate", "unavailable", 1),
    ("progress", "unavailable", 1),
    ("servers_on", "unavailable", 1),
]
READS = {"check", "hosts", "arriving", "servers_on", "progress", "site"}


def topology(sessions: int, projects: int, seed: int) -> tuple[str, list[list[str]], list[str]]:
    """A site with two hosts for each session and some to spare; the hosts by session, and the projects."""
    rng = random.Random(f"{seed}/topology")
    pairs = [[f"compute-{i:02}a", f"compute-{i:02}b"] for i in range(sessions)]
    spare = [f"spare-{i:02}" for i in range(max(4, sessions // 2))]
    owners = [f"project-{i:02}" for i in range(projects)]
    lines = [f"seed = {seed}", "journal_entries = 4000000", "", "[latencies]"]
    for what, least, most in [
        ("api", 1, 10),
        ("schedule", 20, 100),
        ("live_migrate", 400, 2000),
        ("migrate", 400, 2000),
        ("confirm_migration", 200, 600),
        ("abort_migration", 50, 200),
        ("stop", 300, 900),
        ("start", 300, 900),
    ]:
        lines.append(f"{what} = {{ min_ms = {least}, max_ms = {most} }}")
    for host in [h for pair in pairs for h in pair] + spare:
        lines.append(f'[[hosts]]\nname = "{host}"\nvcpus = 32\nmemory_mib = 32768\ndisk_gib = 1000')
    for owner in owners:
        lines.append(f'[[projects]]\nid = "{owner}"\nname = "{owner}"')
    number = 0
    for host in (h for pair in pairs for h in pair):
        for _ in range(rng.choice([3, 3, 4])):
            # Neighbours on a host belong to different owners.
            name, owner = f"server-{number:03}", owners[(number * 7) % len(owners)]
            number += 1
            lines.append(
                f'[[servers]]\nid = "{name}"\nname = "{name}"\nproject = "{owner}"\nhost = "{host}"\n'
                "size = { vcpus = 2, memory_mib = 2048, disk_gib = 10 }"
            )
    return "\n".join(lines) + "\n", pairs, owners


class Cloud:
    """The process, and a connection to it."""

    def __init__(self, binary: str, directory: Path, text: str) -> None:
        file = directory / "topology.toml"
        file.write_text(text)
        self.log = (directory / "cloud.log").open("wb")
        command = [binary, "--output", "json", "simulated-cloud", "--listen", "127.0.0.1:0", "--topology", str(file)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the simulated cloud did not start, see {directory}/cloud.log"
        self.address = str(json.loads(line)["listen"])
        self.journal: list[dict[str, Any]] = []
        self._next = 0
        self._turn = asyncio.Lock()
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, **request: Any) -> Any:
        async with self._turn:
            if self._stream is None:
                host, _, port = self.address.rpartition(":")
                self._stream = await asyncio.open_connection(host, int(port), limit=1 << 28)
            reader, writer = self._stream
            writer.write(json.dumps(request).encode() + b"\n")
            answer = json.loads(await reader.readline())
        assert "ok" in answer, f"the simulated cloud refused {request}: {answer}"
        return answer["ok"]

    async def collect(self) -> None:
        """Takes over what is new in the journal."""
        for entry in await self.ask(operation="journal", **{"from": self._next}):
            assert entry["number"] == self._next, "the simulated cloud's journal has a hole: it kept too little"
            self._next += 1
            call = entry["event"].get("call")
            if not call or call["operation"] not in READS:
                self.journal.append(entry)

    async def follow(self) -> None:
        """Takes over the journal now and then, until it is cancelled."""
        while True:
            await self.collect()
            await asyncio.sleep(2)

    async def misbehave(self, seed: int, pause: float = 1.0) -> None:
        """Lets random calls go wrong, until it is cancelled."""
        rng = random.Random(f"{seed}/faults")
        while True:
            await asyncio.sleep(rng.uniform(0.3, 1.7) * pause)
            operation, kind, _ = rng.choices(FAULTS, [weight for *_, weight in FAULTS])[0]
            fault = {"operation": operation, "server": None, "host": None, "times": 1, "kind": kind}
            await self.ask(operation="inject", fault=fault)

    async def behave(self) -> None:
        await self.ask(operation="clear_faults")

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
