//! What a log line looks like: one JSON object, or text for people. Both have the event's fields, and from the spans around
//! it those by which lines are searched ([`CONTEXT`]); the rest of the spans belongs to traces.

use std::fmt::{self, Write};

use fermata_core::text::is_unsafe;
use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Fields of spans that every line inside of them has: as spans name them, and as lines do.
const CONTEXT: &[(&str, &str)] = &[
    ("session_id", "session_id"),
    ("host", "host"),
    ("server_id", "server_id"),
    ("project_id", "project_id"),
    ("enduser.id", "principal"),
    ("trace_id", "trace_id"),
];

/// What a span says that its lines repeat.
#[derive(Default)]
struct Known(Vec<(&'static str, String)>);

impl Known {
    fn note(&mut self, field: &Field, value: String) {
        let named = CONTEXT.iter().find(|(of_span, _)| *of_span == field.name());
        let Some(&(_, name)) = named.filter(|_| !value.is_empty()) else { return };
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
    }
}

impl Visit for Known {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, format!("{value:?}"));
    }
}

/// Remembers of each span what its lines repeat.
pub(super) struct Remember;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Remember {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut known = Known::default();
        attributes.record(&mut known);
        span.extensions_mut().insert(known);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(known) = span.extensions_mut().get_mut::<Known>() {
            values.record(known);
        }
    }
}

/// What the spans around an event say, the innermost first in doubt.
fn around<S, N>(context: &FmtContext<'_, S, N>) -> Vec<(&'static str, String)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for span in context.event_scope().into_iter().flatten() {
        if let Some(Known(known)) = span.extensions().get::<Known>() {
            for (name, value) in known {
                if !found.iter().any(|(other, _)| other == name) {
                    found.push((name, value.clone()));
                }
            }
        }
    }
    found
}

/// The fields of an event as JSON.
#[derive(Default)]
struct Fields {
    fields: Vec<(&'static str, Value)>,
    /// Where the crate `log` says that the event is from.
    target: Option<String>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match field.name() {
            "log.target" => self.target = value.as_str().map(str::to_owned),
            name if name.starts_with("log.") => {}
            name => {
                self.fields.push((name, value));
            }
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}

/// A line in the order in which it is read.
struct Line(Vec<(&'static str, Value)>);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// One JSON object a line, everything at its top level.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut read = Fields::default();
        event.record(&mut read);
        let Fields { fields, target } = read;
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let target = target.unwrap_or_else(|| event.metadata().target().to_owned());
        let level = event.metadata().level().as_str();
        let mut line = vec![("timestamp", time.into()), ("level", level.into())];
        line.extend(fields);
        for (name, value) in around(context) {
            if !line.iter().any(|(other, _)| *other == name) {
                line.push((name, value.into()));
            }
        }
        line.push(("target", target.into()));
        let line = serde_json::to_string(&Line(line)).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// A line for people. What is our own says no more of where it is from.
pub(super) struct PlainLine;

impl<S, N> FormatEvent<S, N> for PlainLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let styled = writer.has_ansi_escapes();
        let style = |code: &'static str| if styled { code } else { "" };
        let colour = style(match *metadata.level() {
            Level::ERROR => "\u{1b}[31m",
            Level::WARN => "\u{1b}[33m",
            Level::INFO => "\u{1b}[32m",
            Level::DEBUG => "\u{1b}[34m",
            Level::TRACE => "\u{1b}[35m",
        });
        let (dim, plain) = (style("\u{1b}[2m"), style("\u{1b}[0m"));
        write!(writer, "{dim}")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "{plain} {colour}{:>5}{plain} ", metadata.level().as_str())?;
        if !metadata.target().starts_with("fermata") {
            write!(writer, "{dim}{}:{plain} ", metadata.target())?;
        }
        context.format_fields(writer.by_ref(), event)?;
        for (name, value) in around(context) {
            if metadata.fields().field(name).is_none() {
                write!(writer, " {dim}{name}={plain}")?;
                write!(Escaping(&mut writer), "{value}")?;
            }
        }
        writeln!(writer)
    }
}

/// Writes a field for people. Values come from callers and clouds: whatever could end the line, move the cursor or turn
/// the direction of text around is shown as what it is. (JSON escapes by itself.) A text of one word needs no quotes.
pub(super) fn write_field(
    writer: &mut Writer<'_>,
    field: &Field,
    value: &dyn fmt::Debug,
) -> fmt::Result {
    let styled = writer.has_ansi_escapes();
    match field.name() {
        "message" => {}
        // Where the crate `log` says that an event is from; the line says so already.
        name if name.starts_with("log.") => return Ok(()),
        name if styled => write!(writer, "\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m")?,
        name => write!(writer, "{name}=")?,
    }
    let shown = format!("{value:?}");
    let word = shown.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let word = word.filter(|word| !word.is_empty() && !word.contains([' ', '"', '\\', '=']));
    write!(Escaping(writer), "{}", word.unwrap_or(&shown))
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
