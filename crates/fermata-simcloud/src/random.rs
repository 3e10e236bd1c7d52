//! Seeded chance that is part of the state, so that a run can be repeated and continued.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::topology::Span;

/// A SplitMix64 generator: eight bytes of state and even enough for delays and ties.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// A delay within `span`, both ends included.
    pub(crate) fn within(&mut self, span: Span) -> Duration {
        let width = span.max_ms.saturating_sub(span.min_ms).saturating_add(1);
        Duration::from_millis(span.min_ms.saturating_add(self.below(width)))
    }
}
