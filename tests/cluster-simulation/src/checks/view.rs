//! The cloud as its own journal tells it: where servers are, what hosts take, what was read when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fermata_core::Time;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use fermata_core::policy::{CloudGroups, Policies};
use fermata_simcloud::{Event, Operation, Outcome};

use super::groups::By;
use crate::world::World;

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct SeenServer {
    pub(crate) host: HostName,
    pub(crate) status: ServerStatus,
    pub(crate) task: Option<String>,
}

/// A server group.
#[derive(Debug)]
pub(crate) struct SeenGroup {
    pub(crate) name: String,
    pub(crate) project: ProjectId,
    pub(crate) members: BTreeSet<ServerId>,
}

/// The cloud.
#[derive(Debug, Default)]
pub(crate) struct View {
    next: u64,
    pub(crate) servers: BTreeMap<ServerId, SeenServer>,
    pub(crate) hosts: BTreeMap<HostName, Scheduling>,
    pub(crate) groups: BTreeMap<ServerGroupId, SeenGroup>,
    /// Whose servers are.
    owners: BTreeMap<ServerId, ProjectId>,
    /// When the servers of a host were read.
    pub(crate) reads: BTreeMap<HostName, Vec<Time>>,
    /// When a server on a host last left or changed.
    pub(crate) changed: BTreeMap<HostName, Time>,
}

impl View {
    /// Policies with what is seen of groups: here that is known at once.
    fn known_to(&self, policies: Policies) -> Policies {
        let groups = self.groups.iter().map(|(id, group)| (id.clone(), group.members.clone()));
        let owners = self.owners.iter().map(|(id, project)| (id.clone(), project.clone()));
        policies.with_cloud(Arc::new(CloudGroups::new(groups).knowing(owners)))
    }

    fn server_is(
        &mut self,
        at: Time,
        id: ServerId,
        host: HostName,
        now: (ServerStatus, Option<String>),
    ) {
        let (status, task) = now;
        if let Some(before) = self.servers.insert(id, SeenServer { host, status, task }) {
            self.changed.insert(before.host, at);
        }
    }
}

impl World {
    /// Takes in what happened in the cloud since the last time.
    pub(crate) fn read_cloud_journal(&mut self) {
        self.read_cloud_journal_of(By::Fermata);
    }

    /// The same; `by`: who asked for it.
    pub(crate) fn read_cloud_journal_of(&mut self, by: By) {
        for entry in self.cloud.journal(self.checks.view.next) {
            for finding in self.checks.watch.take(&entry, by) {
                self.found(finding);
            }
            let checks = &mut self.checks;
            let view = &mut checks.view;
            view.next = entry.number + 1;
            match entry.event {
                Event::Call {
                    operation: Operation::ServersOn, host: Some(host), outcome, ..
                } => {
                    if outcome == Outcome::Done {
                        view.reads.entry(host).or_default().push(entry.at);
                    }
                }
                Event::Call { .. } | Event::Migration { .. } => {}
                Event::Group { group, name, project, members, .. } => {
                    view.groups.insert(group, SeenGroup { name, project, members });
                    self.policies = view.known_to(std::mem::take(&mut self.policies));
                }
                Event::Host { host, scheduling, .. } => {
                    view.hosts.insert(host, scheduling);
                }
                Event::HostGone { host } => {
                    view.hosts.remove(&host);
                }
                Event::Server { server, project, host, status, task, .. } => {
                    if view.owners.insert(server.clone(), project).is_none() {
                        self.policies = view.known_to(std::mem::take(&mut self.policies));
                    }
                    if status == ServerStatus::Active {
                        checks.stopped.remove(&server);
                    }
                    view.server_is(entry.at, server, host, (status, task));
                }
                Event::Gone { server } => {
                    view.owners.remove(&server);
                    self.policies = view.known_to(std::mem::take(&mut self.policies));
                    checks.stopped.remove(&server);
                    // A server that is stopped may stay; that its owner deletes it changes nothing.
                    if let Some(gone) = view.servers.remove(&server)
                        && gone.status != ServerStatus::Shutoff
                    {
                        view.changed.insert(gone.host, entry.at);
                    }
                }
            }
        }
    }
}
