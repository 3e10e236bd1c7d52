//! The one place that reads the wall clock: what the server says about times is measured by it.

use std::time::{Duration, SystemTime};

use prost_types::Timestamp;
use tokio::time::Instant;

/// Now.
#[allow(clippy::disallowed_methods, reason = "this is the clock module of the SDK")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// The instant of a time of the server's. What is long over is now.
pub(crate) fn instant(time: Timestamp) -> Instant {
    // A deadline that no clock can hold is none that anybody waits for.
    const FAR: Duration = Duration::from_secs(400 * 24 * 3600);
    let left = SystemTime::try_from(time).ok().and_then(|time| time.duration_since(now()).ok());
    Instant::now() + left.unwrap_or_default().min(FAR)
}
