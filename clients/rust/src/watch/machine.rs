//! The states of a watch, and how one leads to the next.
//!
//! ```text
//!            ┌──────────── wait is over ───────────┐
//!            ▼                                     │
//! ───▶ Opening ── opened ──▶ Reading ── cut ──▶ Waiting
//!            │ └──────── failed ──────────────────▶│
//!            └─ cannot be mended ─▶ Over ◀─────────┘ (from Reading too)
//! ```

use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use futures::stream::{self, StreamExt};
use tokio::time;
use tonic::{Status, Streaming};
use tracing::debug;

use crate::backoff::Backoff;
use crate::channel::Channel;
use crate::error::ErrorDetails;
use crate::watch::cursor::{Cursor, Taken};
use crate::watch::recovery::{Verdict, judge};
use crate::watch::snapshot::{Gathered, Gathering};
use crate::watch::{Interruption, Watch, WatchCall, WatchItem, WatchMessage, WatchOptions};

/// The states of a watch.
enum State<C: WatchCall> {
    /// A stream is being opened.
    Opening,
    /// A stream is being read.
    Reading(Box<Streaming<C::Response>>),
    /// The next stream is opened after this long.
    Waiting(Duration),
    /// Nothing more comes.
    Over,
}

type Item<C> = Result<WatchItem<<C as WatchCall>::Snapshot, <C as WatchCall>::Event>, Status>;

/// The next state, and what the caller is told on the way.
type Step<C> = (State<C>, Option<Item<C>>);

pub(super) struct Machine<C: WatchCall> {
    channel: Channel,
    call: C,
    options: WatchOptions,
    cursor: Cursor,
    backoff: Backoff,
    /// The parts of a snapshot that is not complete.
    gathering: Gathering<C::Snapshot>,
    state: State<C>,
}

impl<C: WatchCall> Machine<C> {
    pub(super) fn new(channel: Channel, call: C, options: WatchOptions) -> Self {
        Self {
            cursor: Cursor::new(call.start(), call.heartbeat_interval()),
            backoff: Backoff::new(options.first_wait, options.longest_wait),
            gathering: Gathering::new(),
            state: State::Opening,
            channel,
            call,
            options,
        }
    }

    pub(super) fn into_stream(self) -> Watch<C> {
        stream::unfold(self, Self::next).boxed()
    }

    async fn next(mut self) -> Option<(Item<C>, Self)> {
        loop {
            let (state, item) = match std::mem::replace(&mut self.state, State::Over) {
                State::Opening => self.open().await,
                State::Reading(stream) => self.read(stream).await,
                State::Waiting(wait) => {
                    time::sleep(wait).await;
                    (State::Opening, None)
                }
                State::Over => return None,
            };
            self.state = state;
            if let Some(item) = item {
                return Some((item, self));
            }
        }
    }

    async fn open(&mut self) -> Step<C> {
        // What there is of a snapshot that was cut is of no use to the next stream.
        self.gathering = Gathering::new();
        let call = self.call.clone().with_start(self.cursor.start());
        let timeout = self.options.open_timeout;
        match time::timeout(timeout, call.open(self.channel.clone())).await {
            Ok(Ok(response)) => (State::Reading(Box::new(response.into_inner())), None),
            Ok(Err(status)) => self.failed(status),
            Err(_) => self.cut(Interruption::Silent { after: timeout }, None),
        }
    }

    async fn read(&mut self, mut stream: Box<Streaming<C::Response>>) -> Step<C> {
        let patience = self.cursor.patience();
        let response = match time::timeout(patience, stream.message()).await {
            Ok(Ok(Some(response))) => response,
            Ok(Ok(None)) => return self.cut(Interruption::Closed, None),
            Ok(Err(status)) => return self.failed(status),
            Err(_) => return self.cut(Interruption::Silent { after: patience }, None),
        };
        self.backoff.reset();
        let mut received = C::read(response);
        if let Some(WatchMessage::Snapshot(part)) = received.message {
            let most = self.options.max_snapshot_bytes;
            let whole = match self.gathering.add(part, most) {
                Gathered::Whole(whole) => whole,
                Gathered::Begun => return (State::Reading(stream), None),
                Gathered::Torn => {
                    return self.failed(Status::unknown("a part of the snapshot is missing"));
                }
                Gathered::TooLarge => {
                    let text = format!("the snapshot is larger than {most} bytes");
                    return (State::Over, Some(Err(Status::resource_exhausted(text))));
                }
            };
            received.message = Some(WatchMessage::Snapshot(whole));
        }
        match self.cursor.take(received) {
            Taken::Item(item) => (State::Reading(stream), Some(Ok(item))),
            Taken::Nothing => (State::Reading(stream), None),
            // The server spreads its clients itself; jitter would only undo that.
            Taken::Leave { reconnect_after: Some(wait) } => {
                Self::wait(Interruption::GoingAway, wait)
            }
            Taken::Leave { reconnect_after: None } => self.cut(Interruption::GoingAway, None),
        }
    }

    fn failed(&mut self, status: Status) -> Step<C> {
        let ErrorDetails { reason, retry_after: wished, .. } = ErrorDetails::of(&status);
        if reason == Some(ErrorReason::CredentialsExpired) && self.channel.renew() {
            return self.cut(Interruption::Failed(status), wished);
        }
        match judge(&status, self.cursor.has_own_token()) {
            Verdict::GiveUp => (State::Over, Some(Err(status))),
            Verdict::BeginAgain => {
                self.cursor.begin_again();
                self.cut(Interruption::Missed(status), wished)
            }
            Verdict::GoOn => self.cut(Interruption::Failed(status), wished),
        }
    }

    fn cut(&mut self, error: Interruption, wished: Option<Duration>) -> Step<C> {
        Self::wait(error, self.backoff.next(wished))
    }

    fn wait(error: Interruption, retry_in: Duration) -> Step<C> {
        debug!(%error, ?retry_in, "watch interrupted");
        (State::Waiting(retry_in), Some(Ok(WatchItem::Interrupted { error, retry_in })))
    }
}
