//! What works in the background, task by task: each has a name, is started again after a panic, later each time, and shows
//! when it last did something and what. `/tasks` shows the table, `/readyz?verbose` what is wrong, metrics count.

mod page;

use std::any::Any;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::{Time, broken};
use futures::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::causes::chain;
use crate::clock::Clock;
use crate::telemetry::metrics::Metrics;

/// Pause after the first panic; it doubles with each one that follows soon.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A task that worked for so long has got over its last panic.
const CALM: Duration = Duration::from_secs(60);

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Keeps the lease of this replica.
    Lease,
    /// Takes up sessions and works on them.
    Runner,
    /// Reads the cloud's hosts, tells what changed, and looks for faults of them.
    Hosts,
    /// Looks for events that other replicas logged.
    EventLog,
    /// Reads new events of a topic for its streams; there is one for each topic that somebody reads.
    TopicReader,
    /// Sends hints to other replicas.
    HintsSent,
    /// Hears hints of other replicas.
    HintsHeard,
    /// Tells the database which subscriptions have a stream open.
    Attendance,
    /// Deletes what is older than the retention.
    Retention,
    /// Counts for metrics.
    Figures,
    /// Looks whether this replica can serve calls.
    Readiness,
    /// Reads the file of principals again when it changes.
    Principals,
    /// Asks Keystone again about the tokens of open streams.
    Keystone,
    /// Keeps the keys of issuers fresh, and reads their file again when it changes.
    Oidc,
    /// Reads certificates and keys again when they change.
    Tls,
}

impl Task {
    /// Every task.
    pub const ALL: [Self; 15] = [
        Self::Lease,
        Self::Runner,
        Self::Hosts,
        Self::EventLog,
        Self::TopicReader,
        Self::HintsSent,
        Self::HintsHeard,
        Self::Attendance,
        Self::Retention,
        Self::Figures,
        Self::Readiness,
        Self::Principals,
        Self::Keystone,
        Self::Oidc,
        Self::Tls,
    ];
    /// Their names, in the same order.
    pub const NAMES: &'static [&'static str] = &[
        "lease",
        "runner",
        "hosts",
        "event-log",
        "topic-reader",
        "hints-sent",
        "hints-heard",
        "attendance",
        "retention",
        "figures",
        "readiness",
        "principals",
        "keystone",
        "oidc",
        "tls",
    ];

    /// Its name on pages, in logs and metrics.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What is known of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many run; topics have one each.
    pub running: usize,
    /// How often it was started again after a panic.
    pub restarts: u64,
    /// Its last panic, while it waits to be started again or has done nothing since.
    pub panic: Option<String>,
    /// Its last turn.
    pub last: Option<Turn>,
}

/// One turn of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// When it ended.
    pub at: Time,
    /// What it did, or why it could not.
    pub outcome: Result<String, String>,
}

/// All tasks of this process. Clones share them.
#[derive(Clone)]
pub struct Tasks {
    known: Arc<Mutex<BTreeMap<Task, Standing>>>,
    clock: Clock,
    metrics: Metrics,
}

/// Given to a task, to tell of its turns.
#[derive(Clone)]
pub struct Turns {
    task: Task,
    tasks: Tasks,
}

impl Tasks {
    /// None yet.
    pub fn new(clock: Clock, metrics: Metrics) -> Self {
        Self { known: Arc::default(), clock, metrics }
    }

    /// Runs a task until it returns; after a panic it is started again, unless everything is being stopped.
    pub fn keep<W, F>(&self, task: Task, stop: CancellationToken, work: W) -> JoinHandle<()>
    where
        W: Fn(Turns) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let tasks = self.clone();
        tasks.note(task, |standing| standing.running += 1);
        tokio::spawn(async move {
            tasks.restarting(task, stop, work).await;
            tasks.note(task, |standing| standing.running -= 1);
        })
    }

    async fn restarting<W, F>(&self, task: Task, stop: CancellationToken, work: W)
    where
        W: Fn(Turns) -> F,
        F: Future<Output = ()>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            let turns = Turns { task, tasks: self.clone() };
            let Err(panic) = AssertUnwindSafe(work(turns)).catch_unwind().await else { return };
            if began.elapsed() > CALM {
                pause = FIRST_PAUSE;
            }
            let why = message(panic.as_ref());
            tracing::error!(
                task = task.name(),
                panic = why,
                again_in_s = pause.as_secs_f64(),
                "a background task panicked; it is started again"
            );
            self.metrics.task_restarted(task);
            self.note(task, |standing| {
                standing.restarts += 1;
                standing.panic = Some(why.clone());
            });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// What is known of each task that was started.
    pub fn standings(&self) -> BTreeMap<Task, Standing> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is wrong with the tasks; `None` if nothing is.
    pub fn trouble(&self) -> Option<String> {
        let troubles = self.standings().into_iter().filter_map(|(task, standing)| {
            let panic = standing.panic?;
            Some(format!("{} panicked ({panic}), restarts: {}", task.name(), standing.restarts))
        });
        let troubles: Vec<_> = troubles.collect();
        (!troubles.is_empty()).then(|| troubles.join("; "))
    }

    fn note(&self, task: Task, change: impl FnOnce(&mut Standing)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(known.entry(task).or_default());
    }
}

impl Turns {
    /// Does one turn's work, whose answer says what was done; a failure is logged as `trouble`.
    pub async fn turn<T, E>(&self, trouble: &str, work: impl Future<Output = Result<T, E>>)
    where
        T: Display,
        E: Error,
    {
        assert!(!broken::panics(self.task.name()), "made to panic by a test");
        let outcome = match work.await {
            Ok(done) => Ok(done.to_string()),
            Err(error) => {
                let why = chain(&error);
                tracing::warn!(task = self.task.name(), error = why, "{trouble}");
                Err(format!("{trouble}: {why}"))
            }
        };
        let at = (self.tasks.clock)();
        self.tasks.metrics.task_turned(self.task, at);
        self.tasks.note(self.task, |standing| {
            standing.panic = None;
            standing.last = Some(Turn { at, outcome });
        });
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn tasks() -> Tasks {
        Tasks::new(crate::clock::system(), Metrics::discarded())
    }

    #[test]
    fn names_are_in_order() {
        assert_eq!(Task::ALL.len(), Task::NAMES.len());
        assert!(Task::ALL.iter().enumerate().all(|(at, task)| *task as usize == at));
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_got_over_and_seen() {
        let (tasks, stop, tries) =
            (tasks(), CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let (counted, stopped) = (Arc::clone(&tries), stop.clone());
        let running = tasks.keep(Task::Retention, stop.clone(), move |turns| {
            let (tries, stop) = (Arc::clone(&counted), stopped.clone());
            async move {
                let tried = tries.fetch_add(1, Ordering::SeqCst);
                assert!(tried >= 3, "try {tried}");
                turns.turn("in vain", async { Ok::<_, std::io::Error>("deleted 3 events") }).await;
                stop.cancelled().await;
            }
        });
        let began = Instant::now();
        while tasks.standings()[&Task::Retention].last.is_none() {
            let standing = tasks.standings()[&Task::Retention].clone();
            let trouble = tasks.trouble();
            if standing.restarts > 0 {
                assert!(trouble.unwrap().contains("retention panicked (try "), "{standing:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // 0.2, 0.4 and 0.8 seconds of a clock that only waits.
        assert!(began.elapsed() >= Duration::from_millis(1400), "{:?}", began.elapsed());
        let standing = tasks.standings()[&Task::Retention].clone();
        assert_eq!((standing.restarts, standing.running, &standing.panic), (3, 1, &None));
        assert_eq!(standing.last.unwrap().outcome, Ok("deleted 3 events".to_owned()));
        assert_eq!(tasks.trouble(), None);
        stop.cancel();
        running.await.unwrap();
        assert_eq!(tasks.standings()[&Task::Retention].running, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_panics_all_the_time_ends_when_told() {
        let (tasks, stop) = (tasks(), CancellationToken::new());
        let stopped = stop.clone();
        let running = tasks.keep(Task::Figures, stop.clone(), move |_| {
            let stop = stopped.clone();
            async move {
                assert!(stop.is_cancelled(), "again");
            }
        });
        while tasks.standings()[&Task::Figures].restarts < 10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
        running.await.unwrap();
    }

    #[tokio::test]
    async fn a_failure_is_shown_and_no_panic() {
        let tasks = tasks();
        let failing = tasks.keep(Task::Hosts, CancellationToken::new(), |turns| async move {
            let fails = async { Err::<&str, _>(std::io::Error::other("the cable is cut")) };
            turns.turn("hosts cannot be read", fails).await;
        });
        failing.await.unwrap();
        let standing = tasks.standings()[&Task::Hosts].clone();
        assert_eq!(standing.restarts, 0);
        assert_eq!(
            standing.last.unwrap().outcome,
            Err("hosts cannot be read: the cable is cut".to_owned())
        );
    }
}
