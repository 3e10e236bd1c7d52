//! A server of a session, and what is decided about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::call::{Act, Op};
use super::{EarlierDecisions, Terms};
use crate::Time;
use crate::cloud::ServerStatus;
use crate::id::{HostName, ProjectId, ServerId};
use crate::ledger::Full;
use crate::policy::Effective;
use crate::reason::ServerReason;
use crate::spec::{Action, Kind};
use crate::ways::{Obstacle, Way, way};

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
pub struct SessionServer {
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
    /// What was decided before.
    #[serde(default, skip_serializing_if = "EarlierDecisions::is_empty")]
    pub earlier: EarlierDecisions,
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
    /// The compute service of the host that it is on its way to, or is to go to, does not report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub target_down: bool,
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
    pub error: Option<ServerReason>,
}

impl SessionServer {
    /// Who has to do something before what was decided can be done with it, on a host of this kind.
    pub fn obstacle(&self, kind: Kind) -> Option<Obstacle> {
        if self.state != ServerState::Affected || self.act.is_some() {
            return None;
        }
        match way(self.decision.as_ref()?.action, &self.status, kind) {
            Way::Blocked(obstacle) => Some(obstacle),
            Way::Do(_) | Way::Rests => None,
        }
    }

    /// Where it is on its way to.
    pub fn goes_to(&self) -> Option<&HostName> {
        self.act.as_ref().and_then(|act| act.target.as_ref())
    }

    /// What is done to it: what was decided, as far as its status allows that.
    pub fn carried_out(&self) -> Option<Action> {
        let decided = self.decision.as_ref()?.action;
        match self.act.as_ref().map(|act| &act.call.op) {
            // It runs already; that it was stopped meanwhile changes nothing about it.
            Some(Op::LiveMigrate) => Some(Action::LiveMigrate),
            Some(_) | None => match way(decided, &self.status, Kind::Temporary) {
                Way::Do(action) => Some(action),
                Way::Rests | Way::Blocked(_) => Some(decided),
            },
        }
    }
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
