//! The Cloud port over OpenStack: Keystone, Nova and Placement.
//!
//! - [`config`]: which cloud, which credentials, which limits
//! - [`cloud`]: the port itself, one function per thing asked of Nova
//! - [`keystone`]: whose a token is
//! - `site`: the part of the port that reads everything at once
//! - [`microversion`]: which version of an API each call is pinned to, and the least needed
//! - `plugins`: the ways to sign in that a binary must contain
//! - `endpoints`: what each call looks like on the wire
//! - `client`: sends a call, with a token that is renewed when Nova refuses it
//! - `paging`: reads a list of Nova's to its end
//! - `model`: what the answers mean in the domain
//! - `errors`: what may be concluded from a call that did not succeed

mod client;
pub mod cloud;
pub mod config;
mod endpoints;
mod errors;
pub mod keystone;
pub mod microversion;
mod model;
mod paging;
mod plugins;
mod site;

pub use cloud::OpenStackCloud;
pub use config::{Account, CloudSource, ConfigError, HeaderHook, OpenStackConfig};
pub use keystone::{Keystone, Scope, TokenFacts};
