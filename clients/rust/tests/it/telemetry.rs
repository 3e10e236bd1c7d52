//! What OpenTelemetry is told, and the trace that calls carry.

use std::collections::BTreeMap;

use fermata_client::{Answer, Owner};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use prometheus::Registry;
use tokio_util::sync::CancellationToken;

use crate::notifications::{Scripted, Step, question, server_event, snapshot};
use crate::running::{Running, owner};

/// Names of metrics and how often each counted.
fn counted(registry: &Registry) -> BTreeMap<String, f64> {
    let mut counted = BTreeMap::new();
    for family in registry.gather() {
        for metric in family.get_metric() {
            let count = if metric.get_histogram().get_sample_count() > 0 {
                metric.get_histogram().get_sample_count() as f64
            } else {
                metric.get_counter().get_value()
            };
            *counted.entry(family.name().to_owned()).or_default() += count;
        }
    }
    counted
}

#[tokio::test]
async fn an_owner_counts_and_measures() {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
    let provider = SdkMeterProvider::builder().with_reader(exporter.build().unwrap()).build();
    global::set_meter_provider(provider);
    let owner = owner().on_planned(|_| async { Ok(Answer::accept()) });
    let steps = vec![snapshot(1, vec![question("n", 1)]), server_event(2, "a", "s")];
    let it = Running::script(steps, owner).await;
    it.scripted.acknowledged(2).await;
    let counted = counted(&registry);
    // Other tests of this process may count, too.
    for name in [
        "fermata_owner_questions_total",
        "fermata_owner_replies_total",
        "fermata_owner_events_total",
        "fermata_owner_handler_duration_seconds",
    ] {
        assert!(counted.get(name).is_some_and(|count| *count >= 1.0), "{name}: {counted:?}");
    }
}

#[tokio::test]
async fn calls_and_streams_carry_the_trace_of_their_caller() {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let (trace, span) = (TraceId::from(0x1234), SpanId::from(0x56));
    let parent = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::default());
    let opened = CancellationToken::new();
    let scripted = Scripted::run(vec![vec![Step::Wait(opened.clone())]]).await;
    let channel = scripted.channel();
    let context = Context::new().with_remote_span_context(parent);
    // Whatever runs inside has the context: the subscription that is put, and the stream.
    let run = opentelemetry::context::FutureExt::with_context(
        async move { Owner::new("p", "vnfm").run(channel).await },
        context,
    );
    let run = tokio::spawn(run);
    crate::notifications::until("the stream", || scripted.noted(|n| !n.subscribed.is_empty()))
        .await;
    run.abort();
    let heads = scripted.noted(|notes| notes.heads.clone());
    assert_eq!(heads.len(), 2);
    for head in heads {
        let sent = head.get("traceparent").unwrap().to_str().unwrap();
        assert_eq!(sent, "00-00000000000000000000000000001234-0000000000000056-01");
    }
}
