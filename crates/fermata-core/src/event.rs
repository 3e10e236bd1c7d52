//! What a change of a session tells whom. Owners' events have no place for a host's name or for
//! another project, so none can slip in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::host_state::{HostState, Learned};
use crate::id::{HostName, NotificationId, ProjectId, ServerId, SessionId};
use crate::reason::{
    DeclineReason, HostCause, HostReason, ServerReason, SessionCause, SessionReason,
};
use crate::session::{ServerKey, ServerState, SessionHostState, SessionState};
use crate::spec::Action;

/// Everything one change tells, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox {
    /// For owners.
    pub owners: Vec<(ProjectId, OwnerEvent)>,
    /// For operators, on the session's own topic.
    pub operators: Vec<OperatorEvent>,
    /// For infrastructure components. How hosts stand they are told by whoever writes the change, see
    /// [`crate::host_state`].
    pub alarms: Vec<HoldAlarm>,
    /// What was learned of hosts on the way, in order.
    pub learned: Vec<(HostName, Learned)>,
}

/// What an owner is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerEvent {
    /// A notification is new, or changed.
    Notification(NotificationId),
    /// Something happened to a server.
    Server {
        /// Which.
        server: ServerId,
        /// Its name.
        name: String,
        /// The opaque host id after the event; empty if not known yet.
        host_id: String,
        /// What happened.
        change: ServerChange,
        /// The action it belongs to.
        action: Option<Action>,
        /// The state now.
        state: ServerState,
        /// More; for a failed action the error and what comes next.
        detail: Option<ServerReason>,
    },
    /// Something happened to the session.
    Session {
        /// What.
        change: SessionChange,
        /// Why.
        reason: String,
        /// The same for programs, where it is about the whole session.
        cause: Option<SessionCause>,
        /// Servers it is about, where it is about a host.
        servers: Vec<ServerId>,
    },
}

/// What can happen to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerChange {
    /// An action began.
    ActionStarted,
    /// It ended well.
    ActionDone,
    /// It failed.
    ActionFailed,
    /// Stopped for the work on its host.
    WentDown,
    /// Runs again.
    IsBack,
    /// Deleted or moved by somebody else.
    Gone,
    /// Left to the operator.
    HandedOver,
}

/// What owners are told about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionChange {
    /// It runs.
    Started,
    /// It pauses.
    Paused,
    /// It goes on.
    Resumed,
    /// It is over.
    Completed,
    /// It is cancelled.
    Cancelled,
    /// A host was given back without having been emptied.
    DrainGivenUp,
    /// A host with kept servers is back.
    HostBack,
    /// A host that was about to be drained is drained later.
    DrainPutOff,
}

/// What operators are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorEvent {
    /// The session went to another state.
    Session {
        /// Before; `None` when it was created.
        from: Option<SessionState>,
        /// Now.
        to: SessionState,
        /// Why.
        reason: SessionReason,
    },
    /// A host went to another state, or its reason changed.
    Host {
        /// Which.
        host: HostName,
        /// Before.
        from: SessionHostState,
        /// Now.
        to: SessionHostState,
        /// Why.
        reason: HostReason,
    },
    /// A server changed.
    Server {
        /// Which.
        key: ServerKey,
        /// Its name.
        name: String,
        /// Its owner.
        project: ProjectId,
        /// The state now.
        state: ServerState,
        /// The action that runs or ran.
        action: Option<Action>,
        /// Where it went.
        destination: Option<HostName>,
        /// More; for a failed action the error and what comes next.
        detail: Option<ServerReason>,
    },
    /// An owner was asked.
    OwnerAsked {
        /// The notification.
        notification: NotificationId,
    },
    /// An owner replied.
    OwnerReplied {
        /// The notification.
        notification: NotificationId,
        /// What kind of reply.
        reply: ReplyKind,
        /// The owner's words.
        comment: String,
    },
    /// An owner's counter-offer was accepted or declined.
    CounterOfferJudged {
        /// The notification to which it was made.
        notification: NotificationId,
        /// Why it was declined; `None`: it was accepted.
        declined: Option<DeclineReason>,
        /// Other owners that are asked again because of it.
        changed: BTreeSet<ProjectId>,
    },
    /// Servers were seen on a host that is held empty.
    HoldBroken {
        /// The host.
        host: HostName,
        /// The servers.
        servers: Vec<ServerId>,
    },
}

/// How an action on a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionEnd {
    /// As it should: the server left its host, or was stopped on it.
    Done,
    /// It failed, and may be tried again.
    Failed,
    /// It failed, and is not tried again.
    GivenUp,
}

impl OperatorEvent {
    /// The action on a server that ended, and how. Starting a server again that was stopped for the work is a part of what
    /// was done; that is told only if it fails.
    pub fn action_end(&self) -> Option<(Action, ActionEnd)> {
        let Self::Server { state, action: Some(action), detail, .. } = self else { return None };
        let failed = detail.as_ref().is_some_and(|detail| detail.cause().is_failure());
        let over = matches!(state, ServerState::Failed | ServerState::HandedOver);
        let done = matches!(state, ServerState::Moved | ServerState::Kept);
        let end = match (failed, over) {
            (true, true) => ActionEnd::GivenUp,
            (true, false) => ActionEnd::Failed,
            (false, _) if done => ActionEnd::Done,
            (false, _) => return None,
        };
        Some((*action, end))
    }
}

/// Kinds of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// Go on.
    Accepted,
    /// Do not.
    Rejected,
    /// The owner did what it wanted to do itself.
    OwnActionDone,
    /// The owner offers something else.
    CounterOffer,
}

/// A host that is held empty is not, or is again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldAlarm {
    /// The host.
    pub host: HostName,
    /// What happened.
    pub reason: HostReason,
    /// Servers seen on it; none: those that were seen before are gone.
    pub intruders: Vec<ServerId>,
}

/// What infrastructure components are told of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostEvent {
    /// The host.
    pub host: HostName,
    /// Before; `None`: nobody was told of the host before.
    pub from: Option<HostState>,
    /// Now; the same as before in an alarm.
    pub to: HostState,
    /// Why, human-readable.
    pub reason: String,
    /// The same for programs, if a session is the cause.
    pub cause: Option<HostCause>,
    /// That session.
    pub session: Option<SessionId>,
    /// Servers seen on a host that is held empty.
    pub intruders: Vec<ServerId>,
}
