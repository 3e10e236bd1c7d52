//! The trace that a call belongs to, for the server to go on with. Without the feature `opentelemetry` nothing is sent.

use http::HeaderMap;

/// Adds the trace context, as the propagator that OpenTelemetry was given writes it.
#[cfg(feature = "opentelemetry")]
pub(crate) fn inject(headers: &mut HeaderMap) {
    use opentelemetry::trace::TraceContextExt;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    let of_span = tracing::Span::current().context();
    // A program that does not connect `tracing` to OpenTelemetry may have a context of its own.
    let current = opentelemetry::Context::current();
    let context = if of_span.span().span_context().is_valid() { of_span } else { current };
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Headers(headers));
    });
}

/// Adds nothing.
#[cfg(not(feature = "opentelemetry"))]
pub(crate) fn inject(_: &mut HeaderMap) {}

#[cfg(feature = "opentelemetry")]
struct Headers<'a>(&'a mut HeaderMap);

#[cfg(feature = "opentelemetry")]
impl opentelemetry::propagation::Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = http::HeaderName::from_bytes(key.as_bytes());
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_str(&value)) {
            self.0.insert(name, value);
        }
    }
}
