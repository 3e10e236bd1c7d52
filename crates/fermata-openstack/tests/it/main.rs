//! The adapter against HTTP: a fake Keystone and Nova for what a real one does not do on demand,
//! and, when there is one, a real OpenStack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests may fail as tests do"
)]

mod actions;
mod check;
mod diagnosis;
mod fake;
mod keystone;
mod lab;
mod lists;
mod load;
mod odd;
mod progress;
mod renewal;
mod secrets;
mod signing_in;
mod site;
