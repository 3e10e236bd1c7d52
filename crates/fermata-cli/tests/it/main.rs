//! The binary, as people and scripts run it: without a server, and against one in this process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod audit;
mod database;
mod demo;
mod descriptors;
mod disk;
mod errors;
mod first_week;
mod hopeless;
mod hosts;
mod openstack;
mod owners;
mod policies;
mod preview;
mod profiles;
mod run;
mod serve;
mod sessions;
mod sign_in;
mod simulated_cloud;
mod site;
mod tokens;
mod usage;
mod waits;
