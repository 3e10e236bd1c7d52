//! One session's task: look, do what is due, sleep until something is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::Input;
use fermata_core::session::{CallId, HostState, Read, Session, Want};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Runner, calls};
use crate::engine::Guard;
use crate::error::ServeError;

/// Longest sleep: what a lost wake-up costs.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Pause after a read or call that did not come through.
const TROUBLE_PAUSE: Duration = Duration::from_secs(2);

/// Something a session's task has under way.
pub(super) enum Done {
    /// A call, and whether it can be tried again at once.
    Call(CallId, Result<(), ()>),
    /// A read.
    Read(Want, Option<HostState>, Result<(), ()>),
    /// A look at what runs.
    Progress(Result<(), ()>),
}

#[derive(Default)]
struct Desk {
    tasks: JoinSet<Done>,
    calling: HashSet<CallId>,
    not_before: HashMap<CallId, Instant>,
    reading: HashSet<(HostName, Read)>,
    /// When each read ended, and in which state the host was: in another one it is wanted anew.
    read_at: HashMap<(HostName, Read), (Instant, Option<HostState>)>,
    watching: bool,
    watched_at: Option<Instant>,
    ticked: Option<Time>,
}

/// Works on a session until it is over or the runner stops.
pub(super) async fn run(runner: Arc<Runner>, id: SessionId, inherited: bool) {
    let down_since = runner.down_since.filter(|_| inherited);
    let engine = &runner.engine;
    if let Err(error) = engine.apply(id, Input::Recover { down_since }, Guard::none()).await {
        tracing::warn!(session_id = %id, %error, "the session cannot be taken up; tried again");
        return;
    }
    let slot = engine.slot(id);
    let mut desk = Desk::default();
    loop {
        let stopping = runner.stopping.is_cancelled();
        if stopping && desk.tasks.is_empty() {
            return;
        }
        let session = match look(&runner, id, &mut desk).await {
            Ok(session) => session,
            Err(ServeError::SessionNotFound) => return engine.forget(id),
            Err(error) => {
                tracing::warn!(session_id = %id, %error, "the session cannot be looked at; tried again");
                tokio::time::sleep(TROUBLE_PAUSE).await;
                continue;
            }
        };
        if session.head.state.is_terminal() && desk.tasks.is_empty() {
            return engine.forget(id);
        }
        if !stopping {
            desk.start_calls(&runner, &session);
            desk.start_reads(&runner, &session);
            desk.start_watch(&runner, &session);
        }
        let pause = desk.pause(&runner, &session);
        tokio::select! {
            Some(done) = desk.tasks.join_next(), if !desk.tasks.is_empty() => {
                if let Ok(done) = done {
                    desk.note(done);
                }
            }
            () = slot.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = runner.stopping.cancelled(), if !stopping => {}
        }
    }
}

/// The session as it stands, with everything that the time brought applied.
async fn look(runner: &Runner, id: SessionId, desk: &mut Desk) -> Result<Arc<Session>, ServeError> {
    let now = runner.engine.now();
    let session = runner.engine.apply(id, Input::Tick, Guard::none()).await?;
    desk.ticked = Some(now);
    runner.trouble(id, session.head.trouble.is_some() && !session.head.state.is_terminal());
    Ok(session)
}

impl Desk {
    fn start_calls(&mut self, runner: &Arc<Runner>, session: &Arc<Session>) {
        for call in session.due_calls(runner.engine.now()) {
            let waits = self.not_before.get(&call.id).is_some_and(|at| *at > Instant::now());
            if waits || !self.calling.insert(call.id) {
                continue;
            }
            let lag = Duration::try_from(runner.engine.now() - call.since).unwrap_or_default();
            runner.engine.metrics.runner_lag(lag);
            self.tasks.spawn(calls::call(Arc::clone(runner), Arc::clone(session), call));
        }
    }

    fn start_reads(&mut self, runner: &Arc<Runner>, session: &Arc<Session>) {
        for want in session.wants() {
            let fresh = !self.fresh_for(session, &want).is_zero();
            if fresh || !self.reading.insert((want.host.clone(), want.what)) {
                continue;
            }
            self.tasks.spawn(calls::read(Arc::clone(runner), Arc::clone(session), want));
        }
    }

    fn start_watch(&mut self, runner: &Arc<Runner>, session: &Arc<Session>) {
        let fresh = self.watched_at.is_some_and(|at| at.elapsed() < runner.poll);
        let servers = session.watched();
        if self.watching || fresh || servers.is_empty() {
            return;
        }
        self.watching = true;
        self.tasks.spawn(calls::watch(Arc::clone(runner), Arc::clone(session), servers));
    }

    fn note(&mut self, done: Done) {
        let now = Instant::now();
        match done {
            Done::Call(id, result) => {
                self.calling.remove(&id);
                if result.is_err() {
                    self.not_before.insert(id, now + TROUBLE_PAUSE);
                } else {
                    self.not_before.remove(&id);
                }
            }
            Done::Read(want, state, result) => {
                let key = (want.host, want.what);
                self.reading.remove(&key);
                let at = if result.is_err() { now + TROUBLE_PAUSE } else { now };
                self.read_at.insert(key, (at, state));
            }
            Done::Progress(result) => {
                self.watching = false;
                self.watched_at = Some(if result.is_err() { now + TROUBLE_PAUSE } else { now });
            }
        }
    }

    /// How long the last answer will do.
    fn fresh_for(&self, session: &Session, want: &Want) -> Duration {
        match self.read_at.get(&(want.host.clone(), want.what)) {
            Some((at, state)) if *state == state_of(session, &want.host) => {
                let every = Duration::try_from(want.every).unwrap_or_default();
                every.saturating_sub(at.elapsed())
            }
            Some(_) | None => Duration::ZERO,
        }
    }

    /// How long nothing will be due.
    fn pause(&self, runner: &Runner, session: &Session) -> Duration {
        let now = runner.engine.now();
        let due = session
            .next_due(self.ticked.unwrap_or(now))
            .map(|at| Duration::try_from(at - now).unwrap_or_default());
        let reads = session
            .wants()
            .into_iter()
            .filter(|want| !self.reading.contains(&(want.host.clone(), want.what)))
            .map(|want| self.fresh_for(session, &want));
        let watch = (!session.watched().is_empty() && !self.watching).then(|| {
            self.watched_at.map_or(Duration::ZERO, |at| runner.poll.saturating_sub(at.elapsed()))
        });
        // At least a moment, so that a fault here can never turn into a busy loop.
        reads
            .chain(due)
            .chain(watch)
            .min()
            .unwrap_or(LONGEST_SLEEP)
            .clamp(Duration::from_millis(5), LONGEST_SLEEP)
    }
}

/// A host's state in a session.
pub(super) fn state_of(session: &Session, host: &HostName) -> Option<HostState> {
    session.hosts.get(host).map(|h| h.state)
}
