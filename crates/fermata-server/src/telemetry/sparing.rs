//! Log lines that callers cause as often as they like: so many at once and so many a second, and the next one says how many were
//! left out. Metrics count them all.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// So many come in a row before any is left out.
const AT_ONCE: f64 = 100.0;
const PER_SECOND: f64 = 10.0;

/// Who may write lines of one kind.
#[derive(Debug)]
pub(crate) struct Sparing(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Lines that may still come.
    left: f64,
    counted: Instant,
    left_out: u64,
}

impl Sparing {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State { left: AT_ONCE, counted: now, left_out: 0 }))
    }

    /// Whether a line may be written, and how many were not before it.
    pub(crate) fn line(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.counted).as_secs_f64();
        state.left = (state.left + passed * PER_SECOND).min(AT_ONCE);
        state.counted = now;
        if state.left < 1.0 {
            state.left_out += 1;
            return None;
        }
        state.left -= 1.0;
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_told_in_a_few_lines_with_its_size() {
        let begin = Instant::now();
        let sparing = Sparing::new(begin);
        let told = (0..5_000).filter(|_| sparing.line(begin).is_some()).count();
        assert_eq!(told, 100);
        assert_eq!(sparing.line(begin + Duration::from_secs(1)), Some(4_900));
        assert_eq!(sparing.line(begin + Duration::from_secs(1)), Some(0));
        let later = begin + Duration::from_secs(3_600);
        let told = (0..200).filter(|_| sparing.line(later).is_some()).count();
        assert_eq!(told, 100, "quiet hours are not saved up");
    }
}
