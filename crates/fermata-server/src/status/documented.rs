//! What errors.proto says about each reason is what is sent.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::actor::Role;
use fermata_core::cloud::OutageKind;
use fermata_core::id::{HostName, SessionId};
use fermata_core::quota::{Exceeded, Quota};
use fermata_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::DescriptorPool;
use tonic_types::StatusExt;
use uuid::Uuid;

use super::*;

/// A reason: its code, the details that come with it, its metadata.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Reason {
    code: String,
    details: BTreeSet<String>,
    metadata: BTreeSet<String>,
}

/// The comments of errors.proto: of the enum, and of each value.
fn comments() -> (String, BTreeMap<String, String>) {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let found = pool.get_enum_by_name("fermata.v1.ErrorReason").unwrap();
    let file = found.parent_file().file_descriptor_proto().clone();
    let info = file.source_code_info.clone().unwrap();
    let of = |path: &[i32]| {
        let location = info.location.iter().find(|l| l.path == path).unwrap();
        location.leading_comments().lines().map(str::trim).collect::<Vec<_>>().join(" ")
    };
    let values = file.enum_type[0].value.iter().zip(0..);
    let values = values.map(|(value, at)| {
        let name = value.name().trim_start_matches("ERROR_REASON_");
        (name.to_owned(), of(&[5, 0, 2, at]))
    });
    (of(&[5, 0]), values.collect())
}

/// The keys that a comment documents, each with an example.
fn metadata(comment: &str) -> BTreeSet<String> {
    let entries = comment.split("Metadata `").skip(1).map(|entry| {
        let (key, what) = entry.split_once("`: ").expect("a key, then its meaning");
        let (_, example) = what.split_once(", for example `").expect("an example");
        assert!(example.find('`').is_some_and(|end| end > 0), "{comment}");
        key.to_owned()
    });
    entries.collect()
}

fn documented() -> BTreeMap<String, Reason> {
    let (_, values) = comments();
    let values = values.into_iter().filter(|(name, _)| name != "UNSPECIFIED");
    let reasons = values.map(|(name, comment)| {
        let (code, rest) = comment.split_once(". ").expect("a code, then the meaning");
        let details = rest
            .split_once("Details: ")
            .map_or("", |(_, list)| list.split_once('.').expect("a list that ends").0);
        let details = details.split(", ").filter(|d| !d.is_empty()).map(str::to_owned).collect();
        (name, Reason { code: code.to_owned(), details, metadata: metadata(&comment) })
    });
    reasons.collect()
}

/// What a status carries.
fn sent(status: &Status) -> (String, Reason) {
    let told = status.get_error_details();
    let info = told.error_info().unwrap();
    let details = [
        ("BadRequest", told.bad_request().is_some()),
        ("PreconditionFailure", told.precondition_failure().is_some()),
        ("RetryInfo", told.retry_info().is_some()),
        ("QuotaFailure", told.quota_failure().is_some()),
    ];
    let details = details.into_iter().filter(|(_, is_there)| *is_there);
    let reason = Reason {
        code: constant(status.code()),
        details: details.map(|(name, _)| name.to_owned()).collect(),
        metadata: info.metadata.keys().cloned().collect(),
    };
    (info.reason.clone(), reason)
}

/// `FailedPrecondition` as the specification of gRPC writes it.
fn constant(code: Code) -> String {
    let mut name = String::new();
    for c in format!("{code:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

/// A number for each variant; without a wildcard, so that a new one does not compile before it is here.
fn variant(error: &ServeError) -> usize {
    match error {
        ServeError::Violations(_) => 0,
        ServeError::SessionNotFound => 1,
        ServeError::HostNotFound => 2,
        ServeError::HostNotHeld => 3,
        ServeError::HostHeld { .. } => 56,
        ServeError::HostDisabledByOther { .. } => 57,
        ServeError::SwitchRefused { .. } => 58,
        ServeError::NotificationNotFound => 4,
        ServeError::SubscriptionNotFound => 5,
        ServeError::PolicyNotFound => 6,
        ServeError::ServerGroupNotFound => 7,
        ServeError::EtagMismatch { .. } => 8,
        ServeError::Concurrent => 9,
        ServeError::RequestIdReused => 10,
        ServeError::NotDeletable { .. } => 11,
        ServeError::ResumeTokenInvalid => 12,
        ServeError::ResumeTokenExpired { .. } => 13,
        ServeError::PageTokenInvalid => 14,
        ServeError::SlowReader { .. } => 15,
        ServeError::TooManyStreams { .. } => 16,
        ServeError::TooManyPreviews { .. } => 17,
        ServeError::TooManyCalls { .. } => 50,
        ServeError::CallRateExceeded { .. } => 51,
        ServeError::RequestTooSlow { .. } => 52,
        ServeError::LeaseLost => 18,
        ServeError::ShuttingDown => 19,
        ServeError::Starting => 20,
        ServeError::Exists { .. } => 41,
        ServeError::AcknowledgedExpired { .. } => 42,
        ServeError::CredentialsMissing => 44,
        ServeError::CredentialsInvalid => 45,
        ServeError::CredentialsExpired => 46,
        ServeError::RoleRequired { .. } => 47,
        ServeError::ProjectForeign { .. } => 48,
        ServeError::CredentialsUndecided { .. } => 55,
        ServeError::Reject(reject) => match reject {
            Reject::WrongState { .. } => 21,
            Reject::UnknownHost(_) => 22,
            Reject::UnknownNotification => 23,
            Reject::Late { .. } => 24,
            Reject::Stale { .. } => 25,
            Reject::Violations(_) => 26,
            Reject::Quota(_) => 53,
        },
        ServeError::Cloud(error) => match error {
            CloudError::NotFound { .. } => 27,
            CloudError::Conflict { .. } => 28,
            CloudError::Rejected { .. } => 29,
            CloudError::Unavailable { .. } => 30,
            CloudError::Unknown { .. } => 31,
        },
        ServeError::Store(error) => match error {
            StoreError::Conflict => 32,
            StoreError::HostBusy { .. } => 33,
            StoreError::RequestExists => 34,
            StoreError::NotFound => 35,
            StoreError::AheadOfTopic { .. } => 36,
            StoreError::Unavailable(_) => 37,
            StoreError::Corrupt { .. } => 38,
            StoreError::Nul => 39,
            StoreError::Hopeless(_) => 40,
            StoreError::Exists { .. } => 43,
            StoreError::Quota(_) => 54,
            StoreError::NewerFormat { .. } => 49,
            StoreError::Database(_) => VARIANTS,
        },
    }
}

/// The last variant. [`StoreError::Database`] is no sample: it holds an error of the database's library, and is answered
/// like those beside it.
const VARIANTS: usize = 59;

fn of_each_kind() -> Vec<ServeError> {
    let host = HostName("compute-1".to_owned());
    let session = SessionId(Uuid::nil());
    let kinds = [
        ViolationKind::Field,
        ViolationKind::UnknownHost,
        ViolationKind::Window,
        ViolationKind::ServerNotInNotification,
        ViolationKind::ActionNotAllowed,
        ViolationKind::HostInSession { host: host.clone(), session },
    ];
    let of = |kind: ViolationKind| vec![Violation::of(kind, "field", "is wrong")];
    let violations = kinds.into_iter().map(|kind| ServeError::Violations(of(kind)));
    let detail = || "no".to_owned();
    let now = Time::UNIX_EPOCH;
    let others = [
        ServeError::SessionNotFound,
        ServeError::HostNotFound,
        ServeError::HostNotHeld,
        ServeError::HostHeld { host: host.clone(), session, state: "DRAINING", ends: "wait" },
        ServeError::HostDisabledByOther { host: host.clone(), reason: detail() },
        ServeError::SwitchRefused {
            host: host.clone(),
            error: CloudError::Rejected { detail: detail() },
        },
        ServeError::NotificationNotFound,
        ServeError::SubscriptionNotFound,
        ServeError::PolicyNotFound,
        ServeError::ServerGroupNotFound,
        ServeError::EtagMismatch { etag: "r1".to_owned() },
        ServeError::Concurrent,
        ServeError::RequestIdReused,
        ServeError::NotDeletable { state: "RUNNING" },
        ServeError::ResumeTokenInvalid,
        ServeError::ResumeTokenExpired { first_kept: 7 },
        ServeError::PageTokenInvalid,
        ServeError::SlowReader { behind: Duration::from_secs(1) },
        ServeError::TooManyStreams { limit: 1 },
        ServeError::TooManyPreviews { limit: 1 },
        ServeError::TooManyCalls { scope: "principal", limit: 1 },
        ServeError::CallRateExceeded { limit: 1, retry: Duration::from_secs(1) },
        ServeError::RequestTooSlow { timeout: Duration::from_secs(1) },
        ServeError::Reject(Reject::Quota(Exceeded { quota: Quota::CounterOffers, limit: 1 })),
        ServeError::Store(StoreError::Quota(Exceeded { quota: Quota::Subscriptions, limit: 1 })),
        ServeError::LeaseLost,
        ServeError::ShuttingDown,
        ServeError::Starting,
        ServeError::Reject(Reject::WrongState {
            subject: "the session".to_owned(),
            state: "RUNNING",
            allowed: vec!["PAUSED"],
            hint: "wait".to_owned(),
        }),
        ServeError::Reject(Reject::UnknownHost(host.clone())),
        ServeError::Reject(Reject::UnknownNotification),
        ServeError::Reject(Reject::Late { reply_deadline_time: now }),
        ServeError::Reject(Reject::Stale { current: 2 }),
        ServeError::Reject(Reject::Violations(of(ViolationKind::Field))),
        ServeError::Cloud(CloudError::NotFound { detail: detail() }),
        ServeError::Cloud(CloudError::Conflict { detail: detail() }),
        ServeError::Cloud(CloudError::Rejected { detail: detail() }),
        ServeError::Cloud(CloudError::Unavailable {
            kind: OutageKind::Unreachable,
            detail: detail(),
        }),
        ServeError::Cloud(CloudError::Unknown { detail: detail() }),
        ServeError::Store(StoreError::Conflict),
        ServeError::Store(StoreError::HostBusy { host, session }),
        ServeError::Store(StoreError::RequestExists),
        ServeError::Store(StoreError::NotFound),
        ServeError::Store(StoreError::AheadOfTopic { last: 1 }),
        ServeError::Store(StoreError::busy()),
        ServeError::Store(StoreError::Corrupt { what: "a row".to_owned(), cause: "x".into() }),
        ServeError::Store(StoreError::Nul),
        ServeError::Store(StoreError::NewerFormat { session }),
        ServeError::Store(StoreError::Hopeless(detail())),
        ServeError::Exists { etag: "r1".to_owned() },
        ServeError::AcknowledgedExpired { sequence: 3, first_kept: 7 },
        ServeError::Store(StoreError::Exists { revision: 1 }),
        ServeError::CredentialsMissing,
        ServeError::CredentialsInvalid,
        ServeError::CredentialsExpired,
        ServeError::CredentialsUndecided { who: "Keystone" },
        ServeError::role_required(&[Role::Operator, Role::Auditor]),
        ServeError::ProjectForeign { project: "core".into() },
    ];
    violations.chain(others).collect()
}

#[test]
fn every_reason_is_sent_as_it_is_documented() {
    let errors = of_each_kind();
    let variants: BTreeSet<_> = errors.iter().map(variant).collect();
    assert_eq!(variants, (0..VARIANTS).collect(), "an error of each kind");
    let documented = documented();
    let mut seen = BTreeSet::new();
    for error in errors {
        let shown = format!("{error:?}");
        let (name, reason) = sent(&Status::from(error));
        assert_eq!(Some(&reason), documented.get(&name), "{shown} as {name}");
        seen.insert(name);
    }
    let documented: BTreeSet<_> = documented.into_keys().collect();
    assert_eq!(seen, documented, "reasons that are documented and not sent");
}

#[test]
fn what_is_left_out_is_counted_under_the_documented_key() {
    let (about, _) = comments();
    let many = (0..50).map(|i| Violation::field(format!("f[{i}]"), "is wrong")).collect();
    let (_, reason) = sent(&Status::from(ServeError::Violations(many)));
    assert_eq!(reason.metadata, metadata(&about));
}
