//! Watching calls to the cloud: a span and a metric around each.

use std::time::Instant;

use fermata_core::cloud::CloudError;
use tracing::{Instrument, info_span};

use super::metrics::{CloudOutcome, Metrics};

/// Makes a call to the cloud in a span `cloud.call` and records how long it took and how it
/// ended. `operation` is a name known when the program is built: `live_migrate`, `servers_on`.
///
/// # Errors
///
/// What the call gives.
pub async fn observe<T>(
    metrics: &Metrics,
    operation: &'static str,
    call: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    let span = info_span!(
        "cloud.call",
        otel.name = format!("cloud.call {operation}"),
        otel.kind = "client",
        cloud.operation = operation,
        outcome = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    let started = Instant::now();
    let result = call.instrument(span.clone()).await;
    let outcome = CloudOutcome::of(&result);
    span.record("outcome", outcome.as_str());
    if let Err(error) = &result {
        span.record("otel.status_code", "ERROR");
        span.in_scope(|| tracing::debug!(operation, %error, "cloud call failed"));
    }
    metrics.cloud_call(operation, outcome, started.elapsed());
    result
}
