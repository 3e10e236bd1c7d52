//! Calls that change the cloud, as data. A call is part of the session's rows before it is made, so
//! that after a crash it is known what may have happened. A host and a server have at most one each.
//! Reads leave no trace: the session says what it wants to know ([`Want`]) and how fresh.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::Time;
use crate::cloud::MigrationId;
use crate::id::{HostName, ServerId};

/// Number of a call within its session; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// A call that changes the cloud, wanted or made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// What is called.
    pub op: Op,
    /// How far it is.
    pub phase: Phase,
    /// The epoch of the session's lease under which it was begun.
    #[serde(default)]
    pub epoch: u64,
    /// Not made before.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: Time,
    /// How often it was made and did not reach the cloud.
    pub tries: u32,
}

/// What can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Disable a host's scheduling.
    DisableScheduling,
    /// Enable a host's scheduling.
    EnableScheduling,
    /// Live migrate a server.
    LiveMigrate,
    /// Cold migrate a server.
    Migrate,
    /// Confirm a cold migration.
    ConfirmMigration,
    /// Abort a live migration.
    AbortMigration(MigrationId),
    /// Stop a server.
    Stop,
    /// Start a server.
    Start,
}

impl Op {
    /// Whether making it twice does the same as once.
    pub fn is_idempotent(self) -> bool {
        match self {
            Self::DisableScheduling | Self::EnableScheduling => true,
            Self::LiveMigrate
            | Self::Migrate
            | Self::ConfirmMigration
            | Self::AbortMigration(_)
            | Self::Stop
            | Self::Start => false,
        }
    }

    /// The word in logs, spans and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::DisableScheduling => "disable_scheduling",
            Self::EnableScheduling => "enable_scheduling",
            Self::LiveMigrate => "live_migrate",
            Self::Migrate => "migrate",
            Self::ConfirmMigration => "confirm_migration",
            Self::AbortMigration(_) => "abort_migration",
            Self::Stop => "stop",
            Self::Start => "start",
        }
    }
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Wanted; certainly not made yet.
    Planned,
    /// About to be made, or made and not answered yet.
    Begun,
    /// The cloud accepted it; progress tells how it ends.
    Accepted {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: Time,
    },
    /// It may or may not have happened; only reads may follow until that is clear.
    Unresolved {
        /// If nothing is seen of it until then, it did not happen.
        #[serde(with = "time::serde::rfc3339")]
        settles_at: Time,
    },
}

/// An action on a server that is under way: one call, and what is needed to tell its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Where a move goes. `None`: it is no move, or the cloud chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<HostName>,
    /// The call.
    pub call: Call,
    /// When the action counts as failed.
    #[serde(with = "time::serde::rfc3339")]
    pub deadline: Time,
    /// When the call was first about to be made; what the cloud did before is not of interest.
    #[serde(with = "time::serde::rfc3339::option")]
    pub begun_at: Option<Time>,
    /// The newest migration of the server before the call; later ones are the call's.
    pub baseline: Option<MigrationId>,
    /// The migration that was asked to be aborted, after the deadline.
    pub aborting: Option<MigrationId>,
}

/// A call that may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCall {
    /// Its number.
    pub id: CallId,
    /// What is called.
    pub op: Op,
    /// On what.
    pub target: CallTarget,
    /// Since when it is due.
    pub since: Time,
}

/// Something a session wants to know, again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// About which host.
    pub host: HostName,
    /// What.
    pub what: Read,
    /// How old the last answer may be.
    pub every: Duration,
}

/// What can be read of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// Whether it is up, and its scheduling.
    Status,
    /// The servers on it.
    Servers,
}

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallTarget {
    /// A host.
    Host(HostName),
    /// A server.
    Server(ServerId),
}
