//! `fermata session`: which function carries out which command, and the reading ones.

use fermata_client::v1::{
    GetSessionReportRequest, GetSessionRequest, ListSessionsRequest, ListSessionsResponse, Session,
    SessionFilter, SessionReport,
};

use super::context::{Context, pages, present};
use super::session_id::resolve;
use super::{session_preview, session_watch, session_write};
use crate::args::session::{ListArgs, SessionArg, SessionCommand};
use crate::failure::Failure;
use crate::output::time::to_proto;
use crate::view;

pub(super) async fn run(command: SessionCommand, context: &Context<'_>) -> Result<(), Failure> {
    use SessionCommand as C;
    match command {
        C::Create(args) => session_write::create(*args, context).await,
        C::Preview(args) => session_preview::preview(*args, context).await,
        C::Get(args) => {
            let session = get(&args, context).await?;
            context.screen.answer(&session, view::session::session)
        }
        C::List(args) => list(args, context).await,
        C::Watch(args) => {
            let id = resolve(context, &args.session.session).await?;
            session_watch::watch(id, args.past_failure, context).await
        }
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
        C::Report(args) => report(&args, context).await,
    }
}

pub(super) async fn get(args: &SessionArg, context: &Context<'_>) -> Result<Session, Failure> {
    let session_id = resolve(context, &args.session).await?;
    let mut sessions = context.sessions().await?;
    let request = GetSessionRequest { session_id };
    present(context.ask(sessions.get_session(request)).await?.session)
}

async fn list(args: ListArgs, context: &Context<'_>) -> Result<(), Failure> {
    let filter = SessionFilter {
        states: args.states.iter().map(|&state| state.into()).collect(),
        host: args.host,
        ends_after_time: args.ends_after_time.map(|time| to_proto(time.at(context.screen.now()))),
    };
    let order_by = if args.oldest_first { "create_time" } else { "" };
    let mut client = context.sessions().await?;
    let sessions = pages(args.limit.entries(), async |page_size, page_token| {
        let request = ListSessionsRequest {
            page_size,
            page_token,
            filter: Some(filter.clone()),
            order_by: order_by.to_owned(),
        };
        let page = context.ask(client.list_sessions(request)).await?;
        Ok((page.sessions, page.next_page_token))
    })
    .await?;
    let all = ListSessionsResponse { sessions, next_page_token: String::new() };
    context.screen.answer(&all, view::session::list)
}

async fn report(args: &SessionArg, context: &Context<'_>) -> Result<(), Failure> {
    let session_id = resolve(context, &args.session).await?;
    let mut client = context.sessions().await?;
    let mut report = SessionReport::default();
    let hosts = pages(usize::MAX, async |page_size, page_token| {
        let request =
            GetSessionReportRequest { session_id: session_id.clone(), page_size, page_token };
        let page = context.ask(client.get_session_report(request)).await?;
        report = present(page.report)?;
        Ok((std::mem::take(&mut report.hosts), page.next_page_token))
    })
    .await?;
    context.screen.answer(&SessionReport { hosts, ..report }, view::report::report)
}
