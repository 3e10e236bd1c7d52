"""Each rule of the owner, against a server whose answers are scripted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest

import fermata
from fermata._owner import calls, run
from fermata.testing import until
from fermata.v1 import notification_pb2
from fermata.v1.notification_service_pb2 import ListNotificationServersResponse
from fermata.v1.stream_pb2 import STREAM_POINT_ACKNOWLEDGED
from tests.questions import ANSWERED, CLOSED, SCALE_IN, question, server, server_event, session_event
from tests.scripted import Hang, Refuse, Scripted, Step, asked, event, serving, snapshot

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(run, "ACKNOWLEDGE_EVERY", 0.01)


class Told(fermata.Hooks):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int, str]] = []
        self.replies: list[tuple[str, str, bool, str]] = []
        self.refused: list[str] = []
        self.errors: list[tuple[str, str]] = []

    def on_handler(self, call: fermata.HandlerCall) -> None:
        self.calls.append((call.handler, call.id, call.attempt, call.phase))

    def on_reply(
        self,
        notification: fermata.Notification,
        answer: fermata.Answer,
        fallback: bool,
        error: fermata.FermataError | None,
    ) -> None:
        outcome = error.reason_or_code if error else "accepted"
        self.replies.append((notification.id, answer.name, fallback, outcome))

    def on_reply_refused(
        self, notification: fermata.Notification, answer: fermata.Answer, error: fermata.FermataError
    ) -> None:
        self.refused.append(error.reason_or_code)

    def on_error(self, call: fermata.HandlerCall, error: BaseException) -> None:
        self.errors.append((call.id, str(error)))


class Running:
    """An owner that runs against a script."""

    def __init__(self, scripted: Scripted, **options: Any) -> None:
        self.scripted, self.told = scripted, Told()
        self.owner = fermata.Owner("p", "vnfm", hooks=self.told, **options)

    @contextlib.asynccontextmanager
    async def __call__(self) -> AsyncIterator[Running]:
        async with serving(self.scripted) as target:
            running = asyncio.create_task(self.owner.run(target))
            try:
                yield self
            finally:
                self.owner.stop()
                await running

    async def acknowledged(self, sequence: int) -> None:
        await until(f"{sequence} to be acknowledged", lambda: self.scripted.acknowledged[-1:] == [sequence])

    async def replied(self, count: int = 1) -> None:
        await until(f"{count} replies", lambda: len(self.told.replies) >= count)


def running(*script: Step, **options: Any) -> Running:
    return Running(Scripted([*script, Hang()]), **options)


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


async def test_a_question_without_a_handler_is_accepted_and_scale_in_rejected() -> None:
    it = running(snapshot(1, question("a"), question("b", kind=SCALE_IN)))
    async with it():
        await it.replied(2)
        await it.acknowledged(1)
    by_id = {reply.notification_id: reply for reply in it.scripted.replies}
    assert [(d.server_id, d.action) for d in by_id["a"].accept.decisions] == [("a", fermata.LIVE_MIGRATE)]
    assert by_id["b"].reject.reason
    assert it.told.calls == []


async def test_each_question_is_asked_once() -> None:
    """Not again by the same key; again by a higher revision, or after a counter-offer was declined."""
    declined = question(revision=2)
    declined.counter_offer.state = notification_pb2.COUNTER_OFFER_STATE_DECLINED
    declined.counter_offer.create_time.FromSeconds(1_800_000_000)
    seen: list[int] = []
    gates = [asyncio.Event() for _ in range(3)]

    async def wait(number: int) -> None:
        await gates[number].wait()

    it = running(
        *(snapshot(1, question()), asked(2, question()), lambda: wait(0)),
        *(asked(3, question(revision=2)), lambda: wait(1)),
        *(asked(4, declined), asked(5, declined), asked(6, question(revision=1))),
    )

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        seen.append(notification.plan_revision)
        return fermata.accept()

    async with it():
        for number in range(3):
            await it.replied(number + 1)
            gates[number].set()
        await it.acknowledged(6)
    assert seen == [1, 2, 2]
    ids = [reply.request_id for reply in it.scripted.replies]
    assert len(set(ids)) == 3
    assert ids[0] == "owner/n/1/0"


async def test_the_servers_of_a_large_question_are_listed_first() -> None:
    large = question(servers=[])
    large.servers_omitted = True
    it = running(snapshot(1, large))
    it.scripted.servers = [
        ListNotificationServersResponse(servers=[server("a")], next_page_token="1"),
        ListNotificationServersResponse(servers=[server("b")]),
    ]
    async with it():
        await it.replied()
    assert [d.server_id for d in it.scripted.replies[0].accept.decisions] == ["a", "b"]


async def test_questions_run_beside_each_other_up_to_a_limit() -> None:
    at_once = most = 0
    full = asyncio.Event()
    it = running(snapshot(1, *(question(f"n{number}") for number in range(9))), concurrency=3)

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 3:
            full.set()
        await full.wait()
        await asyncio.sleep(0)
        at_once -= 1
        return fermata.accept()

    async with it():
        await it.replied(9)
    assert most == 3


async def test_a_question_that_matters_no_more_is_withdrawn() -> None:
    begun = asyncio.Event()
    it = running(snapshot(1, question()), begun.wait, asked(2, question(state=ANSWERED)))

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with it():
        await it.acknowledged(2)
    assert [phase for *_, phase in it.told.calls] == ["begin", "cancelled"]
    assert it.scripted.replies == []


async def test_a_higher_revision_replaces_the_question_in_order() -> None:
    begun = asyncio.Event()
    it = running(snapshot(1, question()), begun.wait, asked(2, question(revision=2)))

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        begun.set()
        if notification.plan_revision == 1:
            await asyncio.Event().wait()
        return fermata.accept()

    async with it():
        await it.acknowledged(2)
    assert [phase for *_, phase in it.told.calls] == ["begin", "cancelled", "begin", "end"]
    assert [reply.plan_revision for reply in it.scripted.replies] == [2]


async def test_a_snapshot_without_the_question_withdraws_it() -> None:
    begun = asyncio.Event()
    lost = [Refuse(Code.OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED")]
    it = Running(Scripted([snapshot(1, question()), begun.wait], lost, [snapshot(9), Hang()]))

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with it():
        await it.acknowledged(9)
    assert it.scripted.replies == []


async def test_another_database_is_answered_again() -> None:
    lost = [Refuse(Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID")]
    answered = asyncio.Event()
    it = Running(
        Scripted([snapshot(5, question()), answered.wait], lost, [snapshot(2, question(), store="restored"), Hang()])
    )
    async with it():
        await it.replied(1)
        answered.set()
        await it.replied(2)
        await it.acknowledged(2)


@pytest.mark.parametrize(
    "passes",
    [
        Code.UNAVAILABLE,
        Code.DEADLINE_EXCEEDED,
        Code.RESOURCE_EXHAUSTED,
        Code.UNKNOWN,
        Code.INTERNAL,
        Code.ABORTED,
        Code.CANCELLED,
    ],
)
async def test_a_reply_is_repeated_as_it_is(passes: grpc.StatusCode) -> None:
    it = running(snapshot(1, question()))
    it.scripted.reply_errors = [Refuse(passes), Refuse(passes)]
    async with it():
        await it.replied()
    assert len(it.scripted.replies) == 3
    assert len({reply.SerializeToString() for reply in it.scripted.replies}) == 1
    assert it.told.replies == [("n", "accept", False, "accepted")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Code.ABORTED, "PLAN_REVISION_STALE"),
        (Code.FAILED_PRECONDITION, "REPLY_LATE"),
        (Code.FAILED_PRECONDITION, "WRONG_STATE"),
        (Code.NOT_FOUND, "NOTIFICATION_NOT_FOUND"),
        (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    ],
)
async def test_a_reply_that_is_refused_ends_the_question(code: grpc.StatusCode, reason: str) -> None:
    it = running(snapshot(1, question()))
    it.scripted.reply_errors = [Refuse(code, reason)]
    async with it():
        await it.acknowledged(1)
    assert it.told.refused == [reason]
    assert it.told.replies == [("n", "accept", False, reason)]
    assert len(it.scripted.replies) == 1


async def test_a_handler_that_fails_is_called_again() -> None:
    it = running(snapshot(1, question()))
    tries = 0

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise RuntimeError("not yet")
        return fermata.reject("no")

    async with it():
        await it.replied()
    assert [(attempt, phase) for _, _, attempt, phase in it.told.calls] == [
        *((1, "begin"), (1, "failed"), (2, "begin"), (2, "failed"), (3, "begin"), (3, "end")),
    ]
    assert it.told.replies == [("n", "reject", False, "accepted")]


async def test_an_answer_that_is_not_valid_counts_as_a_failure() -> None:
    it = running(snapshot(1, question()))
    it.scripted.reply_errors = [Refuse(Code.INVALID_ARGUMENT, "ACTION_NOT_ALLOWED")]
    answers: list[Any] = [fermata.accept(fermata.KEEP), "yes", fermata.accept(fermata.MIGRATE)]

    @it.owner.on_planned
    def decide(notification: fermata.Notification) -> fermata.Answer:
        answer: fermata.Answer = answers.pop(0)
        return answer

    async with it():
        await it.replied(2)
    assert [reply.accept.action for reply in it.scripted.replies] == [fermata.KEEP, fermata.MIGRATE]


@pytest.mark.parametrize("how", ["slow", "fails", "ignores its cancellation"])
@pytest.mark.parametrize("fallback", ["accept", "reject"])
async def test_the_fallback_answers_before_the_deadline(how: str, fallback: Any) -> None:
    it = running(snapshot(1, question(seconds=1.0)), fallback=fallback)
    end = asyncio.Event()

    @it.owner.on_planned
    async def decide(notification: fermata.Notification) -> fermata.Answer:
        if how == "fails":
            raise RuntimeError("always")
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                if how == "slow":
                    raise
        return fermata.reject("too late")

    async with it():
        await it.replied()
        end.set()
    assert it.told.replies == [("n", fallback, True, "accepted")]


async def test_no_answer_sends_nothing() -> None:
    it = running(snapshot(1, question()))
    it.owner.on_planned(lambda notification: fermata.no_answer())
    async with it():
        await it.acknowledged(1)
    assert it.scripted.replies == []


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
        await until("reading to pause", lambda: len(read) == 6)
        gate.set()
        await it.acknowledged(21)
    assert len(read) == 21


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


async def test_an_answer_may_be_given_once_more() -> None:
    it = running(snapshot(1, question()))
    async with it():
        await it.replied()
        await it.owner.reply(question(), fermata.own_action_done())
    first, second = it.scripted.replies
    assert second.own_action_done.server_ids == []
    assert first.request_id != second.request_id
    with pytest.raises(RuntimeError, match="does not run"):
        await it.owner.reply(question(), fermata.accept())


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
