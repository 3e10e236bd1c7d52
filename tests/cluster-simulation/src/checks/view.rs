//! The cloud as its own journal tells it: where servers are, what hosts take, what was read when.

use std::collections::BTreeMap;

use fermata_core::Time;
use fermata_core::cloud::{Scheduling, ServerStatus};
use fermata_core::id::{HostName, ServerId};
use fermata_simcloud::{Event, Operation, Outcome};

use crate::world::World;

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct SeenServer {
    pub(crate) host: HostName,
    pub(crate) status: ServerStatus,
    pub(crate) task: Option<String>,
}

/// The cloud.
#[derive(Debug, Default)]
pub(crate) struct View {
    next: u64,
    pub(crate) servers: BTreeMap<ServerId, SeenServer>,
    pub(crate) hosts: BTreeMap<HostName, Scheduling>,
    /// When the servers of a host were read.
    pub(crate) reads: BTreeMap<HostName, Vec<Time>>,
    /// When a server on a host last left or changed.
    pub(crate) changed: BTreeMap<HostName, Time>,
}

impl View {
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
        for entry in self.cloud.journal(self.checks.view.next) {
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
                Event::Call { .. } | Event::Migration { .. } | Event::Group { .. } => {}
                Event::Host { host, scheduling, .. } => {
                    view.hosts.insert(host, scheduling);
                }
                Event::Server { server, host, status, task, .. } => {
                    if status == ServerStatus::Active {
                        checks.stopped.remove(&server);
                    }
                    view.server_is(entry.at, server, host, (status, task));
                }
                Event::Gone { server } => {
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
