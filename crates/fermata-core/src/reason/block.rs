//! Why a host has no wave in the plan although it is to be drained.

use super::{Reason, causes};
use crate::id::HostName;

/// Why a host has no wave, for people and programs.
pub type BlockReason = Reason<BlockCause>;

causes! {
    /// Why a host has no wave.
    BlockCause {
        /// No plan drains it.
        NoPlan,
        /// By a counter-offer it comes after a host that no plan drains.
        AfterBlockedHost,
    }
}

impl BlockReason {
    /// No plan drains it: what is in the way, and what would help.
    pub fn no_plan(why: &str) -> Self {
        Self::new(BlockCause::NoPlan, why)
    }

    /// It comes after a host that no plan drains.
    pub fn after_blocked_host(first: &HostName) -> Self {
        let text = format!("by counter-offer it comes after {first}, which waits for you");
        Self::new(BlockCause::AfterBlockedHost, text)
    }
}
