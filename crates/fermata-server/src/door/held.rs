//! What a call holds until it is answered: places among the calls, and bytes of its request.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

/// What a call holds. Clones hold the same; it is given back with the last of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Things>);

#[derive(Debug, Default)]
struct Things {
    places: Mutex<Vec<OwnedSemaphorePermit>>,
    bytes: Mutex<Vec<Bytes>>,
}

/// Bytes that are counted somewhere.
#[derive(Debug)]
struct Bytes {
    count: Arc<AtomicUsize>,
    bytes: usize,
}

/// Counts of bytes, each with the most that it may be.
pub(super) type Budgets = [(Arc<AtomicUsize>, usize)];

impl Held {
    /// Holds a place, too.
    pub(super) fn place(&self, place: OwnedSemaphorePermit) {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }

    /// Holds so many bytes more, if they fit into all budgets.
    ///
    /// # Errors
    /// The budget into which they do not fit.
    pub(super) fn bytes(&self, bytes: usize, budgets: &Budgets) -> Result<(), usize> {
        let mut held = self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, most) in budgets {
            let before = count.fetch_add(bytes, Ordering::Relaxed);
            held.push(Bytes { count: Arc::clone(count), bytes });
            if before.saturating_add(bytes) > *most {
                return Err(*most);
            }
        }
        Ok(())
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.count.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_held_is_given_back() {
        let (one, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let budgets = [(Arc::clone(&one), 10), (Arc::clone(&all), 25)];
        let (first, second) = (Held::default(), Held::default());
        first.bytes(6, &budgets).unwrap();
        assert_eq!(second.bytes(6, &budgets), Err(10));
        let again = first.clone();
        drop((first, second));
        assert_eq!((one.load(Ordering::Relaxed), all.load(Ordering::Relaxed)), (6, 6));
        drop(again);
        assert_eq!((one.load(Ordering::Relaxed), all.load(Ordering::Relaxed)), (0, 0));
    }
}
