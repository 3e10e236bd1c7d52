//! Where a compute host stands: the only place that says it, for lists, snapshots and events alike.
//!
//! A state follows from two things: what the cloud was last seen to say of the host ([`Seen`]), and what sessions have to do
//! with it. The store keeps [`Seen`] and the state that was told last beside each other ([`Standing`]), and tells a change in
//! the transaction that makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cloud::{Host, Scheduling};
use crate::event::{HoldAlarm, HostEvent, Outbox};
use crate::id::{HostName, SessionId};
use crate::reason::Reason;
use crate::session::{Goal, SchedulingFact, Session, SessionHost, SessionHostState};

#[cfg(test)]
mod tests;

/// Where a host stands (Doctor's host states).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// Up and open for scheduling.
    Enabled,
    /// Up and closed for scheduling, by somebody else or left so to the operator.
    Disabled,
    /// Being drained, or given back before it was empty.
    GoingToMaintenance,
    /// Empty and held, or given back after the work.
    InMaintenance,
    /// Its compute service does not report.
    Down,
    /// Empty and closed for good.
    Retired,
    /// The cloud does not list it any more.
    Removed,
}

/// What the cloud says of a host, as far as its state goes by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// It is not listed.
    Absent,
    /// It is.
    Present {
        /// Its compute service reports.
        up: bool,
        /// It is open for scheduling.
        open: bool,
    },
}

impl From<&Host> for Seen {
    fn from(host: &Host) -> Self {
        Self::Present { up: host.up, open: host.scheduling == Scheduling::Enabled }
    }
}

/// What a host's state goes by, and the state that was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What the cloud says.
    pub seen: Seen,
    /// What was told; `None`: nobody was told of the host yet.
    pub state: Option<HostState>,
}

/// What a session does with a host, as far as its state goes by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Nothing: its state is what the cloud says.
    None,
    Drains,
    Holds,
    Retired,
}

impl Work {
    fn of(host: &SessionHost) -> Self {
        match host.state {
            SessionHostState::Draining => Self::Drains,
            SessionHostState::InMaintenance => Self::Holds,
            // Until it is back, it is what it was.
            SessionHostState::Returning if host.goal == Some(Goal::Maintained) => Self::Holds,
            SessionHostState::Returning => Self::Drains,
            SessionHostState::Retired => Self::Retired,
            SessionHostState::Waiting
            | SessionHostState::Maintained
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => Self::None,
        }
    }

    /// Whether the session alone decides the state of a host that is there.
    fn decides(self) -> bool {
        match self {
            Self::Drains | Self::Holds => true,
            Self::None | Self::Retired => false,
        }
    }
}

/// The state of a host. `held`: its row in the session that [`holders`] finds.
pub fn state(seen: Seen, held: Option<&SessionHost>) -> HostState {
    let Seen::Present { up, open } = seen else { return HostState::Removed };
    match (held.map_or(Work::None, Work::of), up, open) {
        // Nobody works on it yet, so it died.
        (Work::Drains, false, _) => HostState::Down,
        (Work::Drains, ..) => HostState::GoingToMaintenance,
        (Work::Holds, ..) => HostState::InMaintenance,
        (Work::Retired, _, false) => HostState::Retired,
        (Work::None | Work::Retired, false, _) => HostState::Down,
        (Work::None, true, false) => HostState::Disabled,
        (Work::None | Work::Retired, true, true) => HostState::Enabled,
    }
}

/// Which sessions have which hosts.
pub type Held = BTreeMap<HostName, (SessionId, SessionHost)>;

/// The sessions that count for hosts: of each host, its row in the active session, else in the one that retired it. `rows`: the
/// rows of active sessions, and those of others that are retired.
pub fn holders(rows: impl IntoIterator<Item = (SessionId, SessionHost)>) -> Held {
    let mut held = Held::new();
    for (session, host) in rows {
        // One that was retired and put to use again is held by the session that is active.
        if host.state != SessionHostState::Retired || !held.contains_key(&host.host) {
            held.insert(host.host.clone(), (session, host));
        }
    }
    held
}

/// The hosts whose state may be another one after a step of a session.
pub fn touched(before: Option<&Session>, next: &Session, outbox: &Outbox) -> BTreeSet<HostName> {
    let mut touched: BTreeSet<HostName> = outbox.learned.iter().map(|(h, _)| h.clone()).collect();
    touched.extend(outbox.alarms.iter().map(|alarm| alarm.host.clone()));
    let Some(before) = before.filter(|_| !next.head.state.is_terminal()) else {
        // It takes or lets go of all of them, and another one may have retired some.
        touched.extend(next.hosts.keys().cloned());
        return touched;
    };
    let mut old = before.hosts.iter().peekable();
    for (name, row) in &next.hosts {
        while let Some((gone, _)) = old.next_if(|(was, _)| *was < name) {
            touched.insert(gone.clone());
        }
        let was = old.next_if(|(was, _)| *was == name).map(|(_, was)| was);
        if !was.is_some_and(|was| Arc::ptr_eq(was, row)) && matters(was.map(AsRef::as_ref), row) {
            touched.insert(name.clone());
        }
    }
    touched.extend(old.map(|(gone, _)| gone.clone()));
    touched
}

/// Whether a host's state may be another one because its row in a session changed.
fn matters(before: Option<&SessionHost>, after: &SessionHost) -> bool {
    before.is_none_or(|before| Work::of(before) != Work::of(after))
}

/// What a session knows of a host of which nobody was told yet. `None`: not enough to tell.
pub fn known(host: &SessionHost) -> Option<Seen> {
    let open = host.scheduling == SchedulingFact::Untouched;
    // Where the session decides the state, it matters only later what the cloud says; by then somebody has looked.
    Work::of(host).decides().then_some(Seen::Present { up: true, open })
}

/// What a session learned of a host from the cloud. It goes by newer news than whoever read the list of all hosts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// It read its status.
    Read(Seen),
    /// It switched its scheduling.
    Switched {
        /// The host is open for scheduling now.
        open: bool,
    },
}

impl Seen {
    /// What is known of a host after all that a step learned of it.
    #[must_use]
    pub fn after_all(self, host: &HostName, outbox: &Outbox) -> Self {
        let of_it = outbox.learned.iter().filter(|(name, _)| name == host);
        of_it.fold(self, |seen, (_, learned)| seen.after(*learned))
    }

    /// What is known after something was learned. A host that is not listed is not listed by that.
    #[must_use]
    pub fn after(self, learned: Learned) -> Self {
        match (self, learned) {
            (Self::Absent, _) => Self::Absent,
            (Self::Present { .. }, Learned::Read(seen)) => seen,
            (Self::Present { up, .. }, Learned::Switched { open }) => Self::Present { up, open },
        }
    }
}

/// What is new of a host in the cloud's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What the cloud says now.
    pub seen: Seen,
    /// Why the host's state may be another one, human-readable.
    pub reason: String,
}

/// What is new in the cloud's list of hosts. `known`: what it said before.
pub fn news(known: &BTreeMap<HostName, Seen>, listed: &[Host]) -> BTreeMap<HostName, News> {
    let mut news = BTreeMap::new();
    let mut missing: BTreeMap<&HostName, Seen> =
        known.iter().filter(|(_, seen)| **seen != Seen::Absent).map(|(h, s)| (h, *s)).collect();
    for host in listed {
        let (seen, before) = (Seen::from(host), missing.remove(&host.name));
        if before != Some(seen) {
            let reason = reason(before, host);
            news.insert(host.name.clone(), News { seen, reason });
        }
    }
    for host in missing.into_keys() {
        let reason = "the cloud does not list it any more".to_owned();
        news.insert(host.clone(), News { seen: Seen::Absent, reason });
    }
    news
}

fn reason(before: Option<Seen>, host: &Host) -> String {
    let Some(Seen::Present { up, .. }) = before else { return "the cloud lists it".to_owned() };
    if up != host.up {
        let does = if host.up { "reports again" } else { "does not report" };
        return format!("its compute service {does}");
    }
    match &host.scheduling {
        Scheduling::Enabled => "its scheduling was enabled".to_owned(),
        Scheduling::Disabled { reason } if reason.is_empty() => {
            "its scheduling was disabled, without a reason".to_owned()
        }
        Scheduling::Disabled { reason } => format!("its scheduling was disabled: {reason}"),
    }
}

impl Standing {
    /// A host of which nobody was told yet.
    pub const UNTOLD: Self = Self { seen: Seen::Absent, state: None };

    /// Goes by what is known now; gives the states before and after if there is something to tell.
    pub fn update(
        &mut self,
        seen: Seen,
        held: Option<&SessionHost>,
    ) -> Option<(Option<HostState>, HostState)> {
        let to = state(seen, held);
        self.seen = seen;
        let from = self.state.replace(to);
        (from != Some(to)).then_some((from, to))
    }
}

impl HostEvent {
    /// A session's step changed a host's state.
    pub fn of_step(
        session: &Session,
        host: HostName,
        (from, to): (Option<HostState>, HostState),
    ) -> Self {
        let why = session.hosts.get(&host).map(|row| &row.reason);
        Self {
            reason: why.map_or_else(|| "the session let go of it".to_owned(), ToString::to_string),
            cause: why.map(Reason::cause),
            session: Some(session.head.id),
            ..Self::new(host, from, to)
        }
    }

    /// A session raises an alarm about a host that stands so.
    pub fn of_alarm(session: &Session, alarm: &HoldAlarm, state: HostState) -> Self {
        Self {
            reason: alarm.reason.to_string(),
            cause: Some(alarm.reason.cause()),
            session: Some(session.head.id),
            intruders: alarm.intruders.clone(),
            ..Self::new(alarm.host.clone(), Some(state), state)
        }
    }

    /// The session that retired a host was deleted.
    pub fn of_deletion(
        session: SessionId,
        host: HostName,
        (from, to): (Option<HostState>, HostState),
    ) -> Self {
        let reason = "the session that retired it was deleted".to_owned();
        Self { reason, session: Some(session), ..Self::new(host, from, to) }
    }

    /// The cloud says something else of a host.
    pub fn of_news(
        host: HostName,
        news: &News,
        (from, to): (Option<HostState>, HostState),
    ) -> Self {
        Self { reason: news.reason.clone(), ..Self::new(host, from, to) }
    }

    fn new(host: HostName, from: Option<HostState>, to: HostState) -> Self {
        let (reason, intruders) = (String::new(), Vec::new());
        Self { host, from, to, reason, cause: None, session: None, intruders }
    }
}

/// The states of hosts as somebody knows them who follows events: a later one replaces an earlier one, and a host that was
/// removed is there no more.
pub fn follow(known: &mut BTreeMap<HostName, HostState>, event: &HostEvent) {
    match event.to {
        HostState::Removed => known.remove(&event.host),
        to @ (HostState::Enabled
        | HostState::Disabled
        | HostState::GoingToMaintenance
        | HostState::InMaintenance
        | HostState::Down
        | HostState::Retired) => known.insert(event.host.clone(), to),
    };
}
