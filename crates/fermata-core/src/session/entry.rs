//! The rows of a session: hosts, servers and what owners were asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::call::{Act, Call, Phase};
use super::{Offer, ScaleIn, Terms};
use crate::Time;
use crate::cloud::ServerStatus;
use crate::id::{HostName, NotificationId, ProjectId, ServerId};
use crate::ledger::Full;
use crate::planning::Turn;
use crate::policy::Effective;
use crate::spec::{Action, Kind};

/// A host in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostEntry {
    /// The name.
    pub host: HostName,
    /// Whether it comes back.
    pub kind: Kind,
    /// The state.
    pub state: HostState,
    /// Why, in words.
    pub reason: String,
    /// What is known of its scheduling.
    pub scheduling: SchedulingFact,
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
    /// The call that is wanted or under way.
    pub call: Option<Call>,
    /// When the drain began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub drain_started_at: Option<Time>,
    /// When the drain is given up.
    #[serde(with = "time::serde::rfc3339::option")]
    pub drain_deadline: Option<Time>,
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
pub enum HostState {
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

impl HostEntry {
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

impl HostState {
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
    /// Why, in words.
    pub reason: String,
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

/// A server on a host of the session. A server that is moved onto another host of the session gets an entry
/// there as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServerKey {
    /// The host it is or was drained from.
    pub host: HostName,
    /// The server.
    pub server: ServerId,
}

/// What a session does with a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerEntry {
    /// Which.
    pub key: ServerKey,
    /// Its name.
    pub name: String,
    /// Its owner.
    pub project: ProjectId,
    /// The opaque host id its owner sees.
    pub host_id: String,
    /// What it was when last seen.
    pub status: ServerStatus,
    /// The state.
    pub state: ServerState,
    /// Its memory, in MiB; 0: not known.
    #[serde(default)]
    pub memory_mib: u64,
    /// What its metadata said for Fermata when it was last seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The policy that counted when its owner was last told about it, and that counts until it is told again.
    #[serde(default, skip_serializing_if = "Effective::is_unset")]
    pub policy: Effective,
    /// What was agreed about it by a counter-offer of its owner.
    #[serde(default, skip_serializing_if = "Terms::is_unset")]
    pub terms: Terms,
    /// What shall be done with it.
    pub decision: Option<Decision>,
    /// The action under way.
    pub act: Option<Act>,
    /// Actions that failed.
    pub failures: u32,
    /// Not tried again before.
    #[serde(with = "time::serde::rfc3339::option")]
    pub retry_at: Option<Time>,
    /// Where it goes by the session's plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<HostName>,
    /// Where it was to go, and did not get.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failed_targets: BTreeSet<HostName>,
    /// Why what was decided does not begin yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Full>,
    /// An action on it did not end in time, and the cloud was still at it when it was last seen.
    #[serde(default)]
    pub stuck: bool,
    /// It ran before it was stopped, so it is started again.
    pub was_running: bool,
    /// Its owner said that its own action is done.
    #[serde(default)]
    pub said_done: bool,
    /// When its owner was first told.
    #[serde(with = "time::serde::rfc3339::option")]
    pub told_at: Option<Time>,
    /// When the first action began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub act_started_at: Option<Time>,
    /// When the last action ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub act_ended_at: Option<Time>,
    /// Where it went.
    pub destination: Option<HostName>,
    /// The last error.
    pub error: Option<String>,
}

/// The states of a server in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// Nothing happens to it yet.
    Affected,
    /// An action runs.
    InAction,
    /// Its owner acts.
    OwnAction,
    /// Moved away.
    Moved,
    /// Stopped on its host.
    Kept,
    /// Running again, or never touched.
    Restored,
    /// Deleted or moved by somebody else.
    Gone,
    /// Its action failed for good.
    Failed,
    /// Left to the operator.
    HandedOver,
}

impl ServerState {
    /// Whether the server still has to leave its host or be stopped on it.
    pub fn is_open(self) -> bool {
        match self {
            Self::Affected | Self::InAction | Self::OwnAction | Self::Failed => true,
            Self::Moved | Self::Kept | Self::Restored | Self::Gone | Self::HandedOver => false,
        }
    }

    /// Whether the session is done with the server.
    pub fn is_done(self) -> bool {
        match self {
            Self::Moved | Self::Restored | Self::Gone | Self::HandedOver => true,
            Self::Affected | Self::InAction | Self::OwnAction | Self::Kept | Self::Failed => false,
        }
    }
}

impl ServerState {
    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affected => "AFFECTED",
            Self::InAction => "IN_ACTION",
            Self::OwnAction => "OWN_ACTION",
            Self::Moved => "MOVED",
            Self::Kept => "KEPT",
            Self::Restored => "RESTORED",
            Self::Gone => "GONE",
            Self::Failed => "FAILED",
            Self::HandedOver => "HANDED_OVER",
        }
    }
}

/// What shall be done with a server, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub action: Action,
    /// Who.
    pub source: DecisionSource,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: Time,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionSource {
    /// The owner, by a reply.
    Owner,
    /// Nobody in time; the owner's policy for this case.
    Policy,
    /// Nobody; the session's default action.
    SessionDefault,
    /// The operator, over the owner's objection or silence.
    Operator,
}

/// What an owner was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The id.
    pub id: NotificationId,
    /// The owner.
    pub project: ProjectId,
    /// About what.
    pub kind: NoticeKind,
    /// Where it stands.
    pub state: NoticeState,
    /// The plan it describes.
    pub plan_revision: u64,
    /// The servers.
    pub servers: Vec<ServerKey>,
    /// Replies count until then.
    #[serde(with = "time::serde::rfc3339")]
    pub reply_by: Time,
    /// Nothing is touched before.
    #[serde(with = "time::serde::rfc3339")]
    pub actions_at: Time,
    /// When it was first sent.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: Time,
    /// The owner's words.
    pub comment: String,
    /// Why the owner objects.
    pub objection: Option<String>,
    /// The owner's last counter-offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The session as a whole.
    Planned,
    /// A host that is about to be drained.
    Drain(HostName),
    /// Room for servers of hosts that cannot be emptied.
    ScaleIn(ScaleIn),
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Waits for a reply.
    Pending,
    /// Every server has a decision; the owner has scaled in.
    Answered,
    /// The owner objected.
    Rejected,
    /// The reply period is over.
    Expired,
    /// No longer of interest.
    Closed,
    /// The owner made an offer that is being planned.
    CounterOffered,
}

impl NoticeState {
    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Answered => "ANSWERED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Closed => "CLOSED",
            Self::CounterOffered => "COUNTER_OFFERED",
        }
    }
}
