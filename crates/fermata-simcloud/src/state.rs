//! What a simulated cloud remembers. How it starts is in `start`, how it changes in `actions`,
//! `advance`, `others` and `reads`.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::cloud::{
    Capacity, Flavor, GroupAffinity, Inventory, Migration, MigrationId, MigrationKind,
    MigrationStatus, Scheduling, ServerStatus,
};
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};
use fermata_core::placement::Need;
use serde::{Deserialize, Serialize};

use crate::faults::Fault;
use crate::journal::Journal;
use crate::random::Random;
use crate::topology::Latencies;

/// A simulated cloud: state that changes only when it is called and told the time. The same state
/// and the same calls at the same times give the same cloud.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sim {
    pub(crate) now: Time,
    pub(crate) latencies: Latencies,
    /// For what the cloud does. Apart from `answers`, so that reads do not change how it goes on.
    pub(crate) jitter: Random,
    pub(crate) answers: Random,
    pub(crate) hosts: BTreeMap<HostName, HostState>,
    pub(crate) projects: BTreeMap<ProjectId, String>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) servers: BTreeMap<ServerId, ServerState>,
    /// How many servers somebody created after the start.
    pub(crate) created: u64,
    /// Number `n` is at index `n - 1`.
    pub(crate) migrations: Vec<MigrationState>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) next_job: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) journal: Journal,
    /// Rises with everything that must not be forgotten.
    pub(crate) revision: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HostState {
    pub(crate) up: bool,
    pub(crate) scheduling: Scheduling,
    pub(crate) zone: Option<String>,
    pub(crate) aggregates: BTreeSet<String>,
    pub(crate) capacity: Capacity,
    pub(crate) inventory: Inventory,
    pub(crate) hypervisor_type: String,
    pub(crate) hypervisor_version: String,
}

/// What a server is when nothing is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Runs.
    #[default]
    Active,
    /// Is paused.
    Paused,
    /// Is stopped.
    Shutoff,
    /// Is broken.
    Error,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServerState {
    pub(crate) name: String,
    pub(crate) project: ProjectId,
    pub(crate) host: HostName,
    pub(crate) flavor: Flavor,
    /// What the flavor means on this cloud.
    pub(crate) need: Need,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) zone: Option<String>,
    pub(crate) condition: Condition,
    pub(crate) task: Option<Task>,
    /// Where a move under way will end.
    pub(crate) moving_to: Option<HostName>,
    /// Where it was before a cold migration that is not confirmed yet.
    pub(crate) moved_from: Option<HostName>,
}

impl ServerState {
    /// The other end of a move, where room is kept for it.
    pub(crate) fn reserved(&self) -> Option<&HostName> {
        self.moving_to.as_ref().or(self.moved_from.as_ref())
    }

    /// Nova's mapping of vm_state and task_state to the status that the API shows.
    pub(crate) fn status(&self) -> ServerStatus {
        match (self.condition, self.task) {
            (Condition::Error, _) => ServerStatus::Error,
            (_, Some(Task::Migrating)) => ServerStatus::Other("MIGRATING".to_owned()),
            (_, Some(Task::ResizePrep | Task::ResizeMigrating)) => {
                ServerStatus::Other("RESIZE".to_owned())
            }
            (_, None | Some(Task::PoweringOff | Task::PoweringOn)) if self.moved_from.is_some() => {
                ServerStatus::VerifyResize
            }
            (Condition::Active, _) => ServerStatus::Active,
            (Condition::Paused, _) => ServerStatus::Other("PAUSED".to_owned()),
            (Condition::Shutoff, _) => ServerStatus::Shutoff,
        }
    }
}

/// Nova's task_state, as far as it occurs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Migrating,
    ResizePrep,
    ResizeMigrating,
    PoweringOff,
    PoweringOn,
}

impl Task {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Migrating => "migrating",
            Self::ResizePrep => "resize_prep",
            Self::ResizeMigrating => "resize_migrating",
            Self::PoweringOff => "powering-off",
            Self::PoweringOn => "powering-on",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: ServerGroupId,
    pub(crate) project: ProjectId,
    pub(crate) policy: GroupAffinity,
    pub(crate) max_per_host: Option<u32>,
    pub(crate) members: BTreeSet<ServerId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MigrationState {
    pub(crate) id: MigrationId,
    pub(crate) server: ServerId,
    pub(crate) kind: Move,
    pub(crate) word: Word,
    pub(crate) source: HostName,
    pub(crate) destination: Option<HostName>,
    pub(crate) updated: Time,
}

impl MigrationState {
    pub(crate) fn to_port(&self) -> Migration {
        Migration {
            id: self.id,
            server: self.server.clone(),
            kind: match self.kind {
                Move::Live => MigrationKind::Live,
                Move::Cold => MigrationKind::Cold,
            },
            status: match self.word {
                Word::Running | Word::Migrating | Word::Confirming => MigrationStatus::InProgress,
                Word::Finished => MigrationStatus::AwaitsConfirmation,
                Word::Completed | Word::Confirmed => MigrationStatus::Completed,
                Word::Failed | Word::Error | Word::Cancelled => {
                    MigrationStatus::Failed(self.word.text().to_owned())
                }
            },
            source: Some(self.source.clone()),
            destination: self.destination.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Move {
    Live,
    Cold,
}

/// Nova's migration status, as far as it occurs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Running,
    Migrating,
    Finished,
    Confirming,
    Completed,
    Confirmed,
    Failed,
    Error,
    Cancelled,
}

impl Word {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Migrating => "migrating",
            Self::Finished => "finished",
            Self::Confirming => "confirming",
            Self::Completed => "completed",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Something accepted that has not ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Breaks ties of jobs due at the same time.
    pub(crate) number: u64,
    pub(crate) server: ServerId,
    /// `None`: it hangs, or a host that it needs is down.
    pub(crate) due: Option<Time>,
    pub(crate) step: Step,
    pub(crate) ending: Ending,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Choose a host for a move.
    Schedule {
        kind: Move,
        target: Option<HostName>,
    },
    /// End the transfer of a move.
    Transfer {
        kind: Move,
        migration: MigrationId,
    },
    Confirm {
        migration: MigrationId,
    },
    Abort {
        migration: MigrationId,
    },
    Stop,
    Start,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    Well,
    Fails,
    Errors,
    /// Not at all; well, once it is let go.
    Hangs,
}

impl Sim {
    /// Counts up whenever the cloud changed or was asked to change.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }
}
