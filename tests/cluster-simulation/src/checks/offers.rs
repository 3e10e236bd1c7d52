//! Counter-offers: what owners were promised is kept, is agreed anew, and every offer comes to a verdict.

use std::collections::BTreeSet;
use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::machine::Input;
use fermata_core::session::{
    Notification, NotificationKind, NotificationState, ServerKey, ServerState, Session,
    SessionHostState, SessionState, Verdict,
};
use fermata_core::spec::Action;

use super::SKEW;
use crate::queue::{Moment, date};
use crate::world::World;

/// When nothing goes wrong any more, an offer is planned in this time: a replica that is paused may work on its session.
const JUDGED_WITHIN: Duration = Duration::from_secs(60);

/// What an owner was promised about a server.
#[derive(Debug, Clone)]
pub(crate) struct Promise {
    /// By the clock of the simulation: replicas' clocks may jump back between two offers.
    offered_at: Moment,
    not_before: Option<Time>,
    /// Those of the others that are not out of its way yet.
    after: BTreeSet<ServerKey>,
}

impl World {
    /// An owner is told of an offer of its own.
    pub(super) fn offer_is_told(
        &mut self,
        id: SessionId,
        before: Option<&Notification>,
        notification: &Notification,
        now: Time,
    ) {
        if notification.state == NotificationState::Expired
            && notification.open_counter_offer().is_some()
        {
            let text =
                format!("the period of {} is over while an offer is planned", notification.id);
            self.violated(11, text);
        }
        let Some(offer) = &notification.counter_offer else { return };
        if before.and_then(|b| b.counter_offer.as_ref()) == Some(offer) {
            return;
        }
        match offer.verdict {
            Verdict::Open => {
                self.counts.offers_made += 1;
                let this = (notification.id, offer.made_at);
                self.checks.offered.insert(this, self.now);
            }
            Verdict::Accepted => {
                self.counts.offers_accepted += 1;
                let this = (notification.id, offer.made_at);
                let offered_at = self.checks.offered.get(&this).copied().unwrap_or(self.now);
                for key in &offer.servers {
                    let about = (id, key.clone());
                    self.checks.agreed.remove(&about);
                    // Of two that are accepted at once, the later one counts, in whichever order they are told.
                    let known = self.checks.promised.get(&about);
                    if known.is_none_or(|known| known.offered_at <= offered_at) {
                        let (not_before, after) =
                            (offer.terms.not_before, offer.terms.after.clone());
                        self.checks
                            .promised
                            .insert(about, Promise { offered_at, not_before, after });
                    }
                }
            }
            Verdict::Declined(_) => {
                self.counts.offers_declined += 1;
                let plan = (notification.id, notification.plan_revision);
                self.checks.considered.entry(plan).or_default().push((offer.made_at, now));
            }
        }
    }

    /// Invariant 10: whose turn changed because of others' offers has to agree anew.
    pub(super) fn forget_dropped(&mut self, old: &Session, after: &Session, input: &Input) {
        let Input::Planned(_) = input else { return };
        for (key, server) in &after.servers {
            let decided = old.servers.get(key).is_some_and(|s| s.decision.is_some());
            if decided && server.decision.is_none() {
                self.checks.agreed.remove(&(after.head.id, key.clone()));
            }
        }
    }

    /// After every change: which servers are out of the way of those that come after them.
    pub(super) fn promises_are_met(&mut self, session: &Session) {
        let id = session.head.id;
        let checks = &mut self.checks;
        let (view, stopped) = (&checks.view, &checks.stopped);
        let of_session = checks.promised.iter_mut().filter(|((of, _), _)| *of == id);
        for ((_, key), promise) in of_session {
            promise.after.retain(|first| {
                let seen = view.servers.get(&first.server).filter(|s| s.host == first.host);
                let (Some(_), Some(host)) = (seen, session.hosts.get(&first.host)) else {
                    return false;
                };
                let entry = session.servers.get(first);
                let state = entry.map(|s| s.state);
                let started = state == Some(ServerState::Restored);
                let started = started && !stopped.contains_key(&first.server);
                let left_to_others = state == Some(ServerState::HandedOver);
                let decided = entry.and_then(|s| s.decision.as_ref()).map(|d| d.action);
                let kept = decided == Some(Action::Keep) || state == Some(ServerState::Kept);
                let beside = first.host == key.host && kept;
                let done = host.state.is_settled() || started || left_to_others;
                !(beside || done && !host.state.is_failed())
            });
        }
    }

    /// Invariant 10: a server is touched as its owner was promised.
    pub(super) fn promise_is_kept(&mut self, session: &Session, key: &ServerKey) {
        let about = (session.head.id, key.clone());
        if !self.checks.promised.contains_key(&about) {
            return;
        }
        self.cloud.advance(date(self.now));
        self.read_cloud_journal();
        self.promises_are_met(session);
        let Some(promise) = self.checks.promised.get(&about).cloned() else { return };
        self.counts.touched_as_promised += 1;
        let now = session.head.updated_at;
        if promise.not_before.is_some_and(|at| now < at - SKEW) {
            self.violated(10, format!("{key:?} is touched at {now}, promised is {promise:?}"));
        }
        if !promise.after.is_empty() {
            let text = format!("{key:?} is touched, and comes after {:?}", promise.after);
            self.violated(10, text);
        }
    }

    /// Invariant 20: of a server that is to leave, something is decided, or somebody is asked.
    pub(super) fn somebody_is_asked(&mut self, session: &Session) {
        let drained = session.hosts.values().filter(|h| h.state == SessionHostState::Draining);
        let goes_on = drained.filter(|h| h.hold.is_none() && session.head.state.may_work());
        let mut forgotten = None;
        for host in goes_on {
            let asked = session.notifications.values().filter(|n| {
                let over =
                    matches!(n.state, NotificationState::Answered | NotificationState::Expired);
                over && n.kind == NotificationKind::Drain(host.host.clone())
            });
            forgotten = forgotten.or_else(|| {
                asked.flat_map(|n| &n.servers).find(|key| {
                    let server = session.servers.get(*key);
                    server.is_some_and(|s| s.state.is_open() && s.decision.is_none())
                })
            });
        }
        if let Some(key) = forgotten {
            self.violated(20, format!("nobody is asked about {key:?}, and nothing is decided"));
        }
    }

    /// Invariant 20, now and then: an offer comes to a verdict.
    pub(super) fn offers_are_judged(&mut self) {
        let now = self.now;
        if !self.healed {
            return;
        }
        let rows = self.store.sessions.values().map(|row| &row.session);
        let planned = rows.filter(|s| s.head.state != SessionState::Cancelling);
        let offers = planned.flat_map(Session::open_counter_offers);
        let open: BTreeSet<_> = offers.map(|(n, offer)| (n.id, offer.made_at)).collect();
        let since = &mut self.checks.considered_since;
        since.retain(|about, _| open.contains(about));
        let mut late = None;
        for about in open {
            let since = *since.entry(about).or_insert(now);
            late = late.or((now > since + JUDGED_WITHIN).then_some(about));
        }
        if let Some((notification, at)) = late {
            self.violated(20, format!("the offer of {at} to {notification} is not judged"));
        }
    }

    /// Invariant 20, at the end.
    pub(super) fn no_offer_is_left(&mut self) {
        let rows = self.store.sessions.values();
        let mut notifications = rows.flat_map(|row| row.session.notifications.values());
        let left = notifications.find(|n| n.state == NotificationState::CounterOffered).cloned();
        if let Some(left) = left {
            self.violated(20, format!("nothing became of an offer: {left:?}"));
        }
    }
}
