//! Deletes what is older than the retention: sessions that are over and what the ledger knows of their time, events, answers to old
//! requests, durations of old moves, audit records.
//! One replica does it for all.

use std::sync::Arc;
use std::time::Duration;

use fermata_core::{Time, audit};
use fermata_store::{Pruned, Space, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::causes::chain;
use crate::engine::journal::trace_in;
use crate::replica::Replica;
use crate::tasks::Turns;

const EVERY: Duration = Duration::from_secs(60);
/// Events deleted in one transaction, so that writers wait only a moment.
const BATCH: u64 = 1000;
/// Sessions deleted in one transaction: some have thousands of rows.
const SESSIONS: u64 = 20;
/// Audit records deleted in one transaction: they are hashed again, while writes that somebody asked for wait.
const RECORDS: u64 = 500;

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// Events, and how long moves took.
    pub events: Duration,
    /// Request ids.
    pub requests: Duration,
    /// Sessions that are over, after their window; impacts and outages of their time.
    pub sessions: Duration,
    /// Audit records; `None`: for ever.
    pub audit: Option<Duration>,
}

/// Deletes old things until it is stopped.
pub async fn run(
    store: Store,
    replica: Arc<Replica>,
    keep: Keep,
    stopping: CancellationToken,
    turns: Turns,
) {
    let noted = async {
        let space = store.space().await?;
        if let Some(Space { total, free, shrinks: false }) = space {
            tracing::info!(
                bytes = total,
                free_bytes = free,
                "the database file was made by an older release and never becomes smaller; stop the server and run \
                 `fermata database vacuum` once to change that"
            );
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = noted.await {
        tracing::debug!(error = chain(&error), "the space in the database is not known");
    }
    loop {
        let pruned = prune(&store, &replica, keep);
        turns.turn("what is older than the retention was not deleted", pruned).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stopping.cancelled() => return,
        }
    }
}

/// Deletes once, and says how much.
async fn prune(store: &Store, replica: &Replica, keep: Keep) -> Result<String, StoreError> {
    if !replica.is_eldest().await? {
        return Ok("nothing: an older replica does it".to_owned());
    }
    let now = (replica.clock())();
    let before = now - keep.events;
    let mut events = 0;
    loop {
        let pruned = store.prune_events(before, BATCH).await?;
        events += pruned;
        if pruned < BATCH {
            break;
        }
    }
    let mut sessions = 0;
    loop {
        let pruned = store.prune_sessions(now - keep.sessions, SESSIONS).await?;
        for Pruned { session: session_id, trace_parent } in &pruned {
            let trace_id = trace_parent.as_deref().and_then(trace_in);
            tracing::info!(%session_id, trace_id, "a session that ended long ago was deleted");
        }
        sessions += pruned.len();
        if pruned.len() < usize::try_from(SESSIONS).unwrap_or(usize::MAX) {
            break;
        }
    }
    store.prune_ledger(now - keep.sessions).await?;
    store.prune_requests(now - keep.requests).await?;
    store.prune_moves(before).await?;
    let records = prune_audit(store, keep.audit, now).await?;
    let given_back = store.give_back().await?;
    if given_back > 0 {
        tracing::info!(bytes = given_back, "the database file became smaller");
    }
    Ok(format!("deleted {events} events and {sessions} sessions; {records}"))
}

/// Deletes audit records, and says how many, or why not.
async fn prune_audit(
    store: &Store,
    keep: Option<Duration>,
    now: Time,
) -> Result<String, StoreError> {
    let mut records = 0;
    if let Some(before) = keep.and_then(|keep| audit::old_before(now, keep)) {
        loop {
            match store.prune_audit(before, RECORDS, now).await? {
                Ok(pruned) => {
                    records += pruned;
                    if pruned < RECORDS {
                        break;
                    }
                }
                Err(fault) => {
                    tracing::error!(%fault, "the audit trail was tampered with; its old records are not deleted");
                    return Ok(format!("{records} audit records, the rest is broken: {fault}"));
                }
            }
        }
    }
    if records > 0 {
        tracing::info!(records, "audit records older than the retention were deleted");
    }
    Ok(format!("{records} audit records"))
}
