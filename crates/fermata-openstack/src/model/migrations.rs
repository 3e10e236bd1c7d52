//! Migrations.

use fermata_core::cloud::{Migration, MigrationId, MigrationKind, MigrationStatus};
use fermata_core::id::{HostName, ServerId};
use serde::Deserialize;

use super::record::{Fields, read_leniently};
use super::{Link, has_next};
use crate::paging::{End, Page};

/// `GET /os-migrations` (<https://docs.openstack.org/api-ref/compute/#list-migrations>).
#[derive(Debug, Deserialize)]
pub(crate) struct Migrations {
    migrations: Vec<MigrationRecord>,
    #[serde(default)]
    migrations_links: Vec<Link>,
}

impl Page for Migrations {
    type Entry = MigrationRecord;
    const END: End = End::EmptyPage;

    fn has_next(&self) -> bool {
        has_next(&self.migrations_links)
    }

    fn into_entries(self) -> Vec<MigrationRecord> {
        self.migrations
    }
}

#[derive(Debug)]
pub(crate) struct MigrationRecord {
    id: i64,
    uuid: String,
    pub(crate) instance_uuid: String,
    migration_type: Option<String>,
    status: Option<String>,
    source_compute: Option<String>,
    dest_compute: Option<String>,
    odd: Vec<String>,
}

read_leniently!(MigrationRecord, "migration", uuid);

impl MigrationRecord {
    fn read(mut fields: Fields) -> Self {
        let id = fields.take("id");
        let mut record = Self {
            id: id.as_i64().unwrap_or_default(),
            uuid: fields.needed("uuid"),
            instance_uuid: fields.needed("instance_uuid"),
            migration_type: fields.nullable("migration_type"),
            status: fields.nullable("status"),
            source_compute: fields.nullable("source_compute"),
            dest_compute: fields.nullable("dest_compute"),
            odd: Vec::new(),
        };
        record.odd = fields.odd();
        if !id.is_i64() {
            record.odd.push(format!("id is {id}"));
        }
        record
    }

    /// Whether it says which migration it is, and of what. One that does not is none of ours.
    pub(crate) fn is_of_something(&self) -> bool {
        self.id != 0 && !self.instance_uuid.is_empty()
    }

    /// Whether it is under way and ends with the server on this host: it goes there, or back there.
    pub(crate) fn ends_on(&self, host: &HostName) -> bool {
        let end = match self.status.as_deref() {
            Some("reverting") => &self.source_compute,
            _ => &self.dest_compute,
        };
        status(self.status.clone()) == MigrationStatus::InProgress
            && end.as_deref() == Some(host.as_str())
    }
}

impl From<MigrationRecord> for Migration {
    fn from(record: MigrationRecord) -> Self {
        Self {
            id: MigrationId(record.id),
            server: ServerId(record.instance_uuid),
            kind: kind(record.migration_type.as_deref()),
            status: status(record.status),
            source: record.source_compute.map(HostName),
            destination: record.dest_compute.map(HostName),
        }
    }
}

/// The words are those of Nova's `nova/objects/fields.py`, `MigrationType`.
fn kind(word: Option<&str>) -> MigrationKind {
    match word {
        Some("live-migration") => MigrationKind::Live,
        Some("migration") => MigrationKind::Cold,
        _ => MigrationKind::Other,
    }
}

/// Nova has no list of the words it uses here. These are the endings seen on a real one; any other
/// word is a step on the way.
fn status(word: Option<String>) -> MigrationStatus {
    match word.as_deref() {
        Some("finished") => MigrationStatus::AwaitsConfirmation,
        Some("completed" | "confirmed" | "done") => MigrationStatus::Completed,
        Some("error" | "failed" | "cancelled" | "reverted") => {
            MigrationStatus::Failed(word.unwrap_or_default())
        }
        _ => MigrationStatus::InProgress,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn recorded(kind: &str, status: &str) -> Migration {
        serde_json::from_value::<MigrationRecord>(json!({
            "id": 42, "uuid": "12341d4b-346a-40d0-83c6-5f4f6892b650",
            "instance_uuid": "73313a2b-1b22-4470-9a30-9b578617e705",
            "source_compute": "compute01", "dest_compute": null, "source_node": "compute01",
            "dest_node": null, "dest_host": null, "status": status, "migration_type": kind,
            "old_instance_type_id": 1, "new_instance_type_id": 1,
            "created_at": "2026-11-23T09:26:24.000000", "updated_at": null
        }))
        .unwrap()
        .into()
    }

    #[test]
    fn a_recorded_migration() {
        assert_eq!(
            recorded("live-migration", "running"),
            Migration {
                id: MigrationId(42),
                server: "73313a2b-1b22-4470-9a30-9b578617e705".into(),
                kind: MigrationKind::Live,
                status: MigrationStatus::InProgress,
                source: Some("compute01".into()),
                destination: None,
            }
        );
    }

    #[test]
    fn where_it_ends() {
        let record = |status: &str, source: &str, destination: Option<&str>| MigrationRecord {
            id: 1,
            uuid: String::new(),
            instance_uuid: String::new(),
            migration_type: Some("migration".to_owned()),
            status: Some(status.to_owned()),
            source_compute: Some(source.to_owned()),
            dest_compute: destination.map(str::to_owned),
            odd: Vec::new(),
        };
        let host = HostName::from("a");
        for status in ["accepted", "preparing", "running", "post-migrating", "migrating"] {
            assert!(record(status, "b", Some("a")).ends_on(&host), "{status}");
            assert!(!record(status, "a", Some("b")).ends_on(&host), "{status}");
            assert!(!record(status, "a", None).ends_on(&host), "{status}");
        }
        assert!(record("reverting", "a", Some("b")).ends_on(&host));
        assert!(!record("reverting", "b", Some("a")).ends_on(&host));
        for status in ["finished", "completed", "confirmed", "error", "cancelled", "reverted"] {
            assert!(!record(status, "b", Some("a")).ends_on(&host), "{status}");
        }
    }

    #[test]
    fn every_kind() {
        for (word, expected) in [
            ("live-migration", MigrationKind::Live),
            ("migration", MigrationKind::Cold),
            ("resize", MigrationKind::Other),
            ("evacuation", MigrationKind::Other),
        ] {
            assert_eq!(recorded(word, "done").kind, expected);
        }
    }

    #[test]
    fn every_ending() {
        for word in ["completed", "confirmed", "done"] {
            assert_eq!(recorded("migration", word).status, MigrationStatus::Completed);
        }
        for word in ["error", "failed", "cancelled", "reverted"] {
            assert_eq!(
                recorded("migration", word).status,
                MigrationStatus::Failed(word.to_owned())
            );
        }
        assert_eq!(recorded("migration", "finished").status, MigrationStatus::AwaitsConfirmation);
        for word in [
            "queued",
            "accepted",
            "pre-migrating",
            "migrating",
            "post-migrating",
            "preparing",
            "running",
            "confirming",
            "reverting",
        ] {
            assert_eq!(recorded("migration", word).status, MigrationStatus::InProgress);
        }
    }
}
