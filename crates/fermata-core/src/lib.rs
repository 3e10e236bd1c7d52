//! The domain of Fermata: sessions, decisions and the rules that drive them. No I/O, no clock, no async runtime.

pub mod cloud;
pub mod id;

/// A point in time, in UTC. Stored with microseconds; the clock hands out no finer ones.
pub type Time = time::OffsetDateTime;
