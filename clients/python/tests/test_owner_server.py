"""Owners against the real server, which is restarted, killed and frozen under them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

import fermata
from fermata.testing import CORE_NETWORK, IMS, SimulatedFermata, until
from fermata.v1 import notification_pb2, session_pb2, types_pb2
from fermata.v1.notification_service_pb2 import DeleteSubscriptionRequest
from fermata.v1.policy_pb2 import ServerGroup
from fermata.v1.policy_service_pb2 import PutServerGroupRequest
from tests.asking import notifications, replies
from tests.running import Told

COMPLETED = session_pb2.SESSION_STATE_COMPLETED
FULL_SITE = """
[latencies]
live_migrate = { min_ms = 20, max_ms = 50 }
schedule = { min_ms = 1, max_ms = 5 }
[[hosts]]
name = "a"
vcpus = 4
memory_mib = 8192
disk_gib = 100
[[hosts]]
name = "b"
vcpus = 4
memory_mib = 8192
disk_gib = 100
[[projects]]
id = "core"
name = "core"
""" + "".join(
    f"""
[[servers]]
id = "{name}"
name = "{name}"
project = "core"
host = "{host}"
size = {{ vcpus = 2, memory_mib = 1024, disk_gib = 10 }}
"""
    for name, host in (("one", "a"), ("two", "a"), ("three", "b"))
)


def owner(project_id: str = CORE_NETWORK, **options: object) -> tuple[fermata.Owner, Told]:
    told = Told()
    return fermata.Owner(project_id, "vnfm", hooks=told, **options), told  # type: ignore[arg-type]


async def test_a_maintenance_goes_as_the_owner_decides(simulated_fermata: SimulatedFermata) -> None:
    vnfm, _ = owner()
    heard: list[tuple[str, str]] = []

    @vnfm.on_planned
    async def decide(question: fermata.Notification) -> fermata.Answer:
        return fermata.accept({s.server_id: fermata.KEEP for s in question.servers if s.name == "mme-db-1"})

    @vnfm.on_server_event
    async def changed(event: fermata.ServerEvent) -> None:
        heard.append((event.name, fermata.ServerChange.Name(event.change).removeprefix("SERVER_CHANGE_")))

    @vnfm.on_complete
    async def complete(event: fermata.OwnerSessionEvent) -> None:
        heard.append(("session", fermata.OwnerSessionChange.Name(event.change)))

    async with simulated_fermata.running(vnfm):
        report = await simulated_fermata.maintain("compute-a2")
        await until("the end to be heard", lambda: heard and heard[-1][0] == "session")
    assert report.session.status.state == COMPLETED
    done = {server.name: (server.action, server.decision_source) for server in report.hosts[0].servers}
    assert done == {
        "mme-db-1": (fermata.KEEP, types_pb2.DECISION_SOURCE_OWNER),
        "smf-1": (fermata.LIVE_MIGRATE, types_pb2.DECISION_SOURCE_OWNER),
    }
    assert {change for name, change in heard if name == "mme-db-1"} >= {"WENT_DOWN", "IS_BACK"}
    assert heard[-1] == ("session", "OWNER_SESSION_CHANGE_COMPLETED")


@pytest.mark.parametrize("how", ["restart", "kill"])
async def test_the_server_goes_away_and_comes_back_at_each_step(how: str) -> None:
    """Nothing is lost, nothing is answered twice, and the session ends."""
    vnfm, told = owner()
    steps: asyncio.Queue[str] = asyncio.Queue()
    heard: list[str] = []

    @vnfm.on_planned
    async def decide(question: fermata.Notification) -> fermata.Answer:
        steps.put_nowait("asked")
        return fermata.accept()

    @vnfm.on_server_event
    async def changed(event: fermata.ServerEvent) -> None:
        steps.put_nowait("moving")
        heard.append(fermata.ServerChange.Name(event.change))

    @vnfm.on_complete
    async def complete(event: fermata.OwnerSessionEvent) -> None:
        heard.append("complete")

    async def work(host: fermata.SessionHost) -> None:
        steps.put_nowait("working")

    with SimulatedFermata(arguments=["--reconnect-spread", "100ms"]) as server:
        async with server.running(vnfm):
            maintenance = asyncio.create_task(server.maintain("compute-a1", "compute-b1", on_host_ready=work))
            for step in ("asked", "moving", "working"):
                while await asyncio.wait_for(steps.get(), 60) != step:
                    pass
                if how == "kill":
                    server.kill()
                else:
                    await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
            report = await maintenance
            await until("the end to be heard", lambda: "complete" in heard)
            async with fermata.connect(server.target) as connection:
                answered = await replies(connection)
                asked = await notifications(connection, CORE_NETWORK, report.session.id)
    assert report.session.status.state == COMPLETED
    assert heard.count("complete") == 1
    own = [notification for notification in answered if notification in {n.id for n in asked}]
    assert len(own) == len(set(own))
    assert told.refused == []


async def test_a_server_that_is_silent_is_left_and_found_again(simulated_fermata: SimulatedFermata) -> None:
    class Causes(fermata.Hooks):
        def __init__(self) -> None:
            self.causes: list[fermata.Cause] = []

        def on_item(self, item: object) -> None:
            if isinstance(item, fermata.Interrupted):
                self.causes.append(item.cause)

    hooks = Causes()
    vnfm = fermata.Owner(CORE_NETWORK, "vnfm", heartbeat=1.0, hooks=hooks)
    async with simulated_fermata.running(vnfm):
        with simulated_fermata.frozen():
            await until("the silence to be noticed", lambda: hooks.causes)
        report = await simulated_fermata.maintain("compute-a1")
    # Whichever notices first: the heartbeats of the stream, or the keepalive of the connection.
    assert hooks.causes[0] in (fermata.Cause.SILENT, fermata.Cause.FAILED)
    assert report.session.status.state == COMPLETED


async def test_an_owner_that_is_slow_is_answered_for(simulated_fermata: SimulatedFermata) -> None:
    vnfm, told = owner()

    @vnfm.on_planned
    async def decide(question: fermata.Notification) -> fermata.Answer:
        await asyncio.Event().wait()
        raise AssertionError

    async with simulated_fermata.running(vnfm):
        report = await simulated_fermata.maintain("compute-a1", reply_seconds=8)
    assert report.session.status.state == COMPLETED
    assert {(answer, fallback, outcome) for _, answer, fallback, outcome in told.replies} == {
        ("accept", True, "accepted")
    }


async def test_a_counter_offer_is_made_and_the_question_comes_again(simulated_fermata: SimulatedFermata) -> None:
    vnfm, told = owner()

    @vnfm.on_planned
    async def decide(question: fermata.Notification) -> fermata.Answer:
        if not question.HasField("counter_offer"):
            return fermata.counter_offer(not_before=datetime.now(timezone.utc) + timedelta(seconds=6))
        return fermata.accept()

    async with simulated_fermata.running(vnfm):
        report = await simulated_fermata.maintain("compute-a1")
    assert report.session.status.state == COMPLETED
    assert [(answer, outcome) for _, answer, _, outcome in told.replies][:2] == [
        ("counter_offer", "accepted"),
        ("accept", "accepted"),
    ]


async def test_an_objection_holds_the_host_until_the_operator_decides(simulated_fermata: SimulatedFermata) -> None:
    vnfm, told = owner(fallback="reject")
    vnfm.on_planned(lambda question: fermata.reject("not tonight"))
    vnfm.on_drain(lambda question: fermata.reject("not tonight"))
    async with simulated_fermata.running(vnfm), fermata.connect(simulated_fermata.target) as connection:
        session = await simulated_fermata.ask("compute-a1")
        await until("the objection", lambda: told.replies)
        asked = await notifications(connection, CORE_NETWORK, session.id)
    assert asked[-1].state == notification_pb2.NOTIFICATION_STATE_REJECTED


async def test_an_owner_makes_room() -> None:
    vnfm, told = owner("core")
    room = asyncio.Event()
    with SimulatedFermata(FULL_SITE) as server:

        @vnfm.on_scale_in
        async def scale_in(question: fermata.Notification) -> fermata.Answer:
            for server_id in question.scale_in.suggested_server_ids[: question.scale_in.server_count]:
                server.cloud.delete_server(server_id)
            room.set()
            return fermata.own_action_done()

        async with fermata.connect(server.target) as connection:
            await _group(connection)
        async with server.running(vnfm):
            report = await server.maintain("a")
    assert room.is_set()
    assert report.session.status.state == COMPLETED
    assert "own_action_done" in [answer for _, answer, _, _ in told.replies]


async def _group(connection: fermata.Connection) -> None:
    group = ServerGroup(project_id="core", id="all", member_ids=["one", "two", "three"], min_size_for_scale_in=2)
    await connection.policies.PutServerGroup(PutServerGroupRequest(server_group=group))


async def test_two_owners_and_one_that_is_away(simulated_fermata: SimulatedFermata) -> None:
    core, core_told = owner()
    ims, ims_told = owner(IMS)
    async with simulated_fermata.running(core):
        async with simulated_fermata.running(ims):
            report = await simulated_fermata.maintain("compute-a1")
        again = await simulated_fermata.maintain("compute-a1", "compute-b2", reply_seconds=5, others="silent")
    assert report.session.status.state == again.session.status.state == COMPLETED
    sources = {s.project_id: s.decision_source for h in again.hosts for s in h.servers}
    assert sources[IMS] == types_pb2.DECISION_SOURCE_SESSION_DEFAULT
    assert sources[CORE_NETWORK] == types_pb2.DECISION_SOURCE_OWNER
    assert core_told.replies
    assert ims_told.replies


async def test_a_subscription_that_is_deleted_ends_its_owner(simulated_fermata: SimulatedFermata) -> None:
    vnfm, _ = owner()
    async with fermata.connect(simulated_fermata.target) as connection:
        with pytest.raises(fermata.FermataError, match="SUBSCRIPTION_NOT_FOUND"):
            async with simulated_fermata.running(vnfm):
                request = DeleteSubscriptionRequest(project_id=CORE_NETWORK, subscription_id="vnfm")
                await connection.notifications.DeleteSubscription(request)
                await until("the owner to end", lambda: vnfm._run is None)
