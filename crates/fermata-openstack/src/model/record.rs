//! Records of answers, read field by field, so that one that is odd blocks nothing but what it would have told.
//!
//! What a field should hold and does not is unknown, and is noted with the record.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One entry of an answer.
pub(crate) trait Record {
    /// What it is called in logs.
    const KIND: &'static str;

    /// Its id; where a list goes on after it. Empty if it has none.
    fn id(&self) -> &str;
    /// What is odd about it: fields, each with what it holds.
    fn odd(&self) -> &[String];
}

/// How much of an odd value is shown, in characters.
const SHOWN: usize = 60;

/// The fields of a record.
pub(super) struct Fields {
    map: Map<String, Value>,
    prefix: String,
    odd: Vec<String>,
}

impl Fields {
    pub(super) fn of(record: Value) -> Self {
        match record {
            Value::Object(map) => Self { map, prefix: String::new(), odd: Vec::new() },
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)) => {
                let odd = vec![format!("the record is {}", show(&other))];
                Self { map: Map::new(), prefix: String::new(), odd }
            }
        }
    }

    pub(super) fn odd(self) -> Vec<String> {
        self.odd
    }

    fn note(&mut self, key: &str, value: &Value) {
        self.odd.push(format!("{}{key} is {}", self.prefix, show(value)));
    }

    /// A text that every record of the kind has, if it has the field at all.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        if self.map.get(key) == Some(&Value::Null) {
            self.note(key, &Value::Null);
        }
        self.nullable(key)
    }

    /// A text that need not be there.
    pub(super) fn nullable(&mut self, key: &str) -> Option<String> {
        match self.map.remove(key)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            Value::Number(number) => {
                self.note(key, &Value::Number(number.clone()));
                Some(number.to_string())
            }
            other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                self.note(key, &other);
                None
            }
        }
    }

    /// A text without which the record is about nothing.
    pub(super) fn needed(&mut self, key: &str) -> String {
        let text = self.text(key).unwrap_or_default();
        if text.is_empty() && self.odd.is_empty() {
            self.note(key, &Value::Null);
        }
        text
    }

    /// A number from 0 on. Nova has -1, null or nothing for what it does not know, and an empty text for no swap.
    pub(super) fn amount(&mut self, key: &str) -> u64 {
        let Some(value) = self.map.remove(key) else { return 0 };
        match &value {
            Value::Null => 0,
            Value::String(text) if text.is_empty() => 0,
            Value::Number(number) => match (number.as_u64(), number.as_f64()) {
                (Some(amount), _) => amount,
                (None, Some(amount)) if amount >= 0.0 => {
                    if amount.fract() != 0.0 {
                        self.note(key, &value);
                    }
                    // Rather more than less is needed. Amounts are far below 2^53.
                    amount.ceil() as u64
                }
                (None, _) => {
                    if number.as_i64() != Some(-1) {
                        self.note(key, &value);
                    }
                    0
                }
            },
            Value::String(text) => {
                self.note(key, &value);
                text.trim().parse().unwrap_or(0)
            }
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.note(key, &value);
                0
            }
        }
    }

    /// A fraction, for example a ratio.
    pub(super) fn fraction(&mut self, key: &str) -> Option<f64> {
        let value = self.map.remove(key)?;
        let number = value.as_f64();
        if number.is_none() {
            self.note(key, &value);
        }
        number
    }

    /// Texts by name.
    pub(super) fn texts(&mut self, key: &str) -> BTreeMap<String, String> {
        let mut part = self.part(key);
        let keys: Vec<String> = part.map.keys().cloned().collect();
        let texts = keys.into_iter().filter_map(|key| Some((key.clone(), part.text(&key)?)));
        let texts = texts.collect();
        self.odd.append(&mut part.odd);
        texts
    }

    /// A list.
    pub(super) fn list(&mut self, key: &str) -> Vec<Value> {
        match self.map.remove(key) {
            None => Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(other) => {
                self.note(key, &other);
                Vec::new()
            }
        }
    }

    /// A list of texts.
    pub(super) fn names(&mut self, key: &str) -> Vec<String> {
        let mut names = Vec::new();
        for entry in self.list(key) {
            match entry {
                Value::String(name) => names.push(name),
                other @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_)) => self.note(&format!("{key}[]"), &other),
            }
        }
        names
    }

    /// The fields of a part; [`Fields::absorb`] takes over what is odd about them.
    pub(super) fn part(&mut self, key: &str) -> Self {
        let prefix = format!("{}{key}.", self.prefix);
        let map = match self.map.remove(key) {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(other) => {
                self.note(key, &other);
                Map::new()
            }
        };
        Self { map, prefix, odd: Vec::new() }
    }

    pub(super) fn absorb(&mut self, part: Self) {
        self.odd.extend(part.odd);
    }

    /// A value of any kind.
    pub(super) fn take(&mut self, key: &str) -> Value {
        self.map.remove(key).unwrap_or_default()
    }
}

fn show(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Lets a record be read from an answer: what it is made of is never an error.
macro_rules! read_leniently {
    ($record:ty, $kind:literal, $id:ident) => {
        impl<'de> serde::Deserialize<'de> for $record {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let record = serde_json::Value::deserialize(deserializer)?;
                Ok(Self::read($crate::model::record::Fields::of(record)))
            }
        }

        impl $crate::model::record::Record for $record {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                &self.$id
            }

            fn odd(&self) -> &[String] {
                &self.odd
            }
        }
    };
}
pub(super) use read_leniently;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_odd_is_noted_and_unknown() {
        let mut fields = Fields::of(json!({
            "name": null, "zone": null, "host": 5, "state": ["up"], "metadata": {"a": 1, "b": null, "c": "x"},
            "disk": -7, "ram": 2.5, "vcpus": "4", "swap": "", "unknown": -1, "members": ["s", 3], "rules": "none",
        }));
        assert_eq!(fields.text("name"), None);
        assert_eq!(fields.nullable("zone"), None);
        assert_eq!(fields.text("host").as_deref(), Some("5"));
        assert_eq!(fields.text("state"), None);
        assert_eq!(fields.text("missing"), None);
        let texts = fields.texts("metadata");
        assert_eq!(
            texts,
            BTreeMap::from([("a", "1"), ("c", "x")].map(|(k, v)| (k.to_owned(), v.to_owned())))
        );
        let amounts = ["disk", "ram", "vcpus", "swap", "unknown"].map(|key| fields.amount(key));
        assert_eq!(amounts, [0, 3, 4, 0, 0]);
        assert_eq!(fields.names("members"), ["s"]);
        let rules = fields.part("rules");
        fields.absorb(rules);
        assert_eq!(
            fields.odd(),
            [
                "name is null",
                "host is 5",
                "state is [\"up\"]",
                "metadata.a is 1",
                "metadata.b is null",
                "disk is -7",
                "ram is 2.5",
                "vcpus is \"4\"",
                "members[] is 3",
                "rules is \"none\"",
            ]
        );
    }
}
