//! The words of TOSCA: maps and lists that may be missing, types that derive from others, spans of time.

use serde_json::{Map, Value};

/// The entries of a map; of anything else, none.
pub(super) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let map = value.and_then(Value::as_object);
    map.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The elements of a list; a single value is a list of one.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        Some(Value::Null) | None => &[],
        Some(value) => std::slice::from_ref(value),
    }
}

/// A text; of anything else, none.
pub(super) fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The properties of a template that are maps themselves.
pub(super) fn properties(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    entries(template.get("properties")).filter(|(_, value)| value.is_object())
}

/// Policies come as a list of maps with one entry (TOSCA 1.2 and later), or as a map.
pub(super) fn policies(value: Option<&Value>) -> Vec<(&str, &Value)> {
    match value {
        Some(Value::Array(policies)) => policies.iter().flat_map(|p| entries(Some(p))).collect(),
        value => entries(value).collect(),
    }
}

/// Whether a type is another one, or derives from it in the package.
pub(super) fn is_a(kind: &str, wanted: &str, types: &Map<String, Value>) -> bool {
    let mut kind = kind;
    // No longer than any chain can be.
    for _ in 0..=types.len() {
        if kind == wanted {
            return true;
        }
        kind = text(types.get(kind).and_then(|t| t.get("derived_from")));
    }
    false
}

/// A scalar-unit.time: a number and a unit, `10 s`.
pub(super) fn span(value: &Value) -> Result<prost_types::Duration, String> {
    let wrong = || format!("{value} is no time with a unit, such as `10 s`");
    let given = value.as_str().ok_or_else(wrong)?.trim();
    let end = given.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(wrong)?;
    let number: f64 = given[..end].parse().map_err(|_| wrong())?;
    let seconds = match given[end..].trim().to_ascii_lowercase().as_str() {
        "d" => 86_400.0,
        "h" => 3_600.0,
        "m" => 60.0,
        "s" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        "ns" => 1e-9,
        _ => return Err(wrong()),
    };
    let span = std::time::Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
    span.try_into().map_err(|_| wrong())
}
