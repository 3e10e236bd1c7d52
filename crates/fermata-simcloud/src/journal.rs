//! What really happened in the simulated cloud, whatever callers were told: every call, and every
//! change of a host, a server, a migration or a server group. Checkers of invariants read this and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fermata_core::Time;
use fermata_core::cloud::{CloudError, GroupAffinity, MigrationId, Scheduling, ServerStatus};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use serde::{Deserialize, Serialize};

use crate::calls::Call;
use crate::faults::Operation;
use crate::state::Sim;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 0 without gaps; what is older than the journal's length is gone.
    pub number: u64,
    /// When it happened. An action that ended between two calls has the time when it ended.
    pub at: Time,
    /// What happened.
    pub event: Event,
}

/// What the journal records. Changes are snapshots of the thing after the change; all hosts,
/// servers and server groups are recorded once at the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The port was called.
    Call {
        /// Which call.
        operation: Operation,
        /// The server it was about, if it was about one.
        server: Option<ServerId>,
        /// The host it named: the subject, or the target of a move.
        host: Option<HostName>,
        /// What came of it.
        outcome: Outcome,
        /// What the caller was told.
        answer: Answer,
    },
    /// A host changed.
    Host {
        /// Which.
        host: HostName,
        /// Whether its compute service reports.
        up: bool,
        /// Whether it takes servers.
        scheduling: Scheduling,
        /// How much of each resource class it has.
        #[serde(default)]
        offers: BTreeMap<String, u64>,
    },
    /// A host left the cloud.
    HostGone {
        /// Which.
        host: HostName,
    },
    /// A server changed, or came to be.
    Server {
        /// Which.
        server: ServerId,
        /// Whose.
        project: ProjectId,
        /// Where it is.
        host: HostName,
        /// The other end of a move, where room is kept for it.
        reserved: Option<HostName>,
        /// What it is.
        status: ServerStatus,
        /// What is done with it.
        task: Option<String>,
        /// How much of each resource class it takes, at each end of a move.
        #[serde(default)]
        takes: BTreeMap<String, u64>,
    },
    /// A server ceased to be.
    Gone {
        /// Which.
        server: ServerId,
    },
    /// A migration changed.
    Migration {
        /// Which.
        migration: MigrationId,
        /// Of which server.
        server: ServerId,
        /// Nova's word.
        status: String,
        /// From where.
        source: HostName,
        /// To where, once chosen.
        destination: Option<HostName>,
    },
    /// A server group changed, or came to be.
    Group {
        /// Which.
        group: ServerGroupId,
        /// The name it has for people.
        name: String,
        /// Whose.
        project: ProjectId,
        /// What it asks for.
        policy: GroupAffinity,
        /// How many members may be on one host, if it says so.
        max_per_host: Option<u32>,
        /// Who is in it; nobody, once it is deleted.
        members: BTreeSet<ServerId>,
    },
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done, or begun.
    Done,
    /// The state did not allow it; nothing changed.
    Refused,
    /// A fault kept it from being done; nothing changed.
    Nothing,
}

/// What a caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Success.
    Ok,
    /// [`CloudError::NotFound`].
    NotFound,
    /// [`CloudError::Conflict`].
    Conflict,
    /// [`CloudError::Rejected`].
    Rejected,
    /// [`CloudError::Unavailable`].
    Unavailable,
    /// [`CloudError::Unknown`].
    Unknown,
}

impl From<&CloudError> for Answer {
    fn from(error: &CloudError) -> Self {
        match error {
            CloudError::NotFound { .. } => Self::NotFound,
            CloudError::Conflict { .. } => Self::Conflict,
            CloudError::Rejected { .. } => Self::Rejected,
            CloudError::Unavailable { .. } => Self::Unavailable,
            CloudError::Unknown { .. } => Self::Unknown,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    next: u64,
    limit: usize,
}

impl Journal {
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: VecDeque::new(), next: 0, limit }
    }

    fn push(&mut self, at: Time, event: Event) {
        let number = self.next;
        self.next += 1;
        self.entries.push_back(Entry { number, at, event });
        while self.entries.len() > self.limit {
            self.entries.pop_front();
        }
    }
}

impl Sim {
    /// The journal's entries from number `from` on, oldest first, as of the last call.
    pub fn journal(&self, from: u64) -> Vec<Entry> {
        let entries = &self.journal.entries;
        let start = entries.partition_point(|entry| entry.number < from);
        entries.range(start..).cloned().collect()
    }

    pub(crate) fn note_call(&mut self, call: &Call, outcome: Outcome, answer: Answer) {
        if !call.operation.is_read() {
            self.revision += 1;
        }
        let event = Event::Call {
            operation: call.operation,
            server: call.server.clone(),
            host: call.host.clone(),
            outcome,
            answer,
        };
        self.journal.push(self.now, event);
    }

    pub(crate) fn note_host(&mut self, name: &HostName) {
        let Some(host) = self.hosts.get(name) else {
            return;
        };
        let event = Event::Host {
            host: name.clone(),
            up: host.up,
            scheduling: host.scheduling.clone(),
            offers: host.inventory.amounts.clone(),
        };
        self.note(event);
    }

    pub(crate) fn note_server(&mut self, id: &ServerId) {
        let Some(server) = self.servers.get(id) else {
            return;
        };
        let event = Event::Server {
            server: id.clone(),
            project: server.project.clone(),
            host: server.host.clone(),
            reserved: server.reserved().cloned(),
            status: server.status(),
            task: server.task.map(|task| task.word().to_owned()),
            takes: server.need.amounts.clone(),
        };
        self.note(event);
    }

    pub(crate) fn note_group(&mut self, name: &str) {
        let Some(group) = self.groups.get(name) else {
            return;
        };
        let event = Event::Group {
            group: group.id.clone(),
            name: name.to_owned(),
            project: group.project.clone(),
            policy: group.policy,
            max_per_host: group.max_per_host,
            members: group.members.clone(),
        };
        self.note(event);
    }

    pub(crate) fn note(&mut self, event: Event) {
        self.revision += 1;
        self.journal.push(self.now, event);
    }
}
