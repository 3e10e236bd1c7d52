//! Applies inputs to sessions: load, step, commit with events, wake whoever has to know. The only writer
//! of sessions.

mod announce;
mod delete;
mod hosts;
pub mod journal;
mod outside;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use fermata_core::Time;
use fermata_core::actor::Who;
use fermata_core::cloud::{Cloud, Host, Server};
use fermata_core::event::OperatorEvent;
use fermata_core::id::SessionId;
use fermata_core::machine::{self, Context, Input, Transition};
use fermata_core::quota::Quota;
use fermata_core::session::{NotificationState, Session};
use fermata_core::spec::Spec;
use fermata_store::{Hint, NewEvent, ReplicaId, RequestRecord, Store, StoreError, Write};
use tokio::sync::Notify;
use tracing::Instrument;
use uuid::Uuid;

use self::announce::announce;
use self::outside::Outside;
use crate::clock::Clock;
use crate::convert::{events, session as convert};
use crate::error::ServeError;
use crate::groups::KnownGroups;
use crate::hints::Outbound;
use crate::hub::Hub;
use crate::replica::{Replica, Right};
use crate::requests::Once;
use crate::telemetry::metrics::{Metrics, StepOutcome, TransactionOutcome, input_kind};

/// Tries of one change before its caller is told that others are faster.
const TRIES: usize = 20;

/// Applies inputs to sessions.
pub struct Engine {
    store: Store,
    cloud: Arc<dyn Cloud>,
    clock: Clock,
    replica: Arc<Replica>,
    /// Where committed events are announced.
    hub: Arc<Hub>,
    /// Where other replicas are told of commits.
    hints: Arc<Outbound>,
    metrics: Metrics,
    /// What the cloud says of groups.
    groups: KnownGroups,
    /// Tells the runner that there may be a new session.
    sessions_changed: Notify,
    slots: Mutex<HashMap<SessionId, Arc<Slot>>>,
}

/// What one process keeps of a session between steps.
#[derive(Default)]
pub struct Slot {
    /// Lets changes of one session follow each other instead of colliding in the database. It is held
    /// while the change is committed, which is the point.
    known: tokio::sync::Mutex<Option<Known>>,
    /// This replica works on the session, and will again.
    held: AtomicBool,
    /// Tells the session's runner that something changed.
    pub wake: Notify,
}

/// A session as it was read or written last. Other replicas may have changed it since.
#[derive(Clone)]
struct Known {
    session: Arc<Session>,
    epoch: u64,
}

/// What came of a try to change a session.
enum Applied {
    /// The session after it.
    Done(Arc<Session>),
    /// Nothing: policies go by what the cloud says of groups, which has to be read first.
    NeedsGroups,
}

/// What must hold for a change, and what is remembered of it.
pub struct Guard<'a> {
    /// The right by which this replica works on the session; `None`: somebody asked for the change, which every
    /// replica may carry out.
    pub right: Option<Right>,
    /// The etag that must be current; empty: any.
    pub etag: &'a str,
    /// The request that makes the change; `None`: the runner's work.
    pub once: Option<Once<'a, Session>>,
}

impl Guard<'_> {
    /// What is remembered of the request, with the session after it.
    fn record(&self, next: &Session) -> Option<RequestRecord> {
        self.once.as_ref().and_then(|once| once.record(next))
    }

    /// What the audit trail calls the change: by the method that was called.
    fn name(&self, mut transition: Transition) -> Arc<Transition> {
        if let (Some(entry), Some(once)) = (&mut transition.audit, &self.once) {
            entry.action = once.action();
        }
        Arc::new(transition)
    }
}

impl Guard<'static> {
    /// The runner's work.
    pub fn of(right: Right) -> Self {
        Self { right: Some(right), etag: "", once: None }
    }
}

impl Engine {
    /// An engine over these parts.
    pub fn new(
        store: Store,
        cloud: Arc<dyn Cloud>,
        replica: Arc<Replica>,
        hub: Arc<Hub>,
        hints: Arc<Outbound>,
        metrics: Metrics,
    ) -> Self {
        let clock = replica.clock();
        let sessions_changed = Notify::new();
        let slots = Mutex::default();
        let groups = KnownGroups::default();
        Self { store, cloud, clock, replica, hub, hints, metrics, groups, sessions_changed, slots }
    }

    /// Now.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    /// Waits until there may be a new session to work on.
    pub async fn sessions_changed(&self) {
        self.sessions_changed.notified().await;
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, id: SessionId) -> Arc<Slot> {
        Arc::clone(self.slots().entry(id).or_default())
    }

    /// What this process keeps of a session that it works on from now on.
    pub fn hold(&self, id: SessionId) -> Arc<Slot> {
        let slot = self.slot(id);
        slot.held.store(true, Ordering::Relaxed);
        slot
    }

    /// Forgets a session that this process does not work on any more.
    pub fn forget(&self, id: SessionId) {
        self.slots().remove(&id);
    }

    /// Tells the runner of a session that this process works on to look at it.
    pub fn wake(&self, id: SessionId) {
        if let Some(slot) = self.slots().get(&id) {
            slot.wake.notify_one();
        }
    }

    /// Looks where a hint points.
    pub fn look(&self, hint: &Hint) {
        if hint.everything {
            self.hub.look();
            self.slots().values().for_each(|slot| slot.wake.notify_one());
        }
        self.hub.published(hint.topics.iter());
        let slots = self.slots();
        hint.sessions.iter().filter_map(|id| slots.get(id)).for_each(|s| s.wake.notify_one());
        if hint.orphans || hint.everything {
            self.sessions_changed.notify_one();
        }
    }

    /// A session as it stands in the database.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn load(&self, id: SessionId) -> Result<Session, ServeError> {
        self.store.load(id).await?.ok_or(ServeError::SessionNotFound)
    }

    /// Creates a session over these hosts and the servers on them.
    ///
    /// # Errors
    /// A host is in another active session, or the database does not answer, or the cloud if a policy goes by one of
    /// its server groups.
    pub async fn create(
        &self,
        who: Who,
        spec: Spec,
        hosts: &[&Host],
        servers: Vec<Server>,
        trace_parent: Option<String>,
        guard: Guard<'_>,
    ) -> Result<Session, ServeError> {
        self.replica.hear().await?;
        let interactive = BTreeSet::new();
        let owners = servers.iter().map(|s| s.project.clone()).collect();
        let mut policies = self.store.policies(&owners).await?;
        if policies.name_server_groups() {
            policies = policies.with_cloud(self.groups.read(&*self.cloud).await?);
        }
        let policies = &policies;
        let open = self.store.open_sessions().await?;
        self.store.quotas().one_more(Quota::Sessions, open).map_err(StoreError::Quota)?;
        let mut ids = Uuid::now_v7;
        let now = self.now();
        let ledger = None;
        let context = Context { now, interactive: &interactive, policies, ledger, ids: &mut ids };
        let outages = self.replica.outages();
        let born = machine::create(who, spec, hosts, servers, trace_parent, outages, context)?;
        let transition = guard.name(born);
        let request = guard.record(&transition.next);
        self.commit(None, &transition, request).await?;
        self.sessions_changed.notify_one();
        Ok(Arc::unwrap_or_clone(transition).next)
    }

    /// Applies one input to a session, and gives the session after it.
    ///
    /// # Errors
    /// The input does not fit, the guard does not hold, or the database does not answer.
    pub async fn apply(
        &self,
        id: SessionId,
        input: Input,
        guard: Guard<'_>,
    ) -> Result<Arc<Session>, ServeError> {
        loop {
            let slot = self.slot(id);
            let mut cached = slot.known.lock().await;
            let result = self.apply_in(&slot, &mut cached, id, &input, &guard).await;
            if !slot.held.load(Ordering::Relaxed) {
                // Others change the session more often than it is asked for here.
                self.forget(id);
            }
            drop(cached);
            match result? {
                Applied::Done(session) => return Ok(session),
                Applied::NeedsGroups => {
                    self.groups.refreshed(&*self.cloud).await;
                }
            }
        }
    }

    async fn apply_in(
        &self,
        slot: &Slot,
        cached: &mut Option<Known>,
        id: SessionId,
        input: &Input,
        guard: &Guard<'_>,
    ) -> Result<Applied, ServeError> {
        if let Some(once) = &guard.once
            && once.is_used(&self.store).await?
        {
            return Err(StoreError::RequestExists.into());
        }
        for _ in 0..TRIES {
            self.replica.hear().await?;
            let (before, fresh) = match cached.take() {
                Some(known) => (known, false),
                None => (self.read(id).await?, true),
            };
            let unknown = self.replica.outages_after(before.session.head.outages);
            // Nobody's deadline passes because of a time in which nobody was there.
            let asked = unknown.is_empty() || before.session.head.state.is_terminal();
            let input = if asked { input.clone() } else { Input::Outages(unknown) };
            let Some(outside) = self.outside(&before.session, &input).await? else {
                keep(cached, before);
                return Ok(Applied::NeedsGroups);
            };
            let answer = match self.judge(&before, input, guard, &outside).await {
                Ok(Some(transition)) => Ok(Some(guard.name(transition))),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            let transition = match answer {
                Ok(Some(transition)) => transition,
                // What was read some time ago is no reason to say no.
                Ok(None) | Err(_) if !fresh && !self.is_current(id, &before).await? => continue,
                Ok(None) => {
                    keep(cached, before.clone());
                    if let Some(record) = guard.record(&before.session) {
                        self.store.note_request(record, self.now()).await?;
                    }
                    return Ok(Applied::Done(before.session));
                }
                Err(error) => {
                    keep(cached, before);
                    return Err(error);
                }
            };
            let request = if asked { guard.record(&transition.next) } else { None };
            let epoch = before.epoch;
            match self.commit(Some(before), &transition, request).await {
                Ok(()) => {
                    let session = Arc::new(Arc::unwrap_or_clone(transition).next);
                    keep(cached, Known { session: Arc::clone(&session), epoch });
                    if asked {
                        slot.wake.notify_one();
                        return Ok(Applied::Done(session));
                    }
                }
                // Somebody else changed it: what was cached is stale, and the rules look again.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServeError::Concurrent)
    }

    async fn read(&self, id: SessionId) -> Result<Known, ServeError> {
        let found = self.store.load_with_epoch(id).await?;
        let (session, epoch) = found.ok_or(ServeError::SessionNotFound)?;
        Ok(Known { session: Arc::new(session), epoch })
    }

    async fn is_current(&self, id: SessionId, known: &Known) -> Result<bool, ServeError> {
        let version = self.store.version(id).await?;
        Ok(version == Some((known.session.head.revision, known.epoch)))
    }

    /// What becomes of a session by an input, if the guard holds.
    async fn judge(
        &self,
        before: &Known,
        input: Input,
        guard: &Guard<'_>,
        outside: &Outside,
    ) -> Result<Option<Transition>, ServeError> {
        if guard.right.is_some_and(|right| right.epoch != before.epoch) {
            return Err(ServeError::LeaseLost);
        }
        let current = convert::etag(before.session.head.revision);
        if !guard.etag.is_empty() && guard.etag != current {
            return Err(ServeError::EtagMismatch { etag: current });
        }
        self.step(&before.session, input, outside).await
    }

    async fn step(
        &self,
        session: &Session,
        input: Input,
        outside: &Outside,
    ) -> Result<Option<Transition>, ServeError> {
        let now = self.now();
        // Who takes part matters only when somebody's silence is judged: in this step, as it stands, or
        // because the step asks and gives no time to answer.
        let silent: BTreeSet<_> = if session.head.spec.drain_reply_period.is_positive() {
            let pending =
                session.notifications.values().filter(|n| n.state == NotificationState::Pending);
            pending.filter(|n| n.reply_deadline_time <= now).map(|n| n.project.clone()).collect()
        } else {
            session.projects()
        };
        let interactive =
            if silent.is_empty() { silent } else { self.store.interactive(&silent).await? };
        let mut ids = Uuid::now_v7;
        let Outside { policies, ledger } = outside;
        let ledger = ledger.as_ref();
        let context = Context { now, interactive: &interactive, policies, ledger, ids: &mut ids };
        let kind = input_kind(&input);
        let result = machine::step(session, input, context);
        let outcome = if result.is_ok() { StepOutcome::Applied } else { StepOutcome::Rejected };
        self.metrics.session_step(kind, outcome);
        Ok(result?)
    }

    async fn commit(
        &self,
        before: Option<Known>,
        transition: &Arc<Transition>,
        request: Option<RequestRecord>,
    ) -> Result<(), StoreError> {
        let events = events::of(transition);
        let began = Instant::now();
        // Whoever creates a session works on it, if it can; else it is an orphan from the beginning.
        let owner = self.replica.alive().filter(|_| before.is_none());
        let epoch = before.as_ref().map_or(u64::from(owner.is_some()), |known| known.epoch);
        let before = before.map(|known| known.session);
        let was = before.clone();
        let committing = Committing {
            store: self.store.clone(),
            hub: Arc::clone(&self.hub),
            hints: Arc::clone(&self.hints),
            metrics: self.metrics.clone(),
            owner,
            epoch,
            before,
            transition: Arc::clone(transition),
            events,
            request,
        };
        // A caller that goes away must not take the announcement of what was committed with it.
        let result = match tokio::spawn(committing.run().in_current_span()).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.metrics.transaction("commit", outcome(&result), began.elapsed());
        if result.is_ok() {
            journal::of(transition);
            self.measure(was.as_deref(), transition);
        }
        result
    }

    /// Counts what a transition did that was committed.
    fn measure(&self, before: Option<&Session>, transition: &Transition) {
        for (action, end) in
            transition.outbox.operators.iter().filter_map(OperatorEvent::action_end)
        {
            self.metrics.action_ended(action, end);
        }
        for (_, measured) in &transition.measured {
            self.metrics.moved(measured);
        }
        for (state, after) in
            before.map(|before| before.replies(&transition.next)).unwrap_or_default()
        {
            self.metrics.owner_replied(state, after);
        }
    }
}

/// Keeps a session for the next step, unless there will be none.
fn keep(cached: &mut Option<Known>, known: Known) {
    if !known.session.head.state.is_terminal() {
        *cached = Some(known);
    }
}

/// A transaction and its announcement.
struct Committing {
    store: Store,
    hub: Arc<Hub>,
    hints: Arc<Outbound>,
    metrics: Metrics,
    owner: Option<ReplicaId>,
    epoch: u64,
    before: Option<Arc<Session>>,
    transition: Arc<Transition>,
    events: Vec<NewEvent>,
    request: Option<RequestRecord>,
}

impl Committing {
    async fn run(self) -> Result<(), StoreError> {
        let write = Write {
            before: self.before.as_deref(),
            transition: &self.transition,
            owner: self.owner,
            epoch: self.epoch,
            events: self.events,
            tell: events::of_host,
            request: self.request,
            now: self.transition.next.head.updated_at,
        };
        let appended = self.store.commit(write).await?;
        let session = Some(self.transition.next.head.id);
        announce(&appended, session, &self.hub, &self.hints, &self.metrics);
        Ok(())
    }
}

fn outcome(result: &Result<(), StoreError>) -> TransactionOutcome {
    match result {
        Ok(()) => TransactionOutcome::Committed,
        Err(StoreError::Conflict) => TransactionOutcome::Conflict,
        Err(StoreError::HostBusy { .. } | StoreError::RequestExists) => {
            TransactionOutcome::RolledBack
        }
        Err(
            StoreError::NotFound
            | StoreError::Exists { .. }
            | StoreError::Quota(_)
            | StoreError::AheadOfTopic { .. }
            | StoreError::Unavailable(_)
            | StoreError::Corrupt { .. }
            | StoreError::NewerFormat { .. }
            | StoreError::Nul
            | StoreError::Hopeless(_)
            | StoreError::Database(_),
        ) => TransactionOutcome::Failed,
    }
}
