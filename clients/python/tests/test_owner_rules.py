"""The other rules of the owner, against a server whose answers are scripted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import grpc
import pytest

import fermata
from fermata._owner import calls, run
from fermata.testing import until
from fermata.v1 import notification_pb2, server_service_pb2, types_pb2
from fermata.v1.stream_pb2 import STREAM_POINT_ACKNOWLEDGED
from tests.questions import CLOSED, question, server_event, session_event
from tests.running import running
from tests.scripted import Refuse, Scripted, asked, event, serving, snapshot

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(run, "ACKNOWLEDGE_EVERY", 0.01)


async def test_it_subscribes_from_the_acknowledged_position_and_acknowledges() -> None:
    it = running(snapshot(4), event(5), event(6))
    async with it():
        await it.acknowledged(6)
    request = it.scripted.subscribed[0]
    assert (request.project_id, request.subscription_id) == ("p", "vnfm")
    assert request.start.point == STREAM_POINT_ACKNOWLEDGED
    assert it.scripted.put[0].subscription.id == "vnfm"


async def test_it_waits_for_a_server_that_is_away() -> None:
    it = running(snapshot(1))
    it.scripted.put_errors = [Refuse(Code.UNAVAILABLE, "STARTING") for _ in range(2)]
    async with it():
        await it.acknowledged(1)


async def test_what_may_be_wrong_with_its_subscription_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    it = running(snapshot(1))
    it.scripted.put_warnings = [types_pb2.Warning(field="subscription.project_id", message="nobody is there")]
    async with it():
        await it.acknowledged(1)
    assert it.told.warnings == ["subscription.project_id"]
    assert "subscription.project_id: nobody is there" in caplog.text


async def test_what_cannot_be_mended_ends_it() -> None:
    scripted = Scripted()
    scripted.put_errors = [Refuse(Code.PERMISSION_DENIED, "PROJECT_FOREIGN", metadata={"project_id": "p"})]
    async with serving(scripted) as target:
        with pytest.raises(fermata.FermataError, match="PROJECT_FOREIGN") as raised:
            await fermata.Owner("p", "vnfm").run(target)
    assert raised.value.metadata == {"project_id": "p"}
    it = running(snapshot(1), Refuse(Code.NOT_FOUND, "SUBSCRIPTION_NOT_FOUND"))
    async with serving(it.scripted) as target:
        with pytest.raises(fermata.FermataError, match="SUBSCRIPTION_NOT_FOUND"):
            await it.owner.run(target)


async def test_a_connection_that_is_closed_ends_it_with_an_error() -> None:
    it = running(snapshot(1))
    async with serving(it.scripted) as target:
        connection = fermata.connect(target)
        running_owner = asyncio.create_task(it.owner.run(connection))
        await it.acknowledged(1)
        await connection.close()
        with pytest.raises(fermata.FermataError, match="CANCELLED"):
            await running_owner


async def test_calls_on_a_closed_connection_end_with_an_error_of_this_package() -> None:
    it = running(snapshot(1))
    async with serving(it.scripted) as target:
        connection = fermata.connect(target)
        await connection.close()
        with pytest.raises(fermata.FermataError, match="CANCELLED"):
            await connection.server.GetServerInfo(server_service_pb2.GetServerInfoRequest())
        with pytest.raises(fermata.FermataError, match="CANCELLED"):
            await fermata.Operator(connection).preview(fermata.SessionSpec())
        with pytest.raises(fermata.FermataError, match="CANCELLED"):
            await it.owner.run(connection)


async def test_events_of_one_session_come_in_order_and_those_of_others_beside() -> None:
    gate = asyncio.Event()
    heard: list[str] = []
    it = running(
        *(snapshot(1), event(2, server_event("a1", "a")), event(3, server_event("a2", "a"))),
        *(
            event(4, server_event("b1", "b")),
            event(5, session_event(notification_pb2.OWNER_SESSION_CHANGE_STARTED, "b")),
        ),
        event(6, session_event(notification_pb2.OWNER_SESSION_CHANGE_COMPLETED, "b")),
    )

    @it.owner.on_server_event
    async def server_changed(event: fermata.ServerEvent) -> None:
        if event.server_id == "a1":
            await gate.wait()
        heard.append(event.server_id)

    @it.owner.on_session_event
    def session_changed(event: fermata.OwnerSessionEvent) -> None:
        heard.append("started")

    @it.owner.on_complete
    async def complete(event: fermata.OwnerSessionEvent) -> None:
        heard.append("complete")

    async with it():
        await until("the other session", lambda: heard == ["b1", "started", "complete"])
        await it.acknowledged(1)
        gate.set()
        await it.acknowledged(6)
    assert heard[3:] == ["a1", "a2"]


async def test_an_event_is_given_up_after_five_failures() -> None:
    it = running(snapshot(1), event(2, server_event("a")), event(3, server_event("b")))
    heard = []

    @it.owner.on_server_event
    async def changed(event: fermata.ServerEvent) -> None:
        heard.append(event.server_id)
        if event.server_id == "a":
            raise RuntimeError("broken")

    async with it():
        await it.acknowledged(3)
    assert heard == ["a"] * 5 + ["b"]
    assert it.told.errors == [("a", "broken")]


# What is read: that the stream is open, a snapshot, events.
async def test_reading_pauses_while_too_much_is_not_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_UNHANDLED", 5)
    gate = asyncio.Event()
    read: list[object] = []
    it = running(snapshot(1), *(event(2 + number, server_event(str(number))) for number in range(20)))
    setattr(it.told, "on_item", read.append)  # noqa: B010 - a method is replaced

    @it.owner.on_server_event
    async def changed(event: fermata.ServerEvent) -> None:
        await gate.wait()

    async with it():
        await until("reading to pause", lambda: len(read) == 7)
        gate.set()
        await it.acknowledged(21)
    assert len(read) == 22


async def test_stopping_lets_handlers_end_and_begins_no_others() -> None:
    begun, end = asyncio.Event(), asyncio.Event()
    it = running(
        snapshot(1), event(2, server_event("a")), event(3, server_event("b")), asked(4, question()), concurrency=1
    )
    heard = []

    @it.owner.on_server_event
    async def changed(event: fermata.ServerEvent) -> None:
        begun.set()
        await end.wait()
        heard.append(event.server_id)

    async with serving(it.scripted) as target:
        running_owner = asyncio.create_task(it.owner.run(target))
        await begun.wait()
        await it.replied()
        it.owner.stop()
        await asyncio.sleep(0)
        end.set()
        await running_owner
    assert heard == ["a"]
    assert it.scripted.acknowledged[-1] == 2


async def test_stopping_leaves_a_handler_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STOP_TIMEOUT", 0.05)
    begun = asyncio.Event()
    it = running(snapshot(1), event(2), asked(3, question()))

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with it():
        await begun.wait()
    # It is asked again after the next start.
    assert it.scripted.acknowledged[-1] == 2
    assert it.scripted.replies == []


async def test_a_cancelled_run_leaves_nothing_behind() -> None:
    begun = asyncio.Event()
    it = running(snapshot(1, question()))

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    before = asyncio.all_tasks()
    async with serving(it.scripted) as target:
        running_owner = asyncio.create_task(it.owner.run(target))
        await begun.wait()
        running_owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running_owner
        await until("the stream to be closed", lambda: not it.scripted.open_streams)
    await until("the tasks to end", lambda: not {t for t in asyncio.all_tasks() - before if "fermata" in t.get_name()})


async def test_a_hook_that_fails_stops_nothing() -> None:
    it = running(snapshot(1, question()), asked(2, question(state=CLOSED)))

    def broken(*values: object) -> None:
        raise RuntimeError("broken")

    hooks: list[tuple[str, Callable[..., None]]] = [
        (name, broken) for name in ("on_item", "on_reply", "on_acknowledged")
    ]
    for name, hook in hooks:
        setattr(it.told, name, hook)
    async with it():
        await it.acknowledged(2)


def test_one_handler_for_each() -> None:
    owner = fermata.Owner("p", "vnfm")
    owner.on_planned(lambda notification: fermata.accept())
    with pytest.raises(ValueError, match="planned"):
        owner.on_planned(lambda notification: fermata.accept())
