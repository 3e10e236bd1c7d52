//! One session in one process: what was read of it, the tenure under which the process works on it, and the
//! changes that wait for their turn.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use fermata_core::desk::{Desk, Outcome};
use fermata_core::machine::Input;
use fermata_core::session::{CallId, DueCall, Session, Want};

use crate::message::ApiReturn;
use crate::queue::Moment;

/// Pause between two looks at what runs in the cloud.
const POLL: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) cached: Option<(Session, u64)>,
    pub(crate) tenure: Option<Tenure>,
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) busy: Option<Busy>,
}

impl Slot {
    /// What the runner wanted under an earlier tenure is not wanted any more; but the answer to what is under way
    /// belongs to the job at the front.
    pub(crate) fn drop_work(&mut self) {
        let first = self.busy.is_some().then(|| self.jobs.pop_front()).flatten();
        self.jobs.retain(|job| job.epoch.is_none());
        if let Some(first) = first {
            self.jobs.push_front(first);
        }
    }
}

/// The process works on the session.
#[derive(Debug)]
pub(crate) struct Tenure {
    pub(crate) epoch: u64,
    pub(crate) desk: Desk,
    pub(crate) taken_up: bool,
    pub(crate) look_at: Option<Moment>,
    /// Calls that are in hand: from the desk's word until it is told how they ended.
    pub(crate) in_hand: BTreeSet<CallId>,
    /// Calls that were begun and not made, because the lease was not usable then.
    pub(crate) unmade: Vec<CallId>,
}

impl Tenure {
    pub(crate) fn new(epoch: u64) -> Self {
        let desk = Desk::new(POLL);
        Self {
            epoch,
            desk,
            taken_up: false,
            look_at: None,
            in_hand: BTreeSet::new(),
            unmade: Vec::new(),
        }
    }
}

/// The database is asked for the job at the front.
#[derive(Debug, Clone)]
pub(crate) enum Busy {
    Loading,
    /// This is what it will be.
    Committing {
        next: Box<Session>,
        outages: bool,
    },
}

/// A change that waits for its turn.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) input: Input,
    /// The epoch under which the runner wants it; `None`: somebody asked for it.
    pub(crate) epoch: Option<u64>,
    /// Read the session first, whatever is known of it.
    pub(crate) fresh: bool,
    pub(crate) then: Then,
}

/// What follows a change.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    TakenUp,
    Looked,
    /// The call is made if it was begun.
    Begun(DueCall),
    /// A call did not get as far as that.
    NotBegun(CallId),
    Ended(CallId, Outcome),
    Read(Want, Outcome),
    Watched(Outcome),
    Planned(Outcome),
    Nothing,
    Answer(ApiReturn),
}
