//! The tracing subscriber: which events become log lines, which become OTLP log records, and
//! which spans become traces.

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::TelemetryError;
use super::lines::{JsonLine, PlainLine, Remember, write_field};
use super::options::{LogFormat, TelemetryOptions};

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Libraries that carry telemetry to the collector. What they say and do must not become
/// telemetry to be carried: it would feed itself.
const CARRIERS: &[&str] = &["opentelemetry", "tonic", "tower", "hyper", "h2"];

/// Builds the subscriber: log lines on standard error, spans, and log records if there is a
/// provider for them.
pub(super) fn subscriber(
    options: &TelemetryOptions,
    tracer: &SdkTracerProvider,
    logger: Option<&SdkLoggerProvider>,
) -> Result<impl Subscriber + Send + Sync + use<>, TelemetryError> {
    let stderr = BoxMakeWriter::new(std::io::stderr);
    let mut layers = vec![Remember.boxed()];
    layers.push(lines(options, stderr, std::io::stderr().is_terminal())?);
    layers.push(spans(tracer, logger.is_some()));
    if let Some(provider) = logger {
        layers.push(records(options, provider)?);
    }
    Ok(Registry::default().with(layers))
}

fn lines(
    options: &TelemetryOptions,
    writer: BoxMakeWriter,
    colours: bool,
) -> Result<BoxedLayer, TelemetryError> {
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    let layer = match options.log_format {
        LogFormat::Human => {
            layer.fmt_fields(debug_fn(write_field).delimited(" ")).event_format(PlainLine).boxed()
        }
        LogFormat::Json => layer.event_format(JsonLine).boxed(),
    };
    Ok(layer.with_filter(filter(options)?).boxed())
}

/// Spans do not depend on the log filter: asking for fewer lines must not break traces. Events
/// are attached to their spans unless they are sent as log records already.
fn spans(provider: &SdkTracerProvider, records_are_sent: bool) -> BoxedLayer {
    let wanted = move |metadata: &Metadata<'_>| {
        *metadata.level() <= Level::INFO
            && (metadata.is_span() || !records_are_sent)
            && !is_carrier(metadata)
    };
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("fermata"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_filter(filter_fn(wanted))
        .boxed()
}

fn records(
    options: &TelemetryOptions,
    provider: &SdkLoggerProvider,
) -> Result<BoxedLayer, TelemetryError> {
    let wanted = filter(options)?.and(filter_fn(|metadata| !is_carrier(metadata)));
    Ok(OpenTelemetryTracingBridge::new(provider).with_filter(wanted).boxed())
}

fn filter(options: &TelemetryOptions) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(&options.log_filter)
        .map_err(|source| TelemetryError::Filter { filter: options.log_filter.clone(), source })
}

fn is_carrier(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split([':', '_', '-']).next().unwrap_or_default();
    CARRIERS.contains(&library)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use fermata_core::text::is_unsafe;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(options: &TelemetryOptions, record: impl FnOnce()) -> String {
        let output = Written::default();
        let writer = output.clone();
        let layer = lines(options, BoxMakeWriter::new(move || writer.clone()), false).unwrap();
        tracing::subscriber::with_default(
            Registry::default().with(vec![Remember.boxed(), layer]),
            record,
        );
        let bytes = output.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn item_4_json_lines_have_fields_and_context_at_their_top_level() {
        let options = TelemetryOptions { log_format: LogFormat::Json, ..TelemetryOptions::of(&[]) };
        let text = written(&options, || {
            let span = tracing::info_span!(
                "rpc",
                rpc.system = "grpc",
                enduser.id = tracing::field::Empty,
                trace_id = "abc"
            );
            span.record("enduser.id", "kim");
            let inner = tracing::info_span!(parent: &span, "inner", host = "compute99");
            inner.in_scope(|| tracing::info!(host = "compute01", count = 3, "drained"));
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "drained");
        assert_eq!(line["host"], "compute01");
        assert_eq!(line["count"], 3);
        assert_eq!(line["trace_id"], "abc");
        assert_eq!(line["principal"], "kim");
        assert_eq!(line["level"], "INFO");
        let names: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let all =
            ["count", "host", "level", "message", "principal", "target", "timestamp", "trace_id"];
        assert_eq!(names.iter().filter(|name| !all.contains(name)).count(), 0, "{names:?}");
    }

    #[test]
    fn no_value_leaves_its_line() {
        let bad = "a\nb\rc\u{1b}[31md\0e\u{202e}f\u{85}g\u{2028}h";
        let error: Box<dyn Error> = bad.into();
        let text = written(&TelemetryOptions::of(&[]), || {
            let span = tracing::info_span!("rpc", enduser.id = %bad, host = ?bad);
            span.in_scope(|| {
                tracing::info!(string = bad, displayed = %bad, error = &*error, "message {bad}");
            });
        });
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert_eq!(text.chars().filter(|c| is_unsafe(*c)).count(), 1, "{text:?}");
        assert!(text.ends_with('\n'), "{text:?}");
        for name in ["principal=", "host=", "string=", "displayed=", "error="] {
            assert!(
                text.contains(&format!("{name}a\\nb")) || text.contains(&format!("{name}\"a\\nb")),
                "{name}: {text}"
            );
        }
        assert!(
            text.contains("message a\\nb\\rc\\u{1b}[31md\\u{0}e\\u{202e}f\\u{85}g\\u{2028}h"),
            "{text}"
        );
    }

    #[test]
    fn lines_for_people_have_fields_apart() {
        let text = written(&TelemetryOptions::of(&[]), || {
            let span = tracing::info_span!("rpc", rpc.system = "grpc", trace_id = "abc");
            span.in_scope(|| {
                tracing::info!(host = "compute01", count = 3, why = "a fan", "drained");
            });
        });
        assert!(
            text.ends_with(" INFO drained host=compute01 count=3 why=\"a fan\" trace_id=abc\n"),
            "{text}"
        );
    }

    #[test]
    fn the_filter_decides_what_is_written() {
        let options = TelemetryOptions {
            log_filter: "warn,fermata_test=debug".to_owned(),
            ..TelemetryOptions::of(&[])
        };
        let text = written(&options, || {
            tracing::info!("not this");
            tracing::debug!(target: "fermata_test", "but this");
        });
        assert!(!text.contains("not this"), "{text}");
        assert!(text.contains("but this"), "{text}");
    }

    #[test]
    fn a_wrong_filter_is_an_error() {
        let options =
            TelemetryOptions { log_filter: "a=b=c".to_owned(), ..TelemetryOptions::of(&[]) };
        assert!(matches!(filter(&options), Err(TelemetryError::Filter { .. })));
    }
}
