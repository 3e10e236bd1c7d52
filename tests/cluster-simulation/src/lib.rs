//! A seeded simulation of whole clusters: replicas, database, cloud, network, owners, an operator. One seed gives
//! exactly one history: time is virtual, chance comes from the seed, and everything happens in one thread, one
//! thing after the other. Replicas run the real core; the cloud is the real simulated one; the database is a fake
//! with the promises of the real store.
//!
//! | file | job |
//! | --- | --- |
//! | `run` | one seed, to its end |
//! | `setup` | the world that a seed stands for |
//! | `world` | all there is; the next event, and to whom it goes |
//! | `queue`, `random` | virtual time and chance |
//! | `message` | what is sent and what happens |
//! | `network` | delays, losses, partitions |
//! | `store` | the fake database |
//! | `replica` | what a replica does |
//! | `client`, `owner`, `operator` | who uses the service |
//! | `fate` | what goes wrong |
//! | `checks` | what must hold |
//! | `counts` | figures |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::large_enum_variant,
    reason = "a simulation is test code: what must not be ends it, most events concern few, and messages live for a moment"
)]

mod checks;
mod client;
mod counts;
mod fate;
mod message;
mod network;
mod operator;
mod owner;
mod queue;
mod random;
mod replica;
mod run;
mod setup;
mod store;
mod world;

pub use checks::Violation;
pub use counts::Counts;
pub use run::{Outcome, Trace, run};
