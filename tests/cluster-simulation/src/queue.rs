//! What will happen when: the simulation's own scheduler. Of two things at the same moment, the one that was
//! scheduled first happens first, so that one seed gives one history.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

use fermata_core::Time;
use time::macros::datetime;

/// Time since the simulation began: the true time, which nobody in it knows.
pub(crate) type Moment = Duration;

/// When every simulation begins.
const DAWN: Time = datetime!(2026-03-01 08:00 UTC);

/// The true time as a date, which is what the cloud's clock shows.
pub(crate) fn date(at: Moment) -> Time {
    DAWN + at
}

#[derive(Debug)]
struct Entry<E> {
    at: Moment,
    number: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// Events in the order of their times.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    next: u64,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Self { heap: BinaryHeap::new(), next: 0 }
    }

    pub(crate) fn push(&mut self, at: Moment, event: E) {
        let number = self.next;
        self.next += 1;
        self.heap.push(Reverse(Entry { at, number, event }));
    }

    pub(crate) fn pop(&mut self) -> Option<(Moment, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }
}
