//! JSON.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

/// A change of one of a document's values.
#[derive(Debug, Clone)]
enum Change {
    /// It is something else.
    Set(Index, Value),
    /// It is not there any more.
    Remove(Index),
    /// It stands there twice, if it is in a list.
    Double(Index),
    /// It is what stands elsewhere.
    Copy(Index, Index),
}

/// What programs that read JSON trip over.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![Just(u64::MAX), Just(0), Just(1 << 53)].prop_map(Value::from),
        prop_oneof![Just(-1.0), Just(0.5), Just(1e308), Just(-1e-308), Just(1e19)]
            .prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop_oneof![
            Just(""),
            Just("-1"),
            Just("null"),
            Just("9999-12-31T23:59:60Z"),
            Just("\u{0}\u{202e}")
        ]
        .prop_map(Value::from),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), odd()).prop_map(|(at, value)| Change::Set(at, value)),
        2 => at().prop_map(Change::Remove),
        1 => at().prop_map(Change::Double),
        2 => (at(), at()).prop_map(|(at, from)| Change::Copy(at, from)),
    ]
}

/// Paths of all values but the document itself.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    let mut each = |key: &str, value: &Value| {
        let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        paths(value, &path, found);
        found.push(path);
    };
    if let Value::Object(map) = value {
        map.iter().for_each(|(key, value)| each(key, value));
    } else if let Value::Array(list) = value {
        list.iter().enumerate().for_each(|(at, value)| each(&at.to_string(), value));
    }
}

/// The place that holds a value, and its key there.
fn parent<'a>(document: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (above, key) = path.rsplit_once('/')?;
    Some((document.pointer_mut(above)?, key.replace("~1", "/").replace("~0", "~")))
}

impl Change {
    fn apply(&self, document: &mut Value) {
        let mut all = Vec::new();
        paths(document, "", &mut all);
        if all.is_empty() {
            return;
        }
        let path = |at: &Index| &*all[at.index(all.len())];
        match self {
            Self::Set(at, odd) => replace(document, path(at), odd.clone()),
            Self::Copy(at, from) => {
                let other = document.pointer(path(from)).cloned().unwrap_or_default();
                replace(document, path(at), other);
            }
            Self::Remove(at) => match parent(document, path(at)) {
                Some((Value::Object(map), key)) => _ = map.remove(&key),
                Some((Value::Array(list), key)) => {
                    _ = key.parse().ok().map(|at: usize| list.remove(at))
                }
                _ => {}
            },
            Self::Double(at) => {
                if let Some((Value::Array(list), key)) = parent(document, path(at))
                    && let Ok(at) = key.parse::<usize>()
                {
                    list.insert(at, list[at].clone());
                }
            }
        }
    }
}

fn replace(document: &mut Value, path: &str, value: Value) {
    if let Some(place) = document.pointer_mut(path) {
        *place = value;
    }
}

/// Tries a target with so many documents that are made of this one.
pub fn json(cases: u32, document: Value, target: impl Fn(Value) -> Result<(), TestCaseError>) {
    let document = Arc::new(document);
    let inputs = vec(change(), 1..10).prop_map(move |changes| {
        let mut made = Value::clone(&document);
        changes.iter().for_each(|change| change.apply(&mut made));
        made
    });
    crate::run(cases, &inputs, target);
}
