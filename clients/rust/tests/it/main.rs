//! The SDK against servers in this process that do what a script says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod channel;
mod etsi;
mod notifications;
mod owner;
mod questions;
mod running;
mod scripted;
#[cfg(feature = "opentelemetry")]
mod telemetry;
mod watch;
