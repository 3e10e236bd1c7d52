//! Waits between tries.

use std::time::Duration;

/// Waits that double, with jitter, so that clients cut at once do not return at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// It works again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait: half fixed, half chance, and no less than `at_least`.
    pub(crate) fn next(&mut self, at_least: Option<Duration>) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let wait = doubled.min(self.longest).mul_f64(rand::random_range(0.5..=1.0));
        wait.max(at_least.unwrap_or_default())
    }
}

impl Default for Backoff {
    /// 250 ms, doubling up to 15 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(15))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(450));
        for longest in [100, 200, 400, 450, 450] {
            let wait = backoff.next(None);
            assert!(wait <= Duration::from_millis(longest), "{wait:?} > {longest} ms");
            assert!(wait >= Duration::from_millis(longest / 2), "{wait:?} < half of {longest} ms");
        }
        backoff.reset();
        assert!(backoff.next(None) <= Duration::from_millis(100));
    }

    #[test]
    fn the_servers_wish_is_kept() {
        let wished = Duration::from_secs(40);
        assert_eq!(Backoff::default().next(Some(wished)), wished);
    }
}
