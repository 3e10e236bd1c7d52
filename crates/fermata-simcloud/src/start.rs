//! How a simulated cloud starts from a topology.

use std::collections::BTreeMap;

use fermata_core::Time;
use fermata_core::cloud::{Capacity, Scheduling};
use fermata_core::id::{HostName, ProjectId, ServerId};

use crate::faults::Fault;
use crate::ids;
use crate::journal::Journal;
use crate::random::Random;
use crate::state::{Group, HostState, ServerState, Sim};
use crate::topology::{FaultEntry, HostEntry, ServerEntry, Topology};

impl Sim {
    /// A cloud as the topology describes it, at the time `now`.
    pub fn new(topology: &Topology, now: Time) -> Self {
        let mut sim = Self {
            now,
            latencies: topology.latencies,
            jitter: Random::new(topology.seed),
            answers: Random::new(topology.seed.rotate_left(32)),
            hosts: hosts(topology),
            projects: topology
                .projects
                .iter()
                .map(|project| (ProjectId::from(project.id.as_str()), project.name.clone()))
                .collect(),
            groups: groups(topology),
            servers: topology
                .servers
                .iter()
                .map(|entry| (topology.server_id(entry), server(topology, entry)))
                .collect(),
            created: 0,
            migrations: Vec::new(),
            jobs: Vec::new(),
            next_job: 0,
            faults: topology.faults.iter().map(|entry| topology.fault(entry)).collect(),
            journal: Journal::new(topology.journal_entries),
            revision: 0,
        };
        for host in sim.hosts.keys().cloned().collect::<Vec<_>>() {
            sim.note_host(&host);
        }
        for id in sim.servers.keys().cloned().collect::<Vec<_>>() {
            sim.note_server(&id);
        }
        sim
    }
}

fn hosts(topology: &Topology) -> BTreeMap<HostName, HostState> {
    let state = |entry: &HostEntry| HostState {
        up: true,
        scheduling: match &entry.disabled_reason {
            Some(reason) => Scheduling::Disabled { reason: reason.clone() },
            None => Scheduling::Enabled,
        },
        zone: entry.zone.clone(),
        aggregates: topology
            .aggregates
            .iter()
            .filter(|aggregate| aggregate.hosts.contains(&entry.name))
            .map(|aggregate| aggregate.name.clone())
            .collect(),
        capacity: entry.capacity(),
        hypervisor_type: entry.hypervisor_type.clone(),
        hypervisor_version: entry.hypervisor_version.clone(),
    };
    topology.hosts.iter().map(|entry| (HostName::from(entry.name.as_str()), state(entry))).collect()
}

fn groups(topology: &Topology) -> BTreeMap<String, Group> {
    topology
        .groups
        .iter()
        .map(|entry| {
            let members = topology
                .servers
                .iter()
                .filter(|server| entry.members.contains(&server.name))
                .map(|server| topology.server_id(server))
                .collect();
            let policy = entry.policy;
            (entry.name.clone(), Group { policy, members })
        })
        .collect()
}

fn server(topology: &Topology, entry: &ServerEntry) -> ServerState {
    ServerState {
        name: entry.name.clone(),
        project: topology.project_id(entry),
        host: HostName::from(entry.host.as_str()),
        size: topology.size(entry).unwrap_or_default(),
        zone: entry.zone.clone(),
        aggregate: entry
            .flavor
            .as_deref()
            .and_then(|name| topology.flavor(name))
            .and_then(|flavor| flavor.aggregate.clone()),
        condition: entry.status,
        task: None,
        moving_to: None,
        moved_from: None,
    }
}

impl Topology {
    pub(crate) fn project_id(&self, entry: &ServerEntry) -> ProjectId {
        let id = self.project(&entry.project).map(|project| &project.id);
        ProjectId::from(id.unwrap_or(&entry.project).as_str())
    }

    pub(crate) fn server_id(&self, entry: &ServerEntry) -> ServerId {
        match &entry.id {
            Some(id) => ServerId::from(id.as_str()),
            None => ids::server_id(&self.project_id(entry), &entry.name, 0),
        }
    }

    pub(crate) fn size(&self, entry: &ServerEntry) -> Option<Capacity> {
        let flavor = entry.flavor.as_deref().and_then(|name| self.flavor(name));
        entry.size.or(flavor.map(|flavor| flavor.size()))
    }

    pub(crate) fn fault(&self, entry: &FaultEntry) -> Fault {
        let id = |name: &String| {
            let server = self.servers.iter().find(|server| server.name == *name);
            server.map_or_else(|| ServerId::from(name.as_str()), |s| self.server_id(s))
        };
        Fault {
            operation: entry.operation,
            server: entry.server.as_ref().map(id),
            host: entry.host.as_deref().map(HostName::from),
            times: entry.times,
            kind: entry.kind,
        }
    }
}
