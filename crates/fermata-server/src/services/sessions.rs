//! SessionService.

use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::{Ask, Command, HostCommand};
use fermata_core::spec::{Violation, check_text};
use fermata_core::{Time, session::Session};
use fermata_proto::server::session_service_server::SessionService;
use fermata_proto::v1;
use fermata_store::{Order, SessionQuery, StoreError, Topic};
use prost::Message;
use tonic::{Request, Response, Status};

use super::{App, Gate, OPERATOR, OperatorWrite, operator, preview, session_id, session_lists};
use crate::bounds::{admit, rule::Bounded};
use crate::convert::incoming::Reader;
use crate::convert::session::{self as convert, View};
use crate::error::ServeError;
use crate::parts::{Part, page, parts, weight};
use crate::requests::{Known, RequestKey, look_up, or_answered};
use crate::stream::{Asked, Begin, Frames, Open};
use crate::token::StreamId;

/// Sessions, for operators.
#[derive(Clone)]
pub struct Sessions(pub Gate);

/// What the writes to an existing session have in common.
trait SessionWrite: Message + Bounded {
    const METHOD: &'static str;
    type Response: Message + Default;
    fn session_id(&self) -> &str;
    fn reason(&self) -> &str;
    fn etag(&self) -> &str;
    fn request_id(&self) -> &str;
    fn respond(session: v1::Session) -> Self::Response;
}

macro_rules! session_write {
    ($($request:ident => $response:ident, $method:literal;)+) => { $(
        impl SessionWrite for v1::$request {
            const METHOD: &'static str = $method;
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

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn respond(session: v1::Session) -> Self::Response {
                v1::$response { session: Some(session) }
            }
        }
    )+ };
}

session_write! {
    StartSessionRequest => StartSessionResponse, "StartSession";
    PauseSessionRequest => PauseSessionResponse, "PauseSession";
    ResumeSessionRequest => ResumeSessionResponse, "ResumeSession";
    CancelSessionRequest => CancelSessionResponse, "CancelSession";
    CompleteHostRequest => CompleteHostResponse, "CompleteHost";
    FailHostRequest => FailHostResponse, "FailHost";
    SkipHostRequest => SkipHostResponse, "SkipHost";
    RetryHostRequest => RetryHostResponse, "RetryHost";
}

impl Sessions {
    async fn command<Q: SessionWrite>(
        &self,
        request: Request<Q>,
        command: Command,
    ) -> Result<Response<Q::Response>, Status> {
        let request = admit(request)?;
        let ask = Ask::Command { command, reason: request.reason().to_owned() };
        Ok(Response::new(self.write(&request, ask).await?))
    }

    async fn host_command<Q: SessionWrite>(
        &self,
        request: Request<Q>,
        host: impl Fn(&Q) -> &str,
        command: HostCommand,
    ) -> Result<Response<Q::Response>, Status> {
        let request = admit(request)?;
        let host = HostName(host(&request).to_owned());
        if host.as_str().is_empty() {
            return Err(ServeError::field("host", "is required").into());
        }
        let reason = request.reason().to_owned();
        let ask = Ask::HostCommand { host, command, reason };
        Ok(Response::new(self.write(&request, ask).await?))
    }

    async fn write<Q: SessionWrite>(&self, request: &Q, ask: Ask) -> Result<Q::Response, Status> {
        check_reason(request.reason())?;
        let write = OperatorWrite {
            method: Q::METHOD,
            request,
            request_id: request.request_id(),
            session: session_id(request.session_id())?,
            etag: request.etag(),
        };
        Ok(self.0.app()?.operator_write(write, ask.by(operator()), Q::respond).await?)
    }
}

#[tonic::async_trait]
impl SessionService for Sessions {
    async fn create_session(
        &self,
        request: Request<v1::CreateSessionRequest>,
    ) -> Result<Response<v1::CreateSessionResponse>, Status> {
        let request = admit(request)?;
        let app = self.0.app()?;
        let known =
            look_up(&app.engine.store, OPERATOR, &request.request_id, "CreateSession", &request);
        let key = match known.await? {
            Known::Answered(response) => return Ok(Response::new(response)),
            Known::New(key) => key,
        };
        let spec = request
            .spec
            .ok_or_else(|| ServeError::field("spec", "is required: what is asked for"))?;
        let answer = |session: &Session| v1::CreateSessionResponse {
            session: Some(convert::session(session)),
        };
        let respond = |s: &Session| answer(s).encode_to_vec();
        let created = app.create_session(spec, key.clone(), &respond).await;
        let result = created.map(|session| answer(&session));
        Ok(Response::new(or_answered(&app.engine.store, key, result).await?))
    }

    type PreviewSessionStream = preview::Answers;

    async fn preview_session(
        &self,
        request: Request<v1::PreviewSessionRequest>,
    ) -> Result<Response<preview::Answers>, Status> {
        Ok(Response::new(preview::preview(self.0.app()?, admit(request)?).await?))
    }

    async fn get_session(
        &self,
        request: Request<v1::GetSessionRequest>,
    ) -> Result<Response<v1::GetSessionResponse>, Status> {
        let v1::GetSessionRequest { session_id: id, view } = admit(request)?;
        let id = session_id(&id)?;
        let view = view_of(view, View::Full);
        let session = self.0.app()?.engine.load(id).await?;
        let session = Some(convert::viewed(&session, view));
        Ok(Response::new(v1::GetSessionResponse { session }))
    }

    async fn list_sessions(
        &self,
        request: Request<v1::ListSessionsRequest>,
    ) -> Result<Response<v1::ListSessionsResponse>, Status> {
        Ok(Response::new(list(self.0.app()?, admit(request)?).await?))
    }

    async fn update_session(
        &self,
        request: Request<v1::UpdateSessionRequest>,
    ) -> Result<Response<v1::UpdateSessionResponse>, Status> {
        let request = admit(request)?;
        let mut reader = Reader::default();
        let draft = reader.draft(request.spec.clone().unwrap_or_default());
        let draft = reader.finish(Box::new(draft))?;
        let fields = request.update_mask.clone().unwrap_or_default().paths;
        let fields = fields.into_iter().map(|f| f.trim_start_matches("spec.").to_owned()).collect();
        let write = OperatorWrite {
            method: "UpdateSession",
            request: &request,
            request_id: &request.request_id,
            session: session_id(&request.session_id)?,
            etag: &request.etag,
        };
        let input = Ask::Update { draft, fields }.by(operator());
        let answer = |session| v1::UpdateSessionResponse { session: Some(session) };
        Ok(Response::new(self.0.app()?.operator_write(write, input, answer).await?))
    }

    async fn delete_session(
        &self,
        request: Request<v1::DeleteSessionRequest>,
    ) -> Result<Response<v1::DeleteSessionResponse>, Status> {
        Ok(Response::new(delete(self.0.app()?, admit(request)?).await?))
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
        Ok(Response::new(session_lists::hosts(self.0.app()?, &admit(request)?).await?))
    }

    async fn list_session_servers(
        &self,
        request: Request<v1::ListSessionServersRequest>,
    ) -> Result<Response<v1::ListSessionServersResponse>, Status> {
        Ok(Response::new(session_lists::servers(self.0.app()?, &admit(request)?).await?))
    }

    async fn get_session_report(
        &self,
        request: Request<v1::GetSessionReportRequest>,
    ) -> Result<Response<v1::GetSessionReportResponse>, Status> {
        Ok(Response::new(session_lists::report(self.0.app()?, &admit(request)?).await?))
    }

    type WatchSessionStream = Frames;

    async fn watch_session(
        &self,
        request: Request<v1::WatchSessionRequest>,
    ) -> Result<Response<Frames>, Status> {
        Ok(Response::new(watch(self.0.app()?, admit(request)?).await?))
    }
}

/// An operator's words, which may be left out.
pub(super) fn check_reason(reason: &str) -> Result<(), ServeError> {
    let mut violations: Vec<Violation> = Vec::new();
    check_text("reason", reason, false, &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(ServeError::Violations(violations)) }
}

async fn list(
    app: &App,
    request: v1::ListSessionsRequest,
) -> Result<v1::ListSessionsResponse, ServeError> {
    let mut reader = Reader::default();
    let filter = request.filter.clone().unwrap_or_default();
    let view = view_of(request.view, View::Basic);
    let most = match view {
        View::Basic => 500,
        View::Full => 50,
    };
    let size = reader.page_size(request.page_size, 50, most);
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
    let tokens = &app.streams.tokens;
    let after = match tokens.read_page(&list, &request.page_token)? {
        None => None,
        Some(cursor) => Some(read_cursor(&cursor).ok_or(ServeError::PageTokenInvalid)?),
    };
    let host = (!filter.host.is_empty()).then(|| HostName(filter.host.clone()));
    let query = reader.finish(SessionQuery {
        states,
        host,
        ends_after_time,
        order,
        after,
        limit: size + 1,
    })?;
    let found = app.engine.store.list_sessions(&query).await?;
    let mut rows = Vec::new();
    for row in found {
        let message = match view {
            View::Basic => convert::basic(&row.head, row.progress),
            View::Full => match app.engine.load(row.head.id).await {
                Ok(session) => convert::session(&session),
                // Deleted in between.
                Err(ServeError::SessionNotFound) => continue,
                Err(error) => return Err(error),
            },
        };
        rows.push((cursor(row.head.created_at, row.head.id), message));
    }
    let page = page(rows, size, |(_, message)| message.clone());
    let next = page.after.map(|(cursor, _)| tokens.page(&list, &cursor));
    let next_page_token = next.unwrap_or_default();
    Ok(v1::ListSessionsResponse { sessions: page.messages, next_page_token })
}

/// How much of a session is asked for.
fn view_of(view: i32, unset: View) -> View {
    match v1::SessionView::try_from(view).unwrap_or_default() {
        v1::SessionView::Unspecified => unset,
        v1::SessionView::Basic => View::Basic,
        v1::SessionView::Full => View::Full,
    }
}

/// A position in a list that is ordered by creation.
pub(super) fn cursor(at: Time, id: impl std::fmt::Display) -> String {
    format!("{}/{id}", at.unix_timestamp_nanos())
}

/// Reads a position in such a list.
pub(super) fn read_cursor<T: std::str::FromStr>(cursor: &str) -> Option<(Time, T)> {
    let (nanos, id) = cursor.split_once('/')?;
    let at = Time::from_unix_timestamp_nanos(nanos.parse().ok()?).ok()?;
    Some((at, id.parse().ok()?))
}

async fn delete(
    app: &App,
    request: v1::DeleteSessionRequest,
) -> Result<v1::DeleteSessionResponse, ServeError> {
    let id = session_id(&request.session_id)?;
    let store = &app.engine.store;
    let known = look_up(store, OPERATOR, &request.request_id, "DeleteSession", &request).await?;
    let key = match known {
        Known::Answered(response) => return Ok(response),
        Known::New(key) => key,
    };
    let deleted = delete_now(app, id, &request.etag, key.clone()).await;
    or_answered(store, key, deleted).await
}

async fn delete_now(
    app: &App,
    id: SessionId,
    etag: &str,
    key: Option<RequestKey>,
) -> Result<v1::DeleteSessionResponse, ServeError> {
    let head = app.engine.load(id).await?.head;
    let current = convert::etag(head.revision);
    if !etag.is_empty() && etag != current {
        return Err(ServeError::EtagMismatch { etag: current });
    }
    if !head.state.is_terminal() {
        return Err(ServeError::NotDeletable { state: head.state.name() });
    }
    let record = key.map(|k| k.answered(v1::DeleteSessionResponse {}.encode_to_vec()));
    let deleted = app.engine.store.delete_session(id, head.revision, record, app.engine.now());
    deleted.await.map_err(absent)?;
    app.engine.forget(id);
    app.engine.hub.ended(&Topic::Session(id));
    app.engine.hints.ended(Topic::Session(id));
    tracing::info!(session_id = %id, "session deleted");
    Ok(v1::DeleteSessionResponse {})
}

/// What the store says of a session that somebody else was faster to delete.
fn absent(error: StoreError) -> ServeError {
    match error {
        StoreError::NotFound => ServeError::SessionNotFound,
        StoreError::Conflict
        | StoreError::HostBusy { .. }
        | StoreError::RequestExists
        | StoreError::Exists { .. }
        | StoreError::AheadOfTopic { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_) => error.into(),
    }
}

async fn watch(app: &App, request: v1::WatchSessionRequest) -> Result<Frames, ServeError> {
    let session = session_id(&request.session_id)?;
    let mut reader = Reader::default();
    let heartbeat = reader.span("heartbeat_interval", request.heartbeat_interval);
    let heartbeat = reader.finish(heartbeat)?;
    let view = view_of(request.view, View::Full);
    let store = &app.engine.store;
    let topic = Topic::Session(session);
    let id = StreamId::new(&topic, "");
    let (snapshot, sequence) =
        store.session_snapshot(session).await?.ok_or(ServeError::SessionNotFound)?;
    let begin = match Asked::read(request.start, false)? {
        Asked::Token(token) => Begin::After(app.streams.resume(store, &topic, id, &token).await?),
        Asked::Now => Begin::Now,
        Asked::Snapshot | Asked::Acknowledged => {
            let time = Some(crate::convert::timestamp(app.engine.now()));
            let store_id = app.streams.store_id();
            let head = convert::viewed(&snapshot, view);
            let hosts: Vec<HostName> = match view {
                View::Basic => Vec::new(),
                View::Full => convert::in_order(&snapshot).iter().map(|h| h.host.clone()).collect(),
            };
            let beside = weight(&head);
            let hosts = hosts.into_iter().filter_map(move |name| {
                let host = snapshot.hosts.get(&name)?;
                Some(convert::host(&snapshot, host))
            });
            let parts = parts(beside, hosts, weight);
            Begin::snapshot(sequence, parts, move |Part { number, last, elements }| {
                let session = (number == 1).then(|| head.clone());
                let snapshot = v1::SessionSnapshot { part: number, last, session, hosts: elements };
                v1::WatchSessionResponse {
                    sequence,
                    store_id: store_id.clone(),
                    time,
                    message: Some(v1::watch_session_response::Message::Snapshot(snapshot)),
                    ..Default::default()
                }
            })
        }
    };
    let open = Open { topic, session: None, id, heartbeat, place: None };
    app.streams.open::<v1::WatchSessionResponse>(open, begin).await
}
