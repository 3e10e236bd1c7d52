//! A stream of one topic to one client: a snapshot in parts, then every event, heartbeats, and a word before
//! the server goes away. Nothing is queued: the client's pace pulls events out of the shared tail or the log.

mod places;
mod start;
mod validity;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_proto::{Frame, v1};
use fermata_store::{Store, Topic};
use futures::Stream;
use prost::Message;
use rand::Rng;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

pub use self::places::Places;
pub use self::start::{OfSubscription, Open, Snapshot, Start};

use self::start::Asked;
use self::validity::Validity;
use crate::attendance::{Place, Standing};
use crate::clock::Clock;
use crate::convert::timestamp;
use crate::door::Call;
use crate::error::ServeError;
use crate::hub::{After, Hub, LogEvent, Tail};
use crate::telemetry::metrics::{Metrics, StreamKind, StreamOpen, StreamStart};
use crate::token::{StreamId, Tokens};

/// What a server stream of the contract yields.
pub type Frames = Pin<Box<dyn Stream<Item = Result<Frame, Status>> + Send>>;

/// Shortest pause between heartbeats that a client may ask for.
const SHORTEST_HEARTBEAT: Duration = Duration::from_secs(1);

/// What all streams share.
pub struct Streams {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Makes resume tokens.
    pub tokens: Tokens,
    /// The clock.
    pub clock: Clock,
    /// Figures.
    pub metrics: Metrics,
    /// Ends all streams.
    pub draining: CancellationToken,
    /// Places for streams.
    pub places: Arc<Places>,
    /// Pause between heartbeats, unless the client asks for another.
    pub heartbeat: Duration,
    /// A reader that was live and is this far behind is cut off.
    pub slow_after: Duration,
    /// Reconnects after a shutdown are spread over this.
    pub reconnect_spread: Duration,
}

/// The responses that are streamed.
pub trait Streamed: Message + Default {
    /// The word for this kind of stream in figures.
    const KIND: StreamKind;
    /// A part of its snapshot.
    type Snapshot: 'static;
    /// A part of the snapshot of this store.
    fn snapshot(store_id: String, sequence: u64, time: Time, snapshot: Self::Snapshot) -> Self;
    /// A heartbeat of this store.
    fn heartbeat(store_id: String, sequence: u64, heartbeat: v1::Heartbeat) -> Self;
    /// The word before the server goes away.
    fn going_away(store_id: String, sequence: u64, going_away: v1::GoingAway) -> Self;
}

macro_rules! streamed {
    ($response:ident, $module:ident, $snapshot:ident, $kind:ident) => {
        impl Streamed for v1::$response {
            const KIND: StreamKind = StreamKind::$kind;
            type Snapshot = v1::$snapshot;

            fn snapshot(
                store_id: String,
                sequence: u64,
                time: Time,
                snapshot: v1::$snapshot,
            ) -> Self {
                let message = Some(v1::$module::Message::Snapshot(snapshot));
                let time = Some(timestamp(time));
                Self { store_id, sequence, time, message, ..Default::default() }
            }

            fn heartbeat(store_id: String, sequence: u64, heartbeat: v1::Heartbeat) -> Self {
                let message = Some(v1::$module::Message::Heartbeat(heartbeat));
                Self { store_id, sequence, message, ..Default::default() }
            }

            fn going_away(store_id: String, sequence: u64, going_away: v1::GoingAway) -> Self {
                let message = Some(v1::$module::Message::GoingAway(going_away));
                Self { store_id, sequence, message, ..Default::default() }
            }
        }
    };
}

streamed!(SubscribeResponse, subscribe_response, OwnerSnapshot, Notifications);
streamed!(WatchSessionResponse, watch_session_response, SessionSnapshot, Session);
streamed!(WatchHostsResponse, watch_hosts_response, HostsSnapshot, Hosts);

/// The messages of a snapshot, each encoded when it is sent.
type SnapshotParts = Box<dyn Iterator<Item = SnapshotPart> + Send>;

/// A message of a snapshot.
struct SnapshotPart {
    /// The encoded message.
    body: Bytes,
    /// Whether the snapshot is complete with it.
    last: bool,
}

impl Streams {
    /// The position in a resume token, if it is still kept.
    ///
    /// # Errors
    /// The token is invalid or too old.
    async fn resume(
        &self,
        store: &Store,
        topic: &Topic,
        id: StreamId,
        token: &[u8],
    ) -> Result<u64, ServeError> {
        let sequence = self.tokens.read_resume(id, token)?;
        let bounds = store.bounds(topic).await?;
        if sequence > bounds.last {
            return Err(ServeError::ResumeTokenInvalid);
        }
        if sequence + 1 < bounds.first_kept {
            return Err(ServeError::ResumeTokenExpired { first_kept: bounds.first_kept });
        }
        Ok(sequence)
    }

    /// The position that a subscription acknowledged, if what comes after it is still kept.
    ///
    /// # Errors
    /// It is not.
    async fn acknowledged(
        &self,
        store: &Store,
        topic: &Topic,
        sequence: u64,
    ) -> Result<u64, ServeError> {
        let first_kept = store.bounds(topic).await?.first_kept;
        if sequence + 1 < first_kept {
            return Err(ServeError::AcknowledgedExpired { sequence, first_kept });
        }
        Ok(sequence)
    }

    /// The database whose events are streamed, as messages name it.
    fn store_id(&self) -> String {
        self.tokens.store().to_string()
    }

    fn beat<R: Streamed>(&self, sequence: u64, interval: Duration) -> Bytes {
        let interval = prost_types::Duration::try_from(interval).ok();
        R::heartbeat(self.store_id(), sequence, v1::Heartbeat { interval }).encode_to_vec().into()
    }

    /// Opens a stream for this call, which ends with the credential of its caller. `snapshot` is made if it begins with one.
    ///
    /// # Errors
    /// It cannot begin where it is asked to; too many streams; the database does not answer.
    pub async fn open<R, F>(
        self: &Arc<Self>,
        store: &Store,
        open: Open,
        call: &Call,
        snapshot: impl FnOnce() -> F,
    ) -> Result<Frames, ServeError>
    where
        R: Streamed + 'static,
        F: Future<Output = Result<Snapshot<R>, ServeError>>,
    {
        let Open { topic, session, id, start, of } = open;
        let acknowledged = of.as_ref().map_or(0, |of| of.acknowledged);
        let begin = match start.from {
            Asked::Token(token) => Begin::After(self.resume(store, &topic, id, &token).await?),
            Asked::Now => Begin::Now,
            Asked::Acknowledged if acknowledged > 0 => {
                Begin::After(self.acknowledged(store, &topic, acknowledged).await?)
            }
            Asked::Snapshot | Asked::Acknowledged => Begin::Snapshot(snapshot().await?),
        };
        if self.draining.is_cancelled() {
            return Err(ServeError::ShuttingDown);
        }
        let place = self.places.take(&call.who)?;
        let heartbeat = match start.heartbeat {
            None => self.heartbeat,
            Some(asked) => Duration::try_from(asked)
                .map_err(|_| ServeError::field("heartbeat_interval", "cannot be negative"))?
                .max(SHORTEST_HEARTBEAT),
        };
        let tail = self.hub.open(&topic).await?;
        let head = tail.watch();
        let (start, first, cursor): (_, Option<SnapshotParts>, _) = match begin {
            Begin::Snapshot(Snapshot { sequence, parts }) => {
                let (store_id, time) = (self.store_id(), (self.clock)());
                let parts = parts.map(move |(part, last)| {
                    let message = R::snapshot(store_id.clone(), sequence, time, part);
                    SnapshotPart { body: message.encode_to_vec().into(), last }
                });
                (StreamStart::Snapshot, Some(Box::new(parts)), sequence)
            }
            Begin::After(sequence) => (StreamStart::Resume, None, sequence),
            Begin::Now => {
                let sequence = *head.borrow();
                let whole = SnapshotPart { body: self.beat::<R>(sequence, heartbeat), last: true };
                (StreamStart::Now, Some(Box::new(std::iter::once(whole))), sequence)
            }
        };
        self.metrics.stream_started(R::KIND, start);
        let reader = StreamReader {
            streams: Arc::clone(self),
            _open: self.metrics.stream_opened(R::KIND),
            topic,
            session,
            id,
            of: of.map(|of| of.place),
            credential: Validity::of(call.credential.clone(), (self.clock)()),
            leave_at: call.leave_at,
            tail,
            head,
            queue: VecDeque::new(),
            first,
            cursor,
            live: false,
            heartbeat,
            last_sent: Instant::now(),
            ended: false,
            _place: place,
        };
        Ok(Box::pin(futures::stream::unfold(reader, |mut reader| async move {
            let item = reader.next::<R>().await?;
            Some((item, reader))
        })))
    }
}

/// Waits until something became of the subscription, if the stream has one.
async fn changed(place: Option<&mut Place>) {
    match place {
        Some(place) => place.changed().await,
        None => std::future::pending().await,
    }
}

/// Waits for a moment, if there is one.
async fn moment(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Where a stream begins.
enum Begin<R: Streamed> {
    /// With everything that is there.
    Snapshot(Snapshot<R>),
    /// With a heartbeat, then what comes.
    Now,
    /// After this sequence.
    After(u64),
}

struct StreamReader {
    streams: Arc<Streams>,
    _open: StreamOpen,
    topic: Topic,
    session: Option<SessionId>,
    id: StreamId,
    of: Option<Place>,
    credential: Validity,
    leave_at: Option<Instant>,
    tail: Arc<Tail>,
    head: watch::Receiver<u64>,
    queue: VecDeque<Arc<LogEvent>>,
    /// What comes before the first event.
    first: Option<SnapshotParts>,
    cursor: u64,
    /// The client has had everything there was; from here on it must keep up.
    live: bool,
    heartbeat: Duration,
    last_sent: Instant,
    ended: bool,
    _place: places::Place,
}

impl StreamReader {
    async fn next<R: Streamed>(&mut self) -> Option<Result<Frame, Status>> {
        if self.ended {
            return None;
        }
        if self.credential.is_over() {
            return Some(self.fail(ServeError::CredentialsExpired));
        }
        if let Some(frame) = self.first::<R>() {
            return Some(Ok(frame));
        }
        loop {
            // Its connection is old: the same token goes on with the next one.
            if self.leave_at.is_some_and(|at| at <= Instant::now()) {
                return Some(Ok(self.leave::<R>(Duration::ZERO)));
            }
            match self.of.as_ref().map(Place::standing) {
                None | Some(Standing::Same) => {}
                Some(Standing::Deleted) => {
                    return Some(self.fail(ServeError::SubscriptionNotFound));
                }
                // The same token goes on with the new filter.
                Some(Standing::Changed) => return Some(Ok(self.leave::<R>(Duration::ZERO))),
            }
            while let Some(event) = self.queue.pop_front() {
                self.cursor = event.sequence;
                if self.session.is_none() || event.session == self.session {
                    return Some(self.send::<R>(&event));
                }
            }
            // Marked as seen before the tail is looked at, so that nothing slips between.
            self.head.borrow_and_update();
            match self.tail.after(self.cursor) {
                After::Events(events) => self.queue.extend(events),
                After::Behind => match self.streams.hub.page(&self.topic, self.cursor).await {
                    Ok(page) if page.first().is_some_and(|e| e.sequence == self.cursor + 1) => {
                        self.queue.extend(page);
                    }
                    // What comes next expired before it was read; it is not skipped in silence.
                    Ok(page) => {
                        let kept = page.first().map(|e| e.sequence);
                        let first_kept = kept.unwrap_or_else(|| *self.head.borrow() + 1);
                        return Some(self.fail(ServeError::ResumeTokenExpired { first_kept }));
                    }
                    Err(error) => return Some(self.fail(error.into())),
                },
                // Only sessions end; projects and the infrastructure are there for ever.
                After::Nothing if self.tail.over().is_cancelled() => {
                    return Some(self.fail(ServeError::SessionNotFound));
                }
                After::Nothing => {
                    self.live = true;
                    if let Some(frame) = self.wait::<R>().await {
                        return Some(Ok(frame));
                    }
                    if self.credential.is_over() {
                        return Some(self.fail(ServeError::CredentialsExpired));
                    }
                }
            }
        }
    }

    /// The next message that comes before the first event.
    fn first<R: Streamed>(&mut self) -> Option<Frame> {
        let parts = self.first.as_mut()?;
        if self.streams.draining.is_cancelled() {
            // The client goes elsewhere for the whole of it.
            return Some(Frame { resume_token: Bytes::new(), ..self.going_away::<R>() });
        }
        let Some(SnapshotPart { body, last }) = parts.next() else {
            self.first = None;
            return None;
        };
        let frame = self.frame(body);
        if last {
            self.first = None;
            return Some(frame);
        }
        Some(Frame { resume_token: Bytes::new(), ..frame })
    }

    /// The last word.
    fn going_away<R: Streamed>(&mut self) -> Frame {
        let spread = self.streams.reconnect_spread.as_secs_f64();
        self.leave::<R>(Duration::from_secs_f64(rand::rng().random_range(0.0..=spread)))
    }

    /// Waits for more; gives a frame if there is something to say meanwhile.
    async fn wait<R: Streamed>(&mut self) -> Option<Frame> {
        let streams = Arc::clone(&self.streams);
        tokio::select! {
            biased;
            changed = self.head.changed() => {
                // The sender lives in the tail, which this reader holds.
                if changed.is_err() {
                    self.ended = true;
                }
                None
            }
            () = self.tail.over().cancelled() => None,
            () = changed(self.of.as_mut()) => None,
            () = self.credential.over() => None,
            () = moment(self.leave_at) => None,
            () = streams.draining.cancelled() => Some(self.going_away::<R>()),
            () = tokio::time::sleep_until(self.last_sent + self.heartbeat) => {
                Some(self.frame(streams.beat::<R>(self.cursor, self.heartbeat)))
            }
        }
    }

    /// The last frame: the client is to come back.
    fn leave<R: Streamed>(&mut self, after: Duration) -> Frame {
        self.ended = true;
        let reconnect_after = prost_types::Duration::try_from(after).ok();
        let store_id = self.streams.store_id();
        let body = R::going_away(store_id, self.cursor, v1::GoingAway { reconnect_after });
        self.frame(body.encode_to_vec().into())
    }

    fn send<R: Streamed>(&mut self, event: &LogEvent) -> Result<Frame, Status> {
        let behind = (self.streams.clock)() - event.at;
        let behind = Duration::try_from(behind).unwrap_or_default();
        if self.live && behind > self.streams.slow_after {
            self.streams.metrics.slow_reader_cut(R::KIND);
            return self.fail(ServeError::SlowReader { behind });
        }
        if self.live {
            self.streams.metrics.delivery_delay(R::KIND, behind);
        }
        self.streams.metrics.events_sent(R::KIND, 1);
        Ok(self.frame(event.body.clone()))
    }

    fn fail(&mut self, error: ServeError) -> Result<Frame, Status> {
        self.ended = true;
        Err(error.into())
    }

    fn frame(&mut self, body: Bytes) -> Frame {
        self.last_sent = Instant::now();
        Frame { body, resume_token: self.streams.tokens.resume(self.id, self.cursor) }
    }
}
