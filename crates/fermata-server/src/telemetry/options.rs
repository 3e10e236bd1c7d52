//! What telemetry is asked to do, and the reading of OpenTelemetry's standard variables as far as
//! they switch something on. What tunes an exporter (timeouts, headers, batches, the sampler) is
//! read by the OpenTelemetry crates themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::TelemetryError;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// What telemetry is asked to do.
#[derive(Debug, Clone)]
pub struct TelemetryOptions {
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log events are written, in the syntax of `RUST_LOG`: `info,fermata_server=debug`.
    pub log_filter: String,
    /// `service.instance.id`: what tells this process from other replicas; unique among them.
    pub instance_id: String,
    /// The process's environment; only variables that begin with `OTEL_` are looked at.
    pub environment: BTreeMap<String, String>,
}

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }
}

/// Where a signal is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The collector's URL.
    pub(super) endpoint: String,
    /// How its identity is checked; `None` without TLS.
    pub(super) tls: Option<Tls>,
}

/// How a collector's identity is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tls {
    /// PEM file of a CA to trust in addition to the system's.
    pub(super) authority: Option<PathBuf>,
}

/// Where OTLP goes by specification if it is asked for without an endpoint.
const DEFAULT_ENDPOINT: &str = "http://localhost:4317";

impl TelemetryOptions {
    /// Where a signal is to be sent by OTLP, if anywhere.
    ///
    /// Source: OpenTelemetry specification, "Environment Variable Specification" and "OTLP
    /// Exporter Configuration".
    pub(super) fn target(&self, signal: Signal) -> Result<Option<Target>, TelemetryError> {
        if self.is_true("OTEL_SDK_DISABLED") {
            return Ok(None);
        }
        let endpoint = self.for_signal(signal, "ENDPOINT");
        let endpoint = match (self.exporter(signal)?, endpoint) {
            (Some(Exporter::None), _) | (None, None) => return Ok(None),
            (Some(Exporter::Otlp), None) => DEFAULT_ENDPOINT,
            (Some(Exporter::Otlp) | None, Some(endpoint)) => endpoint,
        };
        if let Some(protocol) = self.for_signal(signal, "PROTOCOL").filter(|p| *p != "grpc") {
            return Err(TelemetryError::Protocol { protocol: protocol.to_owned() });
        }
        let insecure =
            self.for_signal(signal, "INSECURE").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let endpoint = match (endpoint.contains("://"), insecure) {
            (true, _) => endpoint.to_owned(),
            (false, true) => format!("http://{endpoint}"),
            (false, false) => format!("https://{endpoint}"),
        };
        let tls = endpoint
            .starts_with("https://")
            .then(|| Tls { authority: self.for_signal(signal, "CERTIFICATE").map(PathBuf::from) });
        Ok(Some(Target { endpoint, tls }))
    }

    /// The value of a variable; empty ones count as unset, as the specification wants.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn is_true(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The variable of one signal, else that of all signals.
    fn for_signal(&self, signal: Signal, what: &str) -> Option<&str> {
        self.variable(&format!("OTEL_EXPORTER_OTLP_{}_{what}", signal.name()))
            .or_else(|| self.variable(&format!("OTEL_EXPORTER_OTLP_{what}")))
    }

    fn exporter(&self, signal: Signal) -> Result<Option<Exporter>, TelemetryError> {
        let variable = format!("OTEL_{}_EXPORTER", signal.name());
        let Some(list) = self.variable(&variable) else { return Ok(None) };
        let mut exporter = Exporter::None;
        for name in list.split(',').map(str::trim) {
            match name {
                "otlp" => exporter = Exporter::Otlp,
                "none" => {}
                // Prometheus is always there; naming it is no error.
                "prometheus" if signal == Signal::Metrics => {}
                other => {
                    return Err(TelemetryError::Exporter { variable, name: other.to_owned() });
                }
            }
        }
        Ok(Some(exporter))
    }
}

/// What `OTEL_*_EXPORTER` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exporter {
    Otlp,
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    impl TelemetryOptions {
        /// Options with these variables, for tests.
        pub(in super::super) fn of(variables: &[(&str, &str)]) -> Self {
            let environment =
                variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Self {
                log_format: LogFormat::Human,
                log_filter: "info".to_owned(),
                instance_id: "replica-1".to_owned(),
                environment: environment.collect(),
            }
        }
    }

    fn endpoint(variables: &[(&str, &str)], signal: Signal) -> Option<String> {
        TelemetryOptions::of(variables).target(signal).unwrap().map(|target| target.endpoint)
    }

    #[test]
    fn nothing_is_sent_unless_asked_for() {
        assert_eq!(endpoint(&[], Signal::Traces), None);
        assert_eq!(endpoint(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")], Signal::Logs), None);
    }

    #[test]
    fn an_endpoint_switches_its_signals_on() {
        let all = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317")];
        assert_eq!(endpoint(&all, Signal::Logs).unwrap(), "http://a:4317");
        let one = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b:4317")];
        assert_eq!(endpoint(&one, Signal::Traces).unwrap(), "http://b:4317");
        assert_eq!(endpoint(&one, Signal::Metrics), None);
    }

    #[test]
    fn the_signals_own_endpoint_wins() {
        let both = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b:4317"),
        ];
        assert_eq!(endpoint(&both, Signal::Traces).unwrap(), "http://b:4317");
        assert_eq!(endpoint(&both, Signal::Metrics).unwrap(), "http://a:4317");
    }

    #[test]
    fn disabled_is_disabled() {
        let variables =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"), ("OTEL_SDK_DISABLED", "TRUE")];
        assert_eq!(endpoint(&variables, Signal::Traces), None);
        let variables =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"), ("OTEL_LOGS_EXPORTER", "none")];
        assert_eq!(endpoint(&variables, Signal::Logs), None);
        assert!(endpoint(&variables, Signal::Traces).is_some());
    }

    #[test]
    fn naming_the_exporter_is_enough() {
        let variables = [("OTEL_METRICS_EXPORTER", "otlp,prometheus")];
        assert_eq!(endpoint(&variables, Signal::Metrics).unwrap(), DEFAULT_ENDPOINT);
        assert_eq!(endpoint(&[("OTEL_METRICS_EXPORTER", "prometheus")], Signal::Metrics), None);
    }

    #[test]
    fn what_cannot_be_done_is_an_error() {
        let console = TelemetryOptions::of(&[("OTEL_TRACES_EXPORTER", "console")]);
        assert!(matches!(console.target(Signal::Traces), Err(TelemetryError::Exporter { .. })));
        let http = TelemetryOptions::of(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ]);
        assert!(matches!(http.target(Signal::Logs), Err(TelemetryError::Protocol { .. })));
    }

    #[test]
    fn tls_is_for_https_and_for_endpoints_without_a_scheme() {
        let tls = |variables: &[(&str, &str)]| {
            TelemetryOptions::of(variables).target(Signal::Traces).unwrap().unwrap().tls
        };
        assert_eq!(tls(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317")]), None);
        assert!(tls(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "a:4317")]).is_some());
        let insecure =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", "a:4317"), ("OTEL_EXPORTER_OTLP_INSECURE", "true")];
        assert_eq!(tls(&insecure), None);
        let own = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://a:4317"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/etc/ca.pem"),
        ];
        assert_eq!(tls(&own).unwrap().authority, Some(PathBuf::from("/etc/ca.pem")));
    }
}
