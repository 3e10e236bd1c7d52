//! Trace context: taken from callers, kept with sessions, handed on to the cloud. W3C Trace
//! Context (`traceparent`, `tracestate`) is the only format.
//!
//! A session lives longer than the call that created it, and possibly than the process. Its
//! creator's `traceparent` is stored with it, and every effect becomes part of that trace.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

/// The trace context a caller sent, if it sent a valid one. For tonic requests, pass
/// `request.metadata().clone().into_headers()` or use [`super::rpc::RpcLayer`].
pub fn extract(headers: &HeaderMap) -> Option<Context> {
    valid(TraceContextPropagator::new().extract(&Received(headers)))
}

/// The trace context that a stored `traceparent` stands for; `None` if it is not valid.
pub fn parent_from(traceparent: &str) -> Option<Context> {
    valid(TraceContextPropagator::new().extract(&Stored(traceparent)))
}

/// Makes a span that was not entered yet a child of this context.
pub fn set_parent(span: &Span, parent: Context) {
    // Fails only where there are no traces: the span is filtered out, or no layer is installed.
    let _ = span.set_parent(parent);
}

/// The current span's context as a `traceparent`, to be stored with a session. `None` outside of
/// any span.
pub fn traceparent() -> Option<String> {
    traceparent_of(&Span::current())
}

/// A span's context as a `traceparent`.
pub fn traceparent_of(span: &Span) -> Option<String> {
    let headers = injected(span);
    headers.into_iter().find(|(name, _)| name == TRACEPARENT).map(|(_, value)| value)
}

/// Headers that hand the current span's context to whoever is called.
pub fn outgoing_headers() -> Vec<(String, String)> {
    injected(&Span::current())
}

/// Writes a span's context into headers.
pub fn inject(span: &Span, headers: &mut HeaderMap) {
    for (name, value) in injected(span) {
        // Both consist of visible ASCII by specification.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}

/// The id of the trace a span belongs to, in hexadecimal.
pub fn trace_id(span: &Span) -> Option<String> {
    let context = valid(span.context())?;
    Some(context.span().span_context().trace_id().to_string())
}

/// The span `session.effect`: one effect of a session, part of the trace of the call that created
/// it. `operation` is the effect's name, `traceparent` what is stored with the session.
pub fn session_effect(operation: &str, session_id: &str, traceparent: Option<&str>) -> Span {
    // No parent from where the runner happens to be: its own work is not the session's.
    let span = info_span!(
        parent: None,
        "session.effect",
        effect = operation,
        session_id,
        trace_id = tracing::field::Empty,
    );
    if let Some(parent) = traceparent.and_then(parent_from) {
        set_parent(&span, parent);
    }
    record_trace_id(&span);
    span
}

/// Puts the trace's id on the span, so that log lines lead to the trace.
pub(super) fn record_trace_id(span: &Span) {
    if let Some(id) = trace_id(span) {
        span.record("trace_id", id);
    }
}

fn valid(context: Context) -> Option<Context> {
    context.span().span_context().is_valid().then_some(context)
}

fn injected(span: &Span) -> Vec<(String, String)> {
    let mut sent = Sent(Vec::new());
    TraceContextPropagator::new().inject_context(&span.context(), &mut sent);
    // An empty tracestate says nothing.
    sent.0.retain(|(_, value)| !value.is_empty());
    sent.0
}

struct Received<'a>(&'a HeaderMap);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Stored<'a>(&'a str);

impl Extractor for Stored<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

struct Sent(Vec<(String, String)>);

impl Injector for Sent {
    fn set(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn traced(test: impl FnOnce()) {
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        tracing::subscriber::with_default(Registry::default().with(layer), test);
    }

    #[test]
    fn only_valid_contexts_are_parents() {
        assert!(parent_from(PARENT).is_some());
        for wrong in ["", "nonsense", &PARENT[..40], "00-0-0-01"] {
            assert!(parent_from(wrong).is_none(), "{wrong}");
        }
        assert!(extract(&HeaderMap::new()).is_none());
    }

    #[test]
    fn effects_belong_to_the_trace_of_the_sessions_creator() {
        traced(|| {
            let runner = info_span!("runner");
            let _entered = runner.enter();
            let effect = session_effect("stop", "s1", Some(PARENT));
            assert_eq!(trace_id(&effect).unwrap(), TRACE);
            let inner = effect.in_scope(|| info_span!("cloud.call"));
            assert_eq!(trace_id(&inner).unwrap(), TRACE);
            let without = session_effect("stop", "s1", None);
            assert_ne!(trace_id(&without), trace_id(&runner));
        });
    }

    #[test]
    fn context_goes_round() {
        traced(|| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(PARENT));
            headers.insert("tracestate", HeaderValue::from_static("vendor=1"));
            let span = info_span!("rpc");
            set_parent(&span, extract(&headers).unwrap());
            let stored = traceparent_of(&span).unwrap();
            assert!(stored.starts_with(&format!("00-{TRACE}-")), "{stored}");
            assert_ne!(stored, PARENT, "the span has its own id");
            let sent = span.in_scope(outgoing_headers);
            assert!(sent.contains(&("tracestate".to_owned(), "vendor=1".to_owned())), "{sent:?}");
            assert!(sent.contains(&("traceparent".to_owned(), stored)), "{sent:?}");
        });
    }

    #[test]
    fn without_traces_there_is_nothing_to_hand_on() {
        assert_eq!(traceparent(), None);
        assert!(outgoing_headers().is_empty());
    }
}
