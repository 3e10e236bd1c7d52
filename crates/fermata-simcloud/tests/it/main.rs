//! Tests of the simulated cloud, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;
mod conformance;
mod faults;
mod fuzz;
mod journal;
mod moves;
mod others;
mod properties;
mod remote;
mod site;
mod state_file;
mod topology;
