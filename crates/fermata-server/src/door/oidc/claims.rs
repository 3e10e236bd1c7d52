//! The claims of a token, and how they are looked up. Nothing in them is true before the signature was checked.

use std::collections::BTreeSet;
use std::fmt;

use fermata_core::Time;
use fermata_core::text::{Shape, wrong};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Texts in claims are names: of people, roles, projects. In characters.
const LONGEST_WORD: usize = 255;
/// More roles or projects than this are in nobody's token.
const MOST_WORDS: usize = 1_000;

/// What a token says. A name that is there twice, at any depth, makes it none: readers would not agree which one counts
/// (RFC 7519, section 4).
#[derive(Debug)]
pub(super) struct Claims(Map<String, Value>);

/// Where in the claims something is: `"roles"`, or `["realm_access", "roles"]` for what is inside of another claim. Names of
/// claims may have dots and slashes, so none is split.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "OneOrMore")]
pub(super) struct ClaimPath(Vec<String>);

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for ClaimPath {
    fn from(names: OneOrMore) -> Self {
        match names {
            OneOrMore::One(name) => Self(vec![name]),
            OneOrMore::More(names) => Self(names),
        }
    }
}

impl ClaimPath {
    /// A claim of this name.
    pub(super) fn of(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Whether it is the claim of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self.0.as_slice(), [one] if one == name)
    }
}

/// A claim that has another form than it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Claims {
    fn find(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.0.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, name| value.get(name))
    }

    /// The one word of a claim; `None`: there is no such claim.
    pub(super) fn word(&self, path: &ClaimPath) -> Result<Option<&str>, Malformed> {
        match self.find(path) {
            None => Ok(None),
            Some(Value::String(word)) if is_word(word) => Ok(Some(word)),
            Some(_) => Err(Malformed),
        }
    }

    /// The words of a claim: a list of them, or a text with spaces between them, as `scope` is. No claim has none.
    pub(super) fn words(&self, path: &ClaimPath) -> Result<BTreeSet<&str>, Malformed> {
        let words: Vec<Option<&str>> = match self.find(path) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => {
                text.split(' ').filter(|w| !w.is_empty()).map(Some).collect()
            }
            Some(Value::Array(list)) => list.iter().map(Value::as_str).collect(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => return Err(Malformed),
        };
        if words.len() > MOST_WORDS {
            return Err(Malformed);
        }
        words.into_iter().map(|word| word.filter(|word| is_word(word)).ok_or(Malformed)).collect()
    }

    /// The moment in a claim, in seconds since 1970 and parts of them; `None`: there is no such claim.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Time>, Malformed> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds));
        let seconds = seconds.ok_or(Malformed)?;
        // Parts of a second do not matter here.
        #[allow(clippy::cast_possible_truncation, reason = "it is within the bounds above")]
        Time::from_unix_timestamp(seconds as i64).map(Some).map_err(|_| Malformed)
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && wrong(text, Shape::Line, LONGEST_WORD).is_none()
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Value::Object(claims) = Unique::deserialize(from)?.0 else {
            return Err(D::Error::custom("the claims are no object"));
        };
        Ok(Self(claims))
    }
}

/// JSON in which no object has a name twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Unique, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("no number"))?;
        Ok(Unique(number.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unique, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Unique(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Unique, A::Error> {
        let mut found = Map::new();
        while let Some((name, Unique(value))) = fields.next_entry::<String, Unique>()? {
            if found.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        Ok(Unique(found.into()))
    }
}
