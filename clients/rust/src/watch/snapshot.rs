//! A snapshot comes in parts; the caller gets it whole.

use fermata_proto::v1::{HostsSnapshot, OwnerSnapshot, SessionSnapshot};
use prost::Message;

/// A snapshot that comes in parts.
pub trait InParts {
    /// Which part this is, from 1.
    fn part(&self) -> u32;
    /// Whether this is the last part.
    fn is_last(&self) -> bool;
    /// How much of it there is.
    fn bytes(&self) -> usize;
    /// Adds the next part.
    fn append(&mut self, next: Self);
}

macro_rules! in_parts {
    ($($snapshot:ident: $($list:ident),+;)*) => {$(
        impl InParts for $snapshot {
            fn part(&self) -> u32 {
                self.part
            }

            fn is_last(&self) -> bool {
                self.last
            }

            fn bytes(&self) -> usize {
                self.encoded_len()
            }

            fn append(&mut self, next: Self) {
                self.part = next.part;
                self.last = next.last;
                $(self.$list.extend(next.$list);)+
            }
        }
    )*};
}

in_parts! {
    OwnerSnapshot: servers, notifications;
    SessionSnapshot: hosts;
    HostsSnapshot: hosts;
}

/// What one more part makes of the snapshot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gathered<S> {
    /// All of it is there.
    Whole(S),
    /// More is to come.
    Begun,
    /// A part is missing.
    Torn,
    /// It is larger than the caller wants.
    TooLarge,
}

/// The parts of one snapshot.
#[derive(Debug)]
pub(super) struct Gathering<S> {
    begun: Option<S>,
    bytes: usize,
}

impl<S: InParts> Gathering<S> {
    pub(super) fn new() -> Self {
        Self { begun: None, bytes: 0 }
    }

    /// Adds a part to those before it, of which no more than `most` bytes are kept.
    pub(super) fn add(&mut self, part: S, most: usize) -> Gathered<S> {
        let before = self.begun.as_ref().map_or(0, InParts::part);
        if part.part() != before + 1 {
            return Gathered::Torn;
        }
        self.bytes = self.bytes.saturating_add(part.bytes());
        if self.bytes > most {
            return Gathered::TooLarge;
        }
        let whole = match self.begun.take() {
            None => part,
            Some(mut begun) => {
                begun.append(part);
                begun
            }
        };
        if whole.is_last() {
            self.bytes = 0;
            return Gathered::Whole(whole);
        }
        self.begun = Some(whole);
        Gathered::Begun
    }
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::Host;

    use super::*;

    fn part(part: u32, last: bool, name: &str) -> HostsSnapshot {
        let hosts = vec![Host { name: name.to_owned(), ..Default::default() }];
        HostsSnapshot { part, last, hosts }
    }

    #[test]
    fn parts_become_one_snapshot() {
        let mut gathering = Gathering::new();
        assert_eq!(gathering.add(part(1, false, "a"), 100), Gathered::Begun);
        let Gathered::Whole(whole) = gathering.add(part(2, true, "b"), 100) else {
            panic!("{gathering:?}");
        };
        assert_eq!((whole.part, whole.last, whole.hosts.len()), (2, true, 2));
        assert!(matches!(gathering.add(part(1, true, "c"), 100), Gathered::Whole(_)));
    }

    #[test]
    fn a_part_that_is_missing_is_noticed() {
        let mut gathering = Gathering::new();
        assert_eq!(gathering.add(part(2, true, "b"), 100), Gathered::Torn);
        assert_eq!(gathering.add(part(1, false, "a"), 100), Gathered::Begun);
        assert_eq!(gathering.add(part(3, true, "c"), 100), Gathered::Torn);
    }

    #[test]
    fn it_may_not_grow_beyond_what_the_caller_wants() {
        let mut gathering = Gathering::new();
        let first = part(1, false, "a");
        let most = first.bytes() * 2 - 1;
        assert_eq!(gathering.add(first, most), Gathered::Begun);
        assert_eq!(gathering.add(part(2, true, "b"), most), Gathered::TooLarge);
    }
}
