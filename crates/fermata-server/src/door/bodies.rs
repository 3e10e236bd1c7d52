//! Requests as they arrive and answers as they are taken: a request has so much time and so many bytes; an answer says that
//! its client takes something of it, and may have a last moment.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tonic::Status;
use tonic::body::Body;

use super::held::Held;
use crate::error::ServeError;
use crate::listener::Answering;
use crate::telemetry::metrics::{Limit, Metrics};

/// An answer is asked for more at least so often, if its client has room for it.
const ASK: Duration = Duration::from_secs(15);

/// A request as it arrives.
pub(super) struct Arriving {
    pub(super) inner: Body,
    pub(super) held: Held,
    pub(super) budgets: Vec<(std::sync::Arc<std::sync::atomic::AtomicUsize>, usize)>,
    pub(super) deadline: Pin<Box<Sleep>>,
    pub(super) timeout: Duration,
    pub(super) metrics: Metrics,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) else {
            ready!(self.deadline.as_mut().poll(cx));
            self.metrics.refused(Limit::SlowRequests);
            let error = ServeError::RequestTooSlow { timeout: self.timeout };
            return Poll::Ready(Some(Err(error.into())));
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && let Err(limit) = self.held.bytes(data.len(), &self.budgets)
        {
            self.metrics.refused(Limit::RequestBytes);
            let error = ServeError::TooManyCalls { scope: "request_bytes", limit };
            return Poll::Ready(Some(Err(error.into())));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer as it is taken.
pub(super) struct Taken {
    inner: Body,
    answering: Answering,
    /// What is held until all of it is taken.
    _held: Option<Held>,
    ask: Pin<Box<Sleep>>,
    /// When it ends by itself.
    last: Option<Last>,
}

/// The last moment of an answer.
pub(super) struct Last {
    at: Pin<Box<Sleep>>,
    status: fn() -> Status,
}

impl Last {
    /// At this time it ends with this status.
    pub(super) fn new(at: Instant, status: fn() -> Status) -> Self {
        Self { at: Box::pin(tokio::time::sleep_until(at)), status }
    }
}

impl Taken {
    pub(super) fn new(
        inner: Body,
        answering: Answering,
        held: Option<Held>,
        last: Option<Last>,
    ) -> Self {
        let ask = Box::pin(tokio::time::sleep(ASK));
        Self { inner, answering, _held: held, ask, last }
    }
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.answering.asked();
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        if let Some(last) = &mut self.last
            && last.at.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err((last.status)())));
        }
        while self.ask.as_mut().poll(cx).is_ready() {
            self.ask.as_mut().reset(Instant::now() + ASK);
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
