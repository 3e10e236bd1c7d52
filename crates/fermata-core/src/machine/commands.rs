//! What an operator asks of a session and of its hosts.

pub(super) mod create;
pub(super) mod host;
pub(super) mod session;
mod update;
