//! The states of a watch, and how one leads to the next.
//!
//! ```text
//! ───▶ Opening ── opened ──▶ Reading ── cut ──▶ Opening, after a wait
//!       │ ▲ │                   │
//!       │ └─┘ failed            │
//!       └── cannot be mended ───┴──▶ Over
//! ```
//!
//! It is polled by hand: a future for each item would be made, moved and dropped for each event.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use fermata_proto::v1::ErrorReason;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{Stream, StreamExt};
use tokio::time;
use tonic::{Status, Streaming};
use tracing::debug;

use crate::backoff::Backoff;
use crate::channel::Channel;
use crate::error::ErrorDetails;
use crate::watch::cursor::{Cursor, Taken};
use crate::watch::listening::{Heard, Listening};
use crate::watch::recovery::{Verdict, judge};
use crate::watch::snapshot::{Gathered, Gathering};
use crate::watch::{Interruption, Watch, WatchCall, WatchItem, WatchMessage, WatchOptions};

/// The states of a watch.
enum State<C: WatchCall> {
    /// A stream is being opened, perhaps after a wait.
    Opening(BoxFuture<'static, Opened<C>>),
    /// A stream is being read.
    Reading(Box<Listening<C::Response>>),
    /// Nothing more comes.
    Over,
}

/// What became of a stream that was to be opened. `None`: it took too long.
type Opened<C> = Option<Result<Streaming<<C as WatchCall>::Response>, Status>>;

type Item<C> = Result<WatchItem<<C as WatchCall>::Snapshot, <C as WatchCall>::Event>, Status>;

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

// Nothing in it is pinned but what is boxed.
impl<C: WatchCall> Unpin for Machine<C> {}

impl<C: WatchCall> Stream for Machine<C> {
    type Item = Item<C>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<C>>> {
        loop {
            let machine = &mut *self;
            let item = match &mut machine.state {
                State::Opening(opening) => {
                    let opened = ready!(opening.poll_unpin(cx));
                    machine.opened(opened)
                }
                State::Reading(listening) => {
                    let patience = machine.cursor.patience();
                    let heard = ready!(listening.poll(cx, patience));
                    machine.heard(heard)
                }
                State::Over => return Poll::Ready(None),
            };
            if item.is_some() {
                return Poll::Ready(item);
            }
        }
    }
}

/// What the caller is told, if anything.
impl<C: WatchCall> Machine<C> {
    pub(super) fn new(channel: Channel, call: C, options: WatchOptions) -> Self {
        let mut machine = Self {
            cursor: Cursor::new(call.start(), call.heartbeat_interval()),
            backoff: Backoff::new(options.first_wait, options.longest_wait),
            gathering: Gathering::new(),
            state: State::Over,
            channel,
            call,
            options,
        };
        machine.open_after(Duration::ZERO);
        machine
    }

    pub(super) fn into_stream(self) -> Watch<C> {
        self.boxed()
    }

    fn open_after(&mut self, wait: Duration) {
        // What there is of a snapshot that was cut is of no use to the next stream.
        self.gathering = Gathering::new();
        let call = self.call.clone().with_start(self.cursor.start());
        let channel = self.channel.clone();
        let timeout = self.options.open_timeout;
        let opening = async move {
            if !wait.is_zero() {
                time::sleep(wait).await;
            }
            let opened = time::timeout(timeout, call.open(channel)).await.ok()?;
            Some(opened.map(tonic::Response::into_inner))
        };
        self.state = State::Opening(opening.boxed());
    }

    fn opened(&mut self, opened: Opened<C>) -> Option<Item<C>> {
        match opened {
            Some(Ok(messages)) => {
                self.state = State::Reading(Box::new(Listening::to(messages)));
                Some(Ok(WatchItem::Connected))
            }
            Some(Err(status)) => Some(self.failed(status)),
            None => Some(self.cut(Interruption::Silent { after: self.options.open_timeout }, None)),
        }
    }

    fn heard(&mut self, heard: Heard<C::Response>) -> Option<Item<C>> {
        match heard {
            Heard::Message(response) => self.take(response),
            Heard::End => Some(self.cut(Interruption::Closed, None)),
            Heard::Error(status) => Some(self.failed(status)),
            Heard::Silence { after } => Some(self.cut(Interruption::Silent { after }, None)),
        }
    }

    fn take(&mut self, response: C::Response) -> Option<Item<C>> {
        self.backoff.reset();
        let mut received = C::read(response);
        if let Some(WatchMessage::Snapshot(part)) = received.message {
            let most = self.options.max_snapshot_bytes;
            let whole = match self.gathering.add(part, most) {
                Gathered::Whole(whole) => whole,
                Gathered::Begun => return None,
                Gathered::Torn => {
                    let torn = Status::unknown("a part of the snapshot is missing");
                    return Some(self.failed(torn));
                }
                Gathered::TooLarge => {
                    let text = format!("the snapshot is larger than {most} bytes");
                    return Some(self.end(Status::resource_exhausted(text)));
                }
            };
            received.message = Some(WatchMessage::Snapshot(whole));
        }
        match self.cursor.take(received) {
            Taken::Item(item) => Some(Ok(item)),
            Taken::Nothing => None,
            // The server spreads its clients itself; jitter would only undo that.
            Taken::Leave { reconnect_after: Some(wait) } => {
                Some(self.wait(Interruption::GoingAway, wait))
            }
            Taken::Leave { reconnect_after: None } => Some(self.cut(Interruption::GoingAway, None)),
        }
    }

    fn failed(&mut self, status: Status) -> Item<C> {
        let ErrorDetails { reason, retry_after: wished, .. } = ErrorDetails::of(&status);
        if reason == Some(ErrorReason::CredentialsExpired) && self.channel.renew() {
            return self.cut(Interruption::Failed(status), wished);
        }
        match judge(&status, self.cursor.has_own_token()) {
            Verdict::GiveUp => self.end(status),
            Verdict::BeginAgain => {
                self.cursor.begin_again();
                self.cut(Interruption::Missed(status), wished)
            }
            Verdict::GoOn => self.cut(Interruption::Failed(status), wished),
        }
    }

    fn cut(&mut self, error: Interruption, wished: Option<Duration>) -> Item<C> {
        let wait = self.backoff.next(wished);
        self.wait(error, wait)
    }

    fn wait(&mut self, error: Interruption, retry_in: Duration) -> Item<C> {
        debug!(%error, ?retry_in, "watch interrupted");
        self.open_after(retry_in);
        Ok(WatchItem::Interrupted { error, retry_in })
    }

    fn end(&mut self, status: Status) -> Item<C> {
        self.state = State::Over;
        Err(status)
    }
}
