//! The contract's three streams, resumed after whatever cuts them.
//!
//! [`watch`] opens the stream, passes on what it says, and opens it again after the last message
//! when the server goes away, fails, or falls silent. It gives up only on what trying again cannot
//! mend, such as a session that does not exist.
//!
//! | file | job |
//! | --- | --- |
//! | `call` | what the three streams have in common |
//! | `cursor` | how far a watch has read |
//! | `snapshot` | parts of a snapshot become a whole one |
//! | `recovery` | whether to try again |
//! | `listening` | a stream, and its silence |
//! | `machine` | the states of a watch |

mod call;
mod cursor;
mod listening;
mod machine;
pub(crate) mod recovery;
mod snapshot;

use std::time::Duration;

use crate::channel::Channel;
use futures::stream::BoxStream;
use prost_types::Timestamp;
use thiserror::Error;
use tonic::{Code, Status};

pub use call::{Received, WatchCall, WatchMessage};
pub use snapshot::InParts;

/// A running watch. Every item is `Ok` except perhaps the last: an error ends the watch.
///
/// Dropping a `next()` that has not finished loses nothing.
pub type Watch<C> = BoxStream<
    'static,
    Result<WatchItem<<C as WatchCall>::Snapshot, <C as WatchCall>::Event>, Status>,
>;

/// What a watch says.
#[derive(Debug, Clone)]
pub enum WatchItem<S, E> {
    /// The server has opened the stream: what is known is current, as soon as what follows has been read. It comes before
    /// everything else, and once after each interruption that is over, also where nothing happens then for a long time.
    Connected,
    /// The state as it stands. It replaces everything that was known: the watch began, or what
    /// happened in between is no longer kept.
    Snapshot {
        /// The state, put together from all its parts.
        snapshot: S,
        /// Where in the stream it stands.
        position: Position,
    },
    /// Something happened. Each event comes once, in order.
    Event {
        /// What happened.
        event: E,
        /// Where in the stream it stands.
        position: Position,
    },
    /// The stream was cut; the watch is mending it.
    Interrupted {
        /// What happened.
        error: Interruption,
        /// When it is tried again, from now.
        retry_in: Duration,
    },
}

/// Where in a stream a message stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The database that counts; another one after a restore. Empty for events: it is that of the last snapshot.
    pub store_id: String,
    /// The number of the event; for a snapshot that of the last event in it.
    pub sequence: u64,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// Given as the start of a later watch with the same filter, it goes on after this message.
    pub resume_token: Vec<u8>,
}

/// What cut a stream.
#[derive(Debug, Clone, Error)]
pub enum Interruption {
    /// The server or the connection failed.
    #[error("the stream failed: {}", .0.message())]
    Failed(Status),
    /// The stream ended without a word.
    #[error("the server closed the stream")]
    Closed,
    /// Three heartbeats did not come.
    #[error("the server was silent for {after:?}")]
    Silent {
        /// How long.
        after: Duration,
    },
    /// The server shuts down and asked to come back later.
    #[error("the server is going away")]
    GoingAway,
    /// What happened since the last message is no longer kept, or the server forgot it. A snapshot
    /// follows.
    #[error("events were missed, beginning again with a snapshot: {}", .0.message())]
    Missed(Status),
}

impl Interruption {
    /// The status code of the error. OK if there was no error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Failed(status) | Self::Missed(status) => status.code(),
            Self::Closed | Self::Silent { .. } | Self::GoingAway => Code::Ok,
        }
    }

    /// What happened, for logs and labels: `failed`, `closed`, `silent`, `going_away` or `missed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Failed(_) => "failed",
            Self::Closed => "closed",
            Self::Silent { .. } => "silent",
            Self::GoingAway => "going_away",
            Self::Missed(_) => "missed",
        }
    }
}

/// How patient a watch is.
#[derive(Debug, Clone, Copy)]
pub struct WatchOptions {
    /// The longest wait after the first failure; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait after any failure, unless the server asks for more.
    pub longest_wait: Duration,
    /// How long opening a stream may take.
    pub open_timeout: Duration,
    /// The most bytes that a snapshot may take, all its parts together. A larger one ends the watch with
    /// RESOURCE_EXHAUSTED.
    pub max_snapshot_bytes: usize,
}

impl Default for WatchOptions {
    /// 250 ms, doubling up to 15 s; 10 s to open; 64 MiB.
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(15),
            open_timeout: Duration::from_secs(10),
            max_snapshot_bytes: 64 << 20,
        }
    }
}

/// Watches what `call` asks for: a `SubscribeRequest`, `WatchSessionRequest` or
/// `WatchHostsRequest`, from the start that it names.
///
/// The stream ends, with an error, on what trying again cannot mend: a bad field, a missing
/// session, missing rights, a foreign resume token in `call`.
///
/// ```no_run
/// use fermata_client::v1::WatchSessionRequest;
/// use fermata_client::{WatchItem, WatchOptions, connect, watch};
/// use futures::TryStreamExt;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let channel = connect("http://127.0.0.1:7400").await?;
/// let call = WatchSessionRequest { session_id: "0193…".to_owned(), ..Default::default() };
/// let mut items = watch(channel, call, WatchOptions::default());
/// while let Some(item) = items.try_next().await? {
///     match item {
///         WatchItem::Connected => println!("up to date"),
///         WatchItem::Snapshot { snapshot, .. } => println!("now {snapshot:?}"),
///         WatchItem::Event { event, .. } => println!("then {event:?}"),
///         WatchItem::Interrupted { error, retry_in } => eprintln!("{error}, again in {retry_in:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub fn watch<C: WatchCall>(channel: Channel, call: C, options: WatchOptions) -> Watch<C> {
    machine::Machine::new(channel, call, options).into_stream()
}
