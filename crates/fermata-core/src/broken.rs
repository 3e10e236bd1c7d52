//! Rules that tests break on purpose, one at a time, to show that they would notice. That takes the feature
//! `broken-rules`, which no release has; and there, a rule is broken only on threads that say so.

/// A rule that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A write compares the epoch of the lease under which it was decided.
    Epoch,
    /// A write compares the revision that was read.
    Revision,
    /// A lease is not used past its margin.
    LeaseMargin,
    /// What became of an unanswered call is read before it is made again.
    ReadBeforeResend,
    /// A host is ready after two empty reads, not after one.
    EmptyTwice,
    /// Events are written with the change they tell of.
    EventsWithChange,
    /// A reply to an older plan changes nothing.
    PlanRevision,
    /// Deadlines are moved by outages.
    Outages,
    /// No server is touched before its owner's lead time.
    LeadTime,
    /// No action begins that a group has no room for.
    GroupLimit,
    /// No server is touched before what was agreed by a counter-offer.
    Terms,
}

impl Rule {
    /// Every rule that can be broken.
    pub const ALL: [Self; 11] = [
        Self::Epoch,
        Self::Revision,
        Self::LeaseMargin,
        Self::ReadBeforeResend,
        Self::EmptyTwice,
        Self::EventsWithChange,
        Self::PlanRevision,
        Self::Outages,
        Self::LeadTime,
        Self::GroupLimit,
        Self::Terms,
    ];
}

/// Whether this rule is broken here.
#[cfg(not(feature = "broken-rules"))]
#[inline]
pub fn is(_: Rule) -> bool {
    false
}

/// Whether the background task of this name has to panic now.
#[cfg(not(feature = "broken-rules"))]
#[inline]
pub fn panics(_: &str) -> bool {
    false
}

#[cfg(feature = "broken-rules")]
pub use on_purpose::{Broken, break_rule, is, panic_once, panics};

#[cfg(feature = "broken-rules")]
mod on_purpose {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    use super::Rule;

    thread_local! {
        static BROKEN: Cell<Option<Rule>> = const { Cell::new(None) };
        static PANICS: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    }

    /// Whether this rule is broken on this thread.
    pub fn is(rule: Rule) -> bool {
        BROKEN.get() == Some(rule)
    }

    /// Breaks a rule on this thread until the guard is dropped.
    #[must_use = "the rule is broken as long as the guard lives"]
    pub fn break_rule(rule: Rule) -> Broken {
        BROKEN.set(Some(rule));
        Broken(())
    }

    /// Whether the background task of this name has to panic now; it does so once.
    pub fn panics(task: &str) -> bool {
        PANICS.with_borrow_mut(|tasks| tasks.remove(task))
    }

    /// Makes the background task of this name panic, if it runs on this thread.
    pub fn panic_once(task: &'static str) {
        PANICS.with_borrow_mut(|tasks| tasks.insert(task));
    }

    /// A rule is broken.
    #[derive(Debug)]
    pub struct Broken(());

    impl Drop for Broken {
        fn drop(&mut self) {
            BROKEN.set(None);
        }
    }
}
