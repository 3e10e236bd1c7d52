//! What an owner was asked.

use serde::{Deserialize, Serialize};

use super::{CounterOffer, History, ScaleIn, ServerKey};
use crate::Time;
use crate::event::ReplyKind;
use crate::id::{HostName, NotificationId, ProjectId};

/// What an owner was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The id.
    pub id: NotificationId,
    /// The owner.
    pub project: ProjectId,
    /// About what.
    pub kind: NotificationKind,
    /// Where it stands.
    pub state: NotificationState,
    /// The plan it describes.
    pub plan_revision: u64,
    /// The servers.
    pub servers: Vec<ServerKey>,
    /// Replies count until then.
    #[serde(with = "time::serde::rfc3339")]
    pub reply_deadline_time: Time,
    /// Nothing is touched before.
    #[serde(with = "time::serde::rfc3339")]
    pub actions_start_time: Time,
    /// When it was first sent.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: Time,
    /// The owner's words.
    pub comment: String,
    /// Why the owner objects.
    pub objection: Option<String>,
    /// What the owner replied last; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replied: Option<Replied>,
    /// The owner's last counter-offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter_offer: Option<CounterOffer>,
    /// What the owner replied before, and what became of it.
    #[serde(default, skip_serializing_if = "History::is_empty")]
    pub history: History,
}

/// A reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replied {
    /// What kind of reply.
    pub kind: ReplyKind,
    /// When it came.
    #[serde(with = "time::serde::rfc3339")]
    pub at: Time,
}

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// The session as a whole.
    Planned,
    /// A host that is about to be drained.
    Drain(HostName),
    /// Room for servers of hosts that cannot be emptied.
    ScaleIn(ScaleIn),
}

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
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

impl NotificationState {
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
