//! Logs, traces and metrics: how Fermata tells what it does. [`init`] sets them up once for the
//! process, [`metrics`] and [`trace`] are what the rest of the server records with, [`rpc`] and
//! [`cloud`] watch its two sides, [`http`] serves what was measured.
//!
//! `docs/telemetry.md` is the operator's view of this module.

use std::path::PathBuf;
use std::time::Duration;

use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::Registry;
use prometheus::process_collector::ProcessCollector;
use thiserror::Error;
use tokio::sync::oneshot;
use tracing::Subscriber;

use self::metrics::Metrics;
pub use self::options::{LogFormat, TelemetryOptions};

pub mod cloud;
mod documented;
mod export;
pub mod http;
mod labels;
mod lines;
mod logs;
pub mod metrics;
mod options;
pub mod rpc;
pub(crate) mod sparing;
#[cfg(test)]
mod test_collector;
#[cfg(test)]
mod tests;
pub mod trace;

/// Why telemetry cannot be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The log filter is not understood.
    #[error("log filter '{filter}' is not understood; write it as in 'info,fermata_server=debug'")]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// An exporter that Fermata does not have.
    #[error("{variable} names '{name}'; only 'otlp' and 'none' can be chosen")]
    Exporter {
        /// The variable.
        variable: String,
        /// What it names.
        name: String,
    },
    /// A transport that Fermata does not have.
    #[error("OTLP is sent by 'grpc' only, OTEL_EXPORTER_OTLP_PROTOCOL says '{protocol}'")]
    Protocol {
        /// What was asked for.
        protocol: String,
    },
    /// The collector's CA cannot be read.
    #[error("the certificate file {} cannot be read", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// OTLP was switched on outside of a Tokio runtime.
    #[error("OTLP needs a Tokio runtime; set telemetry up inside of it")]
    NoRuntime,
    /// An exporter cannot be made from its settings.
    #[error("the OTLP exporter for {signal} cannot be made")]
    Otlp {
        /// What it would send.
        signal: &'static str,
        /// Why.
        source: ExporterBuildError,
    },
    /// The Prometheus registry cannot be set up.
    #[error("the Prometheus registry cannot be set up")]
    Prometheus(#[source] OTelSdkError),
    /// What the system knows of the process cannot be read.
    #[error("figures of the process cannot be set up")]
    Process(#[source] prometheus::Error),
    /// The description of the served methods cannot be decoded.
    #[error("the descriptor set of the served methods cannot be decoded")]
    Descriptors(#[from] prost::DecodeError),
}

fn no_exporter(signal: &'static str) -> impl Fn(ExporterBuildError) -> TelemetryError {
    move |source| TelemetryError::Otlp { signal, source }
}

/// Telemetry that is set up. Keep it until the process ends, then call [`Telemetry::shutdown`].
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    metrics: Metrics,
    meter_provider: SdkMeterProvider,
    tracer_provider: Option<SdkTracerProvider>,
    logger_provider: Option<SdkLoggerProvider>,
}

impl Telemetry {
    /// What `/metrics` reads.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What the server records with.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sends what is not sent yet and stops. Returns after `limit` at the latest, whatever the
    /// collector does; a second call does nothing.
    pub async fn shutdown(&self, limit: Duration) {
        let traces = self.tracer_provider.clone();
        let logs = self.logger_provider.clone();
        let meters = self.meter_provider.clone();
        let all = async {
            let (traces, metrics, logs) = tokio::join!(
                stopped(move || traces.map(|traces| traces.shutdown_with_timeout(limit))),
                stopped(move || Some(meters.shutdown_with_timeout(limit))),
                stopped(move || logs.map(|logs| logs.shutdown_with_timeout(limit))),
            );
            report("traces", traces);
            report("metrics", metrics);
            report("logs", logs);
        };
        if tokio::time::timeout(limit, all).await.is_err() {
            tracing::warn!(limit_seconds = limit.as_secs_f64(), "telemetry was not all sent");
        }
    }
}

/// Runs what blocks on a thread of its own: the providers wait for exporters that the runtime
/// drives, and a thread of the runtime's pool would keep the process from ending.
async fn stopped(
    stop: impl FnOnce() -> Option<OTelSdkResult> + Send + 'static,
) -> Option<OTelSdkResult> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("telemetry-stop".to_owned()).spawn(move || {
        // Nobody waits any more once the limit is over.
        let _ = done.send(stop());
    });
    match thread {
        Ok(_) => result.await.unwrap_or_default(),
        Err(error) => Some(Err(OTelSdkError::InternalFailure(error.to_string()))),
    }
}

fn report(signal: &'static str, result: Option<OTelSdkResult>) {
    match result {
        None | Some(Ok(()) | Err(OTelSdkError::AlreadyShutdown)) => {}
        Some(Err(error)) => tracing::warn!(signal, %error, "telemetry was not all sent"),
    }
}

/// Sets telemetry up for this process.
///
/// The first call of a process installs the log output and the tracing of spans. Later ones, as
/// tests make them, share those and get metrics of their own.
///
/// # Errors
///
/// The options contradict themselves or ask for what Fermata does not have. A collector that
/// cannot be reached is no error.
pub fn init(options: &TelemetryOptions) -> Result<Telemetry, TelemetryError> {
    let (mut telemetry, subscriber) = build(options)?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        telemetry.tracer_provider = None;
        telemetry.logger_provider = None;
    }
    Ok(telemetry)
}

/// Sets telemetry up without installing anything in the process; the caller does that with the
/// subscriber, for example for one thread.
///
/// # Errors
///
/// As [`init`].
pub fn build(
    options: &TelemetryOptions,
) -> Result<(Telemetry, impl Subscriber + Send + Sync + use<>), TelemetryError> {
    let resource = export::resource(options);
    let registry = Registry::new();
    // What the system knows of the process: `process_cpu_seconds_total`, `process_open_fds` …
    registry.register(Box::new(ProcessCollector::for_self())).map_err(TelemetryError::Process)?;
    let meter_provider = export::meter_provider(options, &resource, &registry)?;
    let tracer_provider = export::tracer_provider(options, &resource)?;
    let logger_provider = export::logger_provider(options, &resource)?;
    let subscriber = logs::subscriber(options, &tracer_provider, logger_provider.as_ref())?;
    let metrics = Metrics::new(&meter_provider.meter("fermata"));
    let tracer_provider = Some(tracer_provider);
    let telemetry =
        Telemetry { registry, metrics, meter_provider, tracer_provider, logger_provider };
    Ok((telemetry, subscriber))
}
