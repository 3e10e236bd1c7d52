"""What an owner answers to a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fermata.v1 import types_pb2
from fermata.v1.notification_pb2 import AffectedServer, CounterOffer, Notification
from fermata.v1.notification_service_pb2 import Accept, Decision, OwnActionDone, Reject, ReplyRequest
from fermata.v1.types_pb2 import Action

__all__ = ["Answer", "AnswerName", "accept", "counter_offer", "no_answer", "own_action_done", "reject"]

AnswerName = Literal["accept", "reject", "counter_offer", "own_action_done", "no_answer"]
# The contract's limit.
_MOST_DECISIONS = 10_000


@dataclass(frozen=True)
class Answer:
    """An answer. Make one with the functions of this module."""

    name: AnswerName
    """What kind of answer it is."""
    message: Accept | Reject | CounterOffer | OwnActionDone | None
    """It in the contract's words. None: nothing is sent."""
    comment: str = ""
    """For the operator to read."""
    with_defaults: bool = False
    """Servers that `message` does not name get their default action."""


def accept(actions: Action.ValueType | Mapping[str, Action.ValueType] | None = None, *, comment: str = "") -> Answer:
    """Go on.

    - `accept()`: each server gets what was decided before, else its default action, else the first one that it allows.
    - `accept(fermata.MIGRATE)`: every server gets this action.
    - `accept({server_id: fermata.KEEP, …})`: these servers get these actions, and the others as with `accept()`.

    An action that a server does not allow makes the answer invalid, as the server's `allowed_actions` say. `comment` is for the
    operator, at most 1,024 characters.
    """
    if actions is None:
        return Answer("accept", Accept(), comment, with_defaults=True)
    if isinstance(actions, int):
        return Answer("accept", Accept(action=actions), comment)
    decisions = [Decision(server_id=server_id, action=action) for server_id, action in actions.items()]
    return Answer("accept", Accept(decisions=decisions), comment, with_defaults=True)


def reject(reason: str, *, comment: str = "") -> Answer:
    """Do not go on. `reason` is shown to the operator: 1 to 1,024 characters."""
    return Answer("reject", Reject(reason=reason), comment)


def counter_offer(
    *,
    server_ids: Iterable[str] = (),
    not_before: datetime | None = None,
    after_server_ids: Iterable[str] = (),
    comment: str = "",
) -> Answer:
    """Another time or order. If it is accepted or declined, the question is asked again. Not for SCALE_IN.

    `server_ids`: what it is about; none: all servers of the question. They are not touched before `not_before` (with a time zone,
    in the future, before the window ends), nor before the servers in `after_server_ids` are done.
    """
    offer = CounterOffer(server_ids=server_ids, after_server_ids=after_server_ids)
    if not_before is not None:
        if not_before.tzinfo is None:
            raise ValueError(
                f"not_before {not_before.isoformat()} has no time zone; write datetime.now(timezone.utc) + …"
            )
        offer.not_before_time.FromDatetime(not_before)
    return Answer("counter_offer", offer, comment)


def own_action_done(server_ids: Iterable[str] = (), *, comment: str = "") -> Answer:
    """The owner has done it itself: it moved, rebuilt or deleted these servers; none: all that were decided OWN_ACTION.

    To SCALE_IN: the owner has scaled in as far as it can.
    """
    return Answer("own_action_done", OwnActionDone(server_ids=server_ids), comment)


def no_answer() -> Answer:
    """Stay silent: what the session's `on_silence` and the policies say is done after the deadline."""
    return Answer("no_answer", None)


def reply_request(answer: Answer, notification: Notification, request_id: str) -> ReplyRequest:
    """What is sent. The notification has its servers, or `servers_omitted` is set because they could not be listed."""
    request = ReplyRequest(
        project_id=notification.project_id,
        notification_id=notification.id,
        plan_revision=notification.plan_revision,
        comment=answer.comment,
        request_id=request_id,
    )
    if isinstance(answer.message, Accept):
        request.accept.CopyFrom(
            _with_defaults(answer.message, notification) if answer.with_defaults else answer.message
        )
    elif isinstance(answer.message, Reject):
        request.reject.CopyFrom(answer.message)
    elif isinstance(answer.message, CounterOffer):
        request.counter_offer.CopyFrom(answer.message)
    elif isinstance(answer.message, OwnActionDone):
        request.own_action_done.CopyFrom(answer.message)
    return request


def _with_defaults(accept: Accept, notification: Notification) -> Accept:
    decided = {decision.server_id: decision.action for decision in accept.decisions}
    for server in notification.servers:
        action = _default(server)
        if server.server_id not in decided and action:
            decided[server.server_id] = action
    rest = types_pb2.ACTION_UNSPECIFIED
    if notification.servers_omitted and not notification.servers:
        rest = notification.default_action
    if len(decided) > _MOST_DECISIONS:
        # What most servers get need not be said of each of them.
        (rest, _), *_others = Counter(decided.values()).most_common(1)
        decided = {server_id: action for server_id, action in decided.items() if action != rest}
    return Accept(action=rest, decisions=[Decision(server_id=s, action=a) for s, a in decided.items()])


def _default(server: AffectedServer) -> Action.ValueType:
    """What was decided before stands: a question about one server does not change the word about another."""
    if server.decision_source == types_pb2.DECISION_SOURCE_OWNER and server.decision in server.allowed_actions:
        return server.decision
    if server.default_action:
        return server.default_action
    return server.allowed_actions[0] if server.allowed_actions else types_pb2.ACTION_UNSPECIFIED
