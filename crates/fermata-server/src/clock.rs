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
