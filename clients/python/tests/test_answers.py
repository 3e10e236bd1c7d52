from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import fermata
from fermata.answers import Answer, reply_request
from fermata.v1 import types_pb2
from fermata.v1.notification_pb2 import AffectedServer
from fermata.v1.notification_service_pb2 import ReplyRequest
from tests.questions import question, server


def sent(answer: Answer, servers: list[AffectedServer] | None = None, omitted: bool = False) -> ReplyRequest:
    asked = question(servers=servers)
    asked.servers_omitted = omitted
    asked.default_action = fermata.LIVE_MIGRATE
    return reply_request(answer, asked, "id")


def decisions(request: ReplyRequest) -> dict[str, int]:
    return {decision.server_id: decision.action for decision in request.accept.decisions}


def test_accept_takes_what_was_decided_then_the_default_then_the_first() -> None:
    decided, defaulted, first, nothing = (server(name) for name in "abcd")
    decided.decision, decided.decision_source = fermata.MIGRATE, types_pb2.DECISION_SOURCE_OWNER
    first.ClearField("default_action")
    nothing.ClearField("default_action")
    nothing.ClearField("allowed_actions")
    request = sent(fermata.accept(comment="fine"), [decided, defaulted, first, nothing])
    assert decisions(request) == {"a": fermata.MIGRATE, "b": fermata.LIVE_MIGRATE, "c": fermata.LIVE_MIGRATE}
    assert (request.accept.action, request.comment, request.request_id) == (0, "fine", "id")
    assert (request.project_id, request.notification_id, request.plan_revision) == ("p", "n", 1)


def test_accept_with_an_action_is_for_all() -> None:
    request = sent(fermata.accept(fermata.MIGRATE))
    assert (request.accept.action, decisions(request)) == (fermata.MIGRATE, {})


def test_accept_with_decisions_leaves_the_others_their_defaults() -> None:
    request = sent(fermata.accept({"a": fermata.MIGRATE}), [server("a"), server("b")])
    assert decisions(request) == {"a": fermata.MIGRATE, "b": fermata.LIVE_MIGRATE}


def test_more_servers_than_decisions_are_allowed() -> None:
    many = [server(str(number)) for number in range(10_001)]
    request = sent(fermata.accept({"7": fermata.MIGRATE}), many)
    assert (request.accept.action, decisions(request)) == (fermata.LIVE_MIGRATE, {"7": fermata.MIGRATE})


def test_servers_that_could_not_be_listed_get_the_sessions_default() -> None:
    assert sent(fermata.accept(), [], omitted=True).accept.action == fermata.LIVE_MIGRATE


def test_the_other_answers() -> None:
    assert sent(fermata.reject("busy")).reject.reason == "busy"
    assert sent(fermata.own_action_done(["a"])).own_action_done.server_ids == ["a"]
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    offer = sent(fermata.counter_offer(server_ids=["a"], not_before=later, after_server_ids=["b"])).counter_offer
    assert (list(offer.server_ids), list(offer.after_server_ids)) == (["a"], ["b"])
    assert offer.not_before_time.ToDatetime(timezone.utc) == later
    assert fermata.no_answer().message is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        fermata.counter_offer(not_before=datetime(2030, 1, 1))
