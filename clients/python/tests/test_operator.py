"""Operators against the real server."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import grpc
import pytest

import fermata
from fermata._operator.pages import merge_plan, merge_report
from fermata.testing import SimulatedFermata, until
from fermata.v1 import session_pb2, session_service_pb2, types_pb2
from fermata.v1.plan_pb2 import Plan, PlanConflict, PlanHost, PlanMove, PlanOptions, PlanWave
from fermata.v1.session_pb2 import HostReport, SessionReport, SessionServer

IN_MAINTENANCE = session_pb2.SESSION_HOST_STATE_IN_MAINTENANCE


def spec(*hosts: str) -> fermata.SessionSpec:
    made = fermata.SessionSpec(reason="a test")
    made.hosts.names.extend(hosts)
    made.window.end_time.FromDatetime(datetime.now(timezone.utc) + timedelta(hours=1))
    for period in (made.announce_reply_period, made.drain_reply_period):
        period.FromTimedelta(timedelta(seconds=1))
    return made


async def test_a_session_is_created_once_and_followed_to_its_end(simulated_fermata: SimulatedFermata) -> None:
    ready: list[tuple[str, int]] = []
    states: list[str] = []

    async def work(host: fermata.SessionHost) -> None:
        ready.append((host.host, host.state))

    async def heard(event: fermata.SessionEvent) -> None:
        if event.WhichOneof("event") == "host":
            states.append(fermata.SessionHostState.Name(event.host.state))

    async with fermata.connect(simulated_fermata.target) as connection:
        operator = fermata.Operator(connection)
        wanted = spec("compute-b3")
        session = await operator.create(wanted, request_id="mine")
        assert (await operator.create(wanted, request_id="mine")).id == session.id
        report = await operator.follow(session.id, on_host_ready=work, on_event=heard)
        # It has ended: there is nothing to wait for.
        assert (await operator.follow(session.id)).session.id == session.id
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    assert ready == [("compute-b3", IN_MAINTENANCE)]
    assert states[-1] == "SESSION_HOST_STATE_MAINTAINED"


async def test_work_that_fails_fails_the_host(simulated_fermata: SimulatedFermata) -> None:
    async def work(host: fermata.SessionHost) -> None:
        raise RuntimeError("a broken fan")

    async with fermata.connect(simulated_fermata.target) as connection:
        operator = fermata.Operator(connection)
        session = await operator.create(spec("compute-b3"))
        following = asyncio.create_task(operator.follow(session.id, on_host_ready=work))

        async def failed() -> bool:
            request = session_service_pb2.GetSessionRequest(session_id=session.id)
            now = (await connection.sessions.GetSession(request)).session
            return now.status.state == session_pb2.SESSION_STATE_FAILED

        await until("the session to fail", failed)
        skip = session_service_pb2.SkipHostRequest(session_id=session.id, host="compute-b3")
        await connection.sessions.SkipHost(skip)
        report = await following
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    assert report.hosts[0].host.state == session_pb2.SESSION_HOST_STATE_SKIPPED


async def test_work_goes_on_while_the_server_is_away(simulated_fermata: SimulatedFermata) -> None:
    begun, away = asyncio.Event(), asyncio.Event()
    calls = []

    async def work(host: fermata.SessionHost) -> None:
        calls.append(host.host)
        begun.set()
        await away.wait()

    async with fermata.connect(simulated_fermata.target) as connection:
        operator = fermata.Operator(connection)
        session = await operator.create(spec("compute-b3"))
        following = asyncio.create_task(operator.follow(session.id, on_host_ready=work))
        await begun.wait()
        simulated_fermata.kill()
        away.set()
        await asyncio.to_thread(simulated_fermata.start)
        report = await following
    assert report.session.status.state == session_pb2.SESSION_STATE_COMPLETED
    assert calls == ["compute-b3"]


async def test_a_follower_that_leaves_cancels_its_work(simulated_fermata: SimulatedFermata) -> None:
    begun = asyncio.Event()
    ended = []

    async def work(host: fermata.SessionHost) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(host.host)

    async with fermata.connect(simulated_fermata.target) as connection:
        operator = fermata.Operator(connection)
        session = await operator.create(spec("compute-b3"))
        following = asyncio.create_task(operator.follow(session.id, on_host_ready=work))
        await begun.wait()
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        assert ended == ["compute-b3"]
        # Who comes back works on it again.
        report = await operator.follow(session.id, on_host_ready=_no_work)
    assert report.hosts[0].host.state == session_pb2.SESSION_HOST_STATE_MAINTAINED


async def _no_work(host: fermata.SessionHost) -> None:
    pass


async def test_previews(simulated_fermata: SimulatedFermata) -> None:
    async with fermata.connect(simulated_fermata.target) as connection:
        operator = fermata.Operator(connection)
        plan = await operator.preview(spec("compute-a1", "compute-b3"), PlanOptions(max_stages=1))
        assert isinstance(plan, Plan)
        assert sorted(host.host for wave in plan.waves for host in wave.hosts) == ["compute-a1", "compute-b3"]
        everything = spec()
        everything.hosts.all = True
        everything.kind = types_pb2.MAINTENANCE_KIND_RETIREMENT
        assert isinstance(await operator.preview(everything), PlanConflict)
        with pytest.raises(fermata.FermataError) as raised:
            await operator.preview(spec("nowhere"))
    assert (raised.value.code, raised.value.reason_name) == (grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_HOST")


async def test_errors_name_the_fields(simulated_fermata: SimulatedFermata) -> None:
    async with fermata.connect(simulated_fermata.target) as connection:
        with pytest.raises(fermata.FermataError) as raised:
            await fermata.Operator(connection).create(fermata.SessionSpec())
        assert raised.value.reason_name == "INVALID_FIELD"
        assert "spec.window" in " ".join(violation.field for violation in raised.value.field_violations)
        with pytest.raises(fermata.FermataError, match="SESSION_NOT_FOUND"):
            await fermata.Operator(connection).follow("00000000-0000-0000-0000-000000000000")


def test_pieces_of_a_plan() -> None:
    def wave(number: int, host: str, *servers: str) -> PlanWave:
        moves = [PlanMove(server_id=server) for server in servers]
        return PlanWave(number=number, hosts=[PlanHost(host=host, moves=moves)])

    whole = Plan()
    merge_plan(whole, Plan(move_count=5, waves=[wave(1, "a", "1", "2")]))
    merge_plan(whole, Plan(waves=[wave(1, "a", "3"), wave(2, "b", "4")]))
    merge_plan(whole, Plan(waves=[wave(2, "c", "5")]))
    assert whole.move_count == 5
    read = [(w.number, [(h.host, [m.server_id for m in h.moves]) for h in w.hosts]) for w in whole.waves]
    assert read == [(1, [("a", ["1", "2", "3"])]), (2, [("b", ["4"]), ("c", ["5"])])]


def test_pages_of_a_report() -> None:
    def page(*hosts: tuple[str, str]) -> SessionReport:
        made = SessionReport(session=fermata.Session(id="s"))
        for host, server in hosts:
            reported = HostReport(host=fermata.SessionHost(host=host), servers=[SessionServer(server_id=server)])
            made.hosts.append(reported)
        made.notifications.add(project_id=hosts[0][0])
        return made

    whole = SessionReport()
    merge_report(whole, page(("a", "1"), ("b", "2")))
    merge_report(whole, page(("b", "3"), ("c", "4")))
    assert [(h.host.host, [s.server_id for s in h.servers]) for h in whole.hosts] == [
        ("a", ["1"]),
        ("b", ["2", "3"]),
        ("c", ["4"]),
    ]
    assert [asked.project_id for asked in whole.notifications] == ["a", "b"]
