//! Tokens of OpenID Connect issuers.

mod forged;
pub mod issuer;
mod keys;
mod subjects;

use std::sync::Arc;

use fermata_core::Time;
use fermata_server::clock::Clock;

/// The time of these tests, in seconds since 1970.
const NOW: i64 = 1_900_000_000;

/// Tells that time.
fn clock() -> Clock {
    Arc::new(|| Time::from_unix_timestamp(NOW).unwrap())
}
