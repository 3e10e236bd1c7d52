//! A state of the model: the stored session, the cloud, calls on their way, what each replica is in the middle
//! of, what may still go wrong, and what was told and really happened.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use fermata_core::session::{CallId, Op, Session};
use fermata_core::{Duration, broken::Rule, broken::break_rule};

use crate::cloud::{Cloud, CloudServer};
use crate::site::{HOSTS, Limits, SERVERS};
use crate::wrongs::Wrong;

/// What a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A host, by number.
    Host(usize),
    /// A server, by number.
    Server(usize),
}

/// Which replica. The two are alike, so what counts is who owns the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The one that owns the session.
    Owner,
    /// The one whose lease ran out while it lived.
    Former,
}

/// What a replica is in the middle of. A crash forgets it.
#[derive(Debug, Clone)]
pub enum Doing {
    /// Nothing.
    Nothing,
    /// It looked at the server that a call is about.
    Looked {
        /// The call.
        call: CallId,
        /// The server.
        server: usize,
        /// How it was.
        seen: CloudServer,
    },
    /// It read the session and worked out what follows; only where [`Rule::Revision`] is broken is this apart
    /// from writing it.
    Drafted {
        /// The session as it was read.
        before: Arc<Session>,
        /// The call.
        call: CallId,
        /// The server.
        server: usize,
        /// How it was.
        seen: CloudServer,
    },
    /// It wrote that it is about to call.
    Begun {
        /// The call.
        call: CallId,
        /// About what.
        target: Target,
        /// What.
        op: Op,
    },
    /// It called and waits for the answer.
    Sent {
        /// The call.
        call: CallId,
    },
    /// It has the answer.
    Answered {
        /// The call.
        call: CallId,
        /// What was answered.
        answer: Answer,
    },
}

/// What the cloud answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Accepted.
    Accepted,
    /// Refused: the server is in another state.
    Conflict,
    /// None came.
    Lost,
}

/// A call on its way to the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flight {
    /// About what.
    pub target: Target,
    /// What.
    pub deed: crate::cloud::Deed,
    /// The replica that waits for the answer.
    pub waits: Option<Who>,
    /// It arrives before so much time has passed, or never.
    pub lands_within: Duration,
    /// An action began after it was sent. No action takes less time than a call may be on its way, so it arrives
    /// before that ends.
    pub overtaken: bool,
}

/// What may still go wrong, and what the operator may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    /// Crashes, and leases that run out.
    pub losses: u8,
    /// Lost answers.
    pub lost_answers: u8,
    /// Actions that end badly.
    pub bad_ends: u8,
    /// Times the operator tries again.
    pub resumes: u8,
}

/// What people were told and said, and what the checks remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Told {
    /// The operator was told that the session is cancelled.
    pub cancelled: bool,
    /// Servers, by the host they would leave, whose owner accepted or let its time pass.
    pub agreed: [[bool; SERVERS.len()]; HOSTS.len()],
    /// Reads in a row that showed a draining host empty, since anything happened on it.
    pub empty_reads: [u8; HOSTS.len()],
}

/// A state of the model.
#[derive(Debug, Clone)]
pub struct State {
    /// The session as it is stored.
    pub session: Arc<Session>,
    /// What its owner is in the middle of; `None`: nobody owns it.
    pub owner: Option<Doing>,
    /// What the former owner is in the middle of; nothing that it would be refused.
    pub former: Option<Doing>,
    /// Calls on their way.
    pub air: Vec<Flight>,
    /// The cloud.
    pub cloud: Cloud,
    /// What may still go wrong.
    pub left: Left,
    /// What people know.
    pub told: Told,
    /// What went wrong and must not.
    pub wrong: Option<Wrong>,
    /// A number for all of the above in its normal form.
    pub digest: u64,
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.digest.hash(hasher);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Left {
    /// At the beginning.
    pub fn of(limits: &Limits) -> Self {
        Self {
            losses: limits.losses,
            lost_answers: limits.lost_answers,
            bad_ends: limits.bad_ends,
            resumes: limits.resumes,
        }
    }
}

impl State {
    /// What a replica is in the middle of.
    pub fn doing(&self, who: Who) -> Option<&Doing> {
        match who {
            Who::Owner => self.owner.as_ref(),
            Who::Former => self.former.as_ref(),
        }
    }

    /// A replica goes on to something else.
    pub fn set_doing(&mut self, who: Who, doing: Doing) {
        match who {
            Who::Owner => self.owner = Some(doing),
            Who::Former => self.former = Some(doing),
        }
    }

    /// Remembers the first thing that went wrong.
    pub fn wrong_if(&mut self, is_so: bool, wrong: Wrong) {
        if is_so && self.wrong.is_none() {
            self.wrong = Some(wrong);
        }
    }
}

/// Breaks the rule that the limits name, on this thread, as long as the result lives.
pub fn breaking(rule: Option<Rule>) -> Option<fermata_core::broken::Broken> {
    rule.map(break_rule)
}
