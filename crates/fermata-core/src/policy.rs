//! What owners say once and for all: policies of servers and of groups. No I/O; who stores them, and who tells of
//! them, is elsewhere.
//!
//! - `server`: what a [`ServerPolicy`] holds; `group`: what a [`GroupPolicy`] holds, and how many members may be
//!   impacted at once
//! - `cloud_groups`: what the cloud says of groups
//! - `merge`: which of several sources counts ([`Policies::of`])
//! - `silence`: what happens to a server whose owner does not answer ([`unanswered`])
//! - `metadata`: policies in the metadata of Nova servers
//! - `check`: everything that is wrong with a policy, at once
//! - `span`: spans of time as people and TOSCA write them

mod check;
mod cloud_groups;
mod group;
mod merge;
pub mod metadata;
mod named;
mod server;
mod silence;
pub mod span;

pub use check::check_chosen_id;
pub use cloud_groups::CloudGroups;
pub use group::{GroupPolicy, MaxImpacted, MinPreserved};
pub use merge::{Effective, InvalidValue, Policies, Source};
pub use named::{Caution, Named};
pub use server::{Field, MigrationType, ServerPolicy, UnexpectedAction};
pub use silence::unanswered;
