//! The domain of Fermata: sessions, decisions and the rules that drive them. No I/O, no clock, no async runtime.
//!
//! - [`actor`]: who asks; [`access`]: whether they may
//! - [`audit`]: what is recorded of what they asked for, and whether it is still as it was recorded
//! - [`spec`]: what an operator asks for, its defaults and its violations
//! - [`limits`]: the most that anybody may ask for; [`text`]: what a text may hold
//! - [`session`]: a session as data, and what can be read off it
//! - [`machine`]: the only place that changes a session
//! - [`problem`]: from a site, policies and a spec to what is to be planned
//! - [`solver`]: the plan of a problem: hosts into waves, servers onto hosts, and when
//! - [`replan`]: the plan of a session under way, and which hosts come next by it
//! - [`policy`]: what owners say once and for all about servers and groups
//! - [`desk`]: what a replica should begin next for a session
//! - [`lease`]: when a replica may work on sessions
//! - [`boundary`]: the hook around everything that lasts; [`broken`]: rules that tests break on purpose
//! - [`reason`]: why something is as it is, for programs and people
//! - [`event`]: what operators, owners and infrastructure are told
//! - [`host_state`]: where a host stands, for all who are told of it
//! - [`scheduling`]: why a host is disabled, and who disabled it
//! - [`cloud`]: the port to a cloud
//! - [`ways`]: what can be done with a server in its status
//! - [`placement`]: what a server needs of a host, and which hosts may have it

pub mod access;
pub mod actor;
pub mod audit;
pub mod boundary;
pub mod broken;
pub mod cloud;
pub mod desk;
pub mod event;
pub mod host_state;
pub mod id;
pub mod lease;
pub mod ledger;
pub mod limits;
pub mod machine;
pub mod placement;
pub mod policy;
pub mod problem;
pub mod quota;
pub mod reason;
pub mod replan;
pub mod scheduling;
pub mod session;
pub mod solver;
pub mod spec;
pub mod text;
pub mod ways;

/// A point in time, in UTC. Stored with microseconds; the clock hands out no finer ones.
pub type Time = time::OffsetDateTime;

/// A time as it is written in texts: RFC 3339.
pub fn rfc3339(at: Time) -> String {
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

pub use time::Duration;
