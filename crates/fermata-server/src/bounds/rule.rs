//! How each kind of bound is checked, and where in a request a check is.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use fermata_core::id::ProjectId;
use fermata_core::limits::{FIRST_TIME, LAST_TIME};
use fermata_core::spec::Violation;
use fermata_core::text::{Shape, wrong};
use fermata_core::{Duration, Time};

/// What is found on the way through a request.
#[derive(Debug, Default)]
pub struct Found {
    /// Fields that are out of their bounds.
    pub violations: Vec<Violation>,
    /// Projects that it names, each with its field.
    pub projects: Vec<(String, ProjectId)>,
    /// The id by which it may be repeated.
    pub request_id: Option<String>,
}

/// A message whose fields all have a bound.
pub trait Bounded {
    /// Goes through every field.
    fn check(&self, at: At<'_>, found: &mut Found);
}

/// A bound that can be shown.
pub trait Shown {
    /// The bound as data.
    fn bound(&self) -> Bound;
}

/// A bound of fields of this type.
pub trait Rule<T> {
    /// Checks a value.
    fn check(&self, value: &T, at: At<'_>, found: &mut Found);
}

/// A bound as data: what the table says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bound {
    /// Any number, or a flag.
    Any,
    /// A value of the enum.
    Known,
    /// A text.
    Text { shape: Shape, characters: usize },
    /// Bytes.
    Bytes { most: usize },
    /// A list.
    List { entries: usize, each: Box<Bound> },
    /// A map with texts as keys.
    Map { entries: usize, key: Box<Bound>, value: Box<Bound> },
    /// A span, no longer than this in either direction.
    Span { longest: Duration },
    /// A time.
    Time { first: Time, last: Time },
    /// A message with bounds of its own.
    Inside,
}

/// Where in a request something is; it is written down only if it is wrong.
#[derive(Clone, Copy)]
pub enum At<'a> {
    /// The request itself.
    Request,
    /// A field.
    Field(&'a At<'a>, &'static str),
    /// An entry of a list.
    Entry(&'a At<'a>, usize),
    /// A value of a map.
    Value(&'a At<'a>, &'a str),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => Ok(()),
            Self::Field(Self::Request, name) => f.write_str(name),
            Self::Field(inside, name) => write!(f, "{inside}.{name}"),
            Self::Entry(list, index) => write!(f, "{list}[{index}]"),
            Self::Value(map, key) => write!(f, "{map}['{key}']"),
        }
    }
}

impl At<'_> {
    fn is(self, message: impl Into<String>, found: &mut Found) {
        found.violations.push(Violation::field(self.to_string(), message));
    }
}

/// Any value of its type: a number that the domain judges, a flag.
pub struct Any;

/// A value of an enum that this server knows.
pub struct Known<E>(PhantomData<E>);

/// A text of one line, of at most so many characters.
pub struct Line(pub usize);

/// The id of a project, in which a call may be the caller's business or not: the door wants to know.
pub struct Project(pub usize);

/// The id by which a request may be repeated: it is remembered.
pub struct RequestId(pub usize);

/// A text of people, of at most so many characters.
pub struct Prose(pub usize);

/// At most so many bytes.
pub struct Bytes(pub usize);

/// At most so many entries, each in a bound of its own.
pub struct List<R>(pub usize, pub R);

/// At most so many entries; keys and values.
pub struct Map<K, V>(pub usize, pub K, pub V);

/// A span of at most this length. Whether it may be zero or negative, the domain says.
pub struct Span(pub Duration);

/// A time that calculations with spans cannot carry out of what a time can hold.
pub struct Moment;

/// A message with bounds of its own.
pub struct Inside;

/// A value of an enum.
pub const fn known<E>() -> Known<E> {
    Known(PhantomData)
}

impl Shown for Any {
    fn bound(&self) -> Bound {
        Bound::Any
    }
}

impl<E> Shown for Known<E> {
    fn bound(&self) -> Bound {
        Bound::Known
    }
}

impl Shown for Line {
    fn bound(&self) -> Bound {
        Bound::Text { shape: Shape::Line, characters: self.0 }
    }
}

impl Shown for Project {
    fn bound(&self) -> Bound {
        Line(self.0).bound()
    }
}

impl Shown for RequestId {
    fn bound(&self) -> Bound {
        Line(self.0).bound()
    }
}

impl Shown for Prose {
    fn bound(&self) -> Bound {
        Bound::Text { shape: Shape::Prose, characters: self.0 }
    }
}

impl Shown for Bytes {
    fn bound(&self) -> Bound {
        Bound::Bytes { most: self.0 }
    }
}

impl<R: Shown> Shown for List<R> {
    fn bound(&self) -> Bound {
        Bound::List { entries: self.0, each: Box::new(self.1.bound()) }
    }
}

impl<K: Shown, V: Shown> Shown for Map<K, V> {
    fn bound(&self) -> Bound {
        let (key, value) = (Box::new(self.1.bound()), Box::new(self.2.bound()));
        Bound::Map { entries: self.0, key, value }
    }
}

impl Shown for Span {
    fn bound(&self) -> Bound {
        Bound::Span { longest: self.0 }
    }
}

impl Shown for Moment {
    fn bound(&self) -> Bound {
        Bound::Time { first: FIRST_TIME, last: LAST_TIME }
    }
}

impl Shown for Inside {
    fn bound(&self) -> Bound {
        Bound::Inside
    }
}

impl<T> Rule<T> for Any {
    fn check(&self, _: &T, _: At<'_>, _: &mut Found) {}
}

impl<E: TryFrom<i32>> Rule<i32> for Known<E> {
    fn check(&self, value: &i32, at: At<'_>, found: &mut Found) {
        if E::try_from(*value).is_err() {
            at.is(format!("{value} is no value of this field that this server knows"), found);
        }
    }
}

fn check_text(text: &str, shape: Shape, most: usize, at: At<'_>, found: &mut Found) {
    if let Some(what) = wrong(text, shape, most) {
        at.is(what, found);
    }
}

impl Rule<String> for Line {
    fn check(&self, text: &String, at: At<'_>, found: &mut Found) {
        check_text(text, Shape::Line, self.0, at, found);
    }
}

impl Rule<String> for Project {
    fn check(&self, text: &String, at: At<'_>, found: &mut Found) {
        Line(self.0).check(text, at, found);
        if !text.is_empty() {
            found.projects.push((at.to_string(), ProjectId(text.clone())));
        }
    }
}

impl Rule<String> for RequestId {
    fn check(&self, text: &String, at: At<'_>, found: &mut Found) {
        Line(self.0).check(text, at, found);
        if !text.is_empty() {
            found.request_id = Some(text.clone());
        }
    }
}

impl Rule<String> for Prose {
    fn check(&self, text: &String, at: At<'_>, found: &mut Found) {
        check_text(text, Shape::Prose, self.0, at, found);
    }
}

impl Rule<Vec<u8>> for Bytes {
    fn check(&self, bytes: &Vec<u8>, at: At<'_>, found: &mut Found) {
        if bytes.len() > self.0 {
            let (length, most) = (bytes.len(), self.0);
            at.is(format!("has {length} bytes; at most {most}"), found);
        }
    }
}

fn check_count(count: usize, most: usize, at: At<'_>, found: &mut Found) -> bool {
    let fits = count <= most;
    if !fits {
        at.is(format!("has {count} entries; at most {most}"), found);
    }
    fits
}

impl<T, R: Rule<T>> Rule<Vec<T>> for List<R> {
    fn check(&self, values: &Vec<T>, at: At<'_>, found: &mut Found) {
        if check_count(values.len(), self.0, at, found) {
            for (i, value) in values.iter().enumerate() {
                self.1.check(value, At::Entry(&at, i), found);
            }
        }
    }
}

impl<K: Rule<String>, V: Rule<String>> Rule<BTreeMap<String, String>> for Map<K, V> {
    fn check(&self, map: &BTreeMap<String, String>, at: At<'_>, found: &mut Found) {
        if check_count(map.len(), self.0, at, found) {
            for (key, value) in map {
                let before = found.violations.len();
                self.1.check(key, at, found);
                if let Some(violation) = found.violations.get_mut(before) {
                    violation.message = format!("has a key that {}", violation.message);
                }
                self.2.check(value, At::Value(&at, key), found);
            }
        }
    }
}

/// The paths of a field mask: the field stands for its list, as it does in JSON.
impl<R: Rule<String>> Rule<Option<prost_types::FieldMask>> for List<R> {
    fn check(&self, mask: &Option<prost_types::FieldMask>, at: At<'_>, found: &mut Found) {
        if let Some(mask) = mask {
            Rule::<Vec<String>>::check(self, &mask.paths, at, found);
        }
    }
}

impl Rule<Option<prost_types::Duration>> for Span {
    fn check(&self, span: &Option<prost_types::Duration>, at: At<'_>, found: &mut Found) {
        let Some(span) = span else { return };
        match duration(*span) {
            None => at.is("is no valid duration", found),
            Some(span) if span.unsigned_abs() > self.0.unsigned_abs() => {
                at.is(format!("is at most {} days", self.0.whole_days()), found);
            }
            Some(_) => {}
        }
    }
}

impl Rule<Option<prost_types::Timestamp>> for Moment {
    fn check(&self, time: &Option<prost_types::Timestamp>, at: At<'_>, found: &mut Found) {
        let Some(time) = time else { return };
        match moment(*time) {
            None => at.is("is no valid time", found),
            Some(time) if !(FIRST_TIME..=LAST_TIME).contains(&time) => {
                let (first, last) = (FIRST_TIME.year(), LAST_TIME.year());
                at.is(format!("is not between the years {first} and {last}"), found);
            }
            Some(_) => {}
        }
    }
}

impl<M: Bounded> Rule<Option<M>> for Inside {
    fn check(&self, message: &Option<M>, at: At<'_>, found: &mut Found) {
        if let Some(message) = message {
            message.check(at, found);
        }
    }
}

impl<M: Bounded> Rule<M> for Inside {
    fn check(&self, message: &M, at: At<'_>, found: &mut Found) {
        message.check(at, found);
    }
}

/// A span as the domain has it; `None`: nanoseconds that cannot be, or that point the other way than the seconds.
pub fn duration(span: prost_types::Duration) -> Option<Duration> {
    let (seconds, nanos) = (span.seconds.signum(), i64::from(span.nanos).signum());
    let valid = span.nanos.unsigned_abs() < 1_000_000_000 && seconds * nanos >= 0;
    valid.then(|| Duration::new(span.seconds, span.nanos))
}

/// A time as the domain has it, in microseconds; `None`: there is no such time.
pub fn moment(time: prost_types::Timestamp) -> Option<Time> {
    let valid = (0..1_000_000_000).contains(&time.nanos);
    let nanos = i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
    Time::from_unix_timestamp_nanos(nanos / 1000 * 1000).ok().filter(|_| valid)
}
