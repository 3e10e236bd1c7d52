//! Whether this replica can serve calls, for `/readyz` and gRPC health: it has started, its database takes reads and
//! writes, its lease can be used. Looked at twice a second; a change is logged once.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::door::Door;
use crate::tasks::{Tasks, Turns};
use crate::telemetry::metrics::Metrics;

/// Pause between two looks, and how long one may take: together well below two seconds.
const EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(1);
const _: () = assert!(EVERY.as_millis() + PATIENCE.as_millis() < 2_000);

/// What is looked at.
trait Vital {
    /// Whether the database answers, and takes what is written.
    fn probe(&self) -> impl Future<Output = Result<(), String>> + Send;
    /// Whether this replica may work on sessions.
    fn has_lease(&self) -> bool;
}

impl Vital for App {
    fn probe(&self) -> impl Future<Output = Result<(), String>> + Send {
        App::probe(self)
    }

    fn has_lease(&self) -> bool {
        App::has_lease(self)
    }
}

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
    /// Whether the replica cannot serve calls while something is wrong with it.
    pub is_vital: bool,
}

impl Check {
    fn vital(name: &'static str, trouble: Option<String>) -> Self {
        Self { name, trouble, is_vital: true }
    }

    /// Whether the replica can serve calls, as far as this goes.
    pub fn permits(&self) -> bool {
        self.trouble.is_none() || !self.is_vital
    }
}

/// What there is to say of this replica. Clones share it.
#[derive(Clone)]
pub(crate) struct Readiness {
    start: watch::Sender<Start>,
    found: Arc<Mutex<Vec<Check>>>,
    was_ready: Arc<AtomicBool>,
    draining: CancellationToken,
    tasks: Tasks,
    /// What everybody should know of how it is set up.
    warning: Option<String>,
    metrics: Metrics,
}

impl Readiness {
    /// A replica that begins to start.
    pub(crate) fn new(
        draining: CancellationToken,
        tasks: Tasks,
        warning: Option<String>,
        metrics: Metrics,
    ) -> Self {
        let start = watch::Sender::new(Start::Waiting("starting".to_owned()));
        let was_ready = Arc::new(AtomicBool::new(true));
        let found = Arc::default();
        let readiness = Self { start, found, was_ready, draining, tasks, warning, metrics };
        readiness.record(&readiness.checks());
        readiness
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
        let mut checks = vec![Check::vital("start", start), Check::vital("shutdown", shutdown)];
        checks.extend(self.found().iter().cloned());
        // One that panics is started again, and another replica would panic as well.
        checks.push(Check { name: "tasks", trouble: self.tasks.trouble(), is_vital: false });
        checks.push(Check { name: "access", trouble: self.warning.clone(), is_vital: false });
        checks
    }

    /// Looks until the server shuts down, and tells whether the replica is ready each time that changes.
    pub(crate) async fn watch(self, door: Door, tell: impl AsyncFn(bool), turns: Turns) {
        let watching = async {
            let mut start = self.start();
            if start.wait_for(|start| *start == Start::Done).await.is_err() {
                return;
            }
            let Some(app) = door.app() else { return };
            self.follow(app, &tell, &turns).await;
        };
        tokio::select! {
            () = watching => {}
            () = self.draining.cancelled() => {}
        }
        self.record(&self.checks());
    }

    /// Looks again and again.
    async fn follow(&self, vital: &impl Vital, tell: &impl AsyncFn(bool), turns: &Turns) {
        loop {
            let looked = async { Ok::<_, Infallible>(self.look(vital, tell).await) };
            turns.turn("readiness cannot be looked at", looked).await;
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Looks once, and says what was found.
    async fn look(&self, vital: &impl Vital, tell: &impl AsyncFn(bool)) -> &'static str {
        *self.found() = look(vital).await;
        let checks = self.checks();
        self.record(&checks);
        let not_ready = checks.into_iter().filter(|check| !check.permits());
        let troubles: Vec<_> = not_ready.filter_map(|check| check.trouble).collect();
        let is_ready = troubles.is_empty();
        if is_ready != self.was_ready.swap(is_ready, Ordering::Relaxed) {
            if is_ready {
                tracing::info!("ready again");
            } else {
                tracing::warn!(reason = troubles.join("; "), "not ready");
            }
            tell(is_ready).await;
        }
        if is_ready { "ready" } else { "not ready" }
    }

    fn record(&self, checks: &[Check]) {
        for check in checks {
            self.metrics.ready(check.name, check.trouble.is_none());
        }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Vec<Check>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look(vital: &impl Vital) -> Vec<Check> {
    let probed = tokio::time::timeout(PATIENCE, vital.probe()).await;
    let database =
        probed.unwrap_or_else(|_| Err(format!("the database does not answer within {PATIENCE:?}")));
    let lease =
        (!vital.has_lease()).then(|| "the lease is out; the database does not renew it".to_owned());
    vec![Check::vital("database", database.err()), Check::vital("lease", lease)]
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;
    use crate::tasks::Task;

    /// A database and a lease.
    #[derive(Default)]
    struct Fake {
        hangs: AtomicBool,
        refuses: AtomicBool,
        is_leaseless: AtomicBool,
    }

    impl Vital for Fake {
        async fn probe(&self) -> Result<(), String> {
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.refuses.load(Ordering::Relaxed) { Err("it is full".to_owned()) } else { Ok(()) }
        }

        fn has_lease(&self) -> bool {
            !self.is_leaseless.load(Ordering::Relaxed)
        }
    }

    /// Within two seconds of a clock that only waits, whatever goes wrong and whatever comes back.
    #[tokio::test(start_paused = true)]
    async fn item_12_readiness_follows_database_and_lease_within_two_seconds() {
        let metrics = Metrics::discarded();
        let tasks = Tasks::new(crate::clock::system(), metrics.clone());
        let readiness =
            Readiness::new(CancellationToken::new(), tasks.clone(), None, metrics.clone());
        readiness.started(Start::Done);
        let fake = Arc::new(Fake::default());
        let (told, mut hears) = mpsc::unbounded_channel();
        let (followed, looked_at) = (readiness.clone(), Arc::clone(&fake));
        let stop = CancellationToken::new();
        tasks.keep(Task::Readiness, stop, move |turns| {
            let (readiness, fake, told) = (followed.clone(), Arc::clone(&looked_at), told.clone());
            async move {
                let tell = async move |ready| told.send(ready).unwrap();
                readiness.follow(&*fake, &tell, &turns).await;
            }
        });
        let troubles = [
            (&fake.hangs, "database", "does not answer within 1s"),
            (&fake.refuses, "database", "it is full"),
            (&fake.is_leaseless, "lease", "the lease is out"),
        ];
        for (trouble, name, text) in troubles {
            for is_wrong in [true, false] {
                // Some time between two looks.
                tokio::time::sleep(Duration::from_millis(130)).await;
                let began = Instant::now();
                trouble.store(is_wrong, Ordering::Relaxed);
                assert_eq!(hears.recv().await, Some(!is_wrong), "{text}");
                assert!(began.elapsed() < Duration::from_secs(2), "{text}: {:?}", began.elapsed());
                let checks = readiness.checks();
                let check = checks.iter().find(|check| check.name == name).unwrap();
                let said = check.trouble.as_ref().is_some_and(|said| said.contains(text));
                assert_eq!((said, check.permits()), (is_wrong, !is_wrong), "{check:?}");
            }
        }
    }
}
