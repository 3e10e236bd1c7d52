//! Up to which event everything has been handled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What has been read and is not handled yet, in order, so that memory grows with that only.
#[derive(Debug)]
pub(super) struct Positions {
    most: usize,
    state: Mutex<State>,
    /// Told whenever there may be something to acknowledge.
    pub(super) moved: Notify,
    has_room: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By the order in which they were opened.
    open: BTreeMap<u64, Open>,
    opened: u64,
    last: Option<u64>,
    acknowledged: u64,
}

#[derive(Debug)]
struct Open {
    /// What may be acknowledged while this one is open. `None`: nothing, what came before it is not known.
    before: Option<u64>,
    holders: usize,
}

/// An event, or a snapshot, until it has been handled. One that is dropped without [`Ticket::done`] stays open: its event comes
/// again after the next start.
#[derive(Debug)]
#[must_use]
pub(super) struct Ticket {
    id: u64,
    positions: Arc<Positions>,
}

impl Positions {
    /// Reading pauses with `most` that are open.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            state: Mutex::default(),
            moved: Notify::new(),
            has_room: Notify::new(),
        })
    }

    /// An event was read.
    pub(super) fn event(self: &Arc<Self>, sequence: u64) -> Ticket {
        self.begin(sequence, |_| Some(sequence.saturating_sub(1)))
    }

    /// A snapshot was read. What came before it may still be under way.
    pub(super) fn snapshot(self: &Arc<Self>, sequence: u64) -> Ticket {
        self.begin(sequence, |last| last)
    }

    /// The database is another one: what came before counts no more.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        // Tickets are numbered on, so that an old one closes no new one.
        *state = State { opened: state.opened, ..State::default() };
    }

    /// The position up to which everything has been handled, if the server does not know it yet.
    pub(super) fn to_acknowledge(&self) -> Option<u64> {
        let state = self.lock();
        let handled = state.open.values().next().map_or(state.last, |first| first.before);
        handled.filter(|handled| *handled > state.acknowledged)
    }

    /// The server knows this position.
    pub(super) fn acknowledged(&self, sequence: u64) {
        let mut state = self.lock();
        // A higher one is of another database, which was forgotten meanwhile.
        if state.last.is_some_and(|last| sequence <= last) {
            state.acknowledged = sequence;
        }
    }

    /// Waits until fewer are open than allowed. For one reader.
    pub(super) async fn room(&self) {
        loop {
            // Told before it waits, it does not wait.
            let told = self.has_room.notified();
            if self.lock().open.len() < self.most {
                return;
            }
            told.await;
        }
    }

    fn begin(
        self: &Arc<Self>,
        sequence: u64,
        before: impl FnOnce(Option<u64>) -> Option<u64>,
    ) -> Ticket {
        let mut state = self.lock();
        let (id, before) = (state.opened, before(state.last));
        state.open.insert(id, Open { before, holders: 1 });
        state.opened += 1;
        state.last = Some(sequence);
        Ticket { id, positions: Arc::clone(self) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// One more thing has to be handled.
    pub(super) fn hold(&self) -> Self {
        if let Some(open) = self.positions.lock().open.get_mut(&self.id) {
            open.holders += 1;
        }
        Self { id: self.id, positions: Arc::clone(&self.positions) }
    }

    /// It has been handled.
    pub(super) fn done(self) {
        let mut state = self.positions.lock();
        let Some(open) = state.open.get_mut(&self.id) else { return };
        open.holders -= 1;
        if open.holders == 0 {
            state.open.remove(&self.id);
            drop(state);
            self.positions.moved.notify_one();
            self.positions.has_room.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_position_waits_for_everything_before_it() {
        let positions = Positions::new(10);
        let (four, five, six) = (positions.event(4), positions.event(5), positions.event(6));
        assert_eq!(positions.to_acknowledge(), Some(3));
        six.done();
        four.done();
        assert_eq!(positions.to_acknowledge(), Some(4));
        five.done();
        assert_eq!(positions.to_acknowledge(), Some(6));
        positions.acknowledged(6);
        assert_eq!(positions.to_acknowledge(), None);
    }

    #[test]
    fn what_came_before_the_first_snapshot_is_not_known() {
        let positions = Positions::new(10);
        let snapshot = positions.snapshot(7);
        let question = snapshot.hold();
        snapshot.done();
        assert_eq!(positions.to_acknowledge(), None);
        let later = positions.snapshot(9);
        question.done();
        assert_eq!(positions.to_acknowledge(), Some(7));
        later.done();
        assert_eq!(positions.to_acknowledge(), Some(9));
    }

    #[test]
    fn a_ticket_that_is_dropped_stays_open() {
        let positions = Positions::new(10);
        drop(positions.event(4));
        positions.event(5).done();
        assert_eq!(positions.to_acknowledge(), Some(3));
    }

    #[test]
    fn another_database_counts_anew() {
        let positions = Positions::new(10);
        let old = positions.event(90);
        positions.acknowledged(89);
        positions.forget();
        let new = positions.event(1);
        positions.acknowledged(89);
        old.done();
        assert_eq!(positions.to_acknowledge(), None);
        new.done();
        assert_eq!(positions.to_acknowledge(), Some(1));
    }

    #[test]
    fn reading_pauses_while_too_many_are_open() {
        let positions = Positions::new(2);
        let first = positions.event(1);
        assert!(positions.room().now_or_never().is_some());
        let _second = positions.event(2);
        assert!(positions.room().now_or_never().is_none());
        first.done();
        assert!(positions.room().now_or_never().is_some());
    }
}
