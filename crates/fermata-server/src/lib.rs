//! Fermata's gRPC services, session runner, event hub and telemetry.
//!
//! - [`config`]: options, from flags, environment and file
//! - [`about`]: what a process is and works on, as it is told
//! - [`server`]: the start and the end of a process; `assembly`: what works in it
//! - [`database`]: what is done with a database while no server uses it
//! - [`door`]: who calls, and whether they may; `app`: what they may then reach
//! - `services`: the RPCs; `convert` and [`status`] are their languages; [`bounds`]: what fields of requests may hold
//! - `engine`: the only writer of sessions; `runner` works on them
//! - `groups`: what the cloud says of groups, as policies need it
//! - [`tasks`]: what works in the background, and how it is kept going
//! - `replica`: this process among others; `hints`: what they tell each other
//! - `preview`: where plans of sessions that do not exist are made
//! - `hub`, `stream`, `token`: events to subscribers; `attendance`: which subscriptions have a stream open
//! - [`telemetry`]: logs, traces, metrics

pub mod about;
mod app;
mod assembly;
mod attendance;
pub mod bounds;
mod causes;
pub mod clock;
pub mod config;
mod convert;
pub mod database;
pub mod door;
mod engine;
mod error;
#[cfg(test)]
mod fuzz;
mod groups;
mod hints;
mod hub;
pub mod limits;
pub mod listener;
mod parts;
mod preview;
mod projects;
pub mod readiness;
mod replica;
mod requests;
mod retention;
mod runner;
pub mod server;
mod services;
pub mod status;
mod stream;
pub mod tasks;
pub mod telemetry;
pub mod tls;
mod token;

pub use assembly::{Assembly, Parts};
pub use fermata_openstack as openstack;

pub use config::{Config, ConfigError, ServeArgs};
pub use server::{Running, StartError, check, start, start_for};
