//! What the cloud shows.

use fermata_core::Time;
use fermata_core::cloud::{
    Capacity, CloudError, CloudProgress, Flavor, Host, HostServers, Inventory, Migration,
    OutageKind, Server, ServerSeen, Site, SiteHost,
};
use fermata_core::id::{HostName, ProjectId, ServerId};

use super::{FakeCloud, FakeHost, FakeServer, Mood};

impl FakeCloud {
    /// Whether a call of Fermata gets through.
    pub(crate) fn takes_calls(&self) -> Result<(), CloudError> {
        if self.mood == Mood::TimesOut {
            return Err(CloudError::Unknown { detail: "no answer in 60 s".to_owned() });
        }
        self.reachable()
    }

    /// Whether a read gets through.
    pub(crate) fn reachable(&self) -> Result<(), CloudError> {
        let detail = "the policy forbids it".to_owned();
        if self.mood == Mood::Refuses {
            return Err(CloudError::Rejected { detail });
        }
        let deaf = matches!(self.mood, Mood::Silent | Mood::TimesOut);
        if deaf || self.outages.iter().any(|(from, to)| *from <= self.now && self.now < *to) {
            return Err(CloudError::Unavailable {
                kind: OutageKind::Unreachable,
                detail: "connection refused".to_owned(),
            });
        }
        Ok(())
    }

    pub(crate) fn hosts(&self) -> Vec<Host> {
        let listed = self.hosts.iter().filter(|(name, _)| !self.forgotten.contains(*name));
        listed.map(|(name, host)| self.show_host(name, host)).collect()
    }

    /// Everything. No server needs anything, so that only what is enabled and up matters.
    pub(crate) fn read_site(&self) -> Result<Site, CloudError> {
        self.reachable()?;
        let hosts = self.hosts().into_iter();
        let mut inventory = Inventory::default();
        inventory.amounts.extend(self.room.map(|room| ("VCPU".to_owned(), room)));
        let hosts = hosts.map(|host| SiteHost { host, inventory: inventory.clone() });
        let servers = self.servers.iter().map(|(id, s)| self.show_server(id, s));
        Ok(Site {
            hosts: hosts.collect(),
            servers: servers.collect(),
            groups: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn show_host(&self, name: &HostName, host: &FakeHost) -> Host {
        Host {
            name: name.clone(),
            up: host.up,
            scheduling: host.scheduling.clone(),
            zone: Some("zone-1".to_owned()),
            aggregates: Vec::new(),
            capacity: Capacity::default(),
            hypervisor_type: "QEMU".to_owned(),
            hypervisor_version: "8.2.0".to_owned(),
            servers: u32::try_from(self.servers_at(name).len()).unwrap(),
        }
    }

    pub(crate) fn read_host(&self, name: &HostName) -> Result<Host, CloudError> {
        self.reachable()?;
        let host = self.hosts.get(name).filter(|_| !self.forgotten.contains(name));
        host.map(|h| self.show_host(name, h))
            .ok_or_else(|| CloudError::NotFound { detail: name.to_string() })
    }

    pub(crate) fn read_servers(&self, host: &HostName) -> Result<HostServers, CloudError> {
        self.reachable()?;
        let comes = |s: &FakeServer| s.host != *host && s.destination() == Some(host);
        let arriving = self.servers.iter().filter(|(_, s)| comes(s));
        let arriving = arriving.map(|(id, _)| id.clone()).collect();
        Ok(HostServers { present: self.servers_at(host), arriving })
    }

    /// The servers on a host, whether or not the cloud can be reached.
    pub(crate) fn servers_at(&self, host: &HostName) -> Vec<Server> {
        let on = self.servers.iter().filter(|(_, s)| s.host == *host);
        on.map(|(id, s)| self.show_server(id, s)).collect()
    }

    fn show_server(&self, id: &ServerId, server: &FakeServer) -> Server {
        Server {
            id: id.clone(),
            name: server.name.clone(),
            project: server.project.clone(),
            host: Some(server.host.clone()),
            host_id: opaque(&server.host, &server.project),
            status: server.status.clone(),
            task: server.task.map(str::to_owned),
            flavor: Flavor { vcpus: 1, ..Flavor::default() },
            metadata: server.metadata.clone(),
            pinned_zone: None,
        }
    }

    pub(crate) fn read_progress(
        &self,
        ids: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.reachable()?;
        let servers = ids
            .iter()
            .map(|id| match self.servers.get(id) {
                Some(server) => ServerSeen::Present(self.show_server(id, server)),
                None => ServerSeen::Gone(id.clone()),
            })
            .collect();
        let migrations = self
            .migrations
            .iter()
            .filter(|m| {
                ids.contains(&m.server) && m.changed_at >= since && m.visible_at <= self.now
            })
            .map(|m| Migration {
                id: m.id,
                server: m.server.clone(),
                kind: m.kind,
                status: m.status.clone(),
                source: Some(m.source.clone()),
                destination: m.destination.clone(),
            })
            .collect();
        Ok(CloudProgress { servers, migrations })
    }
}

/// The id of a host that one project sees.
fn opaque(host: &HostName, project: &ProjectId) -> String {
    let text = format!("{project}/{host}");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
