//! The audit trail.

use fermata_client::v1::{AuditAction, AuditRecord, AuditResourceKind, ListAuditRecordsResponse};
use fermata_core::audit::{Fault, Head, Walk, hash};
use fermata_core::rfc3339;
use prost_types::Timestamp;
use serde_json::json;
use time::OffsetDateTime;

use super::{count, or_dash};
use crate::output::color::{BAD, BOLD, GOOD, paint, safe};
use crate::output::table::{Listing, table};
use crate::output::time::{from_proto, short};
use crate::words::Word;

/// Records as a table.
pub(crate) fn list(response: &ListAuditRecordsResponse, now: OffsetDateTime) -> Listing {
    let rows = response.records.iter().map(|record| {
        [
            record.sequence.to_string(),
            short(record.time.as_ref(), now),
            safe(&format!("{}/{}", record.role, record.principal)).into_owned(),
            action(record),
            kind(record),
            or_dash(record.resource.as_ref().map_or("", |resource| &resource.project_id)),
            or_dash(record.resource.as_ref().map_or("", |resource| &resource.name)),
            or_dash(&record.detail),
            or_dash(&record.reason),
        ]
    });
    let header =
        ["SEQUENCE", "TIME", "WHO", "ACTION", "KIND", "PROJECT", "RESOURCE", "DETAIL", "REASON"];
    table(header, rows).or_nothing("no records")
}

/// What came of a verification. `pruned_at`: when the database's oldest records were deleted.
pub(crate) fn verified(
    walk: &Walk,
    pruned_at: Option<Timestamp>,
    fault: Option<&Fault>,
    now: OffsetDateTime,
) -> String {
    let sound = count(usize::try_from(passed(walk)).unwrap_or(usize::MAX), "record");
    let place = |head: &Head| format!("{}:{}", head.sequence, hash::hex(&head.hash));
    let last = place(walk.head());
    let before = walk.begins_after();
    let went = match (before.sequence, &pruned_at) {
        (0, _) => String::new(),
        (went, Some(at)) => format!(
            "\n{} older than the retention {} deleted, most recently {}, up to {}",
            count(usize::try_from(went).unwrap_or(usize::MAX), "record"),
            if went == 1 { "was" } else { "were" },
            short(Some(at), now),
            place(before)
        ),
        (_, None) => format!("\nafter {}", place(before)),
    };
    match fault {
        None => format!(
            "{} {sound}{went}\nlast {}\nKeep that elsewhere, and give it to the next --expect.",
            paint(GOOD, "sound:"),
            paint(BOLD, &last)
        ),
        Some(fault) => format!(
            "{} {fault}\n{sound} before it {}, up to {}{went}",
            paint(BAD, "broken:"),
            if passed(walk) == 1 { "is sound" } else { "are sound" },
            paint(BOLD, &last)
        ),
    }
}

/// The same for programs.
pub(crate) fn verified_json(
    walk: &Walk,
    pruned_at: Option<Timestamp>,
    fault: Option<&Fault>,
) -> String {
    let fault = fault.map(|f| json!({ "sequence": f.sequence(), "message": f.to_string() }));
    let found = json!({
        "sound": fault.is_none(),
        "records": passed(walk),
        "begins_after_sequence": walk.begins_after().sequence,
        "begins_after_hash": hash::hex(&walk.begins_after().hash),
        "prune_time": pruned_at.as_ref().and_then(from_proto).map(rfc3339),
        "last_sequence": walk.head().sequence,
        "last_hash": hash::hex(&walk.head().hash),
        "fault": fault,
    });
    format!("{found:#}")
}

/// Records that were verified.
fn passed(walk: &Walk) -> u64 {
    walk.head().sequence - walk.begins_after().sequence
}

fn action(record: &AuditRecord) -> String {
    match AuditAction::try_from(record.action) {
        Ok(action) => action.name().to_owned(),
        Err(_) => record.action.to_string(),
    }
}

/// What kind of resource was changed.
fn kind(record: &AuditRecord) -> String {
    let Some(resource) = &record.resource else { return or_dash("") };
    match AuditResourceKind::try_from(resource.kind) {
        Ok(kind) => kind.name().to_owned(),
        Err(_) => resource.kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::AuditResource;
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;
    use crate::view::projects::ProjectNames;

    #[test]
    fn records_have_a_line_each_also_those_of_a_later_version() {
        let now = datetime!(2026-11-23 14:03:22 UTC);
        let record = |sequence, action, kind, project: &str| AuditRecord {
            sequence,
            time: Some(to_proto(now)),
            principal: "kim".to_owned(),
            role: "operator".to_owned(),
            action,
            resource: Some(AuditResource {
                kind,
                project_id: project.to_owned(),
                name: "amf".to_owned(),
            }),
            reason: "\u{1b}[2Jnew".to_owned(),
            ..Default::default()
        };
        let group = AuditResourceKind::ServerGroup.into();
        let records = vec![
            record(2, 99, 77, ""),
            record(1, AuditAction::PutServerGroup.into(), group, "core"),
        ];
        let response = ListAuditRecordsResponse { records, ..Default::default() };
        let mut names = ProjectNames::default();
        names.learn("core".to_owned(), "core-network".to_owned());
        let listed = list(&response, now).naming(&names).to_string();
        let made = anstream::adapter::strip_str(&listed).to_string();
        let lines: Vec<_> = made.lines().collect();
        assert_eq!(lines.len(), 3, "{made}");
        assert!(lines[1].contains("operator/kim  99") && lines[1].contains(" 77 "), "{made}");
        for expected in
            ["operator/kim  PUT_SERVER_GROUP  SERVER_GROUP", "core     core-network  amf"]
        {
            assert!(lines[2].contains(expected), "{expected}: {made}");
        }
        assert!(!made.contains('\u{1b}'), "{made}");
    }

    #[test]
    fn a_fault_names_its_record() {
        let now = datetime!(2026-11-23 14:03:22 UTC);
        let verified = |walk: &Walk, pruned_at, fault| {
            let made = verified(walk, pruned_at, fault, now);
            anstream::adapter::strip_str(&made).to_string()
        };
        let at = |sequence| Walk::after(Head { sequence, hash: vec![0xab; 32] });
        let fault = Fault::Changed { sequence: 7 };
        let pruned_at = Some(to_proto(datetime!(2026-11-23 00:00:07 UTC)));
        let made = verified(&at(6), pruned_at, Some(&fault));
        let went = made.contains("6 records older than the retention were deleted");
        assert!(made.contains("record 7 was changed") && went, "{made}");
        let made: serde_json::Value =
            serde_json::from_str(&verified_json(&at(6), pruned_at, Some(&fault))).unwrap();
        assert_eq!((&made["sound"], &made["fault"]["sequence"]), (&json!(false), &json!(7)));
        assert_eq!(made["prune_time"], "2026-11-23T00:00:07Z");
        let made = verified(&at(6), None, None);
        let last = format!("6:{}", "ab".repeat(32));
        assert!(made.contains(&format!("after {last}\nlast {last}")), "{made}");
        let made = verified(&Walk::default(), None, None);
        assert!(made.contains("0 records\nlast 0:00"), "{made}");
    }
}
