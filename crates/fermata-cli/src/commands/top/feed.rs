//! Reads how things stand: whenever the stream of the session that is looked at says that something happened, and every few seconds for
//! what no stream tells, such as new sessions.

use std::time::Duration;

use fermata_client::v1::session_service_client::SessionServiceClient;
use fermata_client::v1::{
    GetSessionRequest, ListSessionHostsRequest, ListSessionServersRequest, ListSessionsRequest,
    SessionEvent, SessionFilter, SessionServerFilter, SessionState, SessionView,
    WatchSessionRequest,
};
use fermata_client::{Channel, Watch, WatchItem, WatchOptions};
use futures::StreamExt;
use prost_types::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tonic::Code;

use super::News;
use crate::commands::context::{Context, pages};
use crate::failure::Failure;
use crate::output::error;
use crate::view::projects::{ProjectNames, ids_of_event};
use crate::view::top::{Focus, Picture};

/// After an event: so that many events at once are one look.
const SOON: Duration = Duration::from_millis(300);
/// When nothing happens, and after what failed.
const IDLE: Duration = Duration::from_secs(2);
/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Sessions that are over: the last ones.
const OVER: usize = 20;
/// Servers of one host that are shown.
const SERVERS: usize = 200;

const OPEN: [SessionState; 5] = [
    SessionState::Scheduled,
    SessionState::Running,
    SessionState::Paused,
    SessionState::Cancelling,
    SessionState::Failed,
];
const CLOSED: [SessionState; 2] = [SessionState::Completed, SessionState::Cancelled];

type Client = SessionServiceClient<Channel>;

/// An event of a session, and when it happened.
pub(super) struct Happened {
    pub(super) event: SessionEvent,
    pub(super) time: Option<Timestamp>,
}

/// Tells the screen what it has to know, until nobody listens.
pub(super) async fn feed(
    context: &Context<'_>,
    channel: Channel,
    mut focus: watch::Receiver<Focus>,
    tell: mpsc::Sender<News>,
) {
    let mut client = SessionServiceClient::new(channel.clone());
    let mut stream: Option<(String, Watch<WatchSessionRequest>)> = None;
    let mut look = Instant::now();
    let mut names = ProjectNames::default();
    loop {
        let news = tokio::select! {
            changed = focus.changed() => {
                if changed.is_err() {
                    return;
                }
                look = Instant::now();
                continue;
            }
            item = next(&mut stream) => match item {
                Some(Ok(WatchItem::Connected | WatchItem::Snapshot { .. })) => {
                    look = look.min(Instant::now() + SOON);
                    continue;
                }
                Some(Ok(WatchItem::Event { mut event, position })) => {
                    look = look.min(Instant::now() + SOON);
                    context.learn(&mut names, ids_of_event(&event)).await;
                    names.in_event(&mut event);
                    News::Event(Box::new(Happened { event, time: position.time }))
                }
                Some(Ok(WatchItem::Interrupted { error, .. })) => News::Lost(error.to_string()),
                // What cannot be mended; the next look says so, too, or finds another session.
                Some(Err(_)) | None => {
                    stream = None;
                    continue;
                }
            },
            () = sleep_until(look) => {
                let at = focus.borrow_and_update().clone();
                let read = async {
                    let mut picture = read(context, &mut client, at.clone()).await?;
                    context.learn(&mut names, picture.projects()).await;
                    picture.name(&names);
                    Ok::<_, Failure>(picture)
                };
                let read = timeout(PATIENCE, read).await;
                look = Instant::now() + IDLE;
                match read {
                    Ok(Ok(picture)) => {
                        follow(&mut stream, &channel, at.session_id);
                        News::Picture(Box::new(picture))
                    }
                    Ok(Err(failure)) => News::Lost(error::in_a_line(&failure)),
                    Err(_) => News::Lost("the server does not answer".to_owned()),
                }
            }
        };
        if tell.send(news).await.is_err() {
            return;
        }
    }
}

/// The next item of the stream. It never comes while there is none.
async fn next(
    stream: &mut Option<(String, Watch<WatchSessionRequest>)>,
) -> Option<<Watch<WatchSessionRequest> as futures::Stream>::Item> {
    match stream {
        Some((_, stream)) => stream.next().await,
        None => std::future::pending().await,
    }
}

/// Follows this session, and no other one.
fn follow(
    stream: &mut Option<(String, Watch<WatchSessionRequest>)>,
    channel: &Channel,
    session_id: Option<String>,
) {
    if stream.as_ref().map(|(followed, _)| followed) == session_id.as_ref() {
        return;
    }
    *stream = session_id.map(|session_id| {
        let view = SessionView::Basic.into();
        let call =
            WatchSessionRequest { session_id: session_id.clone(), view, ..Default::default() };
        (session_id, fermata_client::watch(channel.clone(), call, WatchOptions::default()))
    });
}

/// Reads everything that the screen shows.
async fn read(
    context: &Context<'_>,
    client: &mut Client,
    focus: Focus,
) -> Result<Picture, Failure> {
    let mut sessions = list(context, client, &OPEN, usize::MAX).await?;
    sessions.extend(list(context, client, &CLOSED, OVER).await?);
    let mut picture = Picture { sessions, focus, ..Picture::default() };
    let Some(session_id) = picture.focus.session_id.clone() else { return Ok(picture) };
    let request = GetSessionRequest { session_id: session_id.clone(), ..Default::default() };
    match context.ask(client.get_session(request)).await {
        Ok(answer) => picture.session = answer.session,
        // Somebody deleted it.
        Err(Failure::Call(status)) if status.code() == Code::NotFound => return Ok(picture),
        Err(failure) => return Err(failure),
    }
    picture.hosts = pages(usize::MAX, async |page_size, page_token| {
        let session_id = session_id.clone();
        let request =
            ListSessionHostsRequest { session_id, page_size, page_token, ..Default::default() };
        let page = context.ask(client.list_session_hosts(request)).await?;
        Ok((page.hosts, page.next_page_token))
    })
    .await?;
    if let Some(host) = picture.focus.host.clone() {
        let filter = SessionServerFilter { host, ..Default::default() };
        picture.servers = pages(SERVERS, async |page_size, page_token| {
            let (session_id, filter) = (session_id.clone(), Some(filter.clone()));
            let request = ListSessionServersRequest { session_id, page_size, page_token, filter };
            let page = context.ask(client.list_session_servers(request)).await?;
            Ok((page.servers, page.next_page_token))
        })
        .await?;
    }
    Ok(picture)
}

async fn list(
    context: &Context<'_>,
    client: &mut Client,
    states: &[SessionState],
    wanted: usize,
) -> Result<Vec<fermata_client::v1::Session>, Failure> {
    let states = states.iter().map(|&state| state.into()).collect();
    let filter = SessionFilter { states, ..Default::default() };
    pages(wanted, async |page_size, page_token| {
        let filter = Some(filter.clone());
        let request = ListSessionsRequest { page_size, page_token, filter, ..Default::default() };
        let page = context.ask(client.list_sessions(request)).await?;
        Ok((page.sessions, page.next_page_token))
    })
    .await
}
