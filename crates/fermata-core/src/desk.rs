//! What one replica has under way for a session, and what it should begin next: calls that are due, reads that
//! are wanted, looks at what runs. Nothing of it has to survive; a new desk begins at the session as it stands.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::Time;
use crate::id::{HostName, ServerId};
use crate::lease::Uptime;
use crate::session::{CallId, DueCall, Read, Session, SessionHostState, Want};

/// Longest pause between two looks at a session for which nothing is due. The session names every moment at which something
/// is; a look that nothing asked for is only there in case that one day it does not.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Pause after something that did not come through.
pub const TROUBLE_PAUSE: Duration = Duration::from_secs(2);
/// Shortest pause, so that a fault here can never turn into a busy loop.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);

/// Something to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Make this call.
    Call(DueCall),
    /// Read this.
    Read(Want),
    /// Look at what runs on these servers.
    Watch(Vec<ServerId>),
    /// Make a plan.
    Plan,
}

/// Something that was begun has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A call.
    Call(CallId, Outcome),
    /// A read, with the state that the host was in when it ended.
    Read(Want, Option<SessionHostState>, Outcome),
    /// A look at what runs.
    Watch(Outcome),
    /// A plan.
    Plan(Outcome),
}

/// Whether something came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Through,
    /// It did not; it is left alone for a while.
    Trouble,
}

/// What is under way, and when it was last done.
#[derive(Debug, Clone)]
pub struct Desk {
    poll: Duration,
    calling: HashSet<CallId>,
    not_before: HashMap<CallId, Uptime>,
    reading: HashSet<(HostName, Read)>,
    /// When each read ended, and in which state the host was: in another one it is wanted anew.
    read_at: HashMap<(HostName, Read), (Uptime, Option<SessionHostState>)>,
    watching: bool,
    watched_at: Option<Uptime>,
    planning: bool,
    plan_not_before: Uptime,
    looked_at: Option<Time>,
}

impl Desk {
    /// A desk with nothing on it. `poll`: pause between two looks at what runs in the cloud.
    pub fn new(poll: Duration) -> Self {
        Self {
            poll,
            calling: HashSet::new(),
            not_before: HashMap::new(),
            reading: HashSet::new(),
            read_at: HashMap::new(),
            watching: false,
            watched_at: None,
            planning: false,
            plan_not_before: Uptime::ZERO,
            looked_at: None,
        }
    }

    /// Nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.calling.is_empty() && self.reading.is_empty() && !self.watching && !self.planning
    }

    /// The session was told that it is `now`.
    pub fn looked(&mut self, now: Time) {
        self.looked_at = Some(now);
    }

    /// What to begin now. It counts as under way until [`Desk::done`] is told.
    pub fn begin(&mut self, session: &Session, now: Time, uptime: Uptime) -> Vec<Work> {
        let mut work = Vec::new();
        for call in session.due_calls(now) {
            let waits = self.not_before.get(&call.id).is_some_and(|at| *at > uptime);
            if !waits && self.calling.insert(call.id) {
                work.push(Work::Call(call));
            }
        }
        for want in session.wants() {
            let fresh = !self.fresh_for(session, &want, uptime).is_zero();
            if !fresh && self.reading.insert((want.host.clone(), want.what)) {
                work.push(Work::Read(want));
            }
        }
        let servers = session.watched();
        if !self.watching && !servers.is_empty() && self.watch_due_in(uptime).is_zero() {
            self.watching = true;
            work.push(Work::Watch(servers));
        }
        if !self.planning && session.wants_plan(now) && self.plan_not_before <= uptime {
            self.planning = true;
            work.push(Work::Plan);
        }
        work
    }

    /// Something ended.
    pub fn done(&mut self, done: Done, uptime: Uptime) {
        let at = |outcome| match outcome {
            Outcome::Through => uptime,
            Outcome::Trouble => uptime + TROUBLE_PAUSE,
        };
        match done {
            Done::Call(id, outcome) => {
                self.calling.remove(&id);
                match outcome {
                    Outcome::Through => self.not_before.remove(&id),
                    Outcome::Trouble => self.not_before.insert(id, at(outcome)),
                };
            }
            Done::Read(want, state, outcome) => {
                let key = (want.host, want.what);
                self.reading.remove(&key);
                self.read_at.insert(key, (at(outcome), state));
            }
            Done::Plan(outcome) => {
                self.planning = false;
                self.plan_not_before = at(outcome);
            }
            Done::Watch(outcome) => {
                self.watching = false;
                self.watched_at = Some(at(outcome));
            }
        }
    }

    /// How long nothing will be due.
    pub fn pause(&self, session: &Session, now: Time, uptime: Uptime) -> Duration {
        let due = session
            .next_due(self.looked_at.unwrap_or(now))
            .map(|at| Duration::try_from(at - now).unwrap_or_default());
        let calls = session.due_calls(now).into_iter().filter(|c| !self.calling.contains(&c.id));
        let calls = calls.map(|c| {
            self.not_before.get(&c.id).map_or(Duration::ZERO, |at| at.saturating_sub(uptime))
        });
        let reads = session
            .wants()
            .into_iter()
            .filter(|want| !self.reading.contains(&(want.host.clone(), want.what)))
            .map(|want| self.fresh_for(session, &want, uptime));
        let watch =
            (!self.watching && !session.watched().is_empty()).then(|| self.watch_due_in(uptime));
        let plan = session.plan_due().filter(|_| !self.planning).map(|due| {
            let due = Duration::try_from(due - now).unwrap_or_default();
            due.max(self.plan_not_before.saturating_sub(uptime))
        });
        reads
            .chain(plan)
            .chain(calls)
            .chain(due)
            .chain(watch)
            .chain([longest_pause(session)])
            .min()
            .unwrap_or(LONGEST_PAUSE)
            .max(SHORTEST_PAUSE)
    }

    /// How long the last answer will do.
    fn fresh_for(&self, session: &Session, want: &Want, uptime: Uptime) -> Duration {
        match self.read_at.get(&(want.host.clone(), want.what)) {
            Some((at, state)) if *state == session.hosts.get(&want.host).map(|h| h.state) => {
                let every = Duration::try_from(want.every).unwrap_or_default();
                (*at + every).saturating_sub(uptime)
            }
            Some(_) | None => Duration::ZERO,
        }
    }

    fn watch_due_in(&self, uptime: Uptime) -> Duration {
        self.watched_at.map_or(Duration::ZERO, |at| (at + self.poll).saturating_sub(uptime))
    }
}

/// Half of [`LONGEST_PAUSE`] to all of it, by the session's id: sessions that were taken up together are not looked at together.
fn longest_pause(session: &Session) -> Duration {
    let half = LONGEST_PAUSE / 2;
    let spread = session.head.id.0.as_u128() % half.as_millis();
    half + Duration::from_millis(u64::try_from(spread).unwrap_or(0))
}
