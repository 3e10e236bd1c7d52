//! What a session reacts to.

use std::collections::BTreeSet;

use crate::Time;
use crate::actor::Who;
use crate::audit::{Action, Entry, Resource};
use crate::cloud::{CloudError, CloudProgress, Host, HostServers};
use crate::id::{HostName, NotificationId, ProjectId, SessionId};
use crate::replan::Planned;
use crate::session::{CallId, Session, SessionHostState};
use crate::spec::Draft;

use super::{Answer, Command, HostCommand};

/// What somebody asks of a session.
#[derive(Debug, Clone)]
pub enum Ask {
    /// The operator says something about the session.
    Command {
        /// What.
        command: Command,
        /// Why.
        reason: String,
    },
    /// The operator says something about a host.
    HostCommand {
        /// Which.
        host: HostName,
        /// What.
        command: HostCommand,
        /// Why.
        reason: String,
    },
    /// The operator changes what was asked for.
    Update {
        /// The new values.
        draft: Box<Draft>,
        /// Which fields, by their names in the contract.
        fields: Vec<String>,
    },
    /// An owner replies.
    Reply {
        /// The owner.
        project: ProjectId,
        /// What is answered.
        notification: NotificationId,
        /// The plan that is answered.
        plan_revision: u64,
        /// The answer.
        answer: Answer,
        /// The owner's words.
        comment: String,
    },
}

impl Ask {
    /// This, asked for by somebody.
    pub fn by(self, who: Who) -> Input {
        Input::Asked { who, what: self }
    }

    /// What the audit trail says of it.
    fn entry(&self, who: &Who, id: SessionId) -> Entry {
        let who = who.clone();
        let resource = Resource::session(id);
        match self {
            Self::Command { command, reason } => {
                let (action, detail, reason) = (command.action(), String::new(), reason.clone());
                Entry { who, action, resource, detail, reason }
            }
            Self::HostCommand { host, command, reason } => {
                let (action, detail, reason) = (command.action(), host.to_string(), reason.clone());
                Entry { who, action, resource, detail, reason }
            }
            Self::Update { draft, fields } => {
                let detail = fields.join(",");
                // The reason is a field of a session like others.
                let says_why = fields.iter().any(|field| field == "reason");
                let reason = if says_why { draft.reason.clone() } else { String::new() };
                Entry { who, action: Action::UpdateSession, resource, detail, reason }
            }
            Self::Reply { project, notification, comment, .. } => {
                let resource = Resource::session_by(project, id);
                let (detail, reason) = (notification.to_string(), comment.clone());
                Entry { who, action: Action::Reply, resource, detail, reason }
            }
        }
    }
}

/// Something a session has to react to.
#[derive(Debug, Clone)]
pub enum Input {
    /// Somebody asks for something.
    Asked {
        /// Who.
        who: Who,
        /// What.
        what: Ask,
    },
    /// Time passed.
    Tick,
    /// A call is about to be made.
    Begin {
        /// Which.
        call: CallId,
        /// The epoch of the lease under which it is made.
        epoch: u64,
        /// How the cloud has the server, for calls on servers.
        seen: Option<CloudProgress>,
    },
    /// A call ended.
    Ended {
        /// Which.
        call: CallId,
        /// How.
        result: Result<(), CloudError>,
    },
    /// A host was read.
    StatusRead {
        /// Which.
        host: HostName,
        /// When the read began.
        at: Time,
        /// What it gave.
        result: Result<Host, CloudError>,
    },
    /// The servers of a host were read.
    ServersRead {
        /// Which.
        host: HostName,
        /// When the read began.
        at: Time,
        /// What it gave.
        result: Result<HostServers, CloudError>,
    },
    /// All hosts whose compute service does not report, as the cloud lists them.
    Down(BTreeSet<HostName>),
    /// The cloud told how actions stand.
    Progress(Result<CloudProgress, CloudError>),
    /// A plan was made.
    Planned(Result<Planned, CloudError>),
    /// Another replica works on this session from now on.
    Recover {
        /// The epoch of its lease; what was begun under an older one was perhaps not finished.
        epoch: u64,
    },
    /// For a while no replica was there, or none could reach the database: every time of which this session was not
    /// told, oldest first. One by one, the deadlines that a later one moves would pass.
    Outages(Vec<Outage>),
}

impl Input {
    /// What the audit trail says of it, if somebody asks for it.
    pub(super) fn entry(&self, id: SessionId) -> Option<Entry> {
        match self {
            Self::Asked { who, what } => Some(what.entry(who, id)),
            Self::Tick
            | Self::Begin { .. }
            | Self::Ended { .. }
            | Self::StatusRead { .. }
            | Self::ServersRead { .. }
            | Self::Down(_)
            | Self::Progress(_)
            | Self::Planned(_)
            | Self::Recover { .. }
            | Self::Outages(_) => None,
        }
    }

    /// Whether the operator or an owner says it; a session that is over answers them, and hears nothing else.
    pub(super) fn is_said_by_somebody(&self) -> bool {
        match self {
            Self::Asked { .. } => true,
            Self::Tick
            | Self::Begin { .. }
            | Self::Ended { .. }
            | Self::StatusRead { .. }
            | Self::ServersRead { .. }
            | Self::Down(_)
            | Self::Progress(_)
            | Self::Planned(_)
            | Self::Recover { .. }
            | Self::Outages(_) => false,
        }
    }

    /// Whether owners may be asked or actions begin because of it, so that policies and the ledger matter: whatever
    /// happens while a host is drained, whatever somebody says, and a plan that owners make room for.
    pub fn may_ask_or_act(&self, session: &Session) -> bool {
        let drains = session.hosts.values().any(|h| h.state == SessionHostState::Draining);
        let asks = matches!(self, Self::Planned(Ok(planned)) if !planned.scale_in.is_empty());
        drains || asks || self.is_said_by_somebody()
    }
}

/// A time in which nobody could be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Counts outages from 1.
    pub number: u64,
    /// When it began.
    pub since: Time,
    /// When it ended.
    pub until: Time,
}
