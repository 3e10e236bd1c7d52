"""All rules. The checker reads what programs wrote and what is true, whatever the language; it shares no code with any SDK."""

from sdks.check_answers import check_answers
from sdks.check_format import check_format
from sdks.check_handlers import check_handlers
from sdks.check_outcome import check_ends, check_expected, compare
from sdks.check_positions import check_positions
from sdks.check_stream import check_foreign, check_stream
from sdks.finding import Finding
from sdks.record import Record

__all__ = ["check", "compare"]


def check(record: Record) -> list[Finding]:
    """What is wrong with a play."""
    found = [Finding("play", trouble) for trouble in record.trouble]
    unreadable = list(check_format(record))
    found += unreadable
    if unreadable:
        # The other rules would stumble over these.
        return found
    rules = [check_stream, check_foreign, check_ends, check_expected]
    if record.layer == "owner":
        rules += [check_handlers, check_positions, check_answers]
    for rule in rules:
        found += rule(record)
    return found
