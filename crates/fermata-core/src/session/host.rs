//! A host of a session.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::call::{Call, Phase};
use crate::Time;
use crate::id::{HostName, ServerId};
use crate::reason::HostReason;
use crate::replan::Turn;
use crate::spec::Kind;

/// A host in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionHost {
    /// The name.
    pub host: HostName,
    /// Whether it comes back.
    pub kind: Kind,
    /// The state.
    pub state: SessionHostState,
    /// Why.
    pub reason: HostReason,
    /// What is known of its scheduling.
    pub scheduling: SchedulingFact,
    /// Its compute service is down, as was seen when its drain began or since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub down: bool,
    /// The servers were read since the scheduling was disabled.
    pub servers_known: bool,
    /// Successive reads that showed no server that has to leave; after these, one that showed that its
    /// scheduling is still disabled.
    pub empty_reads: u8,
    /// Servers on their way to it when its servers were last read.
    #[serde(default)]
    pub arriving: BTreeSet<ServerId>,
    /// Reads begun before this say nothing: something changed since.
    #[serde(with = "time::serde::rfc3339::option")]
    pub quiet_since: Option<Time>,
    /// The drain waits for the operator.
    pub hold: Option<Hold>,
    /// When it comes by the session's plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// When its drain is expected to begin by that plan.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub expected_at: Option<Time>,
    /// Where RETURNING leads.
    pub goal: Option<Goal>,
    /// Why it is given back. While it is, `reason` says what that waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_because: Option<HostReason>,
    /// The call that is wanted or under way.
    pub call: Option<Call>,
    /// When the drain began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub drain_started_at: Option<Time>,
    /// DRAINING: when the drain is given up. RETURNING: when it is to be back.
    #[serde(rename = "drain_deadline", with = "time::serde::rfc3339::option")]
    pub deadline: Option<Time>,
    /// When it was verified empty.
    #[serde(with = "time::serde::rfc3339::option")]
    pub empty_at: Option<Time>,
    /// When the operator said that the work ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub work_ended_at: Option<Time>,
    /// When it left the session's hands.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<Time>,
    /// Servers seen while it is held empty.
    pub intruders: BTreeSet<ServerId>,
}

/// The states of a host in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionHostState {
    /// Its turn has not come.
    Waiting,
    /// Going to maintenance.
    Draining,
    /// Verified empty and held.
    InMaintenance,
    /// Being given back.
    Returning,
    /// Back in service after the work.
    Maintained,
    /// Gone for good.
    Retired,
    /// Could not be emptied; back in service.
    DrainFailed,
    /// The work failed; in the operator's hands.
    MaintenanceFailed,
    /// Left out by the operator.
    Skipped,
    /// Left out because the session was cancelled.
    Cancelled,
}

impl SessionHost {
    /// So many successive reads must show no server that has to leave.
    pub const EMPTY_READS: u8 = 2;

    /// Whether its scheduling was switched once and no answer came: if it is seen switched, that came through. After a
    /// second call, what is seen may be the first one's doing, and the second may still come.
    pub fn is_switch_unresolved(&self) -> bool {
        self.call
            .as_ref()
            .is_some_and(|call| call.tries == 0 && matches!(call.phase, Phase::Unresolved { .. }))
    }

    /// Whether it was read empty often enough; what is left is to see that its scheduling is still disabled.
    pub fn is_read_empty(&self) -> bool {
        self.empty_reads >= Self::EMPTY_READS
    }
}

impl SessionHostState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::Draining,
        Self::InMaintenance,
        Self::Returning,
        Self::Maintained,
        Self::Retired,
        Self::DrainFailed,
        Self::MaintenanceFailed,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// Whether the session has nothing more to do with the host unless the operator says so.
    pub fn is_settled(self) -> bool {
        match self {
            Self::Waiting | Self::Draining | Self::InMaintenance | Self::Returning => false,
            Self::Maintained
            | Self::Retired
            | Self::DrainFailed
            | Self::MaintenanceFailed
            | Self::Skipped
            | Self::Cancelled => true,
        }
    }

    /// Whether the host was left out of the session, and nobody works on it.
    pub fn is_left_out(self) -> bool {
        matches!(self, Self::Skipped | Self::Cancelled)
    }

    /// Whether the host failed and the operator has not said what follows.
    pub fn is_failed(self) -> bool {
        matches!(self, Self::DrainFailed | Self::MaintenanceFailed)
    }

    /// Whether the host is out of service because of the session.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Draining | Self::InMaintenance | Self::Returning)
    }

    /// Whether what is on its way to the host matters: until it is empty, and not any more when nothing can begin a
    /// move to it.
    pub fn waits_for_arrivals(self) -> bool {
        self == Self::Draining
    }

    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Draining => "DRAINING",
            Self::InMaintenance => "IN_MAINTENANCE",
            Self::Returning => "RETURNING",
            Self::Maintained => "MAINTAINED",
            Self::Retired => "RETIRED",
            Self::DrainFailed => "DRAIN_FAILED",
            Self::MaintenanceFailed => "MAINTENANCE_FAILED",
            Self::Skipped => "SKIPPED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// What is known of a host's scheduling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulingFact {
    /// Not touched by this session.
    Untouched,
    /// Disabled by this session, which therefore enables it again.
    DisabledByUs,
    /// Was disabled before, for this reason, and stays so.
    DisabledBefore {
        /// The reason found.
        reason: String,
    },
}

/// A drain that waits for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub reason: HostReason,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: Time,
}

/// Where giving a host back leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The work is done.
    Maintained,
    /// The drain was given up.
    DrainFailed,
    /// The operator leaves it out.
    Skipped,
    /// The session was cancelled.
    Cancelled,
    /// It is drained later.
    Waiting,
}
