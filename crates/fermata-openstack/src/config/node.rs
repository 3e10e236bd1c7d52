//! A tree of settings: what a file or a set of variables holds before anybody asks what it means.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value of a file. Of scalars only the text counts: `password: 12345678` is a password.
#[derive(Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Node {
    /// The same tree with what another one holds laid over it: maps are joined, all else is replaced.
    pub(crate) fn overlaid(self, over: Self) -> Self {
        match (self, over) {
            (Self::Map(mut under), Self::Map(over)) => {
                for (key, value) in over {
                    let joined = match under.remove(&key) {
                        Some(old) => old.overlaid(value),
                        None => value,
                    };
                    under.insert(key, joined);
                }
                Self::Map(under)
            }
            (under, Self::Null) => under,
            (_, over) => over,
        }
    }

    /// The value of a key, if this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.get(key),
            Self::Null | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The text of a scalar that is not empty.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The texts of a list of scalars; a scalar is a list of one, and may name several between commas.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => {
                text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect()
            }
            Self::List(entries) => entries.iter().filter_map(Self::text).collect(),
            Self::Null | Self::Map(_) => Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree::Any)
    }
}

/// The key below which scalars are read as they are written: `0123` and `12e5` are secrets, not numbers.
const VERBATIM: &str = "auth";

/// The one list below it.
const LIST: &str = "auth_methods";

enum Tree {
    Any,
    Verbatim,
}

impl<'de> Visitor<'de> for Tree {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = match self {
                Self::Verbatim if key != LIST => {
                    entries.next_value::<Option<String>>()?.map_or(Node::Null, Node::Text)
                }
                Self::Any if key == VERBATIM => entries.next_value::<Verbatim>()?.0,
                Self::Any | Self::Verbatim => entries.next_value()?,
            };
            map.insert(key, value);
        }
        Ok(Node::Map(map))
    }
}

/// A map of scalars, each as it is written.
struct Verbatim(Node);

impl<'de> Deserialize<'de> for Verbatim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree::Verbatim).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Node {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn secrets_are_read_as_they_are_written() {
        for secret in ["12345678", "007123", "12e5", "0x1F", "true", "1.50", "'null'"] {
            let auth = parse(&format!("auth: {{password: {secret}}}"));
            let read = auth.get("auth").and_then(|auth| auth.get("password"));
            assert_eq!(read.and_then(Node::text), Some(secret.trim_matches('\'')));
        }
        let odd = parse("auth: {username: 5, password: null}");
        // Not all that is called so are credentials.
        let cache = parse("cache: {auth: true}\nother: {auth: }");
        assert_eq!(
            cache.get("cache").and_then(|c| c.get("auth")).and_then(Node::text),
            Some("true")
        );
        assert_eq!(
            odd.get("auth").and_then(|auth| auth.get("password")).map(Node::text),
            Some(None)
        );
    }

    #[test]
    fn maps_are_joined_and_all_else_is_replaced() {
        let under = parse("a: {x: 1, y: [1, 2]}\nb: 1\nc: 3");
        let joined = under.overlaid(parse("a: {y: [3], z: 4}\nb: 2\nc:\n"));
        assert!(joined == parse("a: {x: 1, y: [3], z: 4}\nb: 2\nc: 3"));
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        let tree =
            parse("x: &c {region_name: north}\nclouds:\n  t:\n    <<: *c\n    verify: false\n");
        let cloud = tree.get("clouds").and_then(|clouds| clouds.get("t")).unwrap();
        assert_eq!(cloud.get("region_name").and_then(Node::text), Some("north"));
        assert_eq!(cloud.get("verify").and_then(Node::text), Some("false"));
    }
}
