//! SDK of Fermata, the service between those who maintain the hosts of a cloud and those who run servers on them.
//!
//! | module | job |
//! | --- | --- |
//! | [`owner`] | owners of servers (VNFMs): register handlers, and run |
//! | [`answer`] | what an owner answers |
//! | [`operator`] | operators (NFVOs): create a session and follow it to its end |
//! | [`watch`](mod@watch) | the contract's three streams, resumed after whatever cuts them |
//! | [`preview`](mod@preview) | a plan that comes in pieces, put together |
//! | [`channel`] | a connection that notices when its peer is gone, says who calls, and repeats what may be repeated |
//! | [`credentials`] | who calls |
//! | `keystone` (feature) | tokens of an OpenStack's Keystone |
//! | [`error`] | what a `tonic::Status` of Fermata says, as types |
//! | [`etsi`] | notifications as alarms of ETSI NFV |
//! | `testing` (feature) | a server on a simulated cloud, for the tests of owners and operators |
//!
//! Calls are the generated clients in [`v1`]; this crate adds what they lack. The feature `opentelemetry` adds metrics of owners,
//! and the trace context of calls.

mod backoff;
mod clock;
mod signal;
mod trace;

pub mod answer;
pub mod channel;
pub mod credentials;
pub mod error;
pub mod etsi;
#[cfg(feature = "keystone")]
pub mod keystone;
pub mod operator;
pub mod owner;
pub mod preview;
#[cfg(feature = "testing")]
pub mod testing;
pub mod watch;

pub use answer::Answer;
pub use channel::{
    Channel, ConnectError, ConnectOptions, connect, connect_as, connect_lazy, connect_lazy_as,
};
pub use credentials::{Credentials, TokenSource};
pub use error::ErrorDetails;
pub use fermata_proto::v1;
pub use operator::Operator;
pub use owner::{Fallback, HandlerError, Hooks, Owner};
pub use preview::preview;
pub use signal::stop_signal;
pub use watch::{
    InParts, Interruption, Position, Watch, WatchCall, WatchItem, WatchOptions, watch,
};
