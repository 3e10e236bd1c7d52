"""The rules of questions and replies, against a server whose answers are scripted."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

import fermata
from fermata._owner import calls, run
from fermata.v1 import notification_pb2
from fermata.v1.notification_service_pb2 import ListNotificationServersResponse
from tests.questions import ANSWERED, SCALE_IN, question, server
from tests.running import Running, running
from tests.scripted import Hang, Refuse, Scripted, asked, snapshot

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(run, "ACKNOWLEDGE_EVERY", 0.01)


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


@pytest.mark.parametrize(
    ("code", "reason"),
    [(Code.INVALID_ARGUMENT, "ACTION_NOT_ALLOWED"), (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")],
)
async def test_an_answer_that_is_not_valid_counts_as_a_failure(code: grpc.StatusCode, reason: str) -> None:
    it = running(snapshot(1, question()))
    it.scripted.reply_errors = [Refuse(code, reason)]
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
