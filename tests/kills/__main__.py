"""The test itself.

    python -m kills [options]        runs it
    python -m kills --check DIR      checks once more what a run left behind
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fermata.v1.stream_pb2 import STREAM_POINT_SNAPSHOT

from kills import cloud as clouds
from kills.adoption import measure
from kills.calls import Door, Doors
from kills.chaos import Chaos
from kills.checker import check
from kills.cloud import Cloud
from kills.cluster import Cluster
from kills.database import Database
from kills.finding import Finding
from kills.people import Operator, Owner
from kills.record import Record
from kills.subscribers import Subscriber
from kills.upgrade import Upgrade

# After everything is healed: until every session has ended, and until every subscriber is at the end.
LAST_SESSION_SECONDS = 180
LAST_EVENT_SECONDS = 60
# Until every task of the test has ended after it was cancelled.
LAST_TASK_SECONDS = 60


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/kills/run", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="kill -9 so often (default 100)")
    parser.add_argument("--sessions", type=int, default=20, help="sessions at a time (default 20)")
    parser.add_argument("--subscribers", type=int, default=200, help="subscribers (default 200)")
    parser.add_argument("--projects", type=int, default=16, help="projects that own servers (default 16)")
    parser.add_argument("--replicas", type=int, default=3, help="server processes (default 3)")
    parser.add_argument("--lease", type=float, default=2, help="seconds of a replica's lease (default 2)")
    parser.add_argument("--no-hints", action="store_true", help="replicas do not tell each other of changes")
    parser.add_argument("--seed", type=int, default=None, help="of all chance (default: another one each time)")
    parser.add_argument("--keep", action="store_true", help="keep logs and journals although nothing was found")
    parser.add_argument("--upgrade-from", metavar="BINARY", default="", help="begin with this release, and upgrade before the kills")
    parser.add_argument("--check", type=Path, help="only check what a run left in this directory")
    options = parser.parse_args()
    options.binary = os.environ.get("FERMATA_BIN", "")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


class Run:
    """A run, from empty tables to the record."""

    def __init__(self, options: argparse.Namespace, directory: Path) -> None:
        self.options = options
        self.directory = directory
        self.record = Record()
        self.began = time.time()
        seed = options.seed
        text, self.pairs, self.projects = clouds.topology(options.sessions, options.projects, seed)
        self.cloud = Cloud(options.binary, directory, text)
        self.database = Database(os.environ["DATABASE_URL"])
        self.cluster = Cluster(options, directory, self.database, self.cloud)
        self.tasks: list[asyncio.Task[Any]] = []

    def say(self, text: str) -> None:
        print(f"{time.time() - self.began:6.1f} s  {text}", flush=True)

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self.tasks.append(task)
        return task

    async def go(self) -> Record:
        options, seed = self.options, self.options.seed
        await self.cluster.heal()
        self.doors = Doors([Door(r, options.subscribers) for r in self.cluster.replicas], seed)
        self.say(f"{options.replicas} replicas are ready")
        self.spawn(self.database.watch())
        self.spawn(self.cloud.follow())
        await self._let_subscribe()
        self.say(f"{len(self.subscribers)} subscribers listen")
        self.operators = [Operator(i, pair, self.doors, seed) for i, pair in enumerate(self.pairs)]
        rival = Operator(len(self.pairs), [], self.doors, seed)
        working = [self.spawn(operator.work()) for operator in self.operators]
        working.append(self.spawn(rival.compete(self.pairs)))
        self.operators.append(rival)
        faults = self.spawn(self.cloud.misbehave(seed))
        await asyncio.sleep(3)
        if options.upgrade_from:
            await Upgrade(self.cluster, options.binary, seed).run()
            self._failed_tasks()
            self.say(f"every replica is upgraded, {self._sessions_ended()} sessions ended, {self._had()} events had")
        chaos = Chaos(self.cluster, options.kills, seed)
        damage = self.spawn(chaos.run())
        while not damage.done():
            await asyncio.wait([damage], timeout=10)
            self._failed_tasks()
            self.say(f"{chaos.done} kills, {self._sessions_ended()} sessions ended, {self._had()} events had")
        self.say("everything is healed")
        faults.cancel()
        await self.cloud.behave()
        await self.cluster.heal()
        healed_at = time.time()
        for operator in self.operators:
            operator.stopping = True
        await asyncio.wait(working, timeout=LAST_SESSION_SECONDS)
        if any(not task.done() for task in working):
            self.say("not every session has ended")
        self.say(f"the last session ended {time.time() - healed_at:.1f} s after that")
        for subscriber in self.subscribers:
            subscriber.stays = True
        await self._wait_for_subscribers()
        self._failed_tasks()
        await self.cloud.collect()
        await self._cancel_tasks()
        await self.doors.close()
        self._fill()
        return self.record

    async def _let_subscribe(self) -> None:
        options, seed = self.options, self.options.seed
        self.owners = [Owner(project, self.doors, seed) for project in self.projects]
        self.subscribers = []
        late = random.Random(f"{seed}/late")
        at_once = []
        for i in range(options.subscribers):
            owner = self.owners[i % len(self.owners)]
            heard = owner.hear if i < len(self.owners) else None
            subscriber = Subscriber(i, owner.project, self.doors, seed, heard)
            self.subscribers.append(subscriber)
            if i >= len(self.owners) and late.random() < 0.1:
                self.spawn(self._come_late(subscriber, late.uniform(5, 60)))
            else:
                self.spawn(subscriber.follow())
                at_once.append(subscriber)
        async with asyncio.timeout(60):
            await asyncio.gather(*(s.opened.wait() for s in at_once))

    async def _come_late(self, subscriber: Subscriber, after: float) -> None:
        await asyncio.sleep(after)
        await subscriber.follow(STREAM_POINT_SNAPSHOT)

    async def _wait_for_subscribers(self) -> None:
        """Until every subscriber was sent everything, and stays where it is."""
        began = time.time()
        while time.time() < began + LAST_EVENT_SECONDS:
            last = self.database.last_sequences()
            behind = [
                s for s in self.subscribers if s.position != last.get(f"project/{s.journal.project}", 0)
            ]
            if not behind:
                self.say(f"every subscriber is at the end {time.time() - began:.1f} s later")
                return
            await asyncio.sleep(0.2)
        self.say(f"{len(behind)} subscribers are not at the end")

    async def _cancel_tasks(self) -> None:
        for task in self.tasks:
            task.cancel()
        _, left = await asyncio.wait(self.tasks, timeout=LAST_TASK_SECONDS)
        if left:
            raise AssertionError(f"these tasks go on after they were cancelled: {', '.join(map(str, left))}")

    def _failed_tasks(self) -> None:
        """A part of the test that failed fails the run."""
        for task in self.tasks:
            if task.done() and not task.cancelled() and task.exception():
                task.result()

    def _sessions_ended(self) -> int:
        return sum(len(operator.ended) for operator in self.operators)

    def _had(self) -> int:
        return sum(len(c.events) for s in self.subscribers for c in s.journal.connections)

    def _fill(self) -> None:
        record = self.record
        record.journals = [s.journal for s in self.subscribers]
        record.replies = [reply for owner in self.owners for reply in owner.replies]
        record.commands = [command for operator in self.operators for command in operator.commands]
        record.tenures = self.database.tenures
        record.cloud = self.cloud.journal
        self.database.dump(record)
        self.cluster.end()
        record.timeline = self.cluster.timeline.entries
        record.logs = self.cluster.logs()
        record.figures = {
            "seed": self.options.seed,
            "lease": self.options.lease,
            "seconds": time.time() - self.began,
            "redelivered": sum(s.redelivered for s in self.subscribers),
            "sessions_ended": self._sessions_ended(),
            "blind": self.database.blind,
            "odd": self.doors.odd + [odd for s in self.subscribers for odd in s.odd],
        }

    def end(self) -> None:
        """Leaves no process behind."""
        self.cluster.end()
        self.cloud.end()


def report(record: Record, findings: list[Finding]) -> str:
    """The figures, and what was found."""
    whats = Counter(entry["what"] for entry in record.timeline)
    had = sum(len(c.events) for j in record.journals for c in j.connections)
    logged, again = sum(map(len, record.events.values())), record.figures["redelivered"]
    connections = sum(len(j.connections) for j in record.journals)
    commands = Counter(f"{c.method} {c.result or 'unanswered'}" for c in record.commands)
    replies = Counter(r.result or "unanswered" for r in record.replies)
    operations: Counter[str] = Counter()
    for entry in record.cloud:
        if call := entry["event"].get("call"):
            operations[f"{call['operation']} {call['outcome']}"] += 1
    adoptions = measure(record)
    counted = sorted(a.seconds for a in adoptions if a.counts and a.seconds is not None)
    other = sorted(a.seconds for a in adoptions if not a.counts and a.seconds is not None)
    states = Counter(row["state"] for row in record.sessions)
    lines = [
        f"seed              {record.figures['seed']}, {record.figures['seconds']:.0f} s",
        f"damage            {_listed(whats)}",
        f"sessions          {_listed(states)}",
        f"operator          {_listed(commands)}",
        f"replies           {_listed(replies)}",
        f"cloud             {_listed(operations)}",
        f"log               {logged} events in {len(record.events)} topics, {len(record.audit_records)} audit records",
        f"subscribers       {len(record.journals)}, {connections} connections, {had} events had, {again} of them again",
        f"adoption          {_spread(counted)} (limit {record.figures['lease'] + 2:g} s)",
        f"  without promise {_spread(other)} (database down, or nobody else there all the time)",
        f"blind             {len(record.figures['blind'])} times nobody looked for more than 0.4 s",
        f"findings          {len(findings)}",
    ]
    shown: Counter[str] = Counter()
    for finding in findings:
        shown[finding.rule] += 1
        if shown[finding.rule] <= 12:
            lines.append(f"  {finding}")
    lines.extend(f"  {rule}: {count} in all" for rule, count in shown.items() if count > 12)
    return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    at = lambda share: seconds[min(len(seconds) - 1, int(len(seconds) * share))]  # noqa: E731
    return f"{len(seconds)}, median {at(0.5):.2f} s, 95 % {at(0.95):.2f} s, maximum {seconds[-1]:.2f} s"


def main() -> int:
    options = arguments()
    if options.check:
        record = Record.load(options.check)
        findings = check(record)
        print(report(record, findings))
        return 1 if findings else 0
    directory = Path(tempfile.mkdtemp(prefix="fermata-kills-"))
    print(f"seed {options.seed}, {directory}", flush=True)
    # Told to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = Run(options, directory)
    try:
        record = asyncio.run(run.go())
    except BaseException:
        print(f"the test broke off; seed {options.seed}; logs are in {directory}", file=sys.stderr)
        (directory / "timeline.json").write_text(json.dumps(run.cluster.timeline.entries))
        raise
    finally:
        run.end()
    record.save(directory)
    findings = check(record)
    text = report(record, findings)
    (directory / "report.txt").write_text(text + "\n")
    print(text)
    if findings:
        print(f"FAILED with seed {options.seed}; everything is in {directory}")
        return 1
    if options.keep:
        print(f"everything is in {directory}")
    else:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
