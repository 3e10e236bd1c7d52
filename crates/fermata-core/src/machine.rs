//! The state machine of a session: the only place that changes one.
//!
//! [`step`] applies one input and then lets the session's rules work until nothing more follows. It
//! is synchronous and total; time, identifiers and who takes part are arguments. What must be called
//! on the cloud is part of the next state ([`crate::session::Call`]), what must be told is the [`Outbox`].

mod commands;
mod drain;
mod effects;
mod input;
mod lifecycle;
mod owners;
mod plans;
mod returning;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;
use uuid::Uuid;

pub use commands::create::create;
pub use commands::host::HostCommand;
pub use commands::session::Command;
pub use effects::ended::SETTLES_AFTER;
pub use input::{Ask, Input, Outage};
pub use owners::counter_offers::OfferedTerms;
pub use owners::replies::Answer;

use crate::Time;
use crate::actor::Who;
use crate::audit::Entry;
use crate::event::{OperatorEvent, Outbox, OwnerEvent};
use crate::id::{HostName, ProjectId};
use crate::ledger::{Ledger, Postings};
use crate::policy::Policies;
use crate::problem::Measured;
use crate::quota::Exceeded;
use crate::reason::{HostReason, SessionReason};
use crate::session::{
    CallId, NotificationState, ServerKey, Session, SessionHost, SessionHostState, SessionServer,
    SessionState,
};
use crate::spec::Violation;

/// What a step needs from outside.
pub struct Context<'a> {
    /// Now.
    pub now: Time,
    /// Projects with a subscription: their silence means what the session says.
    pub interactive: &'a BTreeSet<ProjectId>,
    /// The policies of the session's projects; they matter only where [`Input::may_ask_or_act`].
    pub policies: &'a Policies,
    /// The accounts of the session's projects; they matter only where [`Input::may_ask_or_act`]. Without them no action
    /// begins.
    pub ledger: Option<&'a Ledger>,
    /// Gives new identifiers (UUIDv7).
    pub ids: &'a mut dyn FnMut() -> Uuid,
}

/// The result of a step.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The session after it.
    pub next: Session,
    /// What is told.
    pub outbox: Outbox,
    /// What the ledger has to know.
    pub ledger: Postings,
    /// How long moves took that ended.
    pub measured: Vec<(ServerKey, Measured)>,
    /// What the audit trail says of it; `None`: nobody asked for it.
    pub audit: Option<Entry>,
}

/// Why an input was refused. The session is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reject {
    /// The state does not allow it.
    #[error("{subject} is {state}; {hint}")]
    WrongState {
        /// What: `session`, `host compute01`, `notification`.
        subject: String,
        /// The state it is in.
        state: &'static str,
        /// States that allow it.
        allowed: Vec<&'static str>,
        /// What to do.
        hint: String,
    },
    /// The session has no such host.
    #[error("host '{0}' is not in this session; GetSession lists its hosts")]
    UnknownHost(HostName),
    /// No such notification, or not this project's.
    #[error("no such notification in this project; ListNotifications lists them")]
    UnknownNotification,
    /// The reply came too late.
    #[error("replies counted until {}; what was decided stands", crate::rfc3339(*.reply_deadline_time))]
    Late {
        /// The deadline.
        reply_deadline_time: Time,
    },
    /// The reply answers an older plan.
    #[error(
        "the plan changed: it is at revision {current} now; read the notification again and answer that"
    )]
    Stale {
        /// The current revision.
        current: u64,
    },
    /// Fields are wrong.
    #[error("{}", crate::spec::summary(.0))]
    Violations(Vec<Violation>),
    /// There was enough of it.
    #[error(transparent)]
    Quota(#[from] Exceeded),
}

/// Applies one input. `Ok(None)`: nothing changed.
///
/// # Errors
/// The input does not fit the session; it is as it was.
pub fn step(
    session: &Session,
    input: Input,
    context: Context<'_>,
) -> Result<Option<Transition>, Reject> {
    if session.head.state.is_terminal() && !input.is_said_by_somebody() {
        return Ok(None);
    }
    let mut machine = Machine {
        s: session.clone(),
        now: context.now,
        interactive: context.interactive,
        policies: context.policies,
        ledger: context.ledger,
        judged: BTreeMap::new(),
        before: session,
        ids: context.ids,
        out: Outbox::default(),
        moved: false,
    };
    let audit = input.entry(session.head.id);
    machine.apply(input)?;
    machine.settle();
    if machine.s == *session {
        return Ok(None);
    }
    Ok(Some(machine.finish(audit)))
}

/// A step under way.
struct Machine<'a> {
    s: Session,
    now: Time,
    interactive: &'a BTreeSet<ProjectId>,
    policies: &'a Policies,
    ledger: Option<&'a Ledger>,
    /// Accounts by which it was judged, with their revisions.
    judged: BTreeMap<ProjectId, u64>,
    /// The session before the step.
    before: &'a Session,
    ids: &'a mut dyn FnMut() -> Uuid,
    out: Outbox,
    /// A rule did something, so that others may follow.
    moved: bool,
}

impl Machine<'_> {
    fn apply(&mut self, input: Input) -> Result<(), Reject> {
        match input {
            Input::Asked { who, what } => self.asked(&who, what)?,
            Input::Tick => {}
            Input::Begin { call, epoch, seen } => self.begin(call, epoch, seen.as_ref()),
            Input::Ended { call, result } => self.ended(call, result),
            Input::StatusRead { host, at, result } => self.status_read(&host, at, result),
            Input::ServersRead { host, at, result } => self.servers_read(&host, at, result),
            Input::Down(hosts) => self.down(&hosts),
            Input::Progress(result) => self.progress(result),
            Input::Planned(result) => self.planned(result),
            Input::Recover { epoch } => self.recover(epoch),
            Input::Outages(outages) => self.outages(&outages),
        }
        Ok(())
    }

    /// Does what somebody asks for.
    fn asked(&mut self, who: &Who, what: Ask) -> Result<(), Reject> {
        match what {
            Ask::Command { command, reason } => self.command(command, &reason),
            Ask::HostCommand { host, command, reason } => {
                self.host_command(who, &host, command, &reason)
            }
            Ask::Update { draft, fields } => self.update(*draft, &fields),
            Ask::Reply { project, notification, plan_revision, answer, comment } => {
                self.reply(&project, notification, plan_revision, answer, &comment)
            }
        }
    }

    fn finish(mut self, audit: Option<Entry>) -> Transition {
        self.s.head.revision += 1;
        self.s.head.updated_at = self.now;
        self.s.head.course.next = self.s.next_planned();
        if self.s.hosts.values().any(|host| self.s.is_stalled(host)) {
            // Nobody knows.
            self.s.head.course.ends = None;
        }
        let entries = self.before.postings(&self.s);
        let ledger = Postings { entries, judged: self.judged };
        let measured = self.before.measured(&self.s);
        Transition { next: self.s, outbox: self.out, ledger, measured, audit }
    }

    // --- access to rows

    fn host(&self, name: &HostName) -> Option<&SessionHost> {
        self.s.hosts.get(name).map(AsRef::as_ref)
    }

    fn edit_host(&mut self, name: &HostName, edit: impl FnOnce(&mut SessionHost)) {
        if let Some(host) = self.s.hosts.get_mut(name) {
            edit(Arc::make_mut(host));
        }
    }

    fn server(&self, key: &ServerKey) -> Option<&SessionServer> {
        self.s.servers.get(key).map(AsRef::as_ref)
    }

    fn edit_server(&mut self, key: &ServerKey, edit: impl FnOnce(&mut SessionServer)) {
        if let Some(server) = self.s.servers.get_mut(key) {
            edit(Arc::make_mut(server));
        }
    }

    fn keys_of(&self, host: &HostName, wanted: impl Fn(&SessionServer) -> bool) -> Vec<ServerKey> {
        self.s.servers_of(host).filter(|s| wanted(s)).map(|s| s.key.clone()).collect()
    }

    fn next_call(&mut self) -> CallId {
        let id = CallId(self.s.head.next_call);
        self.s.head.next_call += 1;
        id
    }

    // --- changes that are told

    fn set_session(&mut self, state: SessionState, reason: SessionReason) {
        let from = std::mem::replace(&mut self.s.head.state, state);
        self.s.head.reason.clone_from(&reason);
        self.moved = true;
        self.out.operators.push(OperatorEvent::Session { from: Some(from), to: state, reason });
    }

    fn set_host(&mut self, name: &HostName, state: SessionHostState, reason: HostReason) {
        let Some(host) = self.s.hosts.get_mut(name).map(Arc::make_mut) else { return };
        if host.state == state && host.reason == reason {
            return;
        }
        let from = std::mem::replace(&mut host.state, state);
        host.reason.clone_from(&reason);
        if plans::is_unforeseen(from, state) {
            self.plan_again();
        }
        self.moved = true;
        let host = name.clone();
        self.out.operators.push(OperatorEvent::Host { host, from, to: state, reason });
    }

    fn tell_owner(&mut self, project: &ProjectId, event: OwnerEvent) {
        self.out.owners.push((project.clone(), event));
    }

    fn tell_owners(&mut self, event: &OwnerEvent) {
        for project in self.s.projects() {
            self.tell_owner(&project, event.clone());
        }
    }

    fn close_notifications(&mut self, wanted: impl Fn(&crate::session::Notification) -> bool) {
        let ids: Vec<_> = self
            .s
            .notifications
            .values()
            .filter(|n| n.state != NotificationState::Closed && wanted(n))
            .map(|n| (n.id, n.project.clone()))
            .collect();
        for (id, project) in ids {
            if let Some(notification) = self.s.notifications.get_mut(&id) {
                Arc::make_mut(notification).state = NotificationState::Closed;
            }
            self.tell_owner(&project, OwnerEvent::Notification(id));
        }
    }

    // --- rules

    /// Lets the rules work until nothing more follows.
    fn settle(&mut self) {
        // Every rule moves something towards an end, so this ends; the bound keeps a fault in a rule from
        // hanging the service.
        for _ in 0..10_000 {
            self.moved = false;
            self.expire_notifications();
            self.meet_terms();
            self.settle_host_calls();
            self.start_session();
            self.start_hosts();
            let active: Vec<_> = self
                .s
                .hosts
                .values()
                .filter(|h| h.state.is_active())
                .map(|h| (h.host.clone(), h.state))
                .collect();
            for (host, state) in active {
                match state {
                    SessionHostState::Draining => self.drain(&host),
                    SessionHostState::Returning => self.give_back(&host),
                    SessionHostState::InMaintenance
                    | SessionHostState::Waiting
                    | SessionHostState::Maintained
                    | SessionHostState::Retired
                    | SessionHostState::DrainFailed
                    | SessionHostState::MaintenanceFailed
                    | SessionHostState::Skipped
                    | SessionHostState::Cancelled => {}
                }
            }
            self.end_session();
            if !self.moved {
                break;
            }
        }
        self.forget_waits();
    }
}
