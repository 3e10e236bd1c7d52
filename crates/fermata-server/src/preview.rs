//! Previews are work for a processor, on large sites for many seconds: they are made beside the threads that serve calls,
//! few at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ServeError;

/// So many are made at once.
const AT_ONCE: usize = 2;
/// So long another one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where previews are made.
#[derive(Clone)]
pub struct Previews(Arc<Semaphore>);

impl Default for Previews {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// The turn of one preview.
pub struct Turn {
    _place: OwnedSemaphorePermit,
}

impl Previews {
    /// Waits for a turn.
    ///
    /// # Errors
    /// Others take too long.
    pub async fn turn(&self) -> Result<Turn, ServeError> {
        let place = Arc::clone(&self.0).acquire_owned();
        match tokio::time::timeout(PATIENCE, place).await {
            Ok(Ok(place)) => Ok(Turn { _place: place }),
            Ok(Err(_)) | Err(_) => Err(ServeError::TooManyPreviews { limit: AT_ONCE }),
        }
    }
}

impl Turn {
    /// Makes the preview. Nothing can stop it once it is begun: the turn of a caller that goes away lasts until then.
    pub async fn make<T: Send + 'static>(self, preview: impl FnOnce() -> T + Send + 'static) -> T {
        let work = move || {
            let _turn = self;
            preview()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(preview) => preview,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_later_waits_for_a_turn_but_not_for_ever() {
        let previews = Previews::default();
        let first = previews.turn().await.unwrap();
        let _second = previews.turn().await.unwrap();
        let refused = previews.turn().await.err().unwrap();
        assert!(matches!(refused, ServeError::TooManyPreviews { limit: AT_ONCE }), "{refused}");
        let (third, ()) = tokio::join!(previews.turn(), async { drop(first) });
        assert!(third.is_ok());
    }
}
