//! Client of the Fermata contract.
//!
//! | module | job |
//! | --- | --- |
//! | [`channel`] | a connection that notices when its peer is gone |
//! | [`watch`](mod@watch) | the contract's three streams, resumed after whatever cuts them |
//! | [`preview`](mod@preview) | a plan that comes in pieces, put together |
//! | [`error`] | what a `tonic::Status` of Fermata says, as types |
//!
//! Calls are the generated clients in [`fermata_proto::v1`]; this crate adds what they lack.

pub mod channel;
pub mod error;
pub mod preview;
pub mod watch;

pub use channel::{ConnectError, connect, connect_lazy};
pub use error::ErrorDetails;
pub use fermata_proto::v1;
pub use preview::preview;
pub use watch::{
    InParts, Interruption, Position, Watch, WatchCall, WatchItem, WatchOptions, watch,
};
