"""The conformance program, and an owner's process that is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import fermata
from fermata.testing import CORE_NETWORK, SimulatedFermata, until
from fermata.v1 import session_pb2
from tests.asking import PYTHON, notifications, replies

Line = dict[str, Any]


class Program:
    """The program, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, journal: Path) -> None:
        self.process, self._journal = process, journal

    def lines(self, kind: str) -> list[Line]:
        text = self._journal.read_text() if self._journal.exists() else ""
        # A line that is being written has no end yet.
        whole = text[: text.rfind("\n") + 1]
        return [line for line in map(json.loads, whole.splitlines()) if line["kind"] == kind]

    async def wrote(self, kind: str, count: int = 1) -> list[Line]:
        lines: list[Line] = await until(
            f"{count} lines {kind}", lambda: found if len(found := self.lines(kind)) >= count else None
        )
        return lines

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return await self.process.wait()


@contextlib.asynccontextmanager
async def program(
    server: SimulatedFermata, journal: Path, *arguments: str, layer: str = "owner"
) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, "-m", "fermata.conformance", "--server", server.target, "--project", CORE_NETWORK),
        *("--subscription", "conformance", "--journal", str(journal), "--layer", layer, *arguments),
    )
    running = Program(process, journal)
    try:
        yield running
    finally:
        if process.returncode is None:
            await running.end(signal.SIGKILL)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def test_the_owner_layer(simulated_fermata: SimulatedFermata, journal: Path) -> None:
    async with program(simulated_fermata, journal, "--heartbeat", "1") as it:
        await it.wrote("snapshot")
        report = await simulated_fermata.maintain("compute-b3", "compute-a1")
        await until(
            "the end to be handled", lambda: [line for line in it.lines("handler") if line["handler"] == "complete"]
        )
        await until("all to be acknowledged", lambda: it.lines("acknowledged") and _all_acknowledged(it))
        assert await it.end() == 0
        (ended,) = it.lines("ended")
        phases = {(line["attempt"], line["phase"]) for line in it.lines("handler")}
        (reply,) = [line for line in it.lines("reply") if line["id"] == it.lines("reply")[0]["id"]]
        events = it.lines("event")
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    assert phases == {(1, "begin"), (1, "end")}
    assert (reply["answer"], reply["fallback"], reply["outcome"], reply["plan_revision"]) == (
        "accept",
        False,
        "accepted",
        1,
    )
    assert ended["reason"] == "stopped"
    assert [line["sequence"] for line in events] == list(range(events[0]["sequence"], events[-1]["sequence"] + 1))
    assert {line["what"] for line in events} == {"notification", "server", "session"}
    assert all(set(line) >= {"at", "id", "change", "plan_revision"} for line in events)


def _all_acknowledged(it: Program) -> bool:
    acknowledged: int = it.lines("acknowledged")[-1]["sequence"]
    last: int = it.lines("event")[-1]["sequence"]
    return acknowledged == last


async def test_handlers_that_raise(simulated_fermata: SimulatedFermata, journal: Path) -> None:
    async with program(simulated_fermata, journal, "--behaviour", "raise") as it:
        await it.wrote("snapshot")
        await simulated_fermata.ask("compute-a1")
        (reply, *_) = await it.wrote("reply")
        phases = [(line["attempt"], line["phase"]) for line in it.lines("handler")]
    assert (reply["answer"], reply["fallback"]) == ("accept", False)
    assert phases == [(1, "begin"), (1, "failed"), (2, "begin"), (2, "failed"), (3, "begin"), (3, "end")]


@pytest.mark.parametrize(("behaviour", "answer"), [("reject", "reject"), ("counter_offer", "counter_offer")])
async def test_other_behaviours(
    simulated_fermata: SimulatedFermata, journal: Path, behaviour: str, answer: str
) -> None:
    async with program(simulated_fermata, journal, "--behaviour", behaviour) as it:
        await it.wrote("snapshot")
        await simulated_fermata.ask("compute-a1")
        (reply, *_) = await it.wrote("reply")
        assert (reply["answer"], reply["outcome"]) == (answer, "accepted")
        if behaviour == "counter_offer":
            (_, again, *_) = await it.wrote("reply", 2)
            assert again["answer"] == "accept"


async def test_the_watch_layer(simulated_fermata: SimulatedFermata, journal: Path) -> None:
    async with program(simulated_fermata, journal, "--read-delay", "0.01", layer="watch") as it:
        (snapshot, *_) = await it.wrote("snapshot")
        await asyncio.to_thread(simulated_fermata.restart)
        (interrupted, *_) = await it.wrote("interrupted")
        await simulated_fermata.ask("compute-a1")
        (event, *_) = await it.wrote("event")
        assert await it.end() == 0
        assert it.lines("ended")[0]["reason"] == "stopped"
    assert {"sequence", "store_id", "servers", "notifications"} <= set(snapshot)
    assert interrupted["cause"] == "going_away"
    assert (event["what"], event["change"], event["plan_revision"]) == ("notification", "PENDING", 1)


async def test_a_wrong_project_ends_with_its_reason(simulated_fermata: SimulatedFermata, journal: Path) -> None:
    async with program(simulated_fermata, journal, "--subscription", "not a name") as it:
        assert await it.process.wait() == 1
        assert it.lines("ended")[0]["reason"] == "INVALID_FIELD"


@pytest.mark.parametrize("when", ["while its handler runs", "after its answer"])
async def test_an_owner_that_is_killed_answers_once(
    simulated_fermata: SimulatedFermata, journal: Path, tmp_path: Path, when: str
) -> None:
    """The first answer stands, also if it decides otherwise when it starts again; and no question is lost."""
    begins = "slow" if when == "while its handler runs" else "accept"
    async with program(simulated_fermata, journal, "--behaviour", begins, "--slow-for", "3600") as it:
        await it.wrote("snapshot")
        maintenance = asyncio.create_task(simulated_fermata.maintain("compute-a1", reply_seconds=40))
        await it.wrote("handler" if begins == "slow" else "reply")
        await it.end(signal.SIGKILL)
        answered = it.lines("reply")
    async with program(
        simulated_fermata, tmp_path / "again", "--behaviour", "accept" if begins == "slow" else "reject"
    ) as it:
        report = await maintenance
        if begins == "slow":
            (first, *_) = await it.wrote("reply")
            assert first["outcome"] == "accepted"
        async with fermata.connect(simulated_fermata.target) as connection:
            asked = await notifications(connection, CORE_NETWORK, report.session.id)
            told = [notification for notification in await replies(connection) if notification in {n.id for n in asked}]
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    assert len(answered) == (0 if begins == "slow" else 1)
    assert len(told) == len(set(told)) >= 1
