"""The examples, as they stand."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import datetime, time, timezone
from pathlib import Path

import pytest

import fermata
from fermata.testing import CORE_NETWORK, SimulatedFermata, until
from fermata.v1 import types_pb2
from fermata.v1.notification_service_pb2 import Accept, ListSubscriptionsRequest
from tests.asking import FOLDER, PYTHON, replies
from tests.questions import SCALE_IN, question, server

sys.path.insert(0, str(FOLDER / "examples"))
from vnfm import BusyHours, Vnf, Vnfm

UTC = timezone.utc


@pytest.mark.parametrize(
    ("hours", "now", "over"),
    [
        ("17:00-22:00", datetime(2030, 1, 1, 16, 59, tzinfo=UTC), None),
        ("17:00-22:00", datetime(2030, 1, 1, 17, 0, tzinfo=UTC), datetime(2030, 1, 1, 22, tzinfo=UTC)),
        ("17:00-22:00", datetime(2030, 1, 1, 22, 0, tzinfo=UTC), None),
        ("22:00-06:00", datetime(2030, 1, 1, 23, 0, tzinfo=UTC), datetime(2030, 1, 2, 6, tzinfo=UTC)),
        ("22:00-06:00", datetime(2030, 1, 1, 5, 0, tzinfo=UTC), datetime(2030, 1, 1, 6, tzinfo=UTC)),
        ("22:00-06:00", datetime(2030, 1, 1, 12, 0, tzinfo=UTC), None),
    ],
)
def test_busy_hours(hours: str, now: datetime, over: datetime | None) -> None:
    assert BusyHours.parse(hours).over_at(now) == over


async def test_it_offers_another_time_once() -> None:
    always = BusyHours(time(0, 0), time(23, 59, 59, 999999))
    vnfm = Vnfm("p", Vnf("a", "b"), always)
    asked = question()
    asked.window.end_time.FromDatetime(datetime(2999, 1, 1))
    assert (await vnfm.decide(asked)).name == "counter_offer"
    asked.counter_offer.reason = "no"
    assert (await vnfm.decide(asked)).name == "accept"


async def test_it_switches_over_before_it_accepts_and_decides_per_server() -> None:
    vnfm = Vnfm("p", Vnf("a", "b"))
    answer = await vnfm.decide(question(servers=[server("a"), server("mme-db-1")]))
    assert vnfm.vnf.active == "b"
    assert isinstance(answer.message, Accept)
    decided = {d.server_id: d.action for d in answer.message.decisions}
    assert decided == {"a": fermata.LIVE_MIGRATE, "mme-db-1": fermata.MIGRATE}


async def test_it_scales_in_and_out_again() -> None:
    vnfm = Vnfm("p", Vnf("a", "b"))
    asked = question(kind=SCALE_IN)
    asked.scale_in.server_count = 1
    asked.scale_in.suggested_server_ids.extend(["x", "y"])
    assert (await vnfm.scale_in(asked)).name == "own_action_done"
    assert vnfm.vnf.removed == ["x"]
    await vnfm.complete(fermata.OwnerSessionEvent())
    assert vnfm.vnf.removed == []


async def test_both_run_a_maintenance(simulated_fermata: SimulatedFermata, tmp_path: Path) -> None:
    """A VNFM and an NFVO, each in a process. The VNFM is killed when it has answered, and started again."""
    environment = os.environ | {"FERMATA_SERVER": simulated_fermata.target}
    report = tmp_path / "report.json"

    async def start(name: str, *arguments: str) -> asyncio.subprocess.Process:
        program = str(FOLDER / "examples" / name)
        return await asyncio.create_subprocess_exec(PYTHON, program, *arguments, env=environment)

    async def vnfm() -> asyncio.subprocess.Process:
        started = await start("vnfm.py", CORE_NETWORK, "--pair", "smf-1", "smf-2")
        await until("the VNFM to be connected", connected)
        return started

    async with fermata.connect(simulated_fermata.target) as connection:

        async def connected() -> bool:
            found = await connection.notifications.ListSubscriptions(ListSubscriptionsRequest(project_id=CORE_NETWORK))
            return any(subscription.connected for subscription in found.subscriptions)

        owner = await vnfm()
        # Both hosts have servers of this owner only, so nobody else is waited for.
        nfvo = await start("nfvo.py", "compute-a2", "compute-b3", "--reason", "new firmware", "--report", str(report))
        try:
            await until("an answer", lambda: replies(connection))
            owner.send_signal(signal.SIGKILL)
            await owner.wait()
            owner = await vnfm()
            assert await nfvo.wait() == 0
        finally:
            for process in (owner, nfvo):
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
        written = json.loads(report.read_text())
        answered = await replies(connection)
    assert written["session"]["status"]["state"] == "SESSION_STATE_COMPLETED"
    servers = [server for host in written["hosts"] for server in host.get("servers", [])]
    assert {(s["name"], s["action"], s["decision_source"]) for s in servers} == {
        ("smf-1", "ACTION_LIVE_MIGRATE", "DECISION_SOURCE_OWNER"),
        ("mme-db-1", "ACTION_MIGRATE", "DECISION_SOURCE_OWNER"),
    }
    assert len(answered) == len(set(answered))


LINES = 10
"""So many lines the example writes at least, while both servers of a host are maintained."""


@pytest.mark.parametrize("lines", range(1, LINES + 1))
async def test_the_vnfm_may_be_killed_at_any_step(
    simulated_fermata: SimulatedFermata, tmp_path: Path, lines: int
) -> None:
    """Killed (kill -9) after a line of its log, and started again: it decides on every server, and answers each question once."""
    environment = os.environ | {"FERMATA_SERVER": simulated_fermata.target}
    log = tmp_path / "log"

    async def start() -> asyncio.subprocess.Process:
        program = str(FOLDER / "examples/vnfm.py")
        with log.open("a") as file:
            return await asyncio.create_subprocess_exec(
                *(PYTHON, program, CORE_NETWORK, "--pair", "smf-1", "smf-2"), env=environment, stderr=file
            )

    async with fermata.connect(simulated_fermata.target) as connection:

        async def connected() -> bool:
            found = await connection.notifications.ListSubscriptions(ListSubscriptionsRequest(project_id=CORE_NETWORK))
            return any(subscription.connected for subscription in found.subscriptions)

        vnfm = await start()
        try:
            await until("the VNFM to be connected", connected)
            maintaining = asyncio.create_task(simulated_fermata.maintain("compute-a2", reply_seconds=60))
            await until("the lines", lambda: maintaining.done() or log.read_text().count("\n") >= lines)
            vnfm.kill()
            await vnfm.wait()
            vnfm = await start()
            report = await maintaining
        finally:
            if vnfm.returncode is None:
                vnfm.terminate()
                await vnfm.wait()
        answered = await replies(connection)
    servers = [one for host in report.hosts for one in host.servers]
    assert {(one.name, one.action, one.decision_source) for one in servers} == {
        ("smf-1", fermata.LIVE_MIGRATE, types_pb2.DECISION_SOURCE_OWNER),
        ("mme-db-1", fermata.MIGRATE, types_pb2.DECISION_SOURCE_OWNER),
    }
    assert answered
    assert len(answered) == len(set(answered)), log.read_text()


async def test_an_nfvo_says_why_there_is_no_plan(simulated_fermata: SimulatedFermata, tmp_path: Path) -> None:
    from nfvo import maintain

    spec = fermata.SessionSpec(reason="all at once")
    spec.hosts.all = True
    spec.kind = types_pb2.MAINTENANCE_KIND_RETIREMENT
    spec.window.end_time.FromDatetime(datetime(2999, 1, 1))
    async with fermata.connect(simulated_fermata.target) as connection:
        with pytest.raises(RuntimeError, match="cannot be maintained"):
            await maintain(connection, spec)
