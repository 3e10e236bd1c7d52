//! The telemetry pages: `/metrics` for Prometheus, `/healthz`, `/readyz` and `/tasks` for whoever runs the
//! process. Made to be merged into the server's HTTP router.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Registry, TEXT_FORMAT, TextEncoder};

use super::documented::DOCUMENTED;
use crate::readiness::Check;
use crate::tasks::Tasks;

/// What the process is, by name.
type Facts = Vec<(&'static str, String)>;

/// The pages. `about` says what the process is; `checks` says what this replica needs to serve calls, and what is wrong with it; it is asked at every
/// request and must not block.
pub fn router<R>(registry: Registry, checks: R, tasks: Tasks, about: Facts) -> Router
where
    R: Fn() -> Vec<Check> + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/metrics", get(move || std::future::ready(metrics_page(&registry))))
        .route("/healthz", get(async || "ok\n"))
        .route("/tasks", get(move || std::future::ready(tasks.page())))
        .route(
            "/readyz",
            get(move |uri: Uri| {
                let verbose = uri.query().is_some_and(|q| q.split('&').any(is_verbose));
                std::future::ready(readiness_page(&checks(), verbose.then_some(&about)))
            }),
        )
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

fn is_verbose(parameter: &str) -> bool {
    matches!(parameter, "verbose" | "verbose=" | "verbose=1" | "verbose=true")
}

/// `ready` or `not ready`; verbose, with a line for each fact about the process and for each check.
fn readiness_page(checks: &[Check], about: Option<&Facts>) -> Response {
    let ready = checks.iter().all(Check::permits);
    let mut text = String::new();
    if let Some(about) = about {
        for (name, fact) in about.iter().filter(|(_, fact)| !fact.is_empty()) {
            text.push_str(&format!("{name}: {fact}\n"));
        }
        for Check { name, trouble, is_vital } in checks {
            match trouble {
                None => text.push_str(&format!("[+] {name}: ok\n")),
                Some(trouble) => {
                    let sign = if *is_vital { '-' } else { '!' };
                    text.push_str(&format!("[{sign}] {name}: {trouble}\n"));
                }
            }
        }
    }
    text.push_str(if ready { "ready\n" } else { "not ready\n" });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, text).into_response()
}
