//! The calls that create and change sessions.

use fermata_client::v1::{
    CancelSessionRequest, CompleteHostRequest, CreateSessionRequest, DeleteSessionRequest,
    FailHostRequest, PauseSessionRequest, ResumeSessionRequest, RetryHostRequest, Session,
    SessionSpec, SkipHostRequest, StartSessionRequest, UpdateSessionRequest,
};
use prost_types::FieldMask;

use super::context::{Context, present};
use super::ids::resolve;
use super::session::{get, show};
use super::session_hosts::leave_out;
use super::session_watch;
use crate::args::Format;
use crate::args::session::{
    ChangeArgs, CreateArgs, DeleteArgs, HostChangeArgs, RetryArgs, UpdateArgs,
};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::output::error;
use crate::view;

pub(super) async fn create(args: CreateArgs, context: &Context<'_>) -> Result<(), Failure> {
    let excluded = args.spec.excluded();
    let mut spec = args.spec.spec(args.reason, context.screen.now())?;
    leave_out(&excluded, &mut spec, context).await?;
    let request = CreateSessionRequest { spec: Some(spec), request_id: args.request_id.or_new() };
    let mut client = context.sessions().await?;
    let session = present(context.ask(client.create_session(request)).await?.session)?;
    created(session, args.watch, context).await
}

/// Shows a new session, and follows it if that is wanted. A watch begins with the session itself,
/// so that JSON lines stay of one kind.
pub(super) async fn created(
    session: Session,
    watch: bool,
    context: &Context<'_>,
) -> Result<(), Failure> {
    if !watch {
        return show(&session, context).await;
    }
    session_watch::watch(session.id, false, context).await
}

pub(super) async fn update(args: UpdateArgs, context: &Context<'_>) -> Result<(), Failure> {
    let mut spec = SessionSpec::default();
    let mut paths = args.how.apply(&mut spec);
    let is_set = |unset: &&String| {
        paths.iter().any(|path| path == *unset || path.starts_with(&format!("{unset}.")))
    };
    if let Some(both) = args.unset.iter().find(is_set) {
        return Err(Failure::Usage(format!("{both} is both set and --unset")));
    }
    paths.extend(args.unset);
    if let Some(reason) = args.reason {
        spec.reason = reason;
        paths.push("reason".to_owned());
    }
    let mut etag = args.guard.etag;
    let mut session_id = resolve(context, &args.session.session).await?;
    if args.window.is_given() {
        // A mask names the whole window, so what is not given must come from the session; the
        // etag makes sure that it has not changed by then.
        let session = get(&args.session, context).await?;
        let window = session.spec.and_then(|spec| spec.window);
        spec.window = Some(args.window.window(context.screen.now(), window));
        paths.push("window".to_owned());
        session_id = session.id;
        if etag.is_empty() {
            etag = session.etag;
        }
    }
    if paths.is_empty() {
        return Err(Failure::Usage("nothing to update was given".to_owned()));
    }
    let request = UpdateSessionRequest {
        session_id,
        spec: Some(spec),
        update_mask: Some(FieldMask { paths }),
        etag,
        request_id: args.guard.request_id.or_new(),
    };
    let mut client = context.sessions().await?;
    let session = present(context.ask(client.update_session(request)).await?.session)?;
    show(&session, context).await
}

pub(super) async fn delete(args: DeleteArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session.session).await?;
    context.confirm(&format!("delete session {session_id} and its report"))?;
    let request = DeleteSessionRequest {
        session_id: session_id.clone(),
        etag: args.guard.etag,
        request_id: args.guard.request_id.or_new(),
    };
    let mut client = context.sessions().await?;
    let response = context.ask(client.delete_session(request)).await?;
    context.screen.answer(&response, |_, _| format!("session {} is deleted", safe(&session_id)))
}

macro_rules! changes {
    ($($name:ident: $request:ident, $call:ident, $confirm:expr;)*) => {$(
        pub(super) async fn $name(args: ChangeArgs, context: &Context<'_>) -> Result<(), Failure> {
            let session_id = resolve(context, &args.session.session).await?;
            if $confirm {
                context.confirm(&format!("{} session {session_id}", stringify!($name)))?;
            }
            let request = $request {
                session_id,
                reason: args.reason,
                etag: args.guard.etag,
                request_id: args.guard.request_id.or_new(),
            };
            let mut client = context.sessions().await?;
            changed(present(context.ask(client.$call(request)).await?.session)?, context).await
        }
    )*};
}

macro_rules! host_changes {
    ($($name:ident: $request:ident, $call:ident;)*) => {$(
        pub(super) async fn $name(
            args: HostChangeArgs,
            context: &Context<'_>,
        ) -> Result<(), Failure> {
            let client = context.sessions().await?;
            each_host(args, context, async |change: HostChange| {
                let HostChange { session_id, host, reason, etag, request_id } = change;
                let request = $request { session_id, host, reason, etag, request_id };
                present(context.ask(client.clone().$call(request)).await?.session)
            })
            .await
        }
    )*};
}

/// What every call has that changes a host of a session.
struct HostChange {
    session_id: String,
    host: String,
    reason: String,
    etag: String,
    request_id: String,
}

/// Changes hosts one after the other, and shows the session after the last one. One that is refused does not keep the
/// others from it.
async fn each_host(
    args: HostChangeArgs,
    context: &Context<'_>,
    change: impl AsyncFn(HostChange) -> Result<Session, Failure>,
) -> Result<(), Failure> {
    let HostChangeArgs { session, hosts, reason, guard } = args;
    if hosts.len() > 1 && !guard.etag.is_empty() {
        return Err(Failure::Usage(
            "--etag is for one host: the session has another one after the first".to_owned(),
        ));
    }
    let session_id = resolve(context, &session.session).await?;
    let mut after = None;
    let changed_all = one_by_one(context, &hosts, async |host| {
        let change = change(HostChange {
            session_id: session_id.clone(),
            host: host.to_owned(),
            reason: reason.clone(),
            etag: guard.etag.clone(),
            request_id: guard.request_id.for_one_of(hosts.len(), host),
        });
        after = Some(change.await?);
        Ok(())
    })
    .await;
    if let Some(session) = after {
        changed(session, context).await?;
    }
    changed_all
}

/// Does something to each host. The first failure is the command's, those that follow are told at once.
pub(super) async fn one_by_one(
    context: &Context<'_>,
    hosts: &[String],
    mut act: impl AsyncFnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut first = None;
    for host in hosts {
        match act(host).await {
            Ok(()) => {}
            Err(failure) if first.is_none() => first = Some(failure),
            Err(failure) => error::report(context.screen, &failure),
        }
    }
    first.map_or(Ok(()), Err)
}

changes! {
    start: StartSessionRequest, start_session, false;
    pause: PauseSessionRequest, pause_session, false;
    resume: ResumeSessionRequest, resume_session, false;
    cancel: CancelSessionRequest, cancel_session, true;
}

host_changes! {
    complete_host: CompleteHostRequest, complete_host;
    fail_host: FailHostRequest, fail_host;
    skip_host: SkipHostRequest, skip_host;
}

pub(super) async fn retry_host(args: RetryArgs, context: &Context<'_>) -> Result<(), Failure> {
    let override_owners = args.override_owners;
    if override_owners {
        let hosts = args.change.hosts.join(", ");
        context.confirm(&format!("move servers of {hosts} although their owners did not agree"))?;
    }
    let client = context.sessions().await?;
    each_host(args.change, context, async |change: HostChange| {
        let HostChange { session_id, host, reason, etag, request_id } = change;
        let request =
            RetryHostRequest { session_id, host, reason, etag, request_id, override_owners };
        present(context.ask(client.clone().retry_host(request)).await?.session)
    })
    .await
}

async fn changed(session: Session, context: &Context<'_>) -> Result<(), Failure> {
    match context.screen.format {
        Format::Json => context.screen.answer(&session, view::session::changed),
        Format::Table => show(&session, context).await,
    }
}
