//! SessionService.

use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::{Ask, Command, HostCommand};
use fermata_core::session::Session;
use fermata_core::spec::{Violation, check_text};
use fermata_proto::server::session_service_server::SessionService;
use fermata_proto::v1;
use fermata_store::{Order, SessionQuery, Topic};
use prost::Message;
use tonic::{Request, Response, Status};

use super::page::{self, Paging, Sizes};
use super::{cursor, preview, read_cursor, reply, session_id, session_lists, session_report};
use crate::bounds::rule::Bounded;
use crate::convert::incoming::Reader;
use crate::convert::session::{self as convert, View};
use crate::door::access::Method;
use crate::door::{Door, Entered};
use crate::error::ServeError;
use crate::parts::{Part, parts, weight};
use crate::requests::Writes;
use crate::stream::{Frames, Open, Snapshot, Start};
use crate::token::StreamId;

/// Sessions, for operators.
#[derive(Clone)]
pub struct Sessions(pub Door);

/// What the writes to an existing session have in common.
trait SessionWrite: Writes + Bounded + Method {
    type Response: Message + Default;
    fn session_id(&self) -> &str;
    fn reason(&self) -> &str;
    fn etag(&self) -> &str;
    fn respond(session: v1::Session) -> Self::Response;
}

macro_rules! session_write {
    ($($request:ident => $response:ident;)+) => { $(
        impl SessionWrite for v1::$request {
            type Response = v1::$response;

            fn session_id(&self) -> &str {
                &self.session_id
            }

            fn reason(&self) -> &str {
                &self.reason
            }

            fn etag(&self) -> &str {
                &self.etag
            }

            fn respond(session: v1::Session) -> Self::Response {
                v1::$response { session: Some(session) }
            }
        }
    )+ };
}

session_write! {
    StartSessionRequest => StartSessionResponse;
    PauseSessionRequest => PauseSessionResponse;
    ResumeSessionRequest => ResumeSessionResponse;
    CancelSessionRequest => CancelSessionResponse;
    CompleteHostRequest => CompleteHostResponse;
    FailHostRequest => FailHostResponse;
    SkipHostRequest => SkipHostResponse;
    RetryHostRequest => RetryHostResponse;
}

impl Sessions {
    async fn command<Q: SessionWrite>(
        &self,
        request: Request<Q>,
        command: Command,
    ) -> Result<Response<Q::Response>, Status> {
        let entered = self.0.enter(request)?;
        let ask = Ask::Command { command, reason: entered.message.reason().to_owned() };
        reply(write(&entered, ask).await)
    }

    async fn host_command<Q: SessionWrite>(
        &self,
        request: Request<Q>,
        host: impl Fn(&Q) -> &str,
        command: HostCommand,
    ) -> Result<Response<Q::Response>, Status> {
        let entered = self.0.enter(request)?;
        let host = HostName(host(&entered.message).to_owned());
        if host.as_str().is_empty() {
            return Err(ServeError::field("host", "is required").into());
        }
        let reason = entered.message.reason().to_owned();
        reply(write(&entered, Ask::HostCommand { host, command, reason }).await)
    }
}

/// A session as a write left it: the answer is the same whenever it is given.
pub(super) fn as_left(session: &Session) -> v1::Session {
    convert::session(session, session.head.updated_at)
}

async fn write<Q: SessionWrite>(
    Entered { message, call, app }: &Entered<'_, Q>,
    ask: Ask,
) -> Result<Q::Response, ServeError> {
    check_reason(message.reason())?;
    let id = session_id(message.session_id())?;
    let answer = |session: &Session| Q::respond(as_left(session));
    let sessions = app.sessions(call);
    app.requests(call)
        .once(message, &answer, |once| sessions.ask(id, ask, message.etag(), once))
        .await
}

#[tonic::async_trait]
impl SessionService for Sessions {
    async fn create_session(
        &self,
        request: Request<v1::CreateSessionRequest>,
    ) -> Result<Response<v1::CreateSessionResponse>, Status> {
        reply(create(self.0.enter(request)?).await)
    }

    type PreviewSessionStream = preview::Answers;

    async fn preview_session(
        &self,
        request: Request<v1::PreviewSessionRequest>,
    ) -> Result<Response<preview::Answers>, Status> {
        reply(preview::preview(self.0.enter(request)?).await)
    }

    async fn get_session(
        &self,
        request: Request<v1::GetSessionRequest>,
    ) -> Result<Response<v1::GetSessionResponse>, Status> {
        reply(get(self.0.enter(request)?).await)
    }

    async fn list_sessions(
        &self,
        request: Request<v1::ListSessionsRequest>,
    ) -> Result<Response<v1::ListSessionsResponse>, Status> {
        reply(list(self.0.enter(request)?).await)
    }

    async fn update_session(
        &self,
        request: Request<v1::UpdateSessionRequest>,
    ) -> Result<Response<v1::UpdateSessionResponse>, Status> {
        reply(update(self.0.enter(request)?).await)
    }

    async fn delete_session(
        &self,
        request: Request<v1::DeleteSessionRequest>,
    ) -> Result<Response<v1::DeleteSessionResponse>, Status> {
        reply(delete(self.0.enter(request)?).await)
    }

    async fn start_session(
        &self,
        request: Request<v1::StartSessionRequest>,
    ) -> Result<Response<v1::StartSessionResponse>, Status> {
        self.command(request, Command::Start).await
    }

    async fn pause_session(
        &self,
        request: Request<v1::PauseSessionRequest>,
    ) -> Result<Response<v1::PauseSessionResponse>, Status> {
        self.command(request, Command::Pause).await
    }

    async fn resume_session(
        &self,
        request: Request<v1::ResumeSessionRequest>,
    ) -> Result<Response<v1::ResumeSessionResponse>, Status> {
        self.command(request, Command::Resume).await
    }

    async fn cancel_session(
        &self,
        request: Request<v1::CancelSessionRequest>,
    ) -> Result<Response<v1::CancelSessionResponse>, Status> {
        self.command(request, Command::Cancel).await
    }

    async fn complete_host(
        &self,
        request: Request<v1::CompleteHostRequest>,
    ) -> Result<Response<v1::CompleteHostResponse>, Status> {
        self.host_command(request, |r| &r.host, HostCommand::Complete).await
    }

    async fn fail_host(
        &self,
        request: Request<v1::FailHostRequest>,
    ) -> Result<Response<v1::FailHostResponse>, Status> {
        self.host_command(request, |r| &r.host, HostCommand::Fail).await
    }

    async fn skip_host(
        &self,
        request: Request<v1::SkipHostRequest>,
    ) -> Result<Response<v1::SkipHostResponse>, Status> {
        self.host_command(request, |r| &r.host, HostCommand::Skip).await
    }

    async fn retry_host(
        &self,
        request: Request<v1::RetryHostRequest>,
    ) -> Result<Response<v1::RetryHostResponse>, Status> {
        let override_owners = request.get_ref().override_owners;
        self.host_command(request, |r| &r.host, HostCommand::Retry { override_owners }).await
    }

    async fn list_session_hosts(
        &self,
        request: Request<v1::ListSessionHostsRequest>,
    ) -> Result<Response<v1::ListSessionHostsResponse>, Status> {
        reply(session_lists::hosts(self.0.enter(request)?).await)
    }

    async fn list_session_servers(
        &self,
        request: Request<v1::ListSessionServersRequest>,
    ) -> Result<Response<v1::ListSessionServersResponse>, Status> {
        reply(session_lists::servers(self.0.enter(request)?).await)
    }

    async fn list_session_notifications(
        &self,
        request: Request<v1::ListSessionNotificationsRequest>,
    ) -> Result<Response<v1::ListSessionNotificationsResponse>, Status> {
        reply(session_lists::notifications(self.0.enter(request)?).await)
    }

    async fn get_session_report(
        &self,
        request: Request<v1::GetSessionReportRequest>,
    ) -> Result<Response<v1::GetSessionReportResponse>, Status> {
        reply(session_report::report(self.0.enter(request)?).await)
    }

    type WatchSessionStream = Frames;

    async fn watch_session(
        &self,
        request: Request<v1::WatchSessionRequest>,
    ) -> Result<Response<Frames>, Status> {
        reply(watch(self.0.enter(request)?).await)
    }
}

async fn create(
    Entered { message, call, app }: Entered<'_, v1::CreateSessionRequest>,
) -> Result<v1::CreateSessionResponse, ServeError> {
    let answer = |session: &Session| v1::CreateSessionResponse { session: Some(as_left(session)) };
    let create = async |once| {
        let spec = message.spec.clone();
        let spec =
            spec.ok_or_else(|| ServeError::field("spec", "is required: what is asked for"))?;
        let mut reader = Reader::default();
        let draft = reader.draft(spec);
        app.sessions(&call).create(draft, reader.into_violations(), once).await
    };
    app.requests(&call).once(&message, &answer, create).await
}

async fn get(
    Entered { message, call, app }: Entered<'_, v1::GetSessionRequest>,
) -> Result<v1::GetSessionResponse, ServeError> {
    let id = session_id(&message.session_id)?;
    let view = view_of(message.view, View::Full);
    let session = app.sessions(&call).load(id).await?;
    Ok(v1::GetSessionResponse { session: Some(convert::viewed(&session, view, app.now())) })
}

async fn update(
    Entered { message, call, app }: Entered<'_, v1::UpdateSessionRequest>,
) -> Result<v1::UpdateSessionResponse, ServeError> {
    let mut reader = Reader::default();
    let draft = reader.draft(message.spec.clone().unwrap_or_default());
    let draft = reader.finish(Box::new(draft))?;
    let fields = message.update_mask.clone().unwrap_or_default().paths;
    let fields = fields.into_iter().map(|f| f.trim_start_matches("spec.").to_owned()).collect();
    let id = session_id(&message.session_id)?;
    let ask = Ask::Update { draft, fields };
    let answer = |session: &Session| v1::UpdateSessionResponse { session: Some(as_left(session)) };
    let sessions = app.sessions(&call);
    app.requests(&call)
        .once(&message, &answer, |once| sessions.ask(id, ask, &message.etag, once))
        .await
}

async fn list(
    Entered { message: request, call, app }: Entered<'_, v1::ListSessionsRequest>,
) -> Result<v1::ListSessionsResponse, ServeError> {
    let mut reader = Reader::default();
    let filter = request.filter.clone().unwrap_or_default();
    let view = view_of(request.view, View::Basic);
    let most = match view {
        View::Basic => 500,
        View::Full => 50,
    };
    let states = reader.session_states(&filter.states);
    let ends_after_time = reader.time("filter.ends_after_time", filter.ends_after_time);
    let order = match request.order_by.as_str() {
        "" | "create_time desc" => Order::NewestFirst,
        "create_time" | "create_time asc" => Order::OldestFirst,
        other => {
            let text = format!("'{other}' is unknown; use 'create_time' or 'create_time desc'");
            return Err(ServeError::field("order_by", text));
        }
    };
    let list = format!("ListSessions {:?} {} {view:?}", request.filter, request.order_by);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let paging = Paging::read(app, &mut reader, list, asked, Sizes { default: 50, most })?;
    let after = paging.after(read_cursor)?;
    let host = (!filter.host.is_empty()).then(|| HostName(filter.host.clone()));
    let limit = paging.limit();
    let query = SessionQuery { states, host, ends_after_time, order, after, limit };
    let query = reader.finish(query)?;
    let sessions = app.sessions(&call);
    let (mut rows, now) = (Vec::new(), app.now());
    for row in sessions.list(&query).await? {
        let message = match view {
            View::Basic => convert::basic(&row.head, row.progress, now),
            View::Full => match sessions.load(row.head.id).await {
                Ok(session) => convert::session(&session, now),
                // Deleted in between.
                Err(ServeError::SessionNotFound) => continue,
                Err(error) => return Err(error),
            },
        };
        rows.push((cursor(row.head.created_at, row.head.id), message));
    }
    let (sessions, next_page_token) =
        paging.close(rows, |(_, message)| message.clone(), |(cursor, _)| cursor.clone());
    Ok(v1::ListSessionsResponse { sessions, next_page_token })
}

/// How much of a session is asked for.
fn view_of(view: i32, unset: View) -> View {
    match v1::SessionView::try_from(view).unwrap_or_default() {
        v1::SessionView::Unspecified => unset,
        v1::SessionView::Basic => View::Basic,
        v1::SessionView::Full => View::Full,
    }
}

async fn delete(
    Entered { message, call, app }: Entered<'_, v1::DeleteSessionRequest>,
) -> Result<v1::DeleteSessionResponse, ServeError> {
    let id: SessionId = session_id(&message.session_id)?;
    let answer = |(): &()| v1::DeleteSessionResponse {};
    let sessions = app.sessions(&call);
    app.requests(&call)
        .once(&message, &answer, |once| sessions.delete(id, &message.etag, once))
        .await
}

async fn watch(
    Entered { message, call, app }: Entered<'_, v1::WatchSessionRequest>,
) -> Result<Frames, ServeError> {
    let session = session_id(&message.session_id)?;
    let start = Start::read(message.start, message.heartbeat_interval, false)?;
    let view = view_of(message.view, View::Full);
    let (snapshot, sequence) = app.sessions(&call).snapshot(session).await?;
    let now = app.now();
    let topic = Topic::Session(session);
    let id = StreamId::new(&topic, "");
    let open = Open { topic, session: None, id, start, of: None };
    let snapshot = async || {
        let head = convert::viewed(&snapshot, view, now);
        let hosts: Vec<HostName> = match view {
            View::Basic => Vec::new(),
            View::Full => convert::in_order(&snapshot).iter().map(|h| h.host.clone()).collect(),
        };
        let beside = weight(&head);
        let hosts = hosts.into_iter().filter_map(move |name| {
            let host = snapshot.hosts.get(&name)?;
            Some(convert::host(&snapshot, host, now))
        });
        let part = move |Part { number, last, elements }| {
            let session = (number == 1).then(|| head.clone());
            v1::SessionSnapshot { part: number, last, session, hosts: elements }
        };
        Ok(Snapshot::new(sequence, parts(beside, hosts, weight), part))
    };
    app.stream::<v1::WatchSessionResponse, _>(&call, open, snapshot).await
}

/// An operator's words, which may be left out.
pub(super) fn check_reason(reason: &str) -> Result<(), ServeError> {
    let mut violations: Vec<Violation> = Vec::new();
    check_text("reason", reason, false, &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(ServeError::Violations(violations)) }
}
