//! Client of the Fermata contract.
//!
//! | module | job |
//! | --- | --- |
//! | [`channel`] | a connection that notices when its peer is gone, and says who calls |
//! | [`watch`](mod@watch) | the contract's three streams, resumed after whatever cuts them |
//! | [`preview`](mod@preview) | a plan that comes in pieces, put together |
//! | [`error`] | what a `tonic::Status` of Fermata says, as types |
//!
//! Calls are the generated clients in [`fermata_proto::v1`]; this crate adds what they lack.

pub mod channel;
pub mod error;
pub mod preview;
pub mod watch;

pub use channel::{
    Channel, ConnectError, ConnectOptions, Credentials, connect, connect_as, connect_lazy,
    connect_lazy_as,
};
pub use error::ErrorDetails;
pub use fermata_proto::v1;
pub use preview::preview;
pub use watch::{
    InParts, Interruption, Position, Watch, WatchCall, WatchItem, WatchOptions, watch,
};
