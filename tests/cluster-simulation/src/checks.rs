//! What must hold (design: invariants.md, whose numbers violations carry), told from the store's log and commits, the
//! owners' journals and the cloud's own journal, not from what sessions think of themselves.
//!
//! - [`view`]: the cloud as its journal tells it
//! - [`calls`]: every call that is made: by whom, when, and whether it may be
//! - [`commits`]: every change that is written
//! - [`offers`]: what owners were promised by counter-offers
//! - [`scale_in`]: what owners are asked to give
//! - [`groups`]: limits of groups and room on hosts, from the cloud's journal alone
//! - [`whole`]: adoption on the way, and everything at the end

pub(crate) mod calls;
pub(crate) mod commits;
pub(crate) mod groups;
mod offers;
mod scale_in;
pub(crate) mod view;
pub(crate) mod whole;

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::id::{HostName, NotificationId, ServerId, SessionId};
use fermata_core::session::{CallId, Notification, ServerKey};

use crate::message::{RequestId, Said};
use crate::queue::Moment;
use crate::world::World;
use calls::Sent;
use groups::Watch;
use offers::Promise;
use view::View;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// When, since the beginning.
    pub at: std::time::Duration,
    /// The invariant's number, in invariants.md.
    pub invariant: u32,
    /// What was seen.
    pub text: String,
}

/// How far the clocks of replicas may be apart: answers on their way, a clock that jumped.
const SKEW: time::Duration = time::Duration::seconds(8);

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) violations: Vec<Violation>,
    pub(crate) view: View,
    pub(crate) watch: Watch,
    /// Calls by replica, life and ticket.
    pub(crate) sent: BTreeMap<(usize, u32, u64), Sent>,
    /// The same in the order of time.
    pub(crate) order: Vec<(usize, u32, u64)>,
    /// Calls that were begun: each is begun once, one that is made again has another number.
    pub(crate) begun: BTreeSet<(SessionId, CallId)>,
    /// When the database's clock last went forward.
    pub(crate) jumped_at: Option<Moment>,
    /// Notifications as their owners were last told.
    pub(crate) told: BTreeMap<NotificationId, Notification>,
    /// When each plan was first told.
    pub(crate) asked_at: BTreeMap<(NotificationId, u64), Time>,
    /// When an owner was first told about a server.
    pub(crate) first_told: BTreeMap<(SessionId, ServerKey), Time>,
    /// Servers whose owner accepted, or let its time pass.
    pub(crate) agreed: BTreeSet<(SessionId, ServerKey)>,
    /// When each offer was made.
    pub(crate) offered: BTreeMap<(NotificationId, Time), Moment>,
    /// What owners were promised about servers by accepted counter-offers.
    pub(crate) promised: BTreeMap<(SessionId, ServerKey), Promise>,
    /// When offers to each plan were planned.
    pub(crate) considered: BTreeMap<(NotificationId, u64), Vec<(Time, Time)>>,
    /// Since when an offer is planned while nothing goes wrong.
    pub(crate) considered_since: BTreeMap<(NotificationId, Time), Moment>,
    /// Hosts whose owners were overridden.
    pub(crate) overridden: BTreeSet<(SessionId, HostName)>,
    /// When the drain of a host began.
    pub(crate) drain_began: BTreeMap<(SessionId, HostName), Moment>,
    /// Servers that a session stopped and that were not started since.
    pub(crate) stopped: BTreeMap<ServerId, SessionId>,
    /// When somebody else last began to move a server.
    pub(crate) moved_by_others: BTreeMap<ServerId, Moment>,
    /// Requests that were answered with success.
    pub(crate) acknowledged: BTreeMap<RequestId, Said>,
    /// Since when nobody works on a session.
    pub(crate) orphaned: BTreeMap<SessionId, Moment>,
    /// Since when nothing keeps each replica from adopting.
    pub(crate) good_since: Vec<Option<Moment>>,
}

impl World {
    pub(crate) fn violated(&mut self, invariant: u32, text: String) {
        self.note(|| format!("VIOLATION of {invariant}: {text}"));
        let at = self.now;
        self.checks.violations.push(Violation { at, invariant, text });
    }

    pub(crate) fn client_is_told(&mut self, request: RequestId, said: &Said) {
        if let Said::Done(_) = said {
            self.checks.acknowledged.insert(request, said.clone());
        }
    }
}
