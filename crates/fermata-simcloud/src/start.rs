//! How a simulated cloud starts from a topology.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::cloud::Scheduling;
use fermata_core::id::{HostName, ProjectId, ServerId};

use crate::faults::Fault;
use crate::ids;
use crate::journal::Journal;
use crate::random::Random;
use crate::schedule::{declared, need_of};
use crate::state::{Group, HostState, ServerState, Sim};
use crate::topology::{FaultEntry, GroupEntry, HostEntry, ServerEntry, Topology};

impl Sim {
    /// A cloud as the topology describes it, at the time `now`.
    pub fn new(topology: &Topology, now: Time) -> Self {
        let hosts = hosts(topology);
        let declared = declared(hosts.values().map(|host| &host.inventory));
        let servers = topology
            .servers
            .iter()
            .map(|entry| (topology.server_id(entry), server(topology, &declared, entry)))
            .collect();
        let mut sim = Self {
            now,
            latencies: topology.latencies,
            jitter: Random::new(topology.seed),
            answers: Random::new(topology.seed.rotate_left(32)),
            hosts,
            projects: topology
                .projects
                .iter()
                .map(|project| (ProjectId::from(project.id.as_str()), project.name.clone()))
                .collect(),
            groups: groups(topology),
            servers,
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
        for name in sim.groups.keys().cloned().collect::<Vec<_>>() {
            sim.note_group(&name);
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
        inventory: topology.inventory_of(entry),
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
            let group = Group {
                id: ids::group_id(&entry.name),
                project: topology.project_of_group(entry),
                policy: entry.policy,
                max_per_host: entry.max_server_per_host,
                members,
            };
            (entry.name.clone(), group)
        })
        .collect()
}

fn server(topology: &Topology, declared: &BTreeSet<&str>, entry: &ServerEntry) -> ServerState {
    let flavor = topology.flavor_of(entry).unwrap_or_default();
    ServerState {
        name: entry.name.clone(),
        project: topology.project_id(&entry.project),
        host: HostName::from(entry.host.as_str()),
        need: need_of(&flavor, declared),
        flavor,
        metadata: entry.metadata.clone(),
        zone: entry.zone.clone(),
        condition: entry.status,
        task: None,
        moving_to: None,
        moved_from: None,
    }
}

impl Topology {
    /// The id of the project of this name.
    fn project_id(&self, name: &str) -> ProjectId {
        ProjectId::from(self.project(name).map_or(name, |project| &project.id))
    }

    fn project_of_group(&self, group: &GroupEntry) -> ProjectId {
        let is_member = |server: &&ServerEntry| group.members.contains(&server.name);
        let of_member = || self.servers.iter().find(is_member).map(|server| &server.project);
        let name = group.project.as_ref().or_else(of_member);
        self.project_id(name.map_or("", String::as_str))
    }

    pub(crate) fn server_id(&self, entry: &ServerEntry) -> ServerId {
        match &entry.id {
            Some(id) => ServerId::from(id.as_str()),
            None => ids::server_id(&self.project_id(&entry.project), &entry.name, 0),
        }
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
