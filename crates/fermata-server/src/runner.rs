//! Works on sessions: one task per active session looks at it, makes the calls that are due, reads what it
//! wants to know, and tells the session what came of it. It decides nothing and remembers nothing that
//! matters: every look begins at the session as it stands.

mod calls;
mod drive;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::SessionId;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;

/// How often the database is asked for sessions that nobody works on.
const SCAN: Duration = Duration::from_secs(1);
/// How often this process leaves word that it lives.
const BEAT: Duration = Duration::from_secs(2);

/// What the runner needs.
pub struct Runner {
    /// Applies what happened.
    pub engine: Arc<Engine>,
    /// Pause between two looks at what runs in the cloud.
    pub poll: Duration,
    /// Calls that may be under way in the cloud at once.
    pub calls: Arc<Semaphore>,
    /// Ends the runner; calls under way are finished first.
    pub stopping: CancellationToken,
    /// Sessions that wait because the cloud does not answer.
    pub troubled: Mutex<HashSet<SessionId>>,
    /// Until when somebody was there to work on sessions before this process.
    pub down_since: Option<Time>,
}

impl Runner {
    /// Works until it is stopped, and returns when nothing is under way any more.
    pub async fn run(self) {
        let runner = Arc::new(self);
        let beat = tokio::spawn(Arc::clone(&runner).beat());
        let mut sessions: HashMap<SessionId, JoinHandle<()>> = HashMap::new();
        let mut inherited = true;
        while !runner.stopping.is_cancelled() {
            match runner.engine.store.active_sessions().await {
                Ok(active) => {
                    sessions.retain(|_, task| !task.is_finished());
                    for id in active {
                        sessions.entry(id).or_insert_with(|| {
                            tokio::spawn(drive::run(Arc::clone(&runner), id, inherited))
                        });
                    }
                    inherited = false;
                }
                Err(error) => tracing::warn!(%error, "active sessions cannot be read"),
            }
            tokio::select! {
                () = runner.engine.sessions_changed.notified() => {}
                () = tokio::time::sleep(SCAN) => {}
                () = runner.stopping.cancelled() => {}
            }
        }
        for (_, task) in sessions {
            // A task that panicked has ended, too; its session is recovered at the next start.
            let _ = task.await;
        }
        beat.abort();
        let now = runner.engine.now();
        if let Err(error) = runner.engine.store.beat(now).await {
            tracing::warn!(%error, "the last sign of life could not be written");
        }
    }

    /// Keeps count of sessions that wait for the cloud.
    fn trouble(&self, id: SessionId, waits: bool) {
        let mut troubled = self.troubled.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = if waits { troubled.insert(id) } else { troubled.remove(&id) };
        if changed {
            self.engine.metrics.cloud_trouble(troubled.len() as u64);
        }
    }

    async fn beat(self: Arc<Self>) {
        loop {
            match self.engine.store.sessions_by_state().await {
                Ok(counts) => {
                    for (state, count) in counts {
                        self.engine.metrics.sessions(state, count);
                    }
                }
                Err(error) => tracing::warn!(%error, "sessions cannot be counted"),
            }
            if let Err(error) = self.engine.store.beat(self.engine.now()).await {
                tracing::warn!(%error, "the sign of life could not be written");
            }
            tokio::time::sleep(BEAT).await;
        }
    }
}
