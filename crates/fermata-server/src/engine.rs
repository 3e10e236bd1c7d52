//! Applies inputs to sessions: load, step, commit with events, wake whoever has to know. The only writer
//! of sessions.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use fermata_core::Time;
use fermata_core::cloud::{Cloud, Host, Server};
use fermata_core::id::SessionId;
use fermata_core::machine::{self, Context, Input, Transition};
use fermata_core::session::{NoticeState, Session};
use fermata_core::spec::Spec;
use fermata_store::{NewEvent, RequestRecord, Store, StoreError, Write};
use tokio::sync::Notify;
use tracing::Instrument;
use uuid::Uuid;

use crate::clock::Clock;
use crate::convert::{events, session as convert};
use crate::error::ServeError;
use crate::hub::{Hub, topic_kind};
use crate::requests::RequestKey;
use crate::telemetry::metrics::{Metrics, StepOutcome, TransactionOutcome, input_kind};

/// Tries of one change before its caller is told that others are faster.
const TRIES: usize = 20;

/// Applies inputs to sessions.
pub struct Engine {
    /// The database.
    pub store: Store,
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// The clock.
    pub clock: Clock,
    /// Where committed events are announced.
    pub hub: Arc<Hub>,
    /// Figures.
    pub metrics: Metrics,
    /// Tells the runner that there may be a new session.
    pub sessions_changed: Notify,
    slots: Mutex<HashMap<SessionId, Arc<Slot>>>,
}

/// What one process keeps of a session between steps.
#[derive(Default)]
pub struct Slot {
    /// Lets changes of one session follow each other instead of colliding in the database. It is held
    /// while the change is committed, which is the point.
    session: tokio::sync::Mutex<Option<Arc<Session>>>,
    /// Tells the session's runner that something changed.
    pub wake: Notify,
}

/// What must hold for a change, and what is remembered of it.
pub struct Guard<'a> {
    /// The etag that must be current; empty: any.
    pub etag: &'a str,
    /// The request that makes the change, if it may be repeated.
    pub request: Option<RequestKey>,
    /// The answer to that request.
    pub respond: &'a (dyn Fn(&Session) -> Vec<u8> + Sync),
}

impl Guard<'static> {
    /// No condition.
    pub fn none() -> Self {
        Self { etag: "", request: None, respond: &|_| Vec::new() }
    }
}

impl Engine {
    /// An engine over these parts.
    pub fn new(
        store: Store,
        cloud: Arc<dyn Cloud>,
        clock: Clock,
        hub: Arc<Hub>,
        metrics: Metrics,
    ) -> Self {
        let sessions_changed = Notify::new();
        let slots = Mutex::default();
        Self { store, cloud, clock, hub, metrics, sessions_changed, slots }
    }

    /// Now.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    /// What this process keeps of a session.
    pub fn slot(&self, id: SessionId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id).or_default())
    }

    /// Forgets a session that is over.
    pub fn forget(&self, id: SessionId) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
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
    /// A host is in another active session, or the database does not answer.
    pub async fn create(
        &self,
        spec: Spec,
        hosts: &[&Host],
        servers: Vec<Server>,
        trace_parent: Option<String>,
        guard: Guard<'_>,
    ) -> Result<Session, ServeError> {
        let interactive = BTreeSet::new();
        let mut ids = Uuid::now_v7;
        let context = Context { now: self.now(), interactive: &interactive, ids: &mut ids };
        let transition = Arc::new(machine::create(spec, hosts, servers, trace_parent, context));
        let request = guard.request.map(|r| r.answered((guard.respond)(&transition.next)));
        self.commit(None, &transition, request).await?;
        tracing::info!(session_id = %transition.next.head.id, hosts = hosts.len(), "session created");
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
        let slot = self.slot(id);
        let mut cached = slot.session.lock().await;
        if let Some(request) = &guard.request
            && request.is_used(&self.store).await?
        {
            return Err(StoreError::RequestExists.into());
        }
        for _ in 0..TRIES {
            let before = match cached.take() {
                Some(session) => session,
                None => Arc::new(self.load(id).await.inspect_err(|error| {
                    // A database that is away says nothing about the session.
                    if matches!(error, ServeError::SessionNotFound) {
                        self.forget(id);
                    }
                })?),
            };
            let current = convert::etag(before.head.revision);
            if !guard.etag.is_empty() && guard.etag != current {
                *cached = Some(before);
                return Err(ServeError::EtagMismatch { etag: current });
            }
            let transition = match self.step(&before, input.clone()).await {
                Ok(Some(transition)) => Arc::new(transition),
                Ok(None) => {
                    self.keep(id, &mut cached, &before);
                    if let Some(request) = guard.request {
                        let record = request.answered((guard.respond)(&before));
                        self.store.note_request(record, self.now()).await?;
                    }
                    return Ok(before);
                }
                Err(error) => {
                    *cached = Some(before);
                    return Err(error);
                }
            };
            let request =
                guard.request.clone().map(|r| r.answered((guard.respond)(&transition.next)));
            match self.commit(Some(before), &transition, request).await {
                Ok(()) => {
                    let next = Arc::new(Arc::unwrap_or_clone(transition).next);
                    self.keep(id, &mut cached, &next);
                    slot.wake.notify_one();
                    return Ok(next);
                }
                // Somebody else changed it: what was cached is stale, and the rules look again.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServeError::Concurrent)
    }

    /// Keeps a session for the next step, unless there will be none.
    fn keep(&self, id: SessionId, cached: &mut Option<Arc<Session>>, session: &Arc<Session>) {
        if session.head.state.is_terminal() {
            self.forget(id);
        } else {
            *cached = Some(Arc::clone(session));
        }
    }

    async fn step(
        &self,
        session: &Session,
        input: Input,
    ) -> Result<Option<Transition>, ServeError> {
        let now = self.now();
        // Who takes part matters only when somebody's silence is judged: in this step, as it stands, or
        // because the step asks and gives no time to answer.
        let silent: BTreeSet<_> = if session.head.spec.drain_reply_period.is_positive() {
            let pending = session.notices.values().filter(|n| n.state == NoticeState::Pending);
            pending.filter(|n| n.reply_by <= now).map(|n| n.project.clone()).collect()
        } else {
            session.projects()
        };
        let interactive =
            if silent.is_empty() { silent } else { self.store.interactive(&silent).await? };
        let mut ids = Uuid::now_v7;
        let context = Context { now, interactive: &interactive, ids: &mut ids };
        let kind = input_kind(&input);
        let result = machine::step(session, input, context);
        let outcome = if result.is_ok() { StepOutcome::Applied } else { StepOutcome::Rejected };
        self.metrics.session_step(kind, outcome);
        Ok(result?)
    }

    async fn commit(
        &self,
        before: Option<Arc<Session>>,
        transition: &Arc<Transition>,
        request: Option<RequestRecord>,
    ) -> Result<(), StoreError> {
        let events = events::of(transition);
        for event in &events {
            self.metrics.events_appended(topic_kind(&event.topic), 1);
        }
        let began = Instant::now();
        let committing = Committing {
            store: self.store.clone(),
            hub: Arc::clone(&self.hub),
            before: before.clone(),
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
        let head = &transition.next.head;
        if result.is_ok() && before.is_none_or(|b| b.head.state != head.state) {
            let (session_id, state) = (head.id, head.state.name());
            tracing::info!(%session_id, state, reason = %head.reason, "session state");
        }
        result
    }
}

/// A transaction and its announcement.
struct Committing {
    store: Store,
    hub: Arc<Hub>,
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
            events: self.events,
            request: self.request,
            now: self.transition.next.head.updated_at,
        };
        let topics = self.store.commit(write).await?;
        self.hub.published(topics.iter().map(|(topic, _)| topic));
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
            | StoreError::AheadOfTopic { .. }
            | StoreError::Unavailable(_)
            | StoreError::Corrupt { .. }
            | StoreError::Database(_),
        ) => TransactionOutcome::Failed,
    }
}
