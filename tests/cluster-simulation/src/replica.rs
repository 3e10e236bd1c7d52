//! A replica: a process with a clock of its own that keeps sessions by signs of life, works on them, and serves
//! clients. It has only what the real one has: messages come and go, and all it knows is lost with it.
//!
//! - [`life`]: signs of life, the time, leases, taking over
//! - [`slot`]: one session in one process; changes of it follow each other
//! - [`engine`]: load, step, commit
//! - [`plan`]: plans of sessions
//! - [`faults`]: whether hosts are down
//! - [`work`]: what the desk says is to be done
//! - [`api`]: what clients ask

pub(crate) mod api;
pub(crate) mod engine;
pub(crate) mod faults;
pub(crate) mod life;
pub(crate) mod plan;
pub(crate) mod slot;
pub(crate) mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::lease::{Lease, Uptime};
use fermata_core::machine::Outage;
use fermata_core::session::{CallId, DueCall, Want};
use fermata_core::spec::Draft;

use crate::message::{ApiReturn, Trap};
use crate::queue::Moment;
use crate::store::{LEASE, ReplicaId};
use slot::Slot;

/// A place where a replica runs, again and again.
#[derive(Debug)]
pub(crate) struct Replica {
    /// Counts processes.
    pub(crate) life: u32,
    pub(crate) up: bool,
    pub(crate) paused_until: Option<Moment>,
    /// What waits for it, at which point.
    pub(crate) trap: Option<(Trap, Duration)>,
    pub(crate) process: Process,
}

/// All that one process knows.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) born: Moment,
    /// How much faster its clock runs, in millionths.
    pub(crate) drift: i64,
    pub(crate) id: ReplicaId,
    pub(crate) joined: bool,
    pub(crate) lease: Lease,
    pub(crate) heard: Option<Heard>,
    pub(crate) outages: Vec<Outage>,
    pub(crate) asking: bool,
    pub(crate) scanning: bool,
    pub(crate) resigning: bool,
    pub(crate) tickets: BTreeMap<u64, Pending>,
    pub(crate) next_ticket: u64,
    pub(crate) slots: BTreeMap<SessionId, Slot>,
    /// Calls that were answered, or not in time: an answer may still come, or once more.
    pub(crate) called: BTreeMap<u64, (SessionId, u64, CallId)>,
}

/// The time as the database told it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) now: Time,
    pub(crate) asked_at: Uptime,
    pub(crate) at: Uptime,
}

/// What waits for an answer.
#[derive(Debug, Clone)]
pub(crate) enum Pending {
    Life {
        id: ReplicaId,
        asked_at: Uptime,
    },
    Scan {
        id: ReplicaId,
    },
    Load(SessionId),
    Commit(SessionId),
    Create {
        back: ApiReturn,
        by: ReplicaId,
        session: SessionId,
    },
    Repeated(ApiReturn, Box<Draft>),
    Survey(ApiReturn, Box<Draft>),
    Events(ApiReturn),
    Get(ApiReturn),
    Resign,
    /// The look at a server before a call.
    Look {
        session: SessionId,
        epoch: u64,
        due: DueCall,
    },
    Call {
        session: SessionId,
        epoch: u64,
        call: CallId,
    },
    Read {
        session: SessionId,
        epoch: u64,
        want: Want,
        at: Time,
    },
    Watch {
        session: SessionId,
        epoch: u64,
    },
    Plan {
        session: SessionId,
        epoch: u64,
    },
    Faults,
}

impl Process {
    pub(crate) fn new(id: ReplicaId, born: Moment, drift: i64) -> Self {
        Self {
            born,
            drift,
            id,
            joined: false,
            lease: Lease::new(LEASE),
            heard: None,
            outages: Vec::new(),
            asking: false,
            scanning: false,
            resigning: false,
            tickets: BTreeMap::new(),
            next_ticket: 0,
            slots: BTreeMap::new(),
            called: BTreeMap::new(),
        }
    }

    /// What its monotonic clock shows.
    pub(crate) fn uptime(&self, now: Moment) -> Uptime {
        let micros = i128::try_from((now - self.born).as_micros()).unwrap_or(0);
        let drifted = micros * i128::from(1_000_000 + self.drift) / 1_000_000;
        Duration::from_micros(u64::try_from(drifted).unwrap_or(0))
    }

    /// When its clock will have gone on by this much.
    pub(crate) fn after(&self, now: Moment, pause: Duration) -> Moment {
        let micros = i128::try_from(pause.as_micros()).unwrap_or(0);
        let true_micros = micros * 1_000_000 / i128::from(1_000_000 + self.drift) + 1;
        now + Duration::from_micros(u64::try_from(true_micros).unwrap_or(0))
    }

    /// The database's time, as far as it knows.
    pub(crate) fn time(&self, now: Moment) -> Option<Time> {
        self.heard.map(|heard| heard.now + (self.uptime(now) - heard.at))
    }

    /// Sessions that it works on.
    pub(crate) fn tenures(&self) -> BTreeSet<SessionId> {
        self.slots.iter().filter(|(_, s)| s.tenure.is_some()).map(|(id, _)| *id).collect()
    }
}
