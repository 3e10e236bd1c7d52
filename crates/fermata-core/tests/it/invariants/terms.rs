//! What was agreed by counter-offers, from when their owners were told.

use fermata_core::Time;
use fermata_core::session::{Notification, ServerKey, Session, Verdict};

use super::Checks;
use crate::world::cloud::FakeCloud;

impl Checks {
    /// An offer that is accepted counts from now on, and its owner is asked again.
    pub(super) fn sees_verdict(&mut self, notification: &Notification) {
        if let Some(offer) =
            notification.counter_offer.as_ref().filter(|o| o.verdict == Verdict::Accepted)
        {
            let before = self.told.get(&notification.id).and_then(|n| n.counter_offer.as_ref());
            if before.is_none_or(|b| b.verdict != Verdict::Accepted || b.made_at != offer.made_at) {
                for key in &offer.servers {
                    self.agreed.insert(key.clone(), offer.terms.clone());
                    // It is asked again.
                    self.accepted.remove(key);
                    self.silent.remove(key);
                }
                self.objecting.remove(&notification.id);
            }
        }
    }

    /// What an owner agreed to holds: no sooner than that, and not before these.
    pub(super) fn terms_hold(
        &self,
        session: &Session,
        key: &ServerKey,
        cloud: &FakeCloud,
        now: Time,
    ) {
        let Some(terms) = self.agreed.get(key) else { return };
        assert!(
            terms.not_before.is_none_or(|at| at <= now),
            "{key:?} is touched at {now}, agreed is {terms:?}"
        );
        for first in &terms.after {
            let there = cloud.servers.get(&first.server).is_some_and(|s| s.host == first.host);
            let entry = &session.servers[first];
            let over = entry.state.is_done() || session.hosts[&first.host].state.is_settled();
            let beside = first.host == key.host;
            assert!(!there || over || beside, "{key:?} is touched before {first:?}");
        }
    }
}
