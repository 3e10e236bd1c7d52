//! Waits for conditions.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::testing::{PATIENCE, TestingError};

/// What `condition` gives, once that is something.
///
/// # Errors
/// [`TestingError::Late`] with `what` if it does not come in time; the first error of `condition`.
pub async fn until<T, F, R>(what: &str, mut condition: F) -> Result<T, TestingError>
where
    F: FnMut() -> R,
    R: Future<Output = Result<Option<T>, TestingError>>,
{
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = condition().await? {
            return Ok(value);
        }
        if Instant::now() >= end {
            return Err(TestingError::Late { what: what.to_owned() });
        }
        // Between two looks, not in place of one.
        sleep(Duration::from_millis(20)).await;
    }
}
