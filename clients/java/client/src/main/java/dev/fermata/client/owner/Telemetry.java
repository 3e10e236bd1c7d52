package dev.fermata.client.owner;

import dev.fermata.client.Fermata;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;

/** Metrics and spans. Without an SDK of OpenTelemetry they cost nothing. */
final class Telemetry {
  private static final String SCOPE = "dev.fermata.client";
  private static final AttributeKey<String> HANDLER = AttributeKey.stringKey("handler");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

  private final Tracer tracer;
  private final LongCounter questions;
  private final LongCounter replies;
  private final LongCounter events;
  private final DoubleHistogram duration;

  Telemetry(OpenTelemetry openTelemetry) {
    tracer = openTelemetry.getTracer(SCOPE, Fermata.VERSION);
    var meter = openTelemetry.meterBuilder(SCOPE).setInstrumentationVersion(Fermata.VERSION).build();
    questions = meter.counterBuilder("fermata.owner.questions").setDescription("Questions that were asked.").build();
    replies = meter.counterBuilder("fermata.owner.replies").setDescription("Replies, by outcome.").build();
    events = meter.counterBuilder("fermata.owner.events").setDescription("Events that were received.").build();
    duration =
        meter.histogramBuilder("fermata.owner.handler.duration").setUnit("s").setDescription("How long a handler ran.").build();
  }

  void asked() {
    questions.add(1);
  }

  void replied(String outcome) {
    replies.add(1, Attributes.of(OUTCOME, outcome));
  }

  void received() {
    events.add(1);
  }

  Span begin(String handler, String id, String sessionId) {
    return tracer
        .spanBuilder("fermata.owner " + handler)
        .setAttribute(HANDLER, handler)
        .setAttribute("fermata.id", id)
        .setAttribute("fermata.session_id", sessionId)
        .startSpan();
  }

  void end(Span span, String handler, long beganNanos, Exception failure) {
    if (failure != null) {
      span.recordException(failure);
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
    duration.record((System.nanoTime() - beganNanos) / 1e9, Attributes.of(HANDLER, handler));
  }
}
