//! Functions of TOSCA that can be evaluated: `get_input`, by what is given and by the defaults of the descriptor.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tosca::entries;

/// Values of inputs, by name.
pub(in crate::commands) type Inputs = BTreeMap<String, Value>;

/// What was given, with the defaults of this topology for the rest.
pub(super) fn with_defaults(given: &Inputs, topology: &Value) -> Inputs {
    let mut inputs: Inputs = entries(topology.get("inputs"))
        .filter_map(|(name, input)| Some((name.to_owned(), input.get("default")?.clone())))
        .collect();
    inputs.extend(given.clone());
    inputs
}

/// Puts values in the place of `get_input`. What is not known stays as it is.
pub(super) fn evaluate(value: &mut Value, inputs: &Inputs) {
    if let Some(known) = asked(value).and_then(|name| inputs.get(name)) {
        *value = known.clone();
        return;
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| evaluate(value, inputs)),
        Value::Object(map) => map.values_mut().for_each(|value| evaluate(value, inputs)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The input for which a function asks. It may be a list of one.
fn asked(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    match map.get("get_input")? {
        Value::String(name) => Some(name),
        Value::Array(names) if names.len() == 1 => names.first()?.as_str(),
        _ => None,
    }
}
