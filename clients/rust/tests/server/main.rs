//! The SDK against a server on a simulated cloud: FERMATA_BIN names its program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod killed;
mod owner;
mod program;
mod readme;
mod silent;
