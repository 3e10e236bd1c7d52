//! The tables as SeaORM sees them. `migration` makes them; a test holds the two together.
//!
//! Rows have columns for what is searched for, and the rest as JSON text in `body`.
#![allow(unreachable_pub, reason = "SeaORM's derives want public items")]

pub(crate) mod account;
pub(crate) mod audit_chain;
pub(crate) mod audit_record;
pub(crate) mod event;
pub(crate) mod host_state;
pub(crate) mod impact;
pub(crate) mod measured_move;
pub(crate) mod meta;
pub(crate) mod notification;
pub(crate) mod outage;
pub(crate) mod policy;
pub(crate) mod replica;
pub(crate) mod request;
pub(crate) mod session;
pub(crate) mod session_host;
pub(crate) mod session_server;
pub(crate) mod subscription;
pub(crate) mod topic;

#[cfg(test)]
mod tests;
