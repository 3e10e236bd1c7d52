//! Works on the sessions that this replica holds: one task per session looks at it, makes the calls that are due,
//! reads what it wants to know, and tells the session what came of it. It decides nothing and remembers nothing
//! that matters: every look begins at the session as it stands.
//!
//! Sessions that nobody works on are taken over. One that cannot be worked on is let go, for a while or for
//! another replica, and holds up no other.

mod calls;
mod drive;
mod faults;
mod hosts;
mod plan;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::cloud::Cloud;
use fermata_core::id::{HostName, SessionId};
use fermata_core::session::{Figures, Session};
use fermata_store::{Hint, ReplicaId, Store, StoreError, SubscriptionQuery, Tenure};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::causes::chain;
use crate::engine::Engine;
use crate::engine::journal::trace_of_creator;
use crate::hints::Outbound;
use crate::replica::{Replica, Right};
use crate::tasks::{Task, Tasks, Turns};
use crate::telemetry::metrics::Metrics;

/// How often the database is asked for sessions that nobody works on.
const SCAN: Duration = Duration::from_millis(500);
/// Sessions taken over at once, so that several replicas share what another one left.
const ADOPT: u64 = 16;
/// How often figures are read.
const FIGURES: Duration = Duration::from_secs(2);
/// How often subscriptions are counted.
const SUBSCRIPTIONS: Duration = Duration::from_secs(6);
/// A subscription counts as connected if a stream of it was seen open so recently.
const CONNECTED: Duration = Duration::from_secs(120);
/// Longest time that a session which cannot be worked on is left alone.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What the runner needs.
pub struct Runner {
    /// Applies what happened.
    pub engine: Arc<Engine>,
    /// The database.
    pub store: Store,
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// This process among others.
    pub replica: Arc<Replica>,
    /// Where other replicas are told what was let go.
    pub hints: Arc<Outbound>,
    /// Figures.
    pub metrics: Metrics,
    /// Pause between two looks at what runs in the cloud.
    pub poll: Duration,
    /// Pause between two looks at the cloud's hosts.
    pub poll_hosts: Duration,
    /// Calls that may be under way in the cloud at once.
    pub calls: Arc<Semaphore>,
    /// Held from reading the site until a session has its plan, so that the next plan knows of it.
    pub planning: tokio::sync::Mutex<()>,
    /// Ends the runner; calls under way are finished first.
    pub stopping: CancellationToken,
    /// The sessions that it works on, as they stand.
    pub standing: Mutex<HashMap<SessionId, Arc<Session>>>,
    /// Hosts whose compute service did not report when all were last read.
    pub down: Mutex<Arc<BTreeSet<HostName>>>,
    /// What it works on; a runner that is started again goes on with it.
    pub work: tokio::sync::Mutex<Work>,
    /// What works in the background.
    pub tasks: Tasks,
}

/// How the work on a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The session is over or gone, or in other hands.
    Over,
    /// The runner is being stopped.
    Stopped,
    /// It cannot be worked on.
    Stuck,
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Stopped => "stopped",
            Self::Stuck => "stuck",
        }
    }
}

/// A session that cannot be worked on.
struct Rest {
    strikes: u32,
    until: Instant,
}

/// What one runner works on.
#[derive(Default)]
pub struct Work {
    tasks: HashMap<SessionId, (u64, JoinHandle<Ending>)>,
    resting: HashMap<SessionId, Rest>,
}

impl Runner {
    /// Works until it is stopped, and returns when nothing is under way any more.
    pub async fn run(self: Arc<Self>) {
        let stop = &self.stopping;
        let mut started = Vec::new();
        for task in [Task::Runner, Task::Hosts, Task::Figures] {
            let runner = Arc::clone(&self);
            started.push(
                self.tasks.keep(task, stop.clone(), move |turns| {
                    Arc::clone(&runner).work_on(task, turns)
                }),
            );
        }
        for task in started {
            let _ = task.await;
        }
        for (_, (_, task)) in std::mem::take(&mut self.work.lock().await.tasks) {
            // A task that panicked has ended, too; its session is recovered by the next replica.
            let _ = task.await;
        }
    }

    /// One part of the work, until the runner is stopped.
    async fn work_on(self: Arc<Self>, task: Task, turns: Turns) {
        if task == Task::Runner {
            return self.follow(&turns).await;
        }
        let working = async {
            if task == Task::Hosts {
                hosts::watch(&self, &turns).await;
            } else {
                self.figures(&turns).await;
            }
        };
        tokio::select! {
            () = working => {}
            () = self.stopping.cancelled() => {}
        }
    }

    /// Takes up sessions and notes which ones are over; what it has begun it does before it stops.
    async fn follow(self: &Arc<Self>, turns: &Turns) {
        while !self.stopping.is_cancelled() {
            turns.turn("sessions cannot be looked for", self.look()).await;
            tokio::select! {
                () = self.engine.sessions_changed() => {}
                () = tokio::time::sleep(SCAN) => {}
                () = self.stopping.cancelled() => {}
            }
        }
    }

    /// Looks once, and says at how many it works.
    async fn look(self: &Arc<Self>) -> Result<String, StoreError> {
        let mut work = self.work.lock().await;
        self.collect(&mut work).await;
        let Some(replica) = self.replica.alive() else {
            return Ok("nothing without a lease".to_owned());
        };
        self.take_up(replica, &mut work).await?;
        Ok(format!("sessions it works on: {}", work.tasks.len()))
    }

    /// Takes over what nobody works on, and begins to work on all that this replica holds. Tasks whose session another
    /// replica changed, ended or took over are woken: a hint of it may have been lost, and they sleep until something is due.
    async fn take_up(
        self: &Arc<Self>,
        replica: ReplicaId,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let store = self.replica.store();
        let now = Instant::now();
        let resting = |id: &SessionId| work.resting.get(id).is_some_and(|rest| rest.until > now);
        let except: Vec<_> = work.resting.keys().copied().filter(|id| resting(id)).collect();
        loop {
            let adopted = store.adopt(replica, ADOPT, &except).await?;
            for Tenure { session: id, epoch, .. } in &adopted {
                // One that cannot be read is taken over all the same.
                let session = store.load(*id).await.ok().flatten();
                let trace_id = session.as_ref().and_then(trace_of_creator);
                tracing::info!(session_id = %id, epoch, trace_id, "session taken over");
            }
            self.metrics.adopted(adopted.len() as u64);
            if (adopted.len() as u64) < ADOPT {
                break;
            }
        }
        // Until it is seen that nothing has changed.
        let mut changed: BTreeSet<_> = work.tasks.keys().copied().collect();
        for Tenure { session: id, epoch, revision } in store.tenures(replica).await? {
            match work.tasks.get(&id) {
                Some((since, _)) if *since == epoch => {
                    if self.seen(id).is_none_or(|seen| seen == revision) {
                        changed.remove(&id);
                    }
                }
                // The task of an earlier tenure has to end first.
                Some(_) => {}
                None if resting(&id) => {}
                None => {
                    let right = Right { replica, session: id, epoch };
                    let task = tokio::spawn(drive::run(Arc::clone(self), right));
                    work.tasks.insert(id, (epoch, task));
                }
            }
        }
        self.engine.look(&Hint { sessions: changed, ..Hint::default() });
        self.metrics.sessions_held(work.tasks.len() as u64, except.len() as u64);
        Ok(())
    }

    /// Notes which tasks have ended. What cannot be worked on is let go, longer each time.
    async fn collect(&self, work: &mut Work) {
        let ended: Vec<_> = work
            .tasks
            .iter()
            .filter(|(_, (_, task))| task.is_finished())
            .map(|(id, _)| *id)
            .collect();
        for id in ended {
            let Some((_, task)) = work.tasks.remove(&id) else { continue };
            let trace_id = self.trace_id(id);
            match task.await.unwrap_or(Ending::Stuck) {
                Ending::Over | Ending::Stopped => {
                    work.resting.remove(&id);
                }
                Ending::Stuck => {
                    let strikes = work.resting.get(&id).map_or(0, |rest| rest.strikes);
                    let rest = Duration::from_secs(1 << strikes.min(6)).min(LONGEST_REST);
                    let until = Instant::now() + rest;
                    work.resting.insert(id, Rest { strikes: strikes + 1, until });
                    tracing::error!(session_id = %id, rest_s = rest.as_secs(), trace_id, "the session cannot be worked on");
                    self.engine.forget(id);
                    self.let_go(id).await;
                }
            }
            self.stands(id, None);
        }
    }

    /// Lets go of a session, so that another replica can take it up.
    async fn let_go(&self, id: SessionId) {
        match self.store.release(self.replica.id(), id).await {
            Ok(()) => self.hints.orphans(),
            Err(error) => {
                let trace_id = self.trace_id(id);
                tracing::warn!(session_id = %id, error = chain(&error), trace_id, "the session was not let go")
            }
        }
    }

    /// Keeps a session as it stands, for the figures; `None`: this replica does not work on it any more.
    fn stands(&self, id: SessionId, session: Option<&Arc<Session>>) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => standing.insert(id, Arc::clone(session)),
            None => standing.remove(&id),
        };
    }

    /// The trace to which the session belongs, as far as it was read.
    fn trace_id(&self, id: SessionId) -> Option<String> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.get(&id).and_then(|session| trace_of_creator(session))
    }

    /// The revision at which the session's task has looked last.
    fn seen(&self, id: SessionId) -> Option<u64> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.get(&id).map(|session| session.head.revision)
    }

    /// Hosts that are down, as was last seen.
    fn down(&self) -> Arc<BTreeSet<HostName>> {
        Arc::clone(&self.down.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes which hosts are down, and wakes the sessions that do not know it.
    fn see_down(&self, down: BTreeSet<HostName>) {
        let down = Arc::new(down);
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&down);
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = standing.iter().filter(|(_, session)| session.misses(&down));
        let sessions = sessions.map(|(id, _)| *id).collect();
        self.engine.look(&Hint { sessions, ..Hint::default() });
    }

    async fn figures(&self, turns: &Turns) {
        let mut subscriptions_counted = None;
        loop {
            turns.turn("sessions cannot be counted", self.count()).await;
            if subscriptions_counted.is_none_or(|at: Instant| at.elapsed() >= SUBSCRIPTIONS) {
                turns.turn("subscriptions cannot be counted", self.count_subscriptions()).await;
                subscriptions_counted = Some(Instant::now());
            }
            tokio::time::sleep(FIGURES).await;
        }
    }

    /// Counts once, and says how many sessions there are.
    async fn count(&self) -> Result<String, StoreError> {
        self.metrics.connections(self.store.connections());
        let now = self.engine.now();
        let standing: Vec<_> = {
            let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
            standing.values().cloned().collect()
        };
        let mut figures = Figures::default();
        for session in standing {
            figures += Figures::of(&session, now);
        }
        self.metrics.figures(&figures);
        let mut sessions = 0;
        for (state, count) in self.store.sessions_by_state().await? {
            self.metrics.sessions(state, count);
            sessions += count;
        }
        Ok(format!("sessions: {sessions}"))
    }

    /// Counts subscriptions once, and says how many there are.
    async fn count_subscriptions(&self) -> Result<String, StoreError> {
        let (mut connected, mut away, mut lag) = (0, 0, 0);
        let since = self.engine.now() - CONNECTED;
        let mut query = SubscriptionQuery { projects: None, after: None, limit: 500 };
        loop {
            let found = self.store.list_subscriptions(&query).await?;
            for subscription in &found {
                let is_connected = subscription.connected_at.is_some_and(|at| at >= since);
                *(if is_connected { &mut connected } else { &mut away }) += 1;
                let behind =
                    subscription.latest_sequence.saturating_sub(subscription.acknowledged_sequence);
                lag = behind.max(lag);
            }
            match found.last() {
                Some(last) if found.len() as u64 >= query.limit => {
                    query.after = Some(last.key.clone())
                }
                Some(_) | None => break,
            }
        }
        self.metrics.subscriptions(connected, away, lag);
        Ok(format!("subscriptions: {}", connected + away))
    }
}
