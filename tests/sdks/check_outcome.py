"""How a play ends: as its scenario says, and as in every other language."""

from collections.abc import Iterator, Sequence
from typing import Any

from sdks.finding import Finding
from sdks.record import Record


def check_ends(record: Record) -> Iterator[Finding]:
    """A program that was not killed says why it ended, last, and its exit code agrees."""
    for number, life in enumerate(record.lives, 1):
        ends = [line for line in life.lines if line["kind"] == "ended"]
        if life.ended == "killed":
            if ends:
                yield Finding("ended", f"life {number} ended by itself: {ends[0]['reason']}")
            continue
        reason = ends[0]["reason"] if ends else "nothing"
        wanted = record.expected.ended
        if (life.ended == "by itself") != (wanted != "stopped"):
            yield Finding("ended", f"life {number} ended {life.ended}")
        if reason != wanted:
            yield Finding("ended", f"life {number} ended with {reason}, not with {wanted}")
        if len(ends) != 1 or life.lines[-1]["kind"] != "ended":
            yield Finding("ended", f"life {number} has {len(ends)} lines that say so, and its last line is {life.lines[-1:]}")
        if life.code != (0 if reason == "stopped" else 1):
            yield Finding("ended", f"life {number} ended with {reason} and exit code {life.code}")


def check_expected(record: Record) -> Iterator[Finding]:
    """What the scenario wants to have seen: else it has tested nothing."""
    wanted = record.expected
    lines = [line for life in record.lives for line in life.lines]
    interruptions = [line for line in lines if line["kind"] == "interrupted"]
    for cause in wanted.interrupted:
        if not any(line["cause"] == cause for line in interruptions):
            yield Finding("expected", f"no interruption {cause}: {sorted({line['cause'] for line in interruptions})}")
    if wanted.codes and not any(line["code"] in wanted.codes for line in interruptions):
        yield Finding("expected", f"no interruption with {wanted.codes}: {sorted({line['code'] for line in interruptions})}")
    for harm in wanted.harm:
        if not record.harm.get(harm):
            yield Finding("expected", f"the proxy did no {harm}")
    events = sum(line["kind"] == "event" for line in lines)
    if events < wanted.events:
        yield Finding("expected", f"{events} events were read, not {wanted.events}")
    if record.parts < wanted.parts:
        yield Finding("expected", f"the snapshot had {record.parts} parts, not {wanted.parts}")
    if wanted.foreign and not record.outcome.get("foreign"):
        yield Finding("expected", "no server of another owner was affected")
    if len(record.stores) < wanted.stores:
        yield Finding("expected", f"{len(record.stores)} databases were seen, not {wanted.stores}")
    yield from _replies(record)
    yield from _sessions(record)


def _replies(record: Record) -> Iterator[Finding]:
    if record.layer != "owner":
        return
    wanted = record.expected
    replies = [line for life in record.lives for line in life.lines if line["kind"] == "reply"]
    accepted = {line["answer"] for line in replies if line["outcome"] == "accepted"}
    for answer in wanted.answers:
        if answer not in accepted:
            yield Finding("expected", f"no answer {answer} was accepted: {sorted(accepted)}")
    if wanted.refused and not any(line["outcome"] in wanted.refused for line in replies):
        yield Finding("expected", f"no reply ended with {wanted.refused}: {sorted({line['outcome'] for line in replies})}")
    if wanted.fallback == "once" and not any(line["fallback"] for line in replies):
        yield Finding("expected", "the fallback answered nothing")
    if wanted.fallback == "never" and any(line["fallback"] for line in replies):
        yield Finding("expected", "the fallback answered, though there was time")


def _sessions(record: Record) -> Iterator[Finding]:
    wanted = record.expected
    for session in record.outcome.get("sessions", []):
        if session["state"] not in wanted.sessions:
            yield Finding("expected", f"session {session['id']} is {session['state']}, not {wanted.sessions}")
        for server in session["servers"]:
            if record.layer == "owner" and wanted.decided_by and server["decided_by"] not in wanted.decided_by:
                yield Finding("expected", f"{server['decided_by']} decided about {server['name']}, not {wanted.decided_by}")


def compare(records: Sequence[Record]) -> list[Finding]:
    """One scenario in all languages has the same outcome."""
    shown = {record.language: outcome(record) for record in records if not record.trouble}
    if len(shown) < 2:
        return []
    values = list(shown.values())
    usual = max(values, key=values.count)
    return [
        Finding("same", f"in {language} the outcome is {value}, in others {usual}")
        for language, value in sorted(shown.items())
        if value != usual
    ]


def outcome(record: Record) -> dict[str, Any]:
    """What must not depend on the language: how sessions and servers end, what was answered to which kind of question."""
    if not record.outcome:
        return {}
    kinds = {one["id"]: one["kind"] for store in record.stores for one in store.events if one["what"] == "notification"}
    lines = [line for life in record.lives for line in life.lines if line["kind"] == "reply" and line["outcome"] == "accepted"]
    if len(record.lives) > 1:
        # A program that is killed may have replied and not have written so.
        lines = []
    return {
        "sessions": sorted(session["state"] for session in record.outcome["sessions"]),
        # One that is moved to a host of the same session is affected twice, which is the planner's affair.
        "servers": sorted({tuple(server.values()) for session in record.outcome["sessions"] for server in session["servers"]}),
        "questions": sorted({(one["kind"], one["state"]) for one in record.outcome["notifications"]}),
        "answers": sorted({(kinds.get(line["id"], ""), line["answer"]) for line in lines}),
    }
