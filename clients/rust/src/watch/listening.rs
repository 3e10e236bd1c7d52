//! A stream that is listened to, and its silence.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::stream::Stream;
use tokio::time::{Instant, Sleep, sleep};
use tonic::{Status, Streaming};

/// What is heard of a stream.
pub(super) enum Heard<M> {
    /// A message.
    Message(M),
    /// The server ended it.
    End,
    /// An error ended it.
    Error(Status),
    /// Nothing came for so long.
    Silence {
        /// How long.
        after: Duration,
    },
}

/// A stream, with a timer for its silence. The timer is set only when there is nothing to read: a message that is there costs none.
pub(super) struct Listening<M> {
    messages: Streaming<M>,
    /// Runs while `patience` is set.
    silence: Option<Pin<Box<Sleep>>>,
    /// How long the reader that waits now will wait.
    patience: Option<Duration>,
}

impl<M> Listening<M> {
    pub(super) fn to(messages: Streaming<M>) -> Self {
        Self { messages, silence: None, patience: None }
    }

    /// Waits no longer than `patience`, from when there was nothing to read. What the reader does with a message takes as
    /// long as it takes.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, patience: Duration) -> Poll<Heard<M>> {
        if let Poll::Ready(next) = Pin::new(&mut self.messages).poll_next(cx) {
            self.patience = None;
            return Poll::Ready(match next {
                Some(Ok(message)) => Heard::Message(message),
                Some(Err(status)) => Heard::Error(status),
                None => Heard::End,
            });
        }
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(patience)));
        let after = *self.patience.get_or_insert_with(|| {
            silence.as_mut().reset(Instant::now() + patience);
            patience
        });
        silence.as_mut().poll(cx).map(|()| Heard::Silence { after })
    }
}
