//! The only place that reads the time.

use time::{OffsetDateTime, UtcOffset};

/// Tells the time in the zone of whoever reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    offset: UtcOffset,
}

impl Clock {
    /// In this machine's zone; UTC where that cannot be known. Call it before there are threads.
    pub(crate) fn local() -> Self {
        Self { offset: UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC) }
    }

    pub(crate) fn now(self) -> OffsetDateTime {
        utc().to_offset(self.offset)
    }
}

/// The time in no zone in particular.
#[allow(clippy::disallowed_methods, reason = "this is the module that may")]
pub(crate) fn utc() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
