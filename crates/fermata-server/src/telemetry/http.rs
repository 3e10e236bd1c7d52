//! The telemetry pages: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever runs the
//! process. Made to be merged into the server's HTTP router.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Registry, TEXT_FORMAT, TextEncoder};

use super::documented::DOCUMENTED;

/// The pages. `readiness` says whether this replica can serve calls; it is asked at every request
/// and must not block.
pub fn router<R>(registry: Registry, readiness: R) -> Router
where
    R: Fn() -> bool + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/metrics", get(move || std::future::ready(metrics_page(&registry))))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(move || std::future::ready(readiness_page(readiness()))))
}

fn metrics_page(registry: &Registry) -> Response {
    match metrics_text(registry) {
        Ok(text) => ([(CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT))], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What was measured, in the Prometheus text format. Documented metrics without a series yet are
/// announced, so that dashboards and people find all names from the start.
fn metrics_text(registry: &Registry) -> Result<String, prometheus::Error> {
    let families = registry.gather();
    let mut text = TextEncoder::new().encode_to_string(&families)?;
    for metric in DOCUMENTED {
        if !families.iter().any(|family| family.name() == metric.name) {
            let kind = metric.kind.as_str();
            text.push_str(&format!("# HELP {} {}\n", metric.name, metric.help));
            text.push_str(&format!("# TYPE {} {kind}\n", metric.name));
        }
    }
    Ok(text)
}

fn readiness_page(ready: bool) -> Response {
    if ready {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}
