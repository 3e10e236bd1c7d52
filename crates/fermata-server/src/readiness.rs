//! Whether this replica can serve calls, for `/readyz` and gRPC health: it has started, its database takes reads and
//! writes, its lease can be used. Looked at twice a second; a change is logged once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::door::Door;

/// Pause between two looks, and how long one may take: together well below two seconds.
const EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(1);

/// How far the start has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    /// On its way, and what it waits for.
    Waiting(String),
    /// Over.
    Done,
    /// It never will be.
    Failed(String),
}

/// One thing that has to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

/// What there is to say of this replica. Clones share it.
#[derive(Clone)]
pub(crate) struct Readiness {
    start: watch::Sender<Start>,
    found: Arc<Mutex<Vec<Check>>>,
    draining: CancellationToken,
}

impl Readiness {
    /// A replica that begins to start.
    pub(crate) fn new(draining: CancellationToken) -> Self {
        let start = watch::Sender::new(Start::Waiting("starting".to_owned()));
        Self { start, found: Arc::default(), draining }
    }

    /// Tells how far the start has come.
    pub(crate) fn started(&self, start: Start) {
        self.start.send_replace(start);
    }

    /// Hears how far the start has come.
    pub(crate) fn start(&self) -> watch::Receiver<Start> {
        self.start.subscribe()
    }

    /// All there is to say. A replica is ready if nothing is wrong.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let start = match &*self.start.borrow() {
            Start::Waiting(why) | Start::Failed(why) => Some(why.clone()),
            Start::Done => None,
        };
        let shutdown = self.draining.is_cancelled().then(|| "the server shuts down".to_owned());
        let mut checks = vec![
            Check { name: "start", trouble: start },
            Check { name: "shutdown", trouble: shutdown },
        ];
        checks.extend(self.found().iter().cloned());
        checks
    }

    /// Looks until the server shuts down, and tells whether the replica is ready each time that changes.
    pub(crate) async fn watch(self, door: Door, tell: impl AsyncFn(bool)) {
        let watching = async {
            let mut start = self.start();
            if start.wait_for(|start| *start == Start::Done).await.is_err() {
                return;
            }
            let Some(app) = door.app() else { return };
            let mut was_ready = true;
            loop {
                *self.found() = look(app).await;
                let troubles: Vec<_> =
                    self.checks().into_iter().filter_map(|check| check.trouble).collect();
                let is_ready = troubles.is_empty();
                if is_ready != was_ready {
                    was_ready = is_ready;
                    if is_ready {
                        tracing::info!("ready again");
                    } else {
                        tracing::warn!(reason = troubles.join("; "), "not ready");
                    }
                    tell(is_ready).await;
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::select! {
            () = watching => {}
            () = self.draining.cancelled() => {}
        }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Vec<Check>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look(app: &App) -> Vec<Check> {
    let probed = tokio::time::timeout(PATIENCE, app.probe()).await;
    let database =
        probed.unwrap_or_else(|_| Err(format!("the database does not answer within {PATIENCE:?}")));
    let lease = !app.has_lease();
    vec![
        Check { name: "database", trouble: database.err() },
        Check {
            name: "lease",
            trouble: lease.then(|| "the lease is out; the database does not renew it".to_owned()),
        },
    ]
}
