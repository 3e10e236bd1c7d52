//! What a session's task does outside: calls, reads, looks at what runs. Each tells the session what came
//! of it, and belongs to the trace of the call that created the session.

use std::sync::Arc;

use fermata_core::cloud::{Cloud, CloudError, HostServers, MOVE_FORGOTTEN_AFTER, Scheduling};
use fermata_core::desk::{Done, Outcome};
use fermata_core::id::{HostName, ServerId};
use fermata_core::machine::Input;
use fermata_core::scheduling;
use fermata_core::session::{
    CallId, CallTarget, DueCall, Op, Phase, Read, Session, SessionHostState, Want,
};
use fermata_store::StoreError;
use tracing::{Instrument, Span};

use super::Runner;
use crate::causes::chain;
use crate::engine::Guard;
use crate::error::ServeError;
use crate::replica::Right;
use crate::telemetry::{self, trace};

/// Makes a call: a look at the server, the intent written down, the call, its answer written down.
pub(super) async fn call(
    runner: Arc<Runner>,
    right: Right,
    session: Arc<Session>,
    call: DueCall,
) -> Done {
    let span = effect(&session, call.op.name());
    let id = call.id;
    let result = async {
        let _place = runner.calls.acquire().await;
        attempt(&runner, right, &session, &call).await
    }
    .instrument(span.clone())
    .await;
    Done::Call(id, span.in_scope(|| outcome(&session, result)))
}

async fn attempt(
    runner: &Runner,
    right: Right,
    session: &Session,
    call: &DueCall,
) -> Result<(), ServeError> {
    let engine = &runner.engine;
    let id = session.head.id;
    let seen = match &call.target {
        CallTarget::Host(_) => None,
        CallTarget::Server(server) => {
            let servers = std::slice::from_ref(server);
            let since = session.head.created_at;
            match timed(runner, "progress", runner.cloud.progress(servers, since)).await {
                Ok(progress) => Some(progress),
                Err(error) => {
                    let input = Input::Progress(Err(error.clone()));
                    engine.apply(id, input, Guard::of(right)).await?;
                    return Err(error.into());
                }
            }
        }
    };
    let input = Input::Begin { call: call.id, epoch: right.epoch, seen };
    let session = match engine.apply(id, input, Guard::of(right)).await {
        Ok(session) => session,
        Err(error @ ServeError::Store(StoreError::Unavailable(_))) => {
            // It may have been written down all the same; then it must not stand there as if it were being made.
            ended(runner, right, call.id, Err(unknown("it was not made"))).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    // The look may have shown that the call must not be made, or another one instead.
    let Some(op) = begun(&session, call) else { return Ok(()) };
    if !runner.replica.may_begin(&right) {
        return ended(runner, right, call.id, Err(unknown("the lease was out before it was made")))
            .await;
    }
    let result = timed(runner, op.name(), make(runner, &session, call.id, op, &call.target)).await;
    if let Err(error) = &result {
        tracing::warn!(session_id = %id, operation = op.name(), %error, "call failed");
    }
    ended(runner, right, call.id, result).await
}

fn unknown(detail: &str) -> CloudError {
    CloudError::Unknown { detail: detail.to_owned() }
}

/// Writes down how a call ended. That is known only here, so it is tried however long the database takes.
async fn ended(
    runner: &Runner,
    right: Right,
    call: CallId,
    result: Result<(), CloudError>,
) -> Result<(), ServeError> {
    let engine = &runner.engine;
    let id = right.session;
    let input = Input::Ended { call, result };
    loop {
        match engine.apply(id, input.clone(), Guard::of(right)).await {
            Ok(_) => return Ok(()),
            Err(
                error @ (ServeError::Concurrent | ServeError::Store(StoreError::Unavailable(_))),
            ) => {
                tracing::warn!(session_id = %id, error = chain(&error), "an answer waits to be written down");
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                if runner.stopping.is_cancelled() {
                    // The next replica finds the call begun, and reads before it does anything.
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn begun(session: &Session, call: &DueCall) -> Option<Op> {
    let hosts = session.hosts.values().filter_map(|h| h.call.as_ref());
    let servers = session.servers.values().filter_map(|s| s.act.as_ref()).map(|a| &a.call);
    hosts.chain(servers).find(|c| c.id == call.id && c.phase == Phase::Begun).map(|c| c.op)
}

async fn make(
    runner: &Runner,
    session: &Session,
    call: CallId,
    op: Op,
    target: &CallTarget,
) -> Result<(), CloudError> {
    let cloud: &dyn Cloud = runner.cloud.as_ref();
    match (target, op) {
        (CallTarget::Host(host), Op::DisableScheduling) => {
            let reason = scheduling::reason(session, host);
            cloud.set_scheduling(host, &Scheduling::Disabled { reason }).await
        }
        (CallTarget::Host(host), Op::EnableScheduling) => {
            cloud.set_scheduling(host, &Scheduling::Enabled).await
        }
        (CallTarget::Server(server), Op::LiveMigrate) => {
            cloud.live_migrate(server, session.target_of(call)).await
        }
        (CallTarget::Server(server), Op::Migrate) => {
            cloud.migrate(server, session.target_of(call)).await
        }
        (CallTarget::Server(server), Op::ConfirmMigration) => cloud.confirm_migration(server).await,
        (CallTarget::Server(server), Op::AbortMigration(migration)) => {
            cloud.abort_migration(server, migration).await
        }
        (CallTarget::Server(server), Op::Stop) => cloud.stop(server).await,
        (CallTarget::Server(server), Op::Start) => cloud.start(server).await,
        (
            CallTarget::Host(_),
            Op::LiveMigrate
            | Op::Migrate
            | Op::ConfirmMigration
            | Op::AbortMigration(_)
            | Op::Stop
            | Op::Start,
        )
        | (CallTarget::Server(_), Op::DisableScheduling | Op::EnableScheduling) => {
            Err(CloudError::Rejected { detail: "the call does not fit its target".to_owned() })
        }
    }
}

/// Reads what the session wants to know of a host.
pub(super) async fn read(
    runner: Arc<Runner>,
    right: Right,
    session: Arc<Session>,
    want: Want,
) -> Done {
    let span = effect(&session, "read");
    let state = session.hosts.get(&want.host).map(|host| host.state);
    let arrivals = state.is_some_and(SessionHostState::waits_for_arrivals);
    let result = read_host(&runner, right, &want, arrivals).instrument(span.clone()).await;
    Done::Read(want, state, span.in_scope(|| outcome(&session, result)))
}

async fn read_host(
    runner: &Runner,
    right: Right,
    want: &Want,
    arrivals: bool,
) -> Result<(), ServeError> {
    let engine = &runner.engine;
    let host = &want.host;
    let _place = runner.calls.acquire().await;
    let at = engine.now();
    let (input, error) = match want.what {
        Read::Status => {
            let result = timed(runner, "hosts", runner.cloud.host(host)).await;
            let error = result.as_ref().err().cloned();
            (Input::StatusRead { host: host.clone(), at, result }, error)
        }
        Read::Servers => {
            let result = read_servers(runner, host, arrivals).await;
            let error = result.as_ref().err().cloned();
            (Input::ServersRead { host: host.clone(), at, result }, error)
        }
    };
    engine.apply(right.session, input, Guard::of(right)).await?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

async fn read_servers(
    runner: &Runner,
    host: &HostName,
    arrivals: bool,
) -> Result<HostServers, CloudError> {
    let cloud = &runner.cloud;
    let arriving = if arrivals {
        let since = runner.engine.now() - MOVE_FORGOTTEN_AFTER;
        timed(runner, "arriving", cloud.arriving(host, since)).await?
    } else {
        Vec::new()
    };
    let present = timed(runner, "servers_on", cloud.servers_on(host)).await?;
    Ok(HostServers { present, arriving })
}

/// Looks at all that runs for the session in the cloud, at once.
pub(super) async fn watch(
    runner: Arc<Runner>,
    right: Right,
    session: Arc<Session>,
    servers: Vec<ServerId>,
) -> Done {
    let span = effect(&session, "watch");
    let result = async {
        let engine = &runner.engine;
        let since = session.watched_since();
        let result = timed(&runner, "progress", runner.cloud.progress(&servers, since)).await;
        let error = result.as_ref().err().cloned();
        engine.apply(right.session, Input::Progress(result), Guard::of(right)).await?;
        error.map_or(Ok(()), |error| Err(ServeError::from(error)))
    }
    .instrument(span.clone())
    .await;
    Done::Watch(span.in_scope(|| outcome(&session, result)))
}

pub(super) async fn timed<T>(
    runner: &Runner,
    operation: &'static str,
    call: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    telemetry::cloud::observe(&runner.metrics, operation, call).await
}

pub(super) fn effect(session: &Session, operation: &str) -> Span {
    let head = &session.head;
    trace::session_effect(operation, &head.id.to_string(), head.trace_parent.as_deref())
}

pub(super) fn outcome(session: &Session, result: Result<(), ServeError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Through,
        Err(error) => {
            tracing::warn!(session_id = %session.head.id, error = chain(&error), "tried again");
            Outcome::Trouble
        }
    }
}
