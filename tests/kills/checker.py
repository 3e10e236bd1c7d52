"""Checks a run. It shares no code with the server: it reads journals, tables and the cloud's own journal."""

from collections.abc import Iterator

from kills.adoption import Adoption, measure
from kills.check_cloud import check_cloud, check_empty
from kills.check_log import check_journals, check_log, check_same_bytes
from kills.check_sessions import check_audit, check_commands, check_end, check_hosts, check_replies
from kills.finding import Finding
from kills.record import Record, clock

CHECKS = [
    check_log,
    check_journals,
    check_same_bytes,
    check_audit,
    check_commands,
    check_replies,
    check_hosts,
    check_end,
    check_cloud,
    check_empty,
]


def check(record: Record) -> list[Finding]:
    """Everything that must not be."""
    found = [finding for one in CHECKS for finding in one(record)]
    found.extend(check_adoption(record, measure(record)))
    found.extend(check_processes(record))
    return found


def check_adoption(record: Record, adoptions: list[Adoption]) -> Iterator[Finding]:
    """Sessions are taken over within the lease and two seconds."""
    limit = record.figures["lease"] + 2
    for adoption in adoptions:
        if adoption.counts and (adoption.seconds is None or adoption.seconds > limit):
            took = "never" if adoption.seconds is None else f"after {adoption.seconds:.3f} s"
            yield Finding(
                "adoption",
                f"session {adoption.session} was taken over {took}; replica {adoption.replica} was killed at"
                f" {clock(adoption.killed_at)}",
            )


def check_processes(record: Record) -> Iterator[Finding]:
    """No replica ended by itself, hung at its end, or found a fault in itself."""
    for entry in record.timeline:
        if entry["what"] in ("ended by itself", "did not end when told"):
            who = f"replica {entry['replica']}, life {entry['life']}"
            yield Finding("process", f"{clock(entry['at'])} {who}: {entry['what']}")
    for line in record.logs:
        if line.get("level") == "ERROR":
            rest = {k: v for k, v in line.items() if k not in ("level", "target", "timestamp")}
            yield Finding("process", f"{line.get('timestamp', '')} {rest}")
    for odd in record.figures.get("odd", []):
        yield Finding("process", odd)
