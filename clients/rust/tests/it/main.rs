//! The watch against a server in this process that does what a script says.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod scripted;
mod watch;
