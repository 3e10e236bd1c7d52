//! Servers.

use std::collections::BTreeMap;

use fermata_core::cloud::{Flavor, Server, ServerSeen, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerId};
use serde::Deserialize;

use super::record::{Fields, read_leniently};
use super::{Link, has_next};
use crate::paging::{End, Page};

/// `GET /servers/detail`
/// (<https://docs.openstack.org/api-ref/compute/#list-servers-detailed>).
#[derive(Debug, Deserialize)]
pub(crate) struct Servers {
    servers: Vec<ServerRecord>,
    #[serde(default)]
    servers_links: Vec<Link>,
}

impl Page for Servers {
    type Entry = ServerRecord;
    const END: End = End::NoNextLink;

    fn has_next(&self) -> bool {
        has_next(&self.servers_links)
    }

    fn into_entries(self) -> Vec<ServerRecord> {
        self.servers
    }
}

/// `GET /servers/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct OneServer {
    pub(crate) server: ServerRecord,
}

/// A server. Of one whose cell cannot be reached, id, project and the status `UNKNOWN` are known.
#[derive(Debug)]
pub(crate) struct ServerRecord {
    pub(crate) id: String,
    name: String,
    tenant_id: String,
    status: String,
    host_id: String,
    pub(crate) host: Option<String>,
    task_state: Option<String>,
    flavor: Flavor,
    metadata: BTreeMap<String, String>,
    /// Since 2.96.
    pinned_availability_zone: Option<String>,
    odd: Vec<String>,
}

read_leniently!(ServerRecord, "server", id);

/// The flavor as it was when the server was made of it; since 2.47 it is a part of the server. The disk is what Nova asks
/// Placement for (`ResourceRequest` in `nova/scheduler/utils.py`). The role may not see the extra specs unless
/// `os_compute_api:os-flavor-extra-specs:index` lets it.
fn flavor(record: &mut Fields, boots_from_volume: bool) -> Flavor {
    let mut fields = record.part("flavor");
    // In GiB, but swap in MiB.
    let (root, ephemeral) = (fields.amount("disk"), fields.amount("ephemeral"));
    let root = if boots_from_volume { 0 } else { root };
    let swap = fields.amount("swap").div_ceil(1024);
    let flavor = Flavor {
        vcpus: u32::try_from(fields.amount("vcpus")).unwrap_or(u32::MAX),
        memory_mib: fields.amount("ram"),
        disk_gib: root.saturating_add(ephemeral).saturating_add(swap),
        extra_specs: fields.texts("extra_specs"),
    };
    record.absorb(fields);
    flavor
}

impl ServerRecord {
    fn read(mut fields: Fields) -> Self {
        // An empty text for a server that boots from a volume, an object for others.
        let boots_from_volume = fields.take("image") == "";
        Self {
            id: fields.needed("id"),
            name: fields.text("name").unwrap_or_default(),
            tenant_id: fields.text("tenant_id").unwrap_or_default(),
            status: fields.text("status").unwrap_or_else(|| "UNKNOWN".to_owned()),
            host_id: fields.text("hostId").unwrap_or_default(),
            host: fields.nullable("OS-EXT-SRV-ATTR:host"),
            task_state: fields.nullable("OS-EXT-STS:task_state"),
            flavor: flavor(&mut fields, boots_from_volume),
            metadata: fields.texts("metadata"),
            pinned_availability_zone: fields.nullable("pinned_availability_zone"),
            odd: fields.odd(),
        }
    }

    /// Whether it is surely on some host.
    pub(crate) fn runs(&self) -> bool {
        self.status == "ACTIVE"
    }
}

impl From<ServerRecord> for Server {
    fn from(record: ServerRecord) -> Self {
        Self {
            id: ServerId(record.id),
            name: record.name,
            project: ProjectId(record.tenant_id),
            host: record.host.filter(|host| !host.is_empty()).map(HostName),
            host_id: record.host_id,
            status: status(record.status),
            task: record.task_state,
            flavor: record.flavor,
            metadata: record.metadata,
            pinned_zone: record.pinned_availability_zone,
        }
    }
}

impl From<ServerRecord> for ServerSeen {
    fn from(record: ServerRecord) -> Self {
        // Lists of changes name servers that were deleted. `SOFT_DELETED` is still there.
        if record.status == "DELETED" {
            Self::Gone(ServerId(record.id))
        } else {
            Self::Present(record.into())
        }
    }
}

/// <https://docs.openstack.org/api-guide/compute/server_concepts.html#server-status>
fn status(word: String) -> ServerStatus {
    match word.as_str() {
        "ACTIVE" => ServerStatus::Active,
        "SHUTOFF" => ServerStatus::Shutoff,
        "VERIFY_RESIZE" => ServerStatus::VerifyResize,
        "ERROR" => ServerStatus::Error,
        _ => ServerStatus::Other(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn recorded(status: &str) -> Value {
        json!({
            "accessIPv4": "", "addresses": {}, "created": "2026-11-23T09:25:50Z",
            "flavor": {"vcpus": 1, "ram": 1024, "disk": 10, "ephemeral": 2, "swap": 1025,
                "original_name": "m1.small", "extra_specs": {"trait:CUSTOM_FAST": "required"}},
            "image": {"id": "70a599e0-31e7-49b7-b260-868f441e862b", "links": []},
            "metadata": {"fermata:lead_time": "10m"}, "pinned_availability_zone": "north",
            "hostId": "5d036228605295ef61a4d316fa335a7fa43f06bdc4c950ed9ac057dc",
            "id": "73313a2b-1b22-4470-9a30-9b578617e705", "name": "b2", "status": status,
            "tenant_id": "d3987101de8e4125be2acb77c6b1d683",
            "OS-EXT-SRV-ATTR:host": "compute03",
            "OS-EXT-SRV-ATTR:hypervisor_hostname": "compute03",
            "OS-EXT-STS:task_state": "migrating", "OS-EXT-STS:vm_state": "active",
            "locked": false, "host_status": "UP"
        })
    }

    fn seen(json: Value) -> ServerSeen {
        serde_json::from_value::<ServerRecord>(json).unwrap().into()
    }

    #[test]
    fn a_recorded_server() {
        assert_eq!(
            seen(recorded("ACTIVE")),
            ServerSeen::Present(Server {
                id: "73313a2b-1b22-4470-9a30-9b578617e705".into(),
                name: "b2".to_owned(),
                project: "d3987101de8e4125be2acb77c6b1d683".into(),
                host: Some("compute03".into()),
                host_id: "5d036228605295ef61a4d316fa335a7fa43f06bdc4c950ed9ac057dc".to_owned(),
                status: ServerStatus::Active,
                task: Some("migrating".to_owned()),
                flavor: Flavor {
                    vcpus: 1,
                    memory_mib: 1024,
                    disk_gib: 14,
                    extra_specs: one("trait:CUSTOM_FAST", "required"),
                },
                metadata: one("fermata:lead_time", "10m"),
                pinned_zone: Some("north".to_owned()),
            })
        );
    }

    fn one(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_volume_is_no_disk_of_the_host() {
        let mut from_volume = recorded("ACTIVE");
        from_volume["image"] = json!("");
        match seen(from_volume) {
            ServerSeen::Present(server) => assert_eq!(server.flavor.disk_gib, 4),
            ServerSeen::Gone(_) => panic!("it is there"),
        }
    }

    #[test]
    fn every_status_is_kept() {
        for (word, expected) in [
            ("ACTIVE", ServerStatus::Active),
            ("SHUTOFF", ServerStatus::Shutoff),
            ("VERIFY_RESIZE", ServerStatus::VerifyResize),
            ("ERROR", ServerStatus::Error),
            ("MIGRATING", ServerStatus::Other("MIGRATING".to_owned())),
            ("SOFT_DELETED", ServerStatus::Other("SOFT_DELETED".to_owned())),
        ] {
            match seen(recorded(word)) {
                ServerSeen::Present(server) => assert_eq!(server.status, expected),
                ServerSeen::Gone(_) => panic!("{word} is not gone"),
            }
        }
    }

    #[test]
    fn a_deleted_server_is_gone() {
        assert_eq!(
            seen(recorded("DELETED")),
            ServerSeen::Gone("73313a2b-1b22-4470-9a30-9b578617e705".into())
        );
    }

    #[test]
    fn a_server_in_a_cell_that_is_down_is_there() {
        let partial = json!({
            "id": "bcc6c6dd-3d0a-4633-9586-60878fd68edb", "status": "UNKNOWN",
            "tenant_id": "6f70656e737461636b20342065766572",
            "created": "2018-12-03T21:06:18Z", "links": []
        });
        match seen(partial) {
            ServerSeen::Present(server) => {
                assert_eq!(server.status, ServerStatus::Other("UNKNOWN".to_owned()));
                assert_eq!(server.host, None);
            }
            ServerSeen::Gone(_) => panic!("it is not known to be gone"),
        }
    }
}
