//! What a call holds until it is answered: places among the calls, and bytes of its request; and how long it waits for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long a call waits for places, for all of them together: a refusal is of use only if it comes soon.
const PATIENCE: Duration = Duration::from_millis(30);

/// What a call holds. Clones hold the same; it is given back with the last of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Things>);

#[derive(Debug, Default)]
struct Things {
    places: Mutex<Vec<OwnedSemaphorePermit>>,
    bytes: Mutex<Vec<Bytes>>,
    waited: Mutex<Duration>,
}

/// Bytes that are counted somewhere.
#[derive(Debug)]
struct Bytes {
    count: Arc<AtomicUsize>,
    bytes: usize,
}

/// There was no place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPlace;

/// Counts of bytes, each with the most that it may be.
pub(super) type Budgets = [(Arc<AtomicUsize>, usize)];

impl Held {
    /// Takes one of these places, too, after a moment at most.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn place(&self, places: &Arc<Semaphore>) -> Result<(), NoPlace> {
        let place = match Arc::clone(places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => self.wait_for(places).await?,
        };
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        Ok(())
    }

    async fn wait_for(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, NoPlace> {
        let waited = || self.0.waited.lock().unwrap_or_else(PoisonError::into_inner);
        let left = PATIENCE.saturating_sub(*waited());
        let began = Instant::now();
        let place = tokio::time::timeout(left, Arc::clone(places).acquire_owned()).await;
        *waited() += began.elapsed();
        place.ok().and_then(Result::ok).ok_or(NoPlace)
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

    #[tokio::test(start_paused = true)]
    async fn a_call_has_one_patience_for_all_places() {
        let (full, other) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(0)));
        let before = Held::default();
        before.place(&full).await.unwrap();
        let began = Instant::now();
        let held = Held::default();
        let (first, ()) = tokio::join!(held.place(&full), async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(before);
        });
        first.unwrap();
        assert_eq!(held.place(&other).await, Err(NoPlace));
        assert_eq!(held.place(&other).await, Err(NoPlace), "its patience is at its end");
        let waited = began.elapsed();
        let millisecond = Duration::from_millis(1);
        assert!(waited >= PATIENCE && waited <= PATIENCE + 3 * millisecond, "{waited:?}");
    }

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
