//! What OpenTelemetry is told, with the feature `opentelemetry`. Without an SDK of it this costs nothing.

use std::time::Duration;

use crate::owner::hooks::HandlerName;

#[cfg(feature = "opentelemetry")]
mod told {
    use std::sync::LazyLock;

    use opentelemetry::metrics::{Counter, Histogram, Meter};
    use opentelemetry::{KeyValue, global};

    static METER: LazyLock<Meter> = LazyLock::new(|| global::meter("fermata"));
    static QUESTIONS: LazyLock<Counter<u64>> = LazyLock::new(|| {
        let counter = METER.u64_counter("fermata.owner.questions");
        counter.with_description("Questions that were asked, by handler").build()
    });
    static REPLIES: LazyLock<Counter<u64>> = LazyLock::new(|| {
        let counter = METER.u64_counter("fermata.owner.replies");
        counter.with_description("Answers that were sent, by outcome").build()
    });
    static EVENTS: LazyLock<Counter<u64>> = LazyLock::new(|| {
        let counter = METER.u64_counter("fermata.owner.events");
        counter.with_description("Events that were read, by handler").build()
    });
    static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
        let histogram = METER.f64_histogram("fermata.owner.handler.duration").with_unit("s");
        histogram.with_description("How long handlers took, by handler and outcome").build()
    });

    pub(super) fn question(handler: &'static str) {
        QUESTIONS.add(1, &[KeyValue::new("handler", handler)]);
    }

    pub(super) fn reply(outcome: &str) {
        REPLIES.add(1, &[KeyValue::new("outcome", outcome.to_owned())]);
    }

    pub(super) fn event(handler: &'static str) {
        EVENTS.add(1, &[KeyValue::new("handler", handler)]);
    }

    pub(super) fn handled(handler: &'static str, outcome: &'static str, seconds: f64) {
        let labels = [KeyValue::new("handler", handler), KeyValue::new("outcome", outcome)];
        DURATION.record(seconds, &labels);
    }
}

#[cfg(not(feature = "opentelemetry"))]
mod told {
    pub(super) fn question(_: &'static str) {}
    pub(super) fn reply(_: &str) {}
    pub(super) fn event(_: &'static str) {}
    pub(super) fn handled(_: &'static str, _: &'static str, _: f64) {}
}

/// A question was asked.
pub(super) fn question(handler: HandlerName) {
    told::question(handler.as_str());
}

/// A reply was accepted, or refused for good.
pub(super) fn reply(outcome: &str) {
    told::reply(outcome);
}

/// An event was read.
pub(super) fn event(handler: HandlerName) {
    told::event(handler.as_str());
}

/// A handler has ended.
pub(super) fn handled(handler: HandlerName, outcome: &'static str, took: Duration) {
    told::handled(handler.as_str(), outcome, took.as_secs_f64());
}
