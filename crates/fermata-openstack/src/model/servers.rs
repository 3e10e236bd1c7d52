//! Servers.

use fermata_core::cloud::{Server, ServerSeen, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerId};
use serde::Deserialize;

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

    fn marker(entry: &ServerRecord) -> &str {
        &entry.id
    }
}

/// `GET /servers/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct OneServer {
    pub(crate) server: ServerRecord,
}

/// A server. Of one whose cell cannot be reached, id, project and the status `UNKNOWN` are known.
#[derive(Debug, Deserialize)]
pub(crate) struct ServerRecord {
    pub(crate) id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    tenant_id: String,
    status: String,
    #[serde(rename = "hostId", default)]
    host_id: String,
    #[serde(rename = "OS-EXT-SRV-ATTR:host")]
    pub(crate) host: Option<String>,
    #[serde(rename = "OS-EXT-STS:task_state")]
    task_state: Option<String>,
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
            "flavor": {"vcpus": 1, "ram": 1024, "disk": 10, "original_name": "m1.small"},
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
            })
        );
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
