//! One session's task: look, begin what is due, sleep until something is.

use std::collections::BTreeSet;
use std::sync::Arc;

use fermata_core::desk::{Desk, TROUBLE_PAUSE, Work};
use fermata_core::machine::Input;
use fermata_core::session::Session;
use fermata_store::StoreError;
use tokio::task::JoinSet;

use super::{Ending, Runner, calls, plan};
use crate::causes::chain;
use crate::engine::Guard;
use crate::error::ServeError;
use crate::replica::Right;

/// Works on a session until it is over, in other hands, or the runner stops.
pub(super) async fn run(runner: Arc<Runner>, right: Right) -> Ending {
    let engine = &runner.engine;
    let id = right.session;
    let slot = engine.hold(id);
    let ending = work(&runner, right, &slot.wake).await;
    match ending {
        Ending::Over | Ending::Stuck => {}
        // Handed over at once, while others of this replica still finish their calls.
        Ending::Stopped => runner.let_go(id).await,
    }
    engine.forget(id);
    ending
}

async fn work(runner: &Arc<Runner>, right: Right, wake: &tokio::sync::Notify) -> Ending {
    let engine = &runner.engine;
    let id = right.session;
    let mut desk = Desk::new(runner.poll);
    let mut tasks = JoinSet::new();
    let mut recovered = false;
    // What the session does not know yet of hosts that are down.
    let mut news = None;
    loop {
        let stopping = runner.stopping.is_cancelled();
        if stopping && desk.is_empty() {
            return Ending::Stopped;
        }
        let input = match news.take() {
            Some(down) => Input::Down(down),
            None if recovered => Input::Tick,
            None => Input::Recover { epoch: right.epoch },
        };
        let now = engine.now();
        let session = match engine.apply(id, input, Guard::of(right)).await {
            Ok(session) => session,
            Err(error) => match verdict(&error) {
                Some(ending) => {
                    let trace_id = runner.trace_id(id);
                    tracing::warn!(session_id = %id, error = chain(&error), ending = ending.name(), trace_id, "the work on the session ends");
                    return ending;
                }
                None => {
                    let trace_id = runner.trace_id(id);
                    tracing::warn!(session_id = %id, error = chain(&error), trace_id, "the session cannot be looked at; tried again");
                    tokio::time::sleep(TROUBLE_PAUSE).await;
                    continue;
                }
            },
        };
        desk.looked(now);
        if !recovered {
            recovered = true;
            continue;
        }
        let down = runner.down();
        if session.misses(&down) {
            news = Some(BTreeSet::clone(&down));
            continue;
        }
        let over = session.head.state.is_terminal();
        runner.stands(id, Some(&session));
        if over && desk.is_empty() {
            return Ending::Over;
        }
        if !stopping && runner.replica.may_begin(&right) {
            for work in desk.begin(&session, engine.now(), runner.replica.uptime()) {
                begin(runner, right, &session, work, &mut tasks);
            }
        }
        let pause = desk.pause(&session, engine.now(), runner.replica.uptime());
        tokio::select! {
            Some(done) = tasks.join_next(), if !tasks.is_empty() => match done {
                Ok(done) => desk.done(done, runner.replica.uptime()),
                Err(error) => {
                    let trace_id = runner.trace_id(id);
                    tracing::error!(session_id = %id, %error, trace_id, "a task of the session failed");
                    return Ending::Stuck;
                }
            },
            () = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = runner.stopping.cancelled(), if !stopping => {}
        }
    }
}

/// What an error of a look means for the work on the session; `None`: it passes.
fn verdict(error: &ServeError) -> Option<Ending> {
    match error {
        ServeError::LeaseLost | ServeError::SessionNotFound => Some(Ending::Over),
        ServeError::Concurrent | ServeError::Store(StoreError::Unavailable(_)) => None,
        // It would go wrong again: something stored is damaged, or of a version that this process does not know.
        ServeError::Store(_)
        | ServeError::Reject(_)
        | ServeError::Violations(_)
        | ServeError::HostNotFound
        | ServeError::HostNotHeld
        | ServeError::HostHeld { .. }
        | ServeError::HostDisabledByOther { .. }
        | ServeError::SwitchRefused { .. }
        | ServeError::NotificationNotFound
        | ServeError::SubscriptionNotFound
        | ServeError::PolicyNotFound
        | ServeError::ServerGroupNotFound
        | ServeError::EtagMismatch { .. }
        | ServeError::Exists { .. }
        | ServeError::AcknowledgedExpired { .. }
        | ServeError::RequestIdReused
        | ServeError::NotDeletable { .. }
        | ServeError::CredentialsUndecided { .. }
        | ServeError::ResumeTokenInvalid
        | ServeError::ResumeTokenExpired { .. }
        | ServeError::PageTokenInvalid
        | ServeError::SlowReader { .. }
        | ServeError::TooManyStreams { .. }
        | ServeError::TooManyPreviews { .. }
        | ServeError::TooManyCalls { .. }
        | ServeError::CallRateExceeded { .. }
        | ServeError::RequestTooSlow { .. }
        | ServeError::ShuttingDown
        | ServeError::Starting
        | ServeError::CredentialsMissing
        | ServeError::CredentialsInvalid
        | ServeError::CredentialsExpired
        | ServeError::RoleRequired { .. }
        | ServeError::ProjectForeign { .. }
        | ServeError::Cloud(_) => Some(Ending::Stuck),
    }
}

fn begin(
    runner: &Arc<Runner>,
    right: Right,
    session: &Arc<Session>,
    work: Work,
    tasks: &mut JoinSet<fermata_core::desk::Done>,
) {
    let (runner, session) = (Arc::clone(runner), Arc::clone(session));
    match work {
        Work::Call(call) => {
            let lag = std::time::Duration::try_from(runner.engine.now() - call.since);
            runner.metrics.runner_lag(lag.unwrap_or_default());
            tasks.spawn(calls::call(runner, right, session, call));
        }
        Work::Read(want) => {
            tasks.spawn(calls::read(runner, right, session, want));
        }
        Work::Watch(servers) => {
            tasks.spawn(calls::watch(runner, right, session, servers));
        }
        Work::Plan => {
            tasks.spawn(plan::plan(runner, right, session));
        }
    }
}
