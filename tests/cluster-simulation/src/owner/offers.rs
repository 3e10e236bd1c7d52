//! Counter-offers: not before a time, or some servers after others. Once it knows what became of it, an owner answers as
//! it would have.

use fermata_core::Time;
use fermata_core::id::{ServerId, SessionId};
use fermata_core::machine::{Answer, OfferedTerms};
use fermata_core::session::{Notification, NotificationState};

use super::Owner;
use crate::message::{Reply, Said};
use crate::queue::date;
use crate::world::World;

/// How often an owner makes offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Habit {
    /// To so many questions in a thousand.
    pub(crate) offers: u64,
    /// So many to one question, however often it is asked.
    pub(crate) most: u32,
}

/// The longest time that an owner asks for, in milliseconds; the last one reaches beyond every window.
const LONGEST: [u64; 6] = [10_000, 30_000, 90_000, 180_000, 600_000, 1_800_000];

impl World {
    /// Whether the owner makes an offer to this question and waits for what becomes of it.
    pub(super) fn owner_offers(
        &mut self,
        client: usize,
        session: SessionId,
        notification: &Notification,
    ) -> bool {
        let now = date(self.now);
        let owner = &mut self.owners[client];
        let made = owner.offers.get(&notification.id).copied().unwrap_or(0);
        if made >= owner.habit.most || !owner.chance.chance(owner.habit.offers) {
            return false;
        }
        owner.offers.insert(notification.id, made + 1);
        let offer = owner.offer(session, notification, now);
        let most = owner.chance.pick(&[1000, 3000, 10_000]);
        let pause = owner.chance.millis(100, most);
        // Some say something else before they hear what became of it.
        let waits = owner.chance.chance(900);
        let answer = Answer::CounterOffer(offer);
        self.owner_replies(
            client,
            session,
            notification,
            notification.plan_revision,
            answer,
            pause,
        );
        waits
    }

    /// An offer that is refused says nothing: the question stands.
    pub(super) fn owner_is_answered(&mut self, client: usize, reply: &Reply, said: &Said) {
        let (Answer::CounterOffer(_), Said::Refused(_)) = (&reply.answer, said) else { return };
        let told = self.owners[client].notifications.get(&reply.notification).cloned();
        // Of a newer one it hears, or has heard.
        let same = |n: &Notification| {
            n.state == NotificationState::Pending && n.plan_revision == reply.plan_revision
        };
        if let Some(notification) = told.filter(same) {
            self.owner_answers(client, reply.session, &notification);
        }
    }
}

impl Owner {
    fn offer(
        &mut self,
        session: SessionId,
        notification: &Notification,
        now: Time,
    ) -> OfferedTerms {
        let mut left: Vec<ServerId> =
            notification.servers.iter().map(|k| k.server.clone()).collect();
        left.sort();
        left.dedup();
        let mut some = Vec::new();
        let count = self.chance.index(left.len()) + 1;
        while some.len() < count && !left.is_empty() {
            some.push(left.remove(self.chance.index(left.len())));
        }
        let kind = self.chance.between(0, 100);
        let mut after = left;
        if kind < 60 {
            // Others of its servers as well.
            let others = self.about.iter().filter(|(_, (of, ..))| *of == session);
            let others = others.map(|(id, _)| id).filter(|id| !some.contains(id));
            let others: Vec<_> = others.filter(|id| !after.contains(id)).cloned().collect();
            after.extend(others.into_iter().filter(|_| self.chance.chance(300)));
        } else {
            after.clear();
        }
        let not_before = (after.is_empty() || kind < 10).then(|| {
            let longest = self.chance.pick(&LONGEST);
            now + self.chance.millis(1000, longest)
        });
        // None are all that is left.
        let servers = if self.chance.chance(250) { Vec::new() } else { some };
        OfferedTerms { servers, not_before, after }
    }
}
