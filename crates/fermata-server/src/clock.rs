//! The one place that reads clocks. A replica goes by the database's time, as told with its last sign of life, and
//! by its own monotonic clock since then: replicas agree on deadlines however wrong their own clocks are, and a
//! clock that is set does not move a deadline. Times are truncated to microseconds, which is what databases keep.

use std::sync::{Arc, Mutex, PoisonError};

use fermata_core::Time;
use fermata_core::lease::Uptime;
use tokio::time::Instant;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// The clock of this machine.
pub fn system() -> Clock {
    Arc::new(now)
}

#[allow(clippy::disallowed_methods, reason = "this is the module that may")]
fn now() -> Time {
    truncated(Time::now_utc())
}

fn truncated(time: Time) -> Time {
    time.replace_nanosecond(time.microsecond() * 1000).unwrap_or(time)
}

/// The time that all replicas of a database go by.
pub struct ClusterClock {
    started: Instant,
    told: Mutex<Told>,
}

struct Told {
    time: Time,
    at: Instant,
    /// The latest time that was handed out; there is none before it.
    last: Time,
}

impl ClusterClock {
    /// A clock that the database told the time just now.
    pub fn new(time: Time) -> Self {
        let at = Instant::now();
        let time = truncated(time);
        Self { started: at, told: Mutex::new(Told { time, at, last: time }) }
    }

    /// The database told the time.
    pub fn set(&self, time: Time) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.time = time;
        told.at = Instant::now();
    }

    /// Now. Never goes back; it stands still where the database's clock was set back.
    pub fn now(&self) -> Time {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = truncated(told.time + told.at.elapsed());
        told.last = told.last.max(now);
        told.last
    }

    /// Time since this process began, whatever clocks say.
    pub fn uptime(&self) -> Uptime {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Time = Time::UNIX_EPOCH;

    async fn pass(time: Duration) {
        tokio::time::advance(time).await;
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_on_by_itself_in_microseconds() {
        let clock = ClusterClock::new(START + Duration::from_nanos(1_999));
        assert_eq!(clock.now(), START + Duration::from_micros(1));
        pass(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), START + Duration::from_micros(3_000_001));
    }

    #[tokio::test(start_paused = true)]
    async fn it_follows_the_database_but_never_goes_back() {
        let clock = ClusterClock::new(START);
        pass(Duration::from_secs(60)).await;
        clock.set(START + Duration::from_secs(100));
        assert_eq!(clock.now(), START + Duration::from_secs(100));
        pass(Duration::from_secs(5)).await;

        // The database's clock is set back by 50 s: this one stands still until the other one has caught up.
        clock.set(START + Duration::from_secs(55));
        let last = START + Duration::from_secs(100);
        assert_eq!(clock.now(), last);
        pass(Duration::from_secs(45)).await;
        assert_eq!(clock.now(), last);
        pass(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), last + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn its_uptime_is_not_what_clocks_say() {
        let clock = ClusterClock::new(START);
        pass(Duration::from_secs(7)).await;
        clock.set(START + Duration::from_secs(1 << 30));
        assert_eq!(clock.uptime(), Duration::from_secs(7));
        clock.set(START);
        pass(Duration::from_secs(1)).await;
        assert_eq!(clock.uptime(), Duration::from_secs(8));
    }

    #[test]
    fn times_of_this_machine_are_what_databases_keep() {
        let time = system()();
        assert_eq!(time.nanosecond() % 1000, 0);
    }
}
