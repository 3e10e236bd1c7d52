//! How many sessions are over, by state: counted now and then. There may be hundreds of thousands, and next to none of them
//! ends between two looks.

use std::sync::{Arc, Mutex, PoisonError};

/// They are counted again after so many looks, whatever happened: other replicas end sessions, too.
const LOOKS: u32 = 30;

/// A count by the name of the state.
pub(super) type Counts = Vec<(String, i64)>;

/// The last count. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Over(Arc<Mutex<Option<Counted>>>);

#[derive(Debug)]
struct Counted {
    /// Those that were not over then: if they are other ones now, some may have ended.
    open: Counts,
    over: Counts,
    looks_left: u32,
}

impl Over {
    /// What was counted last, if it still holds while these are open.
    pub(super) fn known(&self, open: &Counts) -> Option<Counts> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = counted.as_mut().filter(|counted| counted.open == *open)?;
        counted.looks_left = counted.looks_left.checked_sub(1)?;
        Some(counted.over.clone())
    }

    /// So many were counted, while these were open.
    pub(super) fn counted(&self, open: Counts, over: Counts) {
        let counted = Counted { open, over, looks_left: LOOKS };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    }

    /// Some of them went.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(state: &str, count: i64) -> Counts {
        vec![(state.to_owned(), count)]
    }

    #[test]
    fn a_count_holds_for_a_while_and_until_something_changes() {
        let over = Over::default();
        let (open, ended) = (of("RUNNING", 2), of("COMPLETED", 400_000));
        assert_eq!(over.known(&open), None);
        over.counted(open.clone(), ended.clone());
        assert_eq!(over.known(&of("RUNNING", 1)), None, "one ended");
        for _ in 0..LOOKS {
            assert_eq!(over.known(&open), Some(ended.clone()));
        }
        assert_eq!(over.known(&open), None, "it is time");
        over.counted(open.clone(), ended);
        over.forget();
        assert_eq!(over.known(&open), None, "some were deleted");
    }
}
