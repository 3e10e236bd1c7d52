//! Between the contract's messages and the domain. `incoming` reads what clients send, the others write
//! what they get; `owner` is apart, because nothing of a host or of another project may get into it.

pub mod audit;
pub mod events;
pub mod history;
pub mod host;
pub mod incoming;
pub mod owner;
pub mod plan;
pub mod plan_pieces;
pub mod policy;
pub mod reason;
pub mod report;
pub mod session;

use fermata_core::{Duration, Time};

/// A time for the wire.
pub fn timestamp(at: Time) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

/// A span for the wire.
pub fn span(value: Duration) -> prost_types::Duration {
    prost_types::Duration { seconds: value.whole_seconds(), nanos: value.subsec_nanoseconds() }
}
