//! What can be read of the simulated cloud, and scheduling on and off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fermata_core::Time;
use fermata_core::cloud::{
    CloudError, CloudProgress, Host, Project, Projects, Scheduling, Server, ServerGroup,
    ServerSeen, Site, SiteHost,
};
use fermata_core::id::{HostName, ProjectId, ServerId};

use crate::calls::{Call, Course};
use crate::faults::Operation;
use crate::ids::host_id;
use crate::state::{Group, HostState, Sim};

impl Sim {
    /// Whether the cloud can be used.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn check(&mut self, now: Time) -> Result<(), CloudError> {
        self.call(now, &Call::general(Operation::Check), |_, _| Ok(()))
    }

    /// All hosts, by name.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn hosts(&mut self, now: Time) -> Result<Vec<Host>, CloudError> {
        self.call(now, &Call::general(Operation::Hosts), |sim, _| {
            Ok(sim.site_hosts().into_iter().map(|found| found.host).collect())
        })
    }

    /// Everything that a plan needs.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn site(&mut self, now: Time) -> Result<Site, CloudError> {
        self.call(now, &Call::general(Operation::Site), |sim, _| {
            let group = |(name, group): (&String, &Group)| ServerGroup {
                id: group.id.clone(),
                name: name.clone(),
                project: group.project.clone(),
                policy: group.policy,
                max_per_host: group.max_per_host,
                members: group.members.iter().cloned().collect(),
            };
            Ok(Site {
                hosts: sim.site_hosts(),
                servers: sim.servers.keys().filter_map(|id| sim.server(id)).collect(),
                groups: sim.groups.iter().map(group).collect(),
                notes: Vec::new(),
            })
        })
    }

    /// What projects are called. It is Keystone that tells, so nothing of it is a call to be seen in the journal.
    pub fn projects(&self) -> Projects {
        let named = |(id, name): (&ProjectId, &String)| Project {
            id: id.clone(),
            name: name.clone(),
            domain: "default".to_owned(),
        };
        Projects { known: self.projects.iter().map(named).collect(), notes: Vec::new() }
    }

    /// All servers on a host; none on an unknown one, as Nova answers.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn servers_on(&mut self, now: Time, host: &HostName) -> Result<Vec<Server>, CloudError> {
        let call = Call::on_host(Operation::ServersOn, host);
        self.call(now, &call, |sim, _| {
            let ids = sim.servers.iter().filter(|(_, s)| s.host == *host);
            Ok(ids.filter_map(|(id, _)| sim.server(id)).collect())
        })
    }

    /// Servers on their way to a host.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn arriving(&mut self, now: Time, host: &HostName) -> Result<Vec<ServerId>, CloudError> {
        let call = Call::on_host(Operation::Arriving, host);
        self.call(now, &call, |sim, _| {
            let coming = sim.servers.iter().filter(|(_, s)| s.moving_to.as_ref() == Some(host));
            Ok(coming.map(|(id, _)| id.clone()).collect())
        })
    }

    /// How servers stand, and their migrations that changed at or after `since`.
    ///
    /// # Errors
    /// Only what faults say.
    pub fn progress(
        &mut self,
        now: Time,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.call(now, &Call::general(Operation::Progress), |sim, _| {
            let asked: BTreeSet<&ServerId> = servers.iter().collect();
            let seen = |id: &&ServerId| match sim.server(id) {
                Some(server) => ServerSeen::Present(server),
                None => ServerSeen::Gone((*id).clone()),
            };
            let migrations = sim
                .migrations
                .iter()
                .filter(|found| found.updated >= since && asked.contains(&found.server));
            Ok(CloudProgress {
                servers: asked.iter().map(seen).collect(),
                migrations: migrations.map(|found| found.to_port()).collect(),
            })
        })
    }

    /// Enables or disables scheduling on a host.
    ///
    /// # Errors
    /// `NotFound` for an unknown host, and what faults say.
    pub fn set_scheduling(
        &mut self,
        now: Time,
        name: &HostName,
        scheduling: &Scheduling,
    ) -> Result<(), CloudError> {
        let call = Call::on_host(Operation::SetScheduling, name);
        self.call(now, &call, |sim, course| {
            let host = sim.hosts.get_mut(name).ok_or_else(|| unknown_host(name))?;
            match course {
                Course::Take(_) if host.scheduling != *scheduling => {
                    host.scheduling = scheduling.clone();
                    sim.note_host(name);
                }
                Course::Take(_) | Course::Forget => {}
            }
            Ok(())
        })
    }

    /// How long the next answer takes.
    pub(crate) fn answer_delay(&mut self) -> Duration {
        self.answers.within(self.latencies.api)
    }

    fn site_hosts(&self) -> Vec<SiteHost> {
        let mut counts: BTreeMap<&HostName, u32> = BTreeMap::new();
        for server in self.servers.values() {
            *counts.entry(&server.host).or_default() += 1;
        }
        let host = |(name, host): (&HostName, &HostState)| SiteHost {
            host: Host {
                name: name.clone(),
                up: host.up,
                scheduling: host.scheduling.clone(),
                zone: host.zone.clone(),
                aggregates: host.aggregates.iter().cloned().collect(),
                capacity: host.capacity,
                hypervisor_type: host.hypervisor_type.clone(),
                hypervisor_version: host.hypervisor_version.clone(),
                servers: counts.get(name).copied().unwrap_or(0),
            },
            inventory: host.inventory.clone(),
        };
        self.hosts.iter().map(host).collect()
    }

    fn server(&self, id: &ServerId) -> Option<Server> {
        let server = self.servers.get(id)?;
        Some(Server {
            id: id.clone(),
            name: server.name.clone(),
            project: server.project.clone(),
            host: Some(server.host.clone()),
            host_id: host_id(&server.project, &server.host),
            status: server.status(),
            task: server.task.map(|task| task.word().to_owned()),
            flavor: server.flavor.clone(),
            metadata: server.metadata.clone(),
            pinned_zone: server.zone.clone(),
        })
    }
}

pub(crate) fn unknown_host(name: &HostName) -> CloudError {
    CloudError::NotFound { detail: format!("compute host {name} could not be found") }
}
