//! The tracing subscriber: which events become log lines, which become OTLP log records, and
//! which spans become traces.

use std::fmt::{self, Write};
use std::io::IsTerminal;

use fermata_core::text::is_unsafe;

use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::field::Field;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::TelemetryError;
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
    let mut layers = vec![lines(options, stderr, std::io::stderr().is_terminal())?];
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
        LogFormat::Human => layer.fmt_fields(debug_fn(write_field).delimited(" ")).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).boxed(),
    };
    Ok(layer.with_filter(filter(options)?).boxed())
}

/// Writes a field for people. Values come from callers and clouds: whatever could end the line, move the cursor or turn
/// the direction of text around is shown as what it is. (JSON escapes by itself.)
fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let styled = writer.has_ansi_escapes();
    match field.name() {
        "message" => {}
        // Where the crate `log` says that an event is from; the line says so already.
        name if name.starts_with("log.") => return Ok(()),
        name if styled => write!(writer, "\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m")?,
        name => write!(writer, "{name}=")?,
    }
    write!(Escaping(writer), "{value:?}")
}

struct Escaping<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(is_unsafe) {
            match part.chars().next_back() {
                Some(last) if is_unsafe(last) => {
                    let plain = part.strip_suffix(last).unwrap_or_default();
                    write!(self.0, "{plain}{}", last.escape_default())?;
                }
                Some(_) | None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
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
        tracing::subscriber::with_default(Registry::default().with(vec![layer]), record);
        let bytes = output.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_carry_fields_and_spans() {
        let options = TelemetryOptions { log_format: LogFormat::Json, ..TelemetryOptions::of(&[]) };
        let text = written(&options, || {
            let span = tracing::info_span!("rpc", trace_id = "abc");
            span.in_scope(|| tracing::info!(host = "compute01", "drained"));
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "drained");
        assert_eq!(line["host"], "compute01");
        assert_eq!(line["spans"][0]["trace_id"], "abc");
    }

    #[test]
    fn no_value_leaves_its_line() {
        let bad = "a\nb\rc\u{1b}[31md\0e\u{202e}f\u{85}g\u{2028}h";
        let error: Box<dyn Error> = bad.into();
        let text = written(&TelemetryOptions::of(&[]), || {
            let span = tracing::info_span!("rpc", shown = %bad, debugged = ?bad);
            span.in_scope(|| {
                tracing::info!(string = bad, displayed = %bad, error = &*error, "message {bad}");
            });
        });
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert_eq!(text.chars().filter(|c| is_unsafe(*c)).count(), 1, "{text:?}");
        assert!(text.ends_with('\n'), "{text:?}");
        for name in ["shown=", "debugged=", "string=", "displayed=", "error="] {
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
            tracing::info!(host = "compute01", count = 3, "drained");
        });
        assert!(text.contains("drained host=\"compute01\" count=3"), "{text}");
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
