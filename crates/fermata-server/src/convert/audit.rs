//! The audit trail, to the wire: exactly as it is stored, whatever stands there.

use fermata_core::audit::{Anchor, Head, Record};
use fermata_proto::v1;

/// A record.
pub fn record(record: &Record) -> v1::AuditRecord {
    v1::AuditRecord {
        sequence: record.sequence,
        time: Some(time(record.at_micros)),
        principal: record.principal.clone(),
        role: record.role.clone(),
        action: record.action,
        resource: Some(v1::AuditResource {
            kind: record.resource_kind,
            project_id: record.project.clone(),
            name: record.resource.clone(),
        }),
        detail: record.detail.clone(),
        reason: record.reason.clone(),
        before_digest: record.before.clone(),
        after_digest: record.after.clone(),
        previous_hash: record.previous.clone(),
        hash: record.hash.clone(),
    }
}

/// The end of the chain.
pub fn head(head: &Head) -> v1::AuditHead {
    v1::AuditHead { sequence: head.sequence, hash: head.hash.clone() }
}

/// What went; `None`: nothing did.
pub fn anchor(anchor: &Anchor) -> Option<v1::AuditAnchor> {
    (*anchor != Anchor::default()).then(|| v1::AuditAnchor {
        sequence: anchor.last.sequence,
        hash: anchor.last.hash.clone(),
        prune_time: Some(time(anchor.at_micros)),
    })
}

fn time(micros: i64) -> prost_types::Timestamp {
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or_default();
    prost_types::Timestamp { seconds: micros.div_euclid(1_000_000), nanos }
}

#[cfg(test)]
mod tests {
    use fermata_core::audit::{Action, ResourceKind};

    use super::*;

    /// `CreateSession` of the domain is `AUDIT_ACTION_CREATE_SESSION` of the contract.
    fn name(of: &str, prefix: &str) -> String {
        of.chars().fold(prefix.to_owned(), |mut name, c| {
            if c.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
            name
        })
    }

    #[test]
    fn numbers_are_those_of_the_contract() {
        for action in Action::ALL {
            let known = v1::AuditAction::try_from(action.number()).unwrap();
            assert_eq!(known.as_str_name(), name(action.name(), "AUDIT_ACTION"));
        }
        for kind in ResourceKind::ALL {
            let known = v1::AuditResourceKind::try_from(kind.number()).unwrap();
            assert_eq!(known.as_str_name(), name(kind.name(), "AUDIT_RESOURCE_KIND"));
        }
        let beyond = |count: usize| i32::try_from(count).unwrap() + 1;
        assert!(v1::AuditAction::try_from(beyond(Action::ALL.len())).is_err());
        assert!(v1::AuditResourceKind::try_from(beyond(ResourceKind::ALL.len())).is_err());
    }
}
