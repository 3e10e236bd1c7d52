"""What OpenTelemetry is told. Without an SDK of it this costs nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import metrics, trace

from fermata._version import VERSION

_meter = metrics.get_meter("fermata", VERSION)
_tracer = trace.get_tracer("fermata", VERSION)

questions = _meter.create_counter("fermata.owner.questions", description="Questions that were asked, by kind")
replies = _meter.create_counter("fermata.owner.replies", description="Answers that were sent, by outcome")
events = _meter.create_counter("fermata.owner.events", description="Events that were read, by kind")
duration = _meter.create_histogram(
    "fermata.owner.handler.duration", unit="s", description="How long handlers took, by handler and outcome"
)


@contextmanager
def handling(handler: str, identity: str, attempt: int) -> Iterator[None]:
    """A span and a duration for one call of a handler."""
    began = time.monotonic()
    outcome = "failed"
    attributes: dict[str, str | int] = {"fermata.id": identity, "fermata.attempt": attempt}
    with _tracer.start_as_current_span(f"fermata.owner.{handler}", attributes=attributes):
        try:
            yield
            outcome = "ended"
        finally:
            duration.record(time.monotonic() - began, {"handler": handler, "outcome": outcome})
