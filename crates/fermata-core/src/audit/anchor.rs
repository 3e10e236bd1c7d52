//! Where a chain begins whose oldest records are deleted. What went last is noted beside the chain, and told by a record of the
//! deletion in it, so that the note cannot be moved on to hide that records were removed.

use std::time::Duration;

use super::{Action, Change, Entry, Fault, Head, Record, Resource, hash};
use crate::Time;
use crate::actor::{Role, Who};

/// Who deletes what is older than the retention.
const FERMATA: &str = "fermata";

/// The last record that was deleted, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchor {
    /// That record; records are numbered without a gap from 1, so this is also how many were deleted.
    pub last: Head,
    /// When it was deleted, in microseconds since 1970; 0: nothing was.
    pub at_micros: i64,
}

/// Before which time records are old, if they are kept for `keep`. Whole days (UTC) go at once: each deletion is a record, too, and
/// so there is at most one batch of them a day.
pub fn old_before(now: Time, keep: Duration) -> Option<Time> {
    let before = now.checked_sub(keep.try_into().ok()?)?;
    Some(before.to_offset(time::UtcOffset::UTC).replace_time(time::Time::MIDNIGHT))
}

/// Both ends of a chain, as the database notes them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ends {
    /// What went.
    pub anchor: Anchor,
    /// The last record.
    pub head: Head,
}

impl Ends {
    /// Deletes the records up to `last`: what is noted then, and the record that tells of it.
    pub fn prune(&self, last: Head, store_id: impl ToString, at_micros: i64) -> (Self, Record) {
        let anchor = Anchor { last, at_micros };
        let entry = Entry {
            who: Who::new(FERMATA, Role::Administrator),
            action: Action::PruneAuditRecords,
            resource: Resource::database(store_id),
            detail: anchor.detail(),
            reason: "older than the retention".to_owned(),
        };
        let record = Record::after(&self.head, &entry, Change::default(), at_micros);
        let head = Head { sequence: record.sequence, hash: record.hash.clone() };
        (Self { anchor, head }, record)
    }
}

impl Anchor {
    /// `17:4f52…`, as the record of the deletion has it in its detail.
    fn detail(&self) -> String {
        format!("{}:{}", self.last.sequence, hash::hex(&self.last.hash))
    }
}

/// A walk along a chain, from the oldest record that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    begins_after: Head,
    head: Head,
    /// The last deletion that a record told of: its sequence, its time, its detail.
    pruned: Option<(u64, i64, String)>,
}

impl Walk {
    /// A walk that begins after this record.
    pub fn after(last: Head) -> Self {
        Self { begins_after: last.clone(), head: last, pruned: None }
    }

    /// The record after which it began; with sequence 0 it began at the first one.
    pub fn begins_after(&self) -> &Head {
        &self.begins_after
    }

    /// The last record that it has come to.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Records may be deleted while somebody walks along them: then the walk begins anew after those.
    pub fn meet(&mut self, anchor: &Anchor) {
        if anchor.last.sequence > self.head.sequence {
            *self = Self::after(anchor.last.clone());
        }
    }

    /// Goes on to the next record.
    ///
    /// # Errors
    /// It is not the next one, or not as it was written.
    pub fn follow(&mut self, record: &Record) -> Result<(), Fault> {
        self.head.follow(record)?;
        if record.known_action() == Some(Action::PruneAuditRecords) {
            self.pruned = Some((record.sequence, record.at_micros, record.detail.clone()));
        }
        Ok(())
    }

    /// Compares the ends of the chain with what the database notes of them.
    ///
    /// # Errors
    /// They are not the same.
    pub fn ends(&self, noted: &Ends) -> Result<(), Fault> {
        self.head.is(&noted.head)?;
        let Ends { anchor, .. } = noted;
        match &self.pruned {
            Some((_, at, detail)) if *at == anchor.at_micros && *detail == anchor.detail() => {
                Ok(())
            }
            Some((sequence, ..)) => Err(Fault::AnchorDiffers { sequence: *sequence }),
            None if *anchor == Anchor::default() => Ok(()),
            None => Err(Fault::AnchorUnknown { sequence: anchor.last.sequence }),
        }
    }
}
