//! Requests with one field just beyond its bound, or just within it, made from the table.

use fermata_core::text::Shape;
use fermata_server::bounds::rule::Bound;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use super::Rows;

/// A value, and where in the field it is wrong.
type Case = (String, Value);

/// For every field: requests in which only that one is beyond its bound, with its path.
pub fn beyond(message: &MessageDescriptor, rows: &Rows) -> Vec<(String, DynamicMessage)> {
    requests(message, rows, Side::Beyond)
}

/// For every field: requests in which it is as large as it may be.
pub fn within(message: &MessageDescriptor, rows: &Rows) -> Vec<(String, DynamicMessage)> {
    requests(message, rows, Side::Within)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Within,
    Beyond,
}

fn requests(message: &MessageDescriptor, rows: &Rows, side: Side) -> Vec<(String, DynamicMessage)> {
    let mut found = Vec::new();
    for field in message.fields() {
        let bound = &rows[message.name()][field.name()];
        for (inside, value) in of_field(&field, bound, rows, side) {
            let mut request = DynamicMessage::new(message.clone());
            request.set_field(&field, value);
            found.push((format!("{}{inside}", field.name()), request));
        }
    }
    found
}

fn of_field(field: &FieldDescriptor, bound: &Bound, rows: &Rows, side: Side) -> Vec<Case> {
    let more = usize::from(side == Side::Beyond);
    match bound {
        Bound::Map { entries, key, value } => {
            let map = |pairs: Vec<(String, Value)>| {
                Value::Map(pairs.into_iter().map(|(k, v)| (MapKey::String(k), v)).collect())
            };
            let empty = || Value::String(String::new());
            let full = (0..entries + more).map(|i| (format!("k{i}"), empty())).collect();
            let mut cases = vec![(String::new(), map(full))];
            cases.extend(
                of_text(key, side)
                    .into_iter()
                    .map(|key| (String::new(), map(vec![(key, empty())]))),
            );
            cases.extend(of_text(value, side).into_iter().map(|value| {
                ("['k']".to_owned(), map(vec![("k".to_owned(), Value::String(value))]))
            }));
            cases
        }
        Bound::List { entries, each } if field.is_list() => {
            let entry = Value::default_value(&field.kind());
            let mut cases = vec![(String::new(), Value::List(vec![entry; entries + more]))];
            cases.extend(
                of_one(&field.kind(), each, rows, side)
                    .into_iter()
                    .map(|(inside, value)| (format!("[0]{inside}"), Value::List(vec![value]))),
            );
            cases
        }
        Bound::List { entries, each } => {
            let Kind::Message(mask) = field.kind() else { panic!("{}", field.full_name()) };
            let of = |paths: Vec<Value>| {
                let mut message = DynamicMessage::new(mask.clone());
                message.set_field_by_name("paths", Value::List(paths));
                Value::Message(message)
            };
            let entry = Value::String("reason".to_owned());
            let mut cases = vec![(String::new(), of(vec![entry; entries + more]))];
            cases.extend(
                of_text(each, side)
                    .into_iter()
                    .map(|text| ("[0]".to_owned(), of(vec![Value::String(text)]))),
            );
            cases
        }
        bound => of_one(&field.kind(), bound, rows, side),
    }
}

fn of_one(kind: &Kind, bound: &Bound, rows: &Rows, side: Side) -> Vec<Case> {
    let here = |values: Vec<Value>| values.into_iter().map(|v| (String::new(), v)).collect();
    match bound {
        Bound::Any | Bound::List { .. } | Bound::Map { .. } => Vec::new(),
        Bound::Text { .. } => here(of_text(bound, side).into_iter().map(Value::String).collect()),
        Bound::Bytes { most } => {
            let length = most + usize::from(side == Side::Beyond);
            here(vec![Value::Bytes(vec![0; length].into())])
        }
        Bound::Known => match side {
            Side::Within => here(vec![Value::EnumNumber(1)]),
            Side::Beyond => here([99, -1, i32::MIN, i32::MAX].map(Value::EnumNumber).to_vec()),
        },
        Bound::Span { longest } => {
            let most = longest.whole_seconds();
            here(match side {
                Side::Within => vec![pair(kind, most, 0)],
                Side::Beyond => vec![
                    pair(kind, most, 1),
                    pair(kind, most + 1, 0),
                    pair(kind, -most - 1, 0),
                    pair(kind, i64::MAX, 0),
                    pair(kind, i64::MIN, 0),
                    pair(kind, i64::MIN, i32::MIN),
                    pair(kind, 0, i32::MIN),
                    pair(kind, 1, -1),
                ],
            })
        }
        Bound::Time { first, last } => here(match side {
            Side::Within => vec![pair(kind, last.unix_timestamp(), 0)],
            Side::Beyond => vec![
                pair(kind, first.unix_timestamp() - 1, 0),
                pair(kind, last.unix_timestamp() + 1, 0),
                pair(kind, -377_705_116_800, 0),
                pair(kind, i64::MAX, 0),
                pair(kind, i64::MIN, i32::MIN),
                pair(kind, 0, -1),
                pair(kind, 0, 1_000_000_000),
            ],
        }),
        Bound::Inside => {
            let Kind::Message(message) = kind else { panic!("{kind:?}") };
            requests(message, rows, side)
                .into_iter()
                .map(|(path, inner)| (format!(".{path}"), Value::Message(inner)))
                .collect()
        }
    }
}

fn of_text(bound: &Bound, side: Side) -> Vec<String> {
    let Bound::Text { shape, characters } = bound else { panic!("{bound:?}") };
    // Of two bytes each: what is counted are characters.
    let long = |length: usize| "ä".repeat(length);
    match (side, shape) {
        (Side::Within, Shape::Line) => vec![long(*characters)],
        (Side::Within, Shape::Prose) => vec![long(*characters), "a\n\tb".to_owned()],
        (Side::Beyond, shape) => {
            let mut texts = vec![long(characters + 1)];
            texts.extend(["a\0b", "a\u{1b}[2Jb", "a\rb", "a\u{202e}b"].map(str::to_owned));
            if *shape == Shape::Line {
                texts.push("a\nb".to_owned());
            }
            texts
        }
    }
}

/// A span or a time.
fn pair(kind: &Kind, seconds: i64, nanos: i32) -> Value {
    let Kind::Message(message) = kind else { panic!("{kind:?}") };
    let mut pair = DynamicMessage::new(message.clone());
    pair.set_field_by_name("seconds", Value::I64(seconds));
    pair.set_field_by_name("nanos", Value::I32(nanos));
    Value::Message(pair)
}
