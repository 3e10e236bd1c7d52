//! Which question is the same one.

use fermata_proto::v1::{CounterOfferState, Notification};

/// A question to one notification: the plan that it describes, and when a counter-offer to it that was declined was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) plan_revision: u64,
    /// In nanoseconds since 1970. 0: nothing was declined.
    declined_ns: i128,
}

impl Key {
    /// The key of a notification that waits for a reply.
    pub(super) fn of(notification: &Notification) -> Self {
        let declined = notification
            .counter_offer
            .as_ref()
            .filter(|offer| offer.state() == CounterOfferState::Declined)
            .and_then(|offer| offer.create_time);
        let declined_ns =
            declined.map_or(0, |at| i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos));
        Self { plan_revision: notification.plan_revision, declined_ns }
    }

    /// The `request_id` of the reply. It is made from the key alone, in each language in the same way, so that one question
    /// never gets two different answers, and an owner may change its language.
    pub(super) fn request_id(&self, notification_id: &str) -> String {
        format!("owner/{notification_id}/{}/{}", self.plan_revision, self.declined_ns)
    }
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::CounterOfferStatus;
    use prost_types::Timestamp;

    use super::*;

    fn with_offer(state: CounterOfferState) -> Notification {
        let create_time = Some(Timestamp { seconds: 1_790_000_000, nanos: 5 });
        let offer = CounterOfferStatus { state: state.into(), create_time, ..Default::default() };
        Notification { plan_revision: 3, counter_offer: Some(offer), ..Default::default() }
    }

    #[test]
    fn a_declined_offer_makes_another_question() {
        let declined = Key::of(&with_offer(CounterOfferState::Declined));
        assert_eq!(declined.request_id("n"), "owner/n/3/1790000000000000005");
        for state in [CounterOfferState::Planning, CounterOfferState::Accepted] {
            assert_eq!(Key::of(&with_offer(state)).request_id("n"), "owner/n/3/0");
        }
    }
}
