//! The network: every message takes its time, and may be lost, doubled, overtaken or kept out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::message::Place;
use crate::random::Random;

/// How bad the network is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Messages in a thousand that are lost.
    pub(crate) lost: u64,
    /// Messages in a thousand that come twice, where that can be.
    pub(crate) doubled: u64,
    /// Messages in a thousand that take much longer.
    pub(crate) late: u64,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    Lost,
    /// The other side cannot be reached, and that is noticed.
    Refused,
    Arrives(Duration),
    Twice(Duration, Duration),
}

/// The network.
#[derive(Debug)]
pub(crate) struct Network {
    random: Random,
    pub(crate) weather: Weather,
    /// Pairs that cannot reach each other, with how often they were cut.
    cuts: BTreeMap<(Place, Place), u32>,
    pub(crate) slow_cloud: u32,
}

impl Network {
    pub(crate) fn new(random: Random, weather: Weather) -> Self {
        Self { random, weather, cuts: BTreeMap::new(), slow_cloud: 0 }
    }

    pub(crate) fn cut(&mut self, a: Place, b: Place) {
        *self.cuts.entry((a.min(b), a.max(b))).or_default() += 1;
    }

    pub(crate) fn mend(&mut self, a: Place, b: Place) {
        if let Some(count) = self.cuts.get_mut(&(a.min(b), a.max(b))) {
            *count = count.saturating_sub(1);
        }
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
        self.slow_cloud = 0;
        self.weather = Weather::default();
    }

    pub(crate) fn is_cut(&self, a: Place, b: Place) -> bool {
        self.cuts.get(&(a.min(b), a.max(b))).is_some_and(|count| *count > 0)
    }

    /// What becomes of a message; `repeats`: it may come twice.
    pub(crate) fn pass(&mut self, from: Place, to: Place, repeats: bool) -> Passage {
        if self.is_cut(from, to) {
            return if self.random.chance(500) { Passage::Refused } else { Passage::Lost };
        }
        if self.random.chance(self.weather.lost) {
            return Passage::Lost;
        }
        let first = self.delay(to);
        if repeats && self.random.chance(self.weather.doubled) {
            return Passage::Twice(first, self.delay(to) + first);
        }
        Passage::Arrives(first)
    }

    fn delay(&mut self, to: Place) -> Duration {
        let usual = match to {
            Place::Cloud => self.random.millis(5, 120),
            Place::Replica(_) | Place::Database | Place::Client(_) => self.random.millis(1, 40),
        };
        if self.slow_cloud > 0 && to == Place::Cloud {
            // Not so long that a call could still come after it was settled that it never will.
            return usual + self.random.millis(500, 8000);
        }
        if self.random.chance(self.weather.late) {
            return usual + self.random.millis(100, 4000);
        }
        usual
    }
}
