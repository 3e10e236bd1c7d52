//! What a stream is asked to be, and where it begins.

use fermata_core::id::SessionId;
use fermata_proto::v1;
use fermata_store::Topic;

use super::Streamed;
use crate::attendance::Place;
use crate::convert::incoming::Reader;
use crate::error::ServeError;
use crate::parts::Part;
use crate::token::StreamId;

/// What a stream begins with: everything up to a sequence.
pub struct Snapshot<R: Streamed> {
    pub(super) sequence: u64,
    /// Its parts, each with whether it is the last one.
    pub(super) parts: Box<dyn Iterator<Item = (R::Snapshot, bool)> + Send>,
}

impl<R: Streamed> Snapshot<R> {
    /// A snapshot of which `part` makes each part.
    pub fn new<T>(
        sequence: u64,
        parts: impl Iterator<Item = Part<T>> + Send + 'static,
        part: impl Fn(Part<T>) -> R::Snapshot + Send + 'static,
    ) -> Self {
        let parts = parts.map(move |element| {
            let last = element.last;
            (part(element), last)
        });
        Self { sequence, parts: Box::new(parts) }
    }
}

/// What a client asks for.
pub struct Open {
    /// The topic.
    pub topic: Topic,
    /// Only events of this session.
    pub session: Option<SessionId>,
    /// Identity for resume tokens.
    pub id: StreamId,
    /// Where to begin, and how often to send heartbeats.
    pub start: Start,
    /// The subscription that the stream belongs to.
    pub of: Option<OfSubscription>,
}

/// The subscription that a stream belongs to.
pub struct OfSubscription {
    /// Its place among those that are open.
    pub place: Place,
    /// How far its consumer has read; 0: nothing yet.
    pub acknowledged: u64,
}

/// How a client asks a stream to begin.
pub struct Start {
    /// Where.
    pub(super) from: Asked,
    /// Pause between heartbeats; `None`: the server's default.
    pub(super) heartbeat: Option<fermata_core::Duration>,
}

impl Start {
    /// Reads a start; `of_subscription`: the stream belongs to a subscription.
    ///
    /// # Errors
    /// The pause is no duration; or it begins at an acknowledged position, which only streams of subscriptions have.
    pub fn read(
        start: Option<v1::StreamStart>,
        heartbeat: Option<prost_types::Duration>,
        of_subscription: bool,
    ) -> Result<Self, ServeError> {
        let mut reader = Reader::default();
        let heartbeat = reader.span("heartbeat_interval", heartbeat);
        let heartbeat = reader.finish(heartbeat)?;
        Ok(Self { from: Asked::read(start, of_subscription)?, heartbeat })
    }
}

/// Where a client asks a stream to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// With the state as it stands.
    Snapshot,
    /// With what comes.
    Now,
    /// After the position that the subscription acknowledged.
    Acknowledged,
    /// After the message with this token.
    Token(Vec<u8>),
}

impl Asked {
    /// Reads a start; `of_subscription`: the stream belongs to a subscription.
    ///
    /// # Errors
    /// Only streams of subscriptions have an acknowledged position.
    fn read(start: Option<v1::StreamStart>, of_subscription: bool) -> Result<Self, ServeError> {
        use v1::stream_start::Start;
        match start.and_then(|s| s.start) {
            Some(Start::ResumeToken(token)) => Ok(Self::Token(token)),
            Some(Start::Point(point)) => match v1::StreamPoint::try_from(point) {
                Ok(v1::StreamPoint::Now) => Ok(Self::Now),
                Ok(v1::StreamPoint::Acknowledged) if of_subscription => Ok(Self::Acknowledged),
                Ok(v1::StreamPoint::Acknowledged) => Err(ServeError::field(
                    "start.point",
                    "ACKNOWLEDGED is only for Subscribe with a subscription_id; name one, or begin with SNAPSHOT",
                )),
                Ok(v1::StreamPoint::Snapshot | v1::StreamPoint::Unspecified) | Err(_) => {
                    Ok(Self::Snapshot)
                }
            },
            None => Ok(Self::Snapshot),
        }
    }
}
