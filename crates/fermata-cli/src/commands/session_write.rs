//! The calls that create and change sessions.

use fermata_client::v1::{
    CancelSessionRequest, CompleteHostRequest, CreateSessionRequest, DeleteSessionRequest,
    FailHostRequest, PauseSessionRequest, ResumeSessionRequest, RetryHostRequest, Session,
    SessionSpec, SkipHostRequest, StartSessionRequest, UpdateSessionRequest,
};
use prost_types::FieldMask;

use super::context::{Context, present};
use super::session::{get, show};
use super::session_id::resolve;
use super::session_watch;
use crate::args::Format;
use crate::args::session::{
    ChangeArgs, CreateArgs, DeleteArgs, HostChangeArgs, RetryArgs, UpdateArgs,
};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view;

pub(super) async fn create(args: CreateArgs, context: &Context<'_>) -> Result<(), Failure> {
    let spec = args.spec.spec(args.reason, context.screen.now())?;
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
    let mut paths: Vec<String> = args.how.apply(&mut spec).into_iter().map(str::to_owned).collect();
    if let Some(both) = args.unset.iter().find(|unset| paths.contains(unset)) {
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
    ($($name:ident: $request:ident, $call:ident;)*) => {$(
        pub(super) async fn $name(args: ChangeArgs, context: &Context<'_>) -> Result<(), Failure> {
            let request = $request {
                session_id: resolve(context, &args.session.session).await?,
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
            let request = $request {
                session_id: resolve(context, &args.session.session).await?,
                host: args.host,
                reason: args.reason,
                etag: args.guard.etag,
                request_id: args.guard.request_id.or_new(),
            };
            let mut client = context.sessions().await?;
            changed(present(context.ask(client.$call(request)).await?.session)?, context).await
        }
    )*};
}

changes! {
    start: StartSessionRequest, start_session;
    pause: PauseSessionRequest, pause_session;
    resume: ResumeSessionRequest, resume_session;
    cancel: CancelSessionRequest, cancel_session;
}

host_changes! {
    complete_host: CompleteHostRequest, complete_host;
    fail_host: FailHostRequest, fail_host;
    skip_host: SkipHostRequest, skip_host;
}

pub(super) async fn retry_host(args: RetryArgs, context: &Context<'_>) -> Result<(), Failure> {
    let change = args.change;
    let request = RetryHostRequest {
        session_id: resolve(context, &change.session.session).await?,
        host: change.host,
        reason: change.reason,
        etag: change.guard.etag,
        request_id: change.guard.request_id.or_new(),
        override_owners: args.override_owners,
    };
    let mut client = context.sessions().await?;
    changed(present(context.ask(client.retry_host(request)).await?.session)?, context).await
}

async fn changed(session: Session, context: &Context<'_>) -> Result<(), Failure> {
    match context.screen.format {
        Format::Json => context.screen.answer(&session, view::session::changed),
        Format::Table => show(&session, context).await,
    }
}
