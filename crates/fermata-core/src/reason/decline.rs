//! Why a counter-offer was declined. No text names a host or another owner: the owner reads it.

use super::{Reason, causes};
use crate::{Time, rfc3339};

/// Why a counter-offer was declined, for people and programs.
pub type DeclineReason = Reason<DeclineCause>;

causes! {
    /// Why a counter-offer was declined.
    DeclineCause {
        /// The servers would come after others with which nothing is going to be done.
        AfterNothing,
        /// The drain of the host has begun and cannot wait.
        DrainBegun,
        /// The session would end after its window.
        WindowExceeded,
        /// Not every host could be drained any more.
        NoPlan,
    }
}

impl DeclineReason {
    /// Nothing is going to be done with what the servers would come after.
    pub fn after_nothing() -> Self {
        let text = "nothing is going to be done with servers that they would come after";
        Self::new(DeclineCause::AfterNothing, text)
    }

    /// The drain has begun.
    pub fn drain_begun() -> Self {
        let text = "the drain of its host has begun and cannot wait so long";
        Self::new(DeclineCause::DrainBegun, text)
    }

    /// The session would end after its window.
    pub fn window_exceeded(ends: Time, window_end: Time) -> Self {
        let text = format!(
            "everything would be over at {} then, and the window ends at {}",
            rfc3339(ends),
            rfc3339(window_end)
        );
        Self::new(DeclineCause::WindowExceeded, text)
    }

    /// No plan drains every host that is drained without the offer.
    pub fn no_plan() -> Self {
        Self::new(DeclineCause::NoPlan, "not every host could be drained then")
    }
}
