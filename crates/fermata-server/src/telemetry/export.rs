//! The OpenTelemetry providers: who Fermata says it is, and the exporters that send traces,
//! metrics and logs to a collector. Exporting happens on the providers' own threads; a collector
//! that is away costs telemetry, never a request.

use opentelemetry::KeyValue;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter};
use opentelemetry_otlp::{WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use prometheus::Registry;
use tonic::transport::{Certificate, ClientTlsConfig};

use super::options::{Signal, Target, TelemetryOptions, Tls};
use super::{TelemetryError, no_exporter};

/// Who this process is. What the operator says wins over what Fermata knows.
pub(super) fn resource(options: &TelemetryOptions) -> Resource {
    let known = [
        KeyValue::new("service.name", "fermata"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", options.instance_id.clone()),
    ];
    let said = options.variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default().split(',');
    let said = said
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| KeyValue::new(key.trim().to_owned(), value.trim().to_owned()));
    let name = options.variable("OTEL_SERVICE_NAME");
    let name = name.map(|name| KeyValue::new("service.name", name.to_owned()));
    Resource::builder().with_attributes(known).with_attributes(said).with_attributes(name).build()
}

/// The tracer provider. Without an exporter it still makes and passes on trace context, so that
/// callers and the cloud stay connected through Fermata.
pub(super) fn tracer_provider(
    options: &TelemetryOptions,
    resource: &Resource,
) -> Result<SdkTracerProvider, TelemetryError> {
    let provider = SdkTracerProvider::builder().with_resource(resource.clone());
    let Some(target) = options.target(Signal::Traces)? else {
        let follow_caller = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        return Ok(provider.with_sampler(follow_caller).build());
    };
    let exporter = SpanExporter::builder().with_tonic();
    let exporter = aimed(exporter, &target)?.build().map_err(no_exporter("traces"))?;
    Ok(provider.with_batch_exporter(exporter).build())
}

/// The meter provider, read by a Prometheus registry and, if switched on, sent by OTLP.
pub(super) fn meter_provider(
    options: &TelemetryOptions,
    resource: &Resource,
    registry: &Registry,
) -> Result<SdkMeterProvider, TelemetryError> {
    let scraped = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        // One scope only: its name on every series would say nothing.
        .scope_info_enabled(false)
        .build()
        .map_err(TelemetryError::Prometheus)?;
    let provider = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(scraped);
    let Some(target) = options.target(Signal::Metrics)? else { return Ok(provider.build()) };
    let exporter = MetricExporter::builder().with_tonic();
    let exporter = aimed(exporter, &target)?.build().map_err(no_exporter("metrics"))?;
    Ok(provider.with_periodic_exporter(exporter).build())
}

/// The logger provider, if logs are to be sent.
pub(super) fn logger_provider(
    options: &TelemetryOptions,
    resource: &Resource,
) -> Result<Option<SdkLoggerProvider>, TelemetryError> {
    let Some(target) = options.target(Signal::Logs)? else { return Ok(None) };
    let exporter = LogExporter::builder().with_tonic();
    let exporter = aimed(exporter, &target)?.build().map_err(no_exporter("logs"))?;
    let provider = SdkLoggerProvider::builder().with_resource(resource.clone());
    Ok(Some(provider.with_batch_exporter(exporter).build()))
}

/// Points an exporter at its target.
fn aimed<B: WithExportConfig + WithTonicConfig>(
    exporter: B,
    target: &Target,
) -> Result<B, TelemetryError> {
    // The channel of the exporter is driven by the runtime it is made in.
    tokio::runtime::Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
    let exporter = exporter.with_endpoint(&target.endpoint);
    Ok(match &target.tls {
        Some(tls) => exporter.with_tls_config(tls_config(tls)?),
        None => exporter,
    })
}

/// The exporter's own default would trust nobody.
fn tls_config(tls: &Tls) -> Result<ClientTlsConfig, TelemetryError> {
    let config = ClientTlsConfig::new().with_enabled_roots();
    let Some(path) = &tls.authority else { return Ok(config) };
    let pem = std::fs::read(path)
        .map_err(|source| TelemetryError::Certificate { path: path.clone(), source })?;
    Ok(config.ca_certificate(Certificate::from_pem(pem)))
}

#[cfg(test)]
mod tests {
    use opentelemetry::Key;

    use super::*;

    fn attribute(options: &TelemetryOptions, key: &'static str) -> String {
        let value = resource(options).get(&Key::from_static_str(key));
        value.map(|value| value.to_string()).unwrap_or_default()
    }

    #[test]
    fn fermata_says_who_it_is() {
        let plain = TelemetryOptions::of(&[]);
        assert_eq!(attribute(&plain, "service.name"), "fermata");
        assert_eq!(attribute(&plain, "service.version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(attribute(&plain, "service.instance.id"), "replica-1");
    }

    #[test]
    fn operators_can_say_otherwise() {
        let attributes =
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a, service.instance.id = x,zone=z1");
        let named = TelemetryOptions::of(&[attributes]);
        assert_eq!(attribute(&named, "service.name"), "a");
        assert_eq!(attribute(&named, "service.instance.id"), "x");
        assert_eq!(attribute(&named, "zone"), "z1");
        let renamed = TelemetryOptions::of(&[attributes, ("OTEL_SERVICE_NAME", "b")]);
        assert_eq!(attribute(&renamed, "service.name"), "b");
    }

    #[test]
    fn otlp_without_a_runtime_is_an_error_and_no_panic() {
        let options =
            TelemetryOptions::of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")]);
        let error = tracer_provider(&options, &resource(&options)).unwrap_err();
        assert!(matches!(error, TelemetryError::NoRuntime));
    }

    #[tokio::test]
    async fn a_collector_can_have_tls() {
        let tls = TelemetryOptions::of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:1")]);
        tracer_provider(&tls, &resource(&tls)).unwrap();
        let missing = ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nonexistent/ca.pem");
        let tls = TelemetryOptions::of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:1"), missing]);
        let error = tracer_provider(&tls, &resource(&tls)).unwrap_err();
        assert!(matches!(error, TelemetryError::Certificate { .. }), "{error}");
    }
}
