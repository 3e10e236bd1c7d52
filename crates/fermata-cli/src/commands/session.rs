//! `fermata session`: which function carries out which command, and the reading ones.

use fermata_client::v1::{
    GetSessionRequest, ListSessionHostsRequest, ListSessionHostsResponse,
    ListSessionNotificationsRequest, ListSessionNotificationsResponse, ListSessionServersRequest,
    ListSessionServersResponse, ListSessionsRequest, ListSessionsResponse, Session, SessionFilter,
    SessionHost, SessionHostFilter, SessionHostState, SessionNotification,
    SessionNotificationFilter, SessionServerFilter,
};

use super::context::{Context, pages, present};
use super::ids::resolve;
use super::{session_preview, session_report, session_wait, session_watch, session_write};
use crate::args::Format;
use crate::args::session::{
    ListArgs, SessionArg, SessionCommand, SessionHostsArgs, SessionOwnersArgs, SessionServersArgs,
};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::output::time::to_proto;
use crate::view;
use crate::view::projects::{ids_in, ids_of_session};

pub(super) async fn run(command: SessionCommand, context: &Context<'_>) -> Result<(), Failure> {
    use SessionCommand as C;
    match command {
        C::Create(args) => session_write::create(*args, context).await,
        C::Preview(args) => session_preview::preview(*args, context).await,
        C::Get(args) => {
            let session = get(&args, context).await?;
            show(&session, context).await
        }
        C::List(args) => list(args, context).await,
        C::Watch(args) => {
            let id = resolve(context, &args.session.session).await?;
            session_watch::watch(id, args.past_failure, context).await
        }
        C::Wait(args) => session_wait::run(args, context).await,
        C::Start(args) => session_write::start(args, context).await,
        C::Pause(args) => session_write::pause(args, context).await,
        C::Resume(args) => session_write::resume(args, context).await,
        C::Cancel(args) => session_write::cancel(args, context).await,
        C::CompleteHost(args) => session_write::complete_host(args, context).await,
        C::FailHost(args) => session_write::fail_host(args, context).await,
        C::SkipHost(args) => session_write::skip_host(args, context).await,
        C::RetryHost(args) => session_write::retry_host(args, context).await,
        C::Update(args) => session_write::update(*args, context).await,
        C::Delete(args) => session_write::delete(args, context).await,
        C::Report(args) => session_report::report(&args, context).await,
        C::Export(args) => session_report::export(args, context).await,
        C::Hosts(args) => hosts(&args, context).await,
        C::Servers(args) => servers(&args, context).await,
        C::Owners(args) => owners(&args, context).await,
    }
}

/// Shows a session with its hosts. As JSON they are a list of its own, as in the contract.
pub(super) async fn show(session: &Session, context: &Context<'_>) -> Result<(), Failure> {
    if context.screen.is_names_only() {
        return Ok(context.screen.line(safe(&session.id))?);
    }
    let hosts = match context.screen.format {
        Format::Table => hosts_of(&session.id, &[], context).await?,
        Format::Json => Vec::new(),
    };
    let asked = asked_in_table(&session.id, context).await?;
    let (mut session, mut hosts) = (session.clone(), hosts);
    let names = context.names_of(ids_of_session(&session, &hosts)).await;
    names.in_session(&mut session);
    names.in_session_hosts(&mut hosts);
    let shown = |session: &_, now| view::session::session(session, &hosts, &asked, now);
    context.screen.answer(&session, shown)
}

async fn hosts(args: &SessionHostsArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session.session).await?;
    let mut hosts = hosts_of(&session_id, &args.states, context).await?;
    let ids = hosts.iter().flat_map(|host| ids_in(&host.state_reason));
    context.names_of(ids).await.in_session_hosts(&mut hosts);
    let all = ListSessionHostsResponse { hosts, next_page_token: String::new() };
    context
        .screen
        .list(&all, |all, now| view::session::hosts(&all.hosts, now).or_nothing("no hosts"))
}

pub(super) async fn hosts_of(
    session_id: &str,
    states: &[SessionHostState],
    context: &Context<'_>,
) -> Result<Vec<SessionHost>, Failure> {
    let filter = SessionHostFilter { states: states.iter().map(|&state| state.into()).collect() };
    let mut client = context.sessions().await?;
    pages(usize::MAX, async |page_size, page_token| {
        let request = ListSessionHostsRequest {
            session_id: session_id.to_owned(),
            page_size,
            page_token,
            filter: Some(filter.clone()),
            order_by: String::new(),
        };
        let page = context.ask(client.list_session_hosts(request)).await?;
        Ok((page.hosts, page.next_page_token))
    })
    .await
}

async fn servers(args: &SessionServersArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session.session).await?;
    let filter = SessionServerFilter {
        host: args.host.clone(),
        project_id: context.known_project(&args.project).await?,
        states: args.states.iter().map(|&state| state.into()).collect(),
    };
    let mut client = context.sessions().await?;
    let servers = pages(args.limit.entries(), async |page_size, page_token| {
        let request = ListSessionServersRequest {
            session_id: session_id.clone(),
            page_size,
            page_token,
            filter: Some(filter.clone()),
        };
        let page = context.ask(client.list_session_servers(request)).await?;
        Ok((page.servers, page.next_page_token))
    })
    .await?;
    let names = context.names_of(servers.iter().map(|server| &server.project_id)).await;
    let all = ListSessionServersResponse { servers, next_page_token: String::new() };
    context.screen.list(&all, |all, now| {
        view::report::servers(&all.servers, now).naming(&names).or_nothing("no servers")
    })
}

async fn owners(args: &SessionOwnersArgs, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session.session).await?;
    let filter = SessionNotificationFilter {
        project_id: context.known_project(&args.project).await?,
        states: args.states.iter().map(|&state| state.into()).collect(),
    };
    let notifications = asked_in(&session_id, filter, args.limit.entries(), context).await?;
    let names = context.names_of(notifications.iter().map(|asked| &asked.project_id)).await;
    let all = ListSessionNotificationsResponse { notifications, next_page_token: String::new() };
    context.screen.list(&all, |all, now| {
        view::answers::answers_and_history(&all.notifications, now)
            .naming(&names)
            .or_nothing("no owner was asked")
    })
}

/// What owners were asked, where tables are shown; as JSON it is a list of its own, as in the contract.
async fn asked_in_table(
    session_id: &str,
    context: &Context<'_>,
) -> Result<Vec<SessionNotification>, Failure> {
    match context.screen.format {
        Format::Table => {
            asked_in(session_id, SessionNotificationFilter::default(), usize::MAX, context).await
        }
        Format::Json => Ok(Vec::new()),
    }
}

async fn asked_in(
    session_id: &str,
    filter: SessionNotificationFilter,
    most: usize,
    context: &Context<'_>,
) -> Result<Vec<SessionNotification>, Failure> {
    let mut client = context.sessions().await?;
    pages(most, async |page_size, page_token| {
        let request = ListSessionNotificationsRequest {
            session_id: session_id.to_owned(),
            page_size,
            page_token,
            filter: Some(filter.clone()),
        };
        let page = context.ask(client.list_session_notifications(request)).await?;
        Ok((page.notifications, page.next_page_token))
    })
    .await
}

pub(super) async fn get(args: &SessionArg, context: &Context<'_>) -> Result<Session, Failure> {
    let session_id = resolve(context, &args.session).await?;
    let mut sessions = context.sessions().await?;
    let request = GetSessionRequest { session_id, ..Default::default() };
    present(context.ask(sessions.get_session(request)).await?.session)
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let filter = SessionFilter {
        states: args.states.iter().map(|&state| state.into()).collect(),
        host: args.host,
        ends_after_time: args.ends_after_time.map(|time| to_proto(time.at(context.screen.now()))),
    };
    let order_by = if args.oldest_first { "create_time" } else { "" };
    let sessions = listed(filter, order_by, args.limit.entries(), context).await?;
    let all = ListSessionsResponse { sessions, next_page_token: String::new() };
    context.screen.list(&all, view::session::list)
}

pub(super) async fn listed(
    filter: SessionFilter,
    order_by: &str,
    most: usize,
    context: &Context<'_>,
) -> Result<Vec<Session>, Failure> {
    let mut client = context.sessions().await?;
    pages(most, async |page_size, page_token| {
        let request = ListSessionsRequest {
            page_size,
            page_token,
            filter: Some(filter.clone()),
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let page = context.ask(client.list_sessions(request)).await?;
        Ok((page.sessions, page.next_page_token))
    })
    .await
}
