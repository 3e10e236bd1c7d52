//! The Cloud port over OpenStack: Keystone and Nova.
//!
//! - [`config`]: which cloud, which credentials, which limits
//! - [`cloud`]: the port itself, one function per thing asked of Nova
//! - [`microversion`]: which version of Nova's API each call is pinned to, and the least needed
//! - `plugins`: the ways to sign in that a binary must contain
//! - `endpoints`: what each call to Nova looks like on the wire
//! - `client`: sends a call, with a token that is renewed when Nova refuses it
//! - `paging`: reads a list of Nova's to its end
//! - `model`: what Nova's answers mean in the domain
//! - `errors`: what may be concluded from a call that did not succeed

mod client;
pub mod cloud;
pub mod config;
mod endpoints;
mod errors;
pub mod microversion;
mod model;
mod paging;
mod plugins;

pub use cloud::OpenStackCloud;
pub use config::{CloudSource, ConfigError, HeaderHook, OpenStackConfig};
