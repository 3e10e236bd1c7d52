//! The one place that reads the clock. Times are truncated to microseconds, which is what databases keep.

use std::sync::Arc;

use fermata_core::Time;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// The system's clock.
pub fn system() -> Clock {
    Arc::new(now)
}

#[allow(clippy::disallowed_methods, reason = "this is the module that may")]
fn now() -> Time {
    let now = Time::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}
