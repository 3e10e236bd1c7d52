//! The Cloud port over a simulated cloud that behaves like Nova.
//!
//! [`Sim`] is the cloud itself: plain state that changes only when it is called and told the time.
//! [`SimCloud`] puts it behind the port, with a clock, delays of the API and an optional state file.
//! [`remote`] lets several processes share one.
//!
//! | file | job |
//! | --- | --- |
//! | `topology` | the file that describes a cloud |
//! | `check` | what makes such a file wrong |
//! | `state` | what a simulated cloud remembers |
//! | `start` | how it starts from a topology |
//! | `calls` | the way of every call: time, faults, journal |
//! | `reads` | hosts, servers on a host, progress, the whole site; scheduling on and off |
//! | `actions` | when Nova accepts an action, and what it does at once |
//! | `schedule` | which host a server may move to |
//! | `advance` | how accepted actions end |
//! | `others` | what owners, other operators and fate do |
//! | `faults` | calls that go wrong on demand |
//! | `journal` | what really happened |
//! | `state_file` | a cloud that outlives its process |
//! | `cloud` | the port |
//! | `remote` | one cloud for several processes: it over a socket, and the port at the other end |

mod actions;
mod advance;
mod calls;
mod check;
mod cloud;
mod faults;
mod ids;
mod journal;
mod others;
mod random;
mod reads;
pub mod remote;
mod schedule;
mod start;
mod state;
mod state_file;
mod topology;

pub use actions::Action;
pub use cloud::{Clock, SimCloud};
pub use faults::{BadFault, Fault, FaultKind, Operation};
pub use journal::{Answer, Entry, Event, Outcome};
pub use others::NewServer;
pub use state::{Condition, Sim};
pub use state_file::StateFileError;
pub use topology::{Latencies, Span, Topology, TopologyError};

/// A small telco site as a topology file: six hosts in two zones, two projects, fourteen servers,
/// and delays that let a session over two or three hosts be watched in well under a minute.
pub const SMALL_TELCO_SITE: &str = include_str!("../../../deploy/topologies/small-telco-site.toml");
