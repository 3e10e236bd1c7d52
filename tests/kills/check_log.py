"""The log, and what subscribers were sent of it: nothing lost, nothing twice with other bytes, all in order."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from kills import wire
from kills.finding import Finding
from kills.record import Record


def check_log(record: Record) -> Iterator[Finding]:
    """Per topic, sequences rise from 1 by exactly 1, up to the topic's counter."""
    for topic in sorted(record.topics.keys() | record.events.keys()):
        sequences = [event.sequence for event in record.events.get(topic, [])]
        last = record.topics.get(topic, 0)
        if sequences != list(range(1, last + 1)):
            missing = sorted(set(range(1, last + 1)) - set(sequences))
            extra = sorted(set(sequences) - set(range(1, last + 1)))
            yield Finding("log", f"{topic} counts {last} events; missing {missing[:10]}, beyond it {extra[:10]}")


def check_journals(record: Record) -> Iterator[Finding]:
    """Every stream goes on where it began, without a hole, with the bytes of the log; and every subscriber got to
    the end."""
    digests = {
        topic: {e.sequence: digest(e.payload, e.sequence) for e in events}
        for topic, events in record.events.items()
        if topic.startswith("project/")
    }
    for journal in record.journals:
        who = f"subscriber {journal.subscriber} of {journal.project}"
        topic = f"project/{journal.project}"
        stored = digests.get(topic, {})
        # Up to here the subscriber was sent everything since it began.
        position: int | None = None
        for number, connection in enumerate(journal.connections):
            where = f"{who}, connection {number} to replica {connection.replica}"
            if position is None:
                position = connection.after
            if connection.after > position:
                yield Finding("lost", f"{where} begins after {connection.after}, but {position} was the last one had")
            before = connection.after
            for sequence, sent in connection.events:
                if sequence != before + 1:
                    yield Finding("lost", f"{where} was sent {sequence} after {before}")
                if sequence not in stored:
                    yield Finding("invented", f"{where} was sent {sequence}, which the log does not have")
                elif stored[sequence] != sent:
                    yield Finding("bytes", f"{where} was sent {sequence} with other bytes than the log's")
                before = sequence
            position = max(position, before)
            for sequence, last in connection.odd_heartbeats:
                yield Finding("lost", f"{where} had a heartbeat of {sequence} after event {last}")
        last = record.topics.get(topic, 0)
        if position is None:
            yield Finding("lost", f"{who} was never connected")
        elif position != last:
            yield Finding("lost", f"{who} got to {position} of {last}")


def check_same_bytes(record: Record) -> Iterator[Finding]:
    """Whoever was sent a sequence was sent the same bytes, each time, whatever the log says."""
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for journal in record.journals:
        for connection in journal.connections:
            for sequence, sent in connection.events:
                seen[journal.project, sequence].add(sent)
    for (project, sequence), sent in sorted(seen.items()):
        if len(sent) > 1:
            yield Finding("bytes", f"event {sequence} of {project} was sent with {len(sent)} different contents")


def digest(payload: bytes, sequence: int) -> str:
    """The digest of an event as it is sent: what the log has, and its number (field 2)."""
    return hashlib.sha256(payload + b"\x10" + wire.varint(sequence)).hexdigest()
