//! A session as data. Nothing here changes it; see [`crate::machine`].

mod call;
mod counter_offer;
pub(crate) mod down;
mod expected;
mod figures;
mod glimpse;
mod history;
mod host;
mod impact;
mod lead;
mod measure;
mod notification;
mod scale_in;
mod server;
mod view;
mod wait;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use call::{Act, Call, CallId, CallTarget, DueCall, Op, Phase, Read, Want};
pub use counter_offer::{CounterOffer, Terms, Verdict};
pub use figures::Figures;
pub use glimpse::HostGlimpse;
pub use history::{
    DecisionEnd, EarlierDecision, EarlierDecisions, History, ObjectionEnd, OwnerAnswer, Said,
};
pub use host::{Goal, Hold, SchedulingFact, SessionHost, SessionHostState};
pub use notification::{Notification, NotificationKind, NotificationState, Replied};
pub use scale_in::ScaleIn;
pub use server::{Decision, DecisionSource, ServerKey, ServerState, SessionServer};
pub use view::Progress;
pub use wait::{Party, Wait, WaitParty};

use crate::Time;
use crate::cloud::OutageKind;
use crate::id::{HostName, NotificationId, SessionId};
use crate::reason::SessionReason;
use crate::spec::Spec;

/// A maintenance session: its head, and its rows by key. Rows are shared, so that a copy is cheap and the
/// store can tell by address which ones changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session itself.
    pub head: Head,
    /// Its hosts.
    pub hosts: BTreeMap<HostName, Arc<SessionHost>>,
    /// Its servers, by the host they are or were drained from.
    pub servers: BTreeMap<ServerKey, Arc<SessionServer>>,
    /// What owners were asked.
    pub notifications: BTreeMap<NotificationId, Arc<Notification>>,
}

/// The part of a session that is one of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The id.
    pub id: SessionId,
    /// Rises by one with every change.
    pub revision: u64,
    /// What was asked for.
    pub spec: Spec,
    /// The state.
    pub state: SessionState,
    /// Why.
    pub reason: SessionReason,
    /// Rises when what owners were told changes.
    pub plan_revision: u64,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: Time,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: Time,
    /// When it left SCHEDULED.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<Time>,
    /// When it reached its end.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<Time>,
    /// Since when it is paused.
    #[serde(with = "time::serde::rfc3339::option")]
    pub paused_at: Option<Time>,
    /// The operator asked to start without waiting for the announcement's replies.
    pub start_requested: bool,
    /// The cloud does not answer.
    pub trouble: Option<Trouble>,
    /// Why the cloud could not be read for a plan although it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// What the current plan cannot know or solve, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The last outage of Fermata itself by which deadlines were moved.
    #[serde(default)]
    pub outages: u64,
    /// The plan it goes by.
    #[serde(default)]
    pub course: Course,
    /// The next call's number.
    pub next_call: u64,
    /// W3C trace context of the call that created the session; all its work belongs to that trace.
    pub trace_parent: Option<String>,
}

/// The plan that a session goes by; what it says is in the rows of hosts and servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Course {
    /// Rises whenever something happens that no plan foresaw.
    pub basis: u64,
    /// What the current plan was made for; if that is not the basis, there is to be another one.
    pub planned: Option<u64>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339::option")]
    pub planned_at: Option<Time>,
    /// In how many stages the hosts of a wave are drained; 0: it is yet to be found out.
    pub stages: u32,
    /// When everything is expected to be over, but for hosts that cannot be drained.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ends: Option<Time>,
    /// When the first host that waits comes by it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub next: Option<Time>,
}

impl Course {
    /// Whether there is a plan for what is.
    pub fn is_planned(&self) -> bool {
        self.planned == Some(self.basis)
    }
}

/// The cloud does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub since: Time,
    /// What kind of outage it is.
    #[serde(default)]
    pub kind: OutageKind,
    /// What was seen.
    pub detail: String,
}

/// The states of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Owners are told; waits for the start.
    Scheduled,
    /// At work.
    Running,
    /// Nothing new starts.
    Paused,
    /// What runs is finished, hosts are given back.
    Cancelling,
    /// Terminal.
    Cancelled,
    /// A host failed; waits for the operator.
    Failed,
    /// Terminal.
    Completed,
}

impl SessionState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Running,
        Self::Paused,
        Self::Cancelling,
        Self::Cancelled,
        Self::Failed,
        Self::Completed,
    ];

    /// Whether it may be deleted: nothing of it goes on any more, and its hosts are free.
    pub fn may_be_deleted(self) -> bool {
        self.is_terminal()
    }

    /// Whether nothing will ever change again.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Cancelled | Self::Completed => true,
            Self::Scheduled | Self::Running | Self::Paused | Self::Cancelling | Self::Failed => {
                false
            }
        }
    }

    /// Whether servers may be acted on. A FAILED session finishes the hosts it has begun.
    pub fn may_work(self) -> bool {
        match self {
            Self::Running | Self::Failed => true,
            Self::Scheduled
            | Self::Paused
            | Self::Cancelling
            | Self::Cancelled
            | Self::Completed => false,
        }
    }

    /// The name in the contract, without its prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Completed => "COMPLETED",
        }
    }
}
