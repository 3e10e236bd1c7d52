//! What goes wrong with calls: by a script, else by chance from a seed, else nothing.

use std::collections::{BTreeMap, VecDeque};

use fermata_core::Duration;

/// A small generator of pseudo-random numbers (SplitMix64), so that a world depends on its seed alone.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    /// Whether something happens that happens so often in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }

    /// A span below `most`, in milliseconds.
    pub(crate) fn span(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.whole_milliseconds()).unwrap_or(0);
        Duration::milliseconds(self.below(most + 1).cast_signed())
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is accepted and ends well.
    Works,
    /// It is accepted, and the action fails; the server is as it was.
    Fails,
    /// It is accepted, and the action leaves the server in ERROR.
    Breaks,
    /// It is accepted, and the action never ends.
    Hangs,
    /// It is accepted, and nothing happens.
    Forgotten,
    /// No answer comes. It happens after this time, or never.
    Lost(Option<Duration>),
    /// HTTP 409.
    Conflict,
    /// Refused for good.
    Rejected,
    /// The cloud cannot serve it now.
    Unavailable,
}

/// Outcomes of the calls to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    script: BTreeMap<(String, String), VecDeque<Outcome>>,
    /// How many calls in a thousand go wrong, and the chance that decides.
    pub(crate) chance: Option<(u64, Rng)>,
}

impl Faults {
    /// The next calls of this operation on this target end so.
    pub(crate) fn script(&mut self, op: &str, target: &str, outcomes: &[Outcome]) {
        let key = (op.to_owned(), target.to_owned());
        self.script.entry(key).or_default().extend(outcomes);
    }

    pub(crate) fn next(&mut self, op: &str, target: &str) -> Outcome {
        let key = (op.to_owned(), target.to_owned());
        if let Some(outcome) = self.script.get_mut(&key).and_then(VecDeque::pop_front) {
            return outcome;
        }
        let Some((per_mille, rng)) = &mut self.chance else { return Outcome::Works };
        if !rng.chance(*per_mille) {
            return Outcome::Works;
        }
        match rng.below(9) {
            0 | 1 => Outcome::Fails,
            2 => Outcome::Breaks,
            3 => Outcome::Hangs,
            4 => Outcome::Forgotten,
            5 => Outcome::Lost(None),
            6 => Outcome::Lost(Some(rng.span(Duration::seconds(8)))),
            7 => Outcome::Conflict,
            _ => match rng.below(3) {
                0 => Outcome::Rejected,
                _ => Outcome::Unavailable,
            },
        }
    }
}
