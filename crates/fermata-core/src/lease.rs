//! When a replica may work on sessions. Each session belongs to one replica at a time, under an epoch that rises
//! with every change of hands; a replica keeps its sessions by a sign of life in the database.
//!
//! Two rules keep two replicas from working on one session:
//!
//! - Every write compares the epoch, so a replica that was replaced cannot write any more.
//! - Nothing is begun in the cloud unless the lease is usable by the replica's own monotonic clock, counted from
//!   when it *asked* for the last renewal, less a margin. The database counts from later on, so the lease is out
//!   here before it is out there.
//!
//! A call that was begun in the last moment of a lease is seen by the next replica, because that waits longer for
//! a trace of it than any lease lasts.

use std::time::Duration;

use crate::broken::{self, Rule};
use crate::machine::SETTLES_AFTER;

/// Time since a process started, by its monotonic clock.
pub type Uptime = Duration;

/// No lease is longer: an unanswered call counts as not made only after every lease under which it may have been
/// made is out.
pub const LONGEST_LEASE: Duration =
    SETTLES_AFTER.unsigned_abs().saturating_sub(Duration::from_secs(2));
/// No lease is shorter: a renewal must have time to come through.
pub const SHORTEST_LEASE: Duration = Duration::from_millis(500);

/// What a replica knows of its own lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    length: Duration,
    asked_at: Option<Uptime>,
}

impl Lease {
    /// A lease of this length that is not held yet.
    pub fn new(length: Duration) -> Self {
        Self { length, asked_at: None }
    }

    /// How long the database keeps it after a renewal.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// Pause between two renewals: several may fail before the lease is out.
    pub fn renew_every(&self) -> Duration {
        self.length / 5
    }

    /// It was granted or renewed; `asked_at` is when that was asked for, before the database heard of it.
    pub fn renewed(&mut self, asked_at: Uptime) {
        self.asked_at = self.asked_at.max(Some(asked_at));
    }

    /// The database has given it to others.
    pub fn lost(&mut self) {
        self.asked_at = None;
    }

    /// Until when something may be begun under it.
    pub fn usable_until(&self) -> Option<Uptime> {
        let margin = self.length / 5;
        self.asked_at.map(|at| at + self.length - margin)
    }

    /// Whether something may be begun under it now.
    pub fn is_usable(&self, now: Uptime) -> bool {
        broken::is(Rule::LeaseMargin) || self.usable_until().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_is_out_here_before_it_is_out_there() {
        let mut lease = Lease::new(SECOND * 5);
        assert!(!lease.is_usable(Duration::ZERO));
        lease.renewed(SECOND * 10);
        assert!(lease.is_usable(SECOND * 10));
        assert_eq!(lease.usable_until(), Some(SECOND * 14));
        assert!(!lease.is_usable(SECOND * 14));
        // An older answer that comes late says nothing new.
        lease.renewed(SECOND * 9);
        assert_eq!(lease.usable_until(), Some(SECOND * 14));
        lease.lost();
        assert!(!lease.is_usable(SECOND * 10));
    }

    #[test]
    fn an_unanswered_call_outlasts_every_lease() {
        assert!(SETTLES_AFTER > LONGEST_LEASE && LONGEST_LEASE > SHORTEST_LEASE);
    }
}
