//! `fermata host drain`, `undrain` and `release`: emptying hosts and giving them back, several at once.

use std::time::Duration;

use fermata_client::v1::{
    CompleteHostRequest, CreateSessionRequest, GetHostRequest, HostSelection, MaintenanceWindow,
    OnFailure, ReleaseHostRequest, SessionHostState, SessionSpec, SkipHostRequest,
};

use super::context::{Context, present};
use super::ids::resolve;
use super::session::{hosts_of, show};
use super::session_wait;
use super::session_write::one_by_one;
use crate::args::Format;
use crate::args::host::{DrainArgs, ReleaseArgs};
use crate::args::moment::Moment;
use crate::args::session::Awaited;
use crate::failure::Failure;
use crate::output::time::{span_of, to_proto};
use crate::words::Word;

const HOUR: Duration = Duration::from_secs(3600);

/// Empties hosts at once, in one session.
pub(super) async fn drain(args: DrainArgs, context: &Context<'_>) -> Result<(), Failure> {
    let (wait, within) = (args.wait, args.within);
    let request_id = args.request_id.or_new();
    let spec = spec(args, context);
    let spans = (spec.drain_reply_period, spec.drain_timeout);
    let request = CreateSessionRequest { spec: Some(spec), request_id };
    let mut client = context.sessions().await?;
    let session = present(context.ask(client.create_session(request)).await?.session)?;
    if wait {
        let (id, reply, timeout) = (&session.id, span_of(spans.0), span_of(spans.1));
        if context.screen.format == Format::Table {
            context.screen.note(format!(
                "session {id}: owners have up to {reply} to reply, the hosts up to {timeout} to become empty; \
                 `fermata session watch {id}` follows it"
            ))?;
        }
        session_wait::wait(session.id, Awaited::InMaintenance, &[], within, context).await
    } else {
        show(&session, context).await
    }
}

/// The same as RequestHostMaintenance makes of one host.
fn spec(args: DrainArgs, context: &Context<'_>) -> SessionSpec {
    let end = args.end.or(args.span.map(Moment::In)).unwrap_or(Moment::In(24 * HOUR));
    let timeout = args.drain_timeout.unwrap_or(HOUR);
    let reply_period =
        args.reply_period.unwrap_or_else(|| Duration::from_secs(300).min(timeout / 2));
    SessionSpec {
        // All are held until somebody gives them back, so none may wait for another one.
        max_parallel_hosts: u32::try_from(args.hosts.len()).unwrap_or(u32::MAX),
        hosts: Some(HostSelection { names: args.hosts, ..Default::default() }),
        window: Some(MaintenanceWindow {
            start_time: None,
            end_time: Some(to_proto(end.at(context.screen.now()))),
        }),
        kind: args.kind.unwrap_or_default().into(),
        reason: args.reason,
        // It starts at once: owners are asked when the hosts are drained, which is now.
        announce_reply_period: Some(prost_types::Duration::default()),
        drain_reply_period: reply_period.try_into().ok(),
        drain_timeout: timeout.try_into().ok(),
        // The others are wanted all the same.
        on_failure: OnFailure::Continue.into(),
        ..Default::default()
    }
}

/// What is done to a host that is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GiveBack {
    /// Its work is done.
    Complete,
    /// Its drain is given up.
    Skip,
}

/// Gives hosts back that are held.
pub(super) async fn release(args: ReleaseArgs, context: &Context<'_>) -> Result<(), Failure> {
    let Some(session) = &args.session else {
        let client = context.hosts().await?;
        let mut after = None;
        let released_all = one_by_one(context, &args.hosts, async |host| {
            let request = ReleaseHostRequest {
                host: host.to_owned(),
                reason: args.reason.clone(),
                request_id: args.request_id.for_one_of(args.hosts.len(), host),
            };
            after = context.ask(client.clone().release_host(request)).await?.session;
            Ok(())
        })
        .await;
        if let Some(session) = after {
            show(&session, context).await?;
        }
        return released_all;
    };
    let session_id = resolve(context, session).await?;
    let hosts = hosts_of(&session_id, &[SessionHostState::InMaintenance], context).await?;
    let held = hosts.into_iter().map(|host| (host.host, GiveBack::Complete)).collect();
    give_back(&session_id, named(held, &args)?, &args, context).await
}

/// Gives hosts back, however far their drain has come.
pub(super) async fn undrain(args: ReleaseArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = match &args.session {
        Some(session) => resolve(context, session).await?,
        None => session_of(&args.hosts, context).await?,
    };
    let mut found = Vec::new();
    for host in hosts_of(&session_id, &[], context).await? {
        if let Some(how) = way_back(host.state()) {
            found.push((host.host, how));
        } else if args.hosts.contains(&host.host) {
            let state = host.state().name();
            context.screen.note(format!("{} is {state}: nothing to do", host.host))?;
        }
    }
    give_back(&session_id, named(found, &args)?, &args, context).await
}

/// How a host in this state is given back; `None`: it is not out of service, or on its way back.
fn way_back(state: SessionHostState) -> Option<GiveBack> {
    match state {
        SessionHostState::InMaintenance => Some(GiveBack::Complete),
        SessionHostState::Waiting | SessionHostState::Draining => Some(GiveBack::Skip),
        SessionHostState::Unspecified
        | SessionHostState::Returning
        | SessionHostState::Maintained
        | SessionHostState::Retired
        | SessionHostState::DrainFailed
        | SessionHostState::MaintenanceFailed
        | SessionHostState::Skipped
        | SessionHostState::Cancelled => None,
    }
}

/// Those of the hosts that the command names, which is all for --all.
fn named(
    mut hosts: Vec<(String, GiveBack)>,
    args: &ReleaseArgs,
) -> Result<Vec<(String, GiveBack)>, Failure> {
    if !args.all {
        hosts.retain(|(host, _)| args.hosts.contains(host));
    }
    if hosts.is_empty() {
        return Err(Failure::NotFound("no host is to be given back".to_owned()));
    }
    Ok(hosts)
}

/// The session that has all of these hosts.
async fn session_of(hosts: &[String], context: &Context<'_>) -> Result<String, Failure> {
    let mut client = context.hosts().await?;
    let mut found: Option<String> = None;
    for host in hosts {
        let request = GetHostRequest { host: host.clone() };
        let session = present(context.ask(client.get_host(request)).await?.host)?.session_id;
        if session.is_empty() {
            return Err(Failure::NotFound(format!("no active session has the host {host}")));
        }
        if found.as_ref().is_some_and(|other| *other != session) {
            let text = "the hosts are in several sessions: name one with --session";
            return Err(Failure::Usage(text.to_owned()));
        }
        found = Some(session);
    }
    found.ok_or_else(|| Failure::Usage("no host is named".to_owned()))
}

async fn give_back(
    session_id: &str,
    hosts: Vec<(String, GiveBack)>,
    args: &ReleaseArgs,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let client = context.sessions().await?;
    let names: Vec<_> = hosts.iter().map(|(host, _)| host.clone()).collect();
    let ids = |host: &str| (session_id.to_owned(), args.request_id.for_one_of(names.len(), host));
    let mut after = None;
    let given_all = one_by_one(context, &names, async |host| {
        let how = hosts.iter().find(|(name, _)| name == host).map(|(_, how)| *how);
        let ((session_id, request_id), etag) = (ids(host), String::new());
        let (reason, host) = (args.reason.clone(), host.to_owned());
        after = match how {
            Some(GiveBack::Complete) => {
                let request = CompleteHostRequest { session_id, host, reason, etag, request_id };
                context.ask(client.clone().complete_host(request)).await?.session
            }
            Some(GiveBack::Skip) | None => {
                let request = SkipHostRequest { session_id, host, reason, etag, request_id };
                context.ask(client.clone().skip_host(request)).await?.session
            }
        };
        Ok(())
    })
    .await;
    if let Some(session) = after {
        show(&session, context).await?;
    }
    given_all
}
