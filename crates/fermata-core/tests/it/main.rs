//! The session's state machine driven through whole sessions, on a small fake cloud and a virtual clock.
//!
//! - [`world`]: the fake cloud, and a driver that does what the server's runner does
//! - [`invariants`]: what must hold after every step, told from what the cloud and the owners saw
//! - [`scenarios`]: the cases of the workflow, one short story each
//! - [`random`]: random worlds, faults, commands, replies and crashes
//! - [`reasons`]: every cause that is shown occurs
//! - [`problem`]: what is to be planned
//! - [`turn`], [`spec`], [`desk`], [`figures`]: the pure functions
//! - [`plans`]: plans of random sites, checked from outside
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "this is test code throughout; clippy sees that only inside #[test]"
)]

mod desk;
mod figures;
mod invariants;
mod plans;
mod problem;
mod random;
mod reasons;
mod scenarios;
mod spec;
mod turn;
mod world;
