//! Forgets what nobody may ask for any more: events older than the retention, answers to old requests.

use std::time::Duration;

use fermata_store::Store;
use tokio_util::sync::CancellationToken;

use crate::causes::chain;
use crate::clock::Clock;

const EVERY: Duration = Duration::from_secs(60);
/// Events deleted in one transaction, so that writers wait only a moment.
const BATCH: u64 = 1000;

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// Events, and how long moves took.
    pub events: Duration,
    /// Request ids.
    pub requests: Duration,
}

/// Forgets old things until it is stopped.
pub async fn run(store: Store, clock: Clock, keep: Keep, stopping: CancellationToken) {
    loop {
        let now = clock();
        let before = now - keep.events;
        loop {
            match store.prune_events(before, BATCH).await {
                Ok(pruned) if pruned >= BATCH => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(error = chain(&error), "old events could not be deleted");
                    break;
                }
            }
        }
        if let Err(error) = store.prune_requests(now - keep.requests).await {
            tracing::warn!(error = chain(&error), "old requests could not be deleted");
        }
        if let Err(error) = store.prune_moves(before).await {
            tracing::warn!(error = chain(&error), "old durations of moves could not be deleted");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stopping.cancelled() => return,
        }
    }
}
