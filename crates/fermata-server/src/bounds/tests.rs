//! The table against the contract, and the checks against whatever may be sent.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::spec::Violation;
use fermata_proto::{FILE_DESCRIPTOR_SET, v1};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use prost_types::{Duration, FieldMask, Timestamp};

use super::look_through;
use super::rule::{Bound, Bounded};
use super::table::table;
use crate::convert::incoming::Reader;

/// Every field of a request that is out of its bounds.
fn violations_of(request: &impl Bounded) -> Vec<Violation> {
    look_through(request).violations
}

const PACKAGE: &str = "fermata.v1.";

/// Every message of ours that a request can hold.
fn messages_of_requests() -> Vec<MessageDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let services = pool.services().filter(|s| s.full_name().starts_with(PACKAGE));
    let methods: Vec<_> = services.flat_map(|s| s.methods().collect::<Vec<_>>()).collect();
    let mut todo: Vec<_> = methods.iter().map(|m| m.input()).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(message) = todo.pop() {
        if !message.full_name().starts_with(PACKAGE) || message.is_map_entry() {
            continue;
        }
        if seen.insert(message.full_name().to_owned()) {
            todo.extend(message.fields().filter_map(|f| f.kind().as_message().cloned()));
            found.push(message);
        }
    }
    found
}

/// Whether a bound is one of the field's kind; of a list or map, whether its count and its elements have one.
fn fits(field: &FieldDescriptor, bound: &Bound) -> bool {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { return false };
        let fits = |kind: Kind, bound: &Bound| fits_one(&kind, bound);
        return matches!(bound, Bound::Map { entries: 1.., key, value }
            if fits(entry.map_entry_key_field().kind(), key)
                && fits(entry.map_entry_value_field().kind(), value));
    }
    if field.cardinality() == Cardinality::Repeated {
        return matches!(bound, Bound::List { entries: 1.., each } if fits_one(&field.kind(), each));
    }
    fits_one(&field.kind(), bound)
}

fn fits_one(kind: &Kind, bound: &Bound) -> bool {
    match kind {
        Kind::String => matches!(bound, Bound::Text { characters: 1.., .. }),
        Kind::Bytes => matches!(bound, Bound::Bytes { most: 1.. }),
        Kind::Enum(_) => *bound == Bound::Known,
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Duration" => matches!(bound, Bound::Span { .. }),
            "google.protobuf.Timestamp" => matches!(bound, Bound::Time { .. }),
            "google.protobuf.FieldMask" => matches!(bound, Bound::List { entries: 1.., each }
                if matches!(**each, Bound::Text { characters: 1.., .. })),
            name => name.starts_with(PACKAGE) && *bound == Bound::Inside,
        },
        Kind::Bool
        | Kind::Int32
        | Kind::Int64
        | Kind::Uint32
        | Kind::Uint64
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64
        | Kind::Float
        | Kind::Double => *bound == Bound::Any,
    }
}

#[test]
fn every_field_of_every_request_has_a_bound_of_its_kind() {
    let rows: BTreeMap<_, _> = table().into_iter().map(|m| (m.name, m.fields)).collect();
    let messages = messages_of_requests();
    let mut fields = 0;
    for message in &messages {
        let Some(bounds) = rows.get(message.name()) else {
            panic!("{} has no rows in bounds/table.rs", message.name())
        };
        let bounds: BTreeMap<_, _> = bounds.iter().map(|(name, bound)| (*name, bound)).collect();
        for field in message.fields() {
            let at = field.full_name();
            let bound = bounds.get(field.name());
            let bound = bound.unwrap_or_else(|| panic!("{at} has no row in bounds/table.rs"));
            assert!(fits(&field, bound), "{at} cannot have the bound {bound:?}");
            fields += 1;
        }
        assert_eq!(bounds.len(), message.fields().len(), "{}", message.name());
    }
    assert_eq!(rows.len(), messages.len(), "rows of messages that no request holds");
    assert!(fields > 150, "{fields}");
}

/// The numbers in the contract's comments are those of the table.
#[test]
fn the_contract_says_the_same_bounds() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut comments = BTreeMap::new();
    for file in pool.files() {
        let file = file.file_descriptor_proto().clone();
        for (i, message) in file.message_type.iter().enumerate() {
            for (j, field) in message.field.iter().enumerate() {
                let path = [4, i32::try_from(i).unwrap(), 2, i32::try_from(j).unwrap()];
                let mut source = file.source_code_info.iter().flat_map(|info| &info.location);
                let comment = source.find(|l| l.path == path);
                let comment = comment.map(|l| l.leading_comments().replace('\n', " "));
                let name = format!("{}.{}", message.name(), field.name());
                comments.insert(name, comment.unwrap_or_default().replace("  ", " "));
            }
        }
    }
    let mut missing = Vec::new();
    for message in table() {
        for (field, bound) in message.fields {
            let at = format!("{}.{field}", message.name);
            missing.extend(
                phrases(&bound)
                    .into_iter()
                    .filter(|phrase| !comments[&at].contains(phrase.as_str()))
                    .map(|phrase| format!("{at}: {phrase}")),
            );
        }
    }
    assert!(missing.is_empty(), "the comments leave out:\n{}", missing.join("\n"));
}

/// What a comment has to say of a bound.
fn phrases(bound: &Bound) -> Vec<String> {
    match bound {
        Bound::Text { characters, .. } => vec![format!("{} characters", number(*characters))],
        Bound::Bytes { most } => vec![format!("{} bytes", number(*most))],
        Bound::List { entries, each } => {
            let mut phrases = vec![format!("{} entries", number(*entries))];
            phrases.extend(self::phrases(each));
            phrases
        }
        Bound::Map { entries, key, value } => {
            let mut phrases = vec![format!("{} entries", number(*entries))];
            phrases.extend(self::phrases(key));
            phrases.extend(self::phrases(value));
            phrases
        }
        Bound::Span { longest } if longest.whole_days() == 1 => vec!["At most 1 day.".to_owned()],
        Bound::Span { longest } => vec![format!("At most {} days", longest.whole_days())],
        Bound::Time { first, last } => vec![format!("years {} to {}", first.year(), last.year())],
        Bound::Any | Bound::Known | Bound::Inside => Vec::new(),
    }
}

/// A number as the comments write it.
fn number(number: usize) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{},{:03}", number / 1000, number % 1000)
}

#[test]
fn lists_are_counted_before_anything_looks_at_their_elements() {
    let states = vec![99; 1_000_000];
    let filter = Some(v1::SessionFilter { states, ..Default::default() });
    let violations = violations_of(&v1::ListSessionsRequest { filter, ..Default::default() });
    assert_eq!(violations.len(), 1, "{}", violations.len());
    assert_eq!(violations[0].field, "filter.states");
    assert_eq!(violations[0].message, "has 1000000 entries; at most 16");
}

#[test]
fn spans_and_times_at_the_ends_of_their_types() {
    let spans = [
        (i64::MIN, i32::MIN),
        (i64::MIN, 0),
        (i64::MAX, i32::MAX),
        (i64::MAX, 999_999_999),
        (0, i32::MIN),
        (0, 1_000_000_000),
        (1, -1),
        (-1, 1),
        (366 * 86400, 1),
        (-366 * 86400, -1),
    ];
    for (seconds, nanos) in spans {
        let lead_time = Some(Duration { seconds, nanos });
        let spec = Some(v1::SessionSpec { lead_time, ..Default::default() });
        let violations = violations_of(&v1::CreateSessionRequest { spec, ..Default::default() });
        assert_eq!(violations.len(), 1, "{seconds} {nanos}");
        assert_eq!(violations[0].field, "spec.lead_time");
    }
    for (seconds, nanos) in [
        (i64::MIN, i32::MIN),
        (i64::MAX, i32::MAX),
        (0, -1),
        (0, 1_000_000_000),
        (-1, 0),
        (-377_705_116_800, 0),
        (32_503_680_000, 0),
    ] {
        let end_time = Some(Timestamp { seconds, nanos });
        let request = v1::RequestHostMaintenanceRequest { end_time, ..Default::default() };
        let violations = violations_of(&request);
        assert_eq!(violations.len(), 1, "{seconds} {nanos}");
        assert_eq!(violations[0].field, "end_time");
    }
}

fn span() -> impl Strategy<Value = Option<Duration>> {
    any::<Option<(i64, i32)>>()
        .prop_map(|span| span.map(|(seconds, nanos)| Duration { seconds, nanos }))
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    any::<Option<(i64, i32)>>()
        .prop_map(|time| time.map(|(seconds, nanos)| Timestamp { seconds, nanos }))
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(any::<String>(), 0..4)
}

prop_compose! {
    fn specs()(
        (names, aggregates, zones) in (texts(), texts(), texts()),
        (start_time, end_time) in (time(), time()),
        (lead_time, drain_timeout, work_timeout) in (span(), span(), span()),
        (kind, on_silence, default_action) in any::<(i32, i32, i32)>(),
        reason in any::<String>(),
        metadata in btree_map(any::<String>(), any::<String>(), 0..4),
        counts in any::<(u32, u32, u32)>(),
    ) -> v1::SessionSpec {
        let overrides = names.iter().map(|h| v1::HostOverride { host: h.clone(), kind });
        v1::SessionSpec {
            host_overrides: overrides.collect(),
            hosts: Some(v1::HostSelection { names, aggregates, zones, all: false }),
            window: Some(v1::MaintenanceWindow { start_time, end_time }),
            lead_time,
            drain_timeout,
            work_timeout,
            kind,
            on_silence,
            default_action,
            reason,
            metadata,
            max_parallel_hosts: counts.0,
            max_parallel_actions: counts.1,
            action_attempts: counts.2,
            ..Default::default()
        }
    }
}

proptest! {
    /// Checks, and readers behind them, take whatever decodes.
    #[test]
    fn nothing_that_is_sent_is_a_panic(spec in specs(), paths in texts(), id in any::<String>()) {
        let request = v1::UpdateSessionRequest {
            session_id: id.clone(),
            spec: Some(spec.clone()),
            update_mask: Some(FieldMask { paths }),
            etag: id.clone(),
            request_id: id,
        };
        let violations = violations_of(&request);
        let draft = Reader::default().draft(spec);
        let now = fermata_core::limits::FIRST_TIME + fermata_core::Duration::days(20_000);
        if violations.is_empty() {
            let hosts = draft.selection.names.iter().cloned().collect();
            let _ = draft.complete(&hosts, now);
        }
    }

    #[test]
    fn bytes_that_decode_to_anything_are_no_panic(bytes in vec(any::<u8>(), 0..64)) {
        if let Ok(request) = v1::ReplyRequest::decode(bytes.as_slice()) {
            let _ = violations_of(&request);
            let mut reader = Reader::default();
            let _ = reader.answer(request.answer);
        }
        if let Ok(request) = v1::PutServerGroupRequest::decode(bytes.as_slice()) {
            let _ = violations_of(&request);
            let mut reader = Reader::default();
            let _ = reader.server_group(request.server_group.unwrap_or_default());
        }
    }
}
