//! The Cloud port over OpenStack: Keystone, Nova and Placement.
//!
//! - [`config`]: which cloud, which credentials, which limits
//! - [`cloud`]: the port itself, one function per thing asked of Nova
//! - [`diagnosis`]: what of a cloud can be used
//! - [`keystone`]: whose a token is
//! - `site`: the part of the port that reads everything at once
//! - [`microversion`]: which version of an API each call is pinned to, and the least needed
//! - `identity`: signs in to Keystone, and knows where services are
//! - `transport`: HTTP; `gate`: how much may be asked of an endpoint
//! - `endpoints`: what each call looks like on the wire
//! - `client`: sends a call, with a token that is renewed when Nova refuses it
//! - `paging`: reads a list of Nova's to its end
//! - `knowledge`: what is remembered, so that Nova is asked seldom
//! - `model`: what the answers mean in the domain
//! - `errors`: what may be concluded from a call that did not succeed

mod client;
pub mod cloud;
pub mod config;
pub mod diagnosis;
mod endpoints;
mod errors;
mod gate;
mod identity;
pub mod keystone;
mod knowledge;
pub mod microversion;
mod model;
mod paging;
mod site;
mod transport;

pub use cloud::OpenStackCloud;
pub use config::{Account, CloudSource, ConfigError, HeaderHook, OpenStackConfig};
pub use diagnosis::{Diagnosis, DiagnosisError, Finding, Verdict, diagnose};
pub use keystone::{Keystone, Scope, TokenFacts};
