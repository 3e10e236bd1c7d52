"""Answers: never two that differ to one question; and the server has what the journal says."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sdks.finding import Finding
from sdks.record import Record

# The server has looked at such a reply, and it has no effect: the question was over, or another one.
FINAL = {"accepted", "PLAN_REVISION_STALE", "REPLY_LATE", "WRONG_STATE", "NOTIFICATION_NOT_FOUND", "REQUEST_ID_REUSED"}
# Given up at the deadline without an answer of the server.
GIVEN_UP = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNKNOWN", "INTERNAL", "ABORTED", "CANCELLED"}

Question = tuple[str, int, int]
"""A notification, its revision, and how many counter-offers were made to it before."""


def check_answers(record: Record) -> Iterator[Finding]:
    """Over all lives."""
    accepted: dict[Question, set[str]] = defaultdict(set)
    rounds: Counter[tuple[str, int]] = Counter()
    for number, life in enumerate(record.lives, 1):
        sent: set[Question] = set()
        for line in life.lines:
            if line["kind"] != "reply":
                continue
            key = (line["id"], line["plan_revision"])
            question = (*key, rounds[key])
            name = f"{line['id']}/{line['plan_revision']}"
            if question in sent:
                yield Finding("answers", f"life {number} replied twice to {name}")
            sent.add(question)
            if line["outcome"] not in FINAL | GIVEN_UP:
                yield Finding("answers", f"life {number}: the reply to {name} ended with {line['outcome']}")
            if line["outcome"] == "accepted":
                accepted[question].add(line["answer"])
                rounds[key] += line["answer"] == "counter_offer"
    for (id, revision, _), answers in accepted.items():
        if len(answers) > 1:
            yield Finding("answers", f"{id}/{revision} was answered with {' and '.join(sorted(answers))}")
    yield from _recorded(record, accepted)


def _recorded(record: Record, accepted: dict[Question, set[str]]) -> Iterator[Finding]:
    """What the server recorded: no more replies than questions, and each that was accepted."""
    if not record.outcome:
        return
    recorded = Counter(record.outcome["replies"])
    asked: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for store in record.stores:
        for event in store.events:
            if event["what"] == "notification" and event["state"] == "PENDING":
                asked[event["id"]].add((event["plan_revision"], event["counter_offer"]))
    written = Counter(
        line["id"]
        for life in record.lives
        for line in life.lines
        if line["kind"] == "reply" and line["outcome"] in {"accepted", *GIVEN_UP}
    )
    for id, count in recorded.items():
        if count > written[id] and not _may_have_replied(record, id):
            yield Finding("answers", f"the server recorded {count} replies to {id}, and the journals have {written[id]}")
        if count > len(asked[id]):
            yield Finding("answers", f"{id} asked {len(asked[id])} times, and the server recorded {count} replies")
    last = record.stores[-1]
    of_now = {event["id"] for event in last.events}
    for id, revision, _ in accepted:
        if id in of_now and not recorded[id]:
            yield Finding("answers", f"the reply to {id}/{revision} was accepted, and the server recorded none")


def _may_have_replied(record: Record, id: str) -> bool:
    """A program that was killed may have replied, and not have written so."""
    return any(
        life.ended == "killed" and any(line["kind"] == "handler" and line["id"] == id for line in life.lines)
        for life in record.lives
    )
