//! How long moves take: by the memory of the server, corrected by what moves took lately.

use time::Duration;

use super::seconds;
use crate::cloud::MigrationKind;
use crate::solver::{NEVER, Seconds};
use crate::spec::Action;

/// How long moves take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Whatever the size of the server.
    pub overhead: Duration,
    /// Memory that is copied per second, in MiB.
    pub mib_per_second: u64,
    /// How long live migrations take, in percent of what follows from these.
    pub live_percent: u64,
    /// How long cold migrations take, in percent of the same.
    pub cold_percent: u64,
}

/// How long a move took that came through at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Which sort of move.
    pub kind: MigrationKind,
    /// The server's memory.
    pub memory_mib: u64,
    /// From the call until the server was seen to be there; a cold one with its confirmation.
    pub took: Duration,
}

/// So many moves of a sort tell something.
const ENOUGH: usize = 5;
/// No pace is further from the default than this, in percent.
const PERCENT: std::ops::RangeInclusive<u64> = 5..=5_000;

impl Default for Pace {
    /// A network of 10 Gbit/s, used to a half.
    fn default() -> Self {
        Self {
            overhead: Duration::seconds(10),
            mib_per_second: 600,
            live_percent: 100,
            cold_percent: 100,
        }
    }
}

impl Pace {
    /// The pace that moves had lately: of each sort the median of how long they took against the default. The default
    /// where too few are known.
    pub fn measured(moves: &[Measured]) -> Self {
        let percent = |kind: MigrationKind| {
            let of_kind = moves.iter().filter(|m| m.kind == kind);
            let mut ratios: Vec<u64> = of_kind
                .filter_map(|m| {
                    let expected = Self::default().whole(m.memory_mib);
                    let took = u64::try_from(m.took.whole_milliseconds()).ok()?;
                    Some(took.saturating_mul(100) / (u64::from(expected) * 1_000))
                })
                .collect();
            ratios.sort_unstable();
            let median = ratios.get(ratios.len() / 2).copied();
            median
                .filter(|_| ratios.len() >= ENOUGH)
                .map_or(100, |percent| percent.clamp(*PERCENT.start(), *PERCENT.end()))
        };
        Self {
            live_percent: percent(MigrationKind::Live),
            cold_percent: percent(MigrationKind::Cold),
            ..Self::default()
        }
    }

    /// How long what is to happen to a server with so much memory is expected to take.
    pub(super) fn of(self, memory_mib: u64, action: Option<Action>) -> Seconds {
        let percent = match action {
            Some(Action::LiveMigrate) => self.live_percent,
            Some(Action::Migrate) => self.cold_percent,
            Some(Action::OwnAction | Action::Keep) | None => 100,
        };
        let whole = self.whole(memory_mib);
        let scaled = (u64::from(whole) * percent).div_ceil(100);
        Seconds::try_from(scaled).unwrap_or(NEVER)
    }

    fn whole(self, memory_mib: u64) -> Seconds {
        let copy = memory_mib.div_ceil(self.mib_per_second.max(1));
        seconds(self.overhead).max(1).saturating_add(Seconds::try_from(copy).unwrap_or(NEVER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(kind: MigrationKind, took: &[i64]) -> Vec<Measured> {
        let one =
            |seconds: &i64| Measured { kind, memory_mib: 6_000, took: Duration::seconds(*seconds) };
        took.iter().map(one).collect()
    }

    #[test]
    fn moves_are_expected_to_take_what_they_took() {
        // 10 s and 6,000 MiB at 600 MiB/s: 20 s.
        let mut known = moves(MigrationKind::Live, &[40, 41, 39, 40, 4_000]);
        known.extend(moves(MigrationKind::Cold, &[10, 10, 10, 10]));
        let pace = Pace::measured(&known);
        assert_eq!((pace.live_percent, pace.cold_percent), (200, 100), "four are too few");
        known.extend(moves(MigrationKind::Cold, &[10]));
        assert_eq!(Pace::measured(&known).cold_percent, 50);
        assert_eq!(Pace::measured(&[]), Pace::default());
        let endless = moves(MigrationKind::Live, &[1_000_000; 5]);
        assert_eq!(Pace::measured(&endless).live_percent, 5_000);
    }

    #[test]
    fn sorts_of_moves_have_paces_of_their_own() {
        let pace = Pace { live_percent: 50, cold_percent: 200, ..Pace::default() };
        let of = |action| pace.of(6_000, action);
        assert_eq!(of(Some(Action::LiveMigrate)), 10);
        assert_eq!(of(Some(Action::Migrate)), 40);
        assert_eq!((of(Some(Action::Keep)), of(None)), (20, 20));
    }
}
