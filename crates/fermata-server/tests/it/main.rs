//! The server as its clients see it: real gRPC, real SQLite, the simulated cloud.
//!
//! - `harness`, `world`: a server of its own for each test, over a small cloud with faults
//! - `tape`, `refusal`: streams to the byte, errors to the detail; `acts`: what operators and owners do
//! - `shared`: databases on PostgreSQL; `cluster`: several replicas on one; `crash`: a process that ends at each boundary
//! - `hints`: what previews propose, followed
//! - `audit`: random writes of all services, and what becomes of a chain that somebody tampers with
//! - `bounds`: every field of every request beyond its bound; `abuse`: requests that used to stop the server
//! - `door`: every method, called by whom it is not for
//! - the others: tests by subject
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "the helpers of tests may fail as tests do, and look at one case of many"
)]

mod abuse;
mod acts;
mod answers;
mod audit;
mod audit_retention;
mod bounds;
mod cluster;
mod crash;
mod door;
mod errors;
mod faults;
mod first_week;
mod flood;
mod harness;
mod hints;
mod host_states;
mod hosts;
mod limits;
mod log;
mod measured;
mod offers;
mod oidc;
mod outgoing_tls;
mod owners;
mod policies;
mod policies_from_cloud;
mod preview;
mod quotas;
mod readiness;
mod reflection;
mod refusal;
mod replicas;
mod restart;
mod resume;
mod retention;
mod scale_ins;
mod secure;
mod sessions;
mod shared;
mod streams;
mod subscriptions;
mod tape;
mod tasks;
mod web;
mod world;
mod writes;
