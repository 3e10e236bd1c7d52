//! What one connection holds, and whether its client takes what it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// So many calls may wait until they are admitted or refused before no more is read, and so many when reading goes on. Each
/// takes some kilobytes and a turn of the runtime, and whoever sends calls only would otherwise have thousands in line
/// before everybody else's next step.
const MOST_WAITING: usize = 128;
const FEW_WAITING: usize = MOST_WAITING / 2;

/// What one connection holds.
#[derive(Debug)]
pub struct Link {
    /// Places for calls.
    pub calls: Arc<Semaphore>,
    /// Bytes of requests that are not answered yet.
    pub request_bytes: Arc<AtomicUsize>,
    /// Calls that were read and are neither admitted nor refused yet.
    waiting: AtomicUsize,
    /// Who reads on when fewer wait.
    reader: AtomicWaker,
    answers: AtomicUsize,
    began: Instant,
    /// When an answer was last asked for more, in milliseconds since the beginning.
    asked: AtomicU64,
    /// When its streams should end, because it is old.
    leave_at: Option<Instant>,
}

/// A call that waits until it is admitted or refused.
#[derive(Debug)]
pub struct Waiting(Arc<Link>);

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
            waiting: AtomicUsize::new(0),
            reader: AtomicWaker::new(),
            answers: AtomicUsize::new(0),
            began,
            asked: AtomicU64::new(0),
            // What is longer than a clock can count lasts for ever.
            leave_at: leave_after.and_then(|after| began.checked_add(after)),
        }
    }

    /// A call was read.
    pub fn wait(self: &Arc<Self>) -> Waiting {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        Waiting(Arc::clone(self))
    }

    /// Whether so many calls wait that no more should be read. The reader is woken when it should go on.
    pub fn is_full(&self, cx: &Context<'_>) -> bool {
        let full = || self.waiting.load(Ordering::Acquire) >= MOST_WAITING;
        if !full() {
            return false;
        }
        self.reader.register(cx.waker());
        // They may have been admitted meanwhile.
        full()
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

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::AcqRel) == FEW_WAITING + 1 {
            self.0.reader.wake();
        }
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
    use std::sync::atomic::AtomicBool;
    use std::task::{Wake, Waker};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn no_more_is_read_while_many_calls_wait() {
        let link = Arc::new(Link::new(1, None));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let cx = Context::from_waker(&waker);
        let is_woken = || woken.0.load(Ordering::Relaxed);
        let mut waiting: Vec<_> = (1..MOST_WAITING).map(|_| link.wait()).collect();
        assert!(!link.is_full(&cx));
        waiting.push(link.wait());
        assert!(link.is_full(&cx));
        waiting.truncate(FEW_WAITING + 1);
        assert!(!is_woken(), "not for each that goes");
        waiting.pop();
        assert!(is_woken());
        assert!(!link.is_full(&cx));
    }

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
