//! What one connection holds, and whether its client takes what it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// What one connection holds.
#[derive(Debug)]
pub struct Link {
    /// Places for calls.
    pub calls: Arc<Semaphore>,
    /// Bytes of requests that are not answered yet.
    pub request_bytes: Arc<AtomicUsize>,
    answers: AtomicUsize,
    began: Instant,
    /// When an answer was last asked for more, in milliseconds since the beginning.
    asked: AtomicU64,
    /// When its streams should end, because it is old.
    leave_at: Option<Instant>,
}

/// An answer that is under way.
#[derive(Debug)]
pub struct Answering(Arc<Link>);

impl Link {
    /// A connection that may have so many calls at once, and whose streams end after this time.
    pub fn new(calls: usize, leave_after: Option<Duration>) -> Self {
        let began = Instant::now();
        Self {
            calls: Arc::new(Semaphore::new(calls)),
            request_bytes: Arc::default(),
            answers: AtomicUsize::new(0),
            began,
            asked: AtomicU64::new(0),
            // What is longer than a clock can count lasts for ever.
            leave_at: leave_after.and_then(|after| began.checked_add(after)),
        }
    }

    /// An answer begins.
    pub fn answer(self: &Arc<Self>) -> Answering {
        if self.answers.fetch_add(1, Ordering::Relaxed) == 0 {
            self.note();
        }
        Answering(Arc::clone(self))
    }

    /// When its streams should end, because it is old; `None`: never.
    pub fn leave_at(&self) -> Option<Instant> {
        self.leave_at
    }

    /// How long it has been there.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// How long there has been something to send, and nothing of it was taken; zero: all is well. HTTP/2 asks an answer for
    /// more only when the client has room for it.
    pub fn stalled(&self) -> Duration {
        if self.answers.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        let asked = Duration::from_millis(self.asked.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(asked)
    }

    fn note(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.asked.store(now, Ordering::Relaxed);
    }
}

impl Answering {
    /// It was asked for more.
    pub fn asked(&self) {
        self.0.note();
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_link_is_stalled_while_no_answer_is_asked_for_more() {
        let link = Arc::new(Link::new(1, None));
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(link.stalled(), Duration::ZERO, "there is nothing to take");
        let (first, second) = (link.answer(), link.answer());
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(link.stalled(), Duration::from_secs(5));
        first.asked();
        assert_eq!(link.stalled(), Duration::ZERO, "somebody takes something");
        tokio::time::advance(Duration::from_secs(7)).await;
        drop(first);
        assert_eq!(link.stalled(), Duration::from_secs(7));
        drop(second);
        assert_eq!(link.stalled(), Duration::ZERO);
    }
}
