//! A NotificationService whose streams and refusals follow a script, and which notes what it is asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_client::v1::subscribe_response::Message;
use fermata_client::v1::*;
use fermata_client::{Channel, connect_lazy};
use fermata_proto::Frame;
use fermata_proto::server::notification_service_server::{
    NotificationService, NotificationServiceServer,
};
use futures::stream::{self, BoxStream, StreamExt};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// What a stream does next. After the last step it falls silent.
pub(crate) enum Step {
    Send(Box<SubscribeResponse>),
    /// It waits until the test opens this.
    Wait(CancellationToken),
    /// It fails.
    Fail(Status),
}

/// What was asked, and how it is refused.
#[derive(Default)]
pub(crate) struct Notes {
    streams: VecDeque<Vec<Step>>,
    pub(crate) reply_errors: VecDeque<Status>,
    pub(crate) put_errors: VecDeque<Status>,
    pub(crate) put_warnings: Vec<Warning>,
    /// The pages of ListNotificationServers.
    pub(crate) pages: Vec<Vec<AffectedServer>>,
    pub(crate) subscribed: Vec<SubscribeRequest>,
    pub(crate) replies: Vec<ReplyRequest>,
    pub(crate) put: Vec<PutSubscriptionRequest>,
    pub(crate) acknowledged: Vec<u64>,
    pub(crate) heads: Vec<MetadataMap>,
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) notes: Arc<Mutex<Notes>>,
    pub(crate) address: SocketAddr,
}

impl Scripted {
    pub(crate) async fn run(streams: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let notes = Notes { streams: streams.into(), ..Notes::default() };
        let scripted = Self { notes: Arc::new(Mutex::new(notes)), address };
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(NotificationServiceServer::new(scripted.clone()))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        scripted
    }

    pub(crate) fn channel(&self) -> Channel {
        connect_lazy(&format!("http://{}", self.address)).unwrap()
    }

    /// What was noted, looked at by `look`.
    pub(crate) fn noted<T>(&self, look: impl FnOnce(&mut Notes) -> T) -> T {
        look(&mut self.notes.lock().unwrap())
    }

    pub(crate) async fn replied(&self, count: usize) {
        until("replies", || self.noted(|notes| notes.replies.len() >= count)).await;
    }

    pub(crate) async fn acknowledged(&self, sequence: u64) {
        let is_there = || self.noted(|notes| notes.acknowledged.contains(&sequence));
        until(&format!("the acknowledgement of {sequence}"), is_there).await;
    }
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let looking = async {
        while !condition() {
            // Between two looks, not in place of one.
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(60), looking).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

#[tonic::async_trait]
impl NotificationService for Scripted {
    type SubscribeStream = BoxStream<'static, Result<Frame, Status>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let steps = self.noted(|notes| {
            notes.heads.push(request.metadata().clone());
            notes.subscribed.push(request.into_inner());
            notes.streams.pop_front().unwrap_or_default()
        });
        let frames = stream::iter(steps).filter_map(|step| async {
            match step {
                Step::Send(message) => Some(Ok(frame(*message))),
                Step::Wait(gate) => {
                    gate.cancelled().await;
                    None
                }
                Step::Fail(status) => Some(Err(status)),
            }
        });
        Ok(Response::new(frames.chain(stream::pending()).boxed()))
    }

    async fn reply(
        &self,
        request: Request<ReplyRequest>,
    ) -> Result<Response<ReplyResponse>, Status> {
        self.noted(|notes| {
            notes.replies.push(request.into_inner());
            notes.reply_errors.pop_front().map_or(Ok(Response::new(Default::default())), Err)
        })
    }

    async fn put_subscription(
        &self,
        request: Request<PutSubscriptionRequest>,
    ) -> Result<Response<PutSubscriptionResponse>, Status> {
        self.noted(|notes| {
            notes.heads.push(request.metadata().clone());
            notes.put.push(request.into_inner());
            let warnings = notes.put_warnings.clone();
            let stored = PutSubscriptionResponse { warnings, ..Default::default() };
            notes.put_errors.pop_front().map_or(Ok(Response::new(stored)), Err)
        })
    }

    async fn acknowledge_position(
        &self,
        request: Request<AcknowledgePositionRequest>,
    ) -> Result<Response<AcknowledgePositionResponse>, Status> {
        self.noted(|notes| notes.acknowledged.push(request.into_inner().sequence));
        Ok(Response::new(Default::default()))
    }

    async fn list_notification_servers(
        &self,
        request: Request<ListNotificationServersRequest>,
    ) -> Result<Response<ListNotificationServersResponse>, Status> {
        let page: usize = request.into_inner().page_token.parse().unwrap_or_default();
        self.noted(|notes| {
            let is_last = page + 1 >= notes.pages.len();
            let next_page_token = if is_last { String::new() } else { (page + 1).to_string() };
            let servers = notes.pages[page].clone();
            Ok(Response::new(ListNotificationServersResponse { servers, next_page_token }))
        })
    }

    async fn get_notification(
        &self,
        _: Request<GetNotificationRequest>,
    ) -> Result<Response<GetNotificationResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_notifications(
        &self,
        _: Request<ListNotificationsRequest>,
    ) -> Result<Response<ListNotificationsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn get_subscription(
        &self,
        _: Request<GetSubscriptionRequest>,
    ) -> Result<Response<GetSubscriptionResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_subscriptions(
        &self,
        _: Request<ListSubscriptionsRequest>,
    ) -> Result<Response<ListSubscriptionsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn delete_subscription(
        &self,
        _: Request<DeleteSubscriptionRequest>,
    ) -> Result<Response<DeleteSubscriptionResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

fn frame(mut message: SubscribeResponse) -> Frame {
    let resume_token = std::mem::take(&mut message.resume_token).into();
    Frame { body: message.encode_to_vec().into(), resume_token }
}

/// An error with a reason of Fermata's.
pub(crate) fn with_reason(code: Code, reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, fermata_proto::ERROR_DOMAIN, []);
    Status::with_error_details(code, "scripted", details)
}

fn send(sequence: u64, store_id: &str, message: Message) -> Step {
    Step::Send(Box::new(SubscribeResponse {
        resume_token: sequence.to_string().into_bytes(),
        sequence,
        store_id: store_id.to_owned(),
        message: Some(message),
        ..Default::default()
    }))
}

pub(crate) fn snapshot(sequence: u64, notifications: Vec<Notification>) -> Step {
    snapshot_of("s", sequence, notifications)
}

pub(crate) fn snapshot_of(store: &str, sequence: u64, notifications: Vec<Notification>) -> Step {
    let state = OwnerSnapshot { part: 1, last: true, notifications, ..Default::default() };
    send(sequence, store, Message::Snapshot(state))
}

fn event(sequence: u64, event: owner_event::Event) -> Step {
    send(sequence, "", Message::Event(OwnerEvent { event: Some(event) }))
}

pub(crate) fn asked(sequence: u64, notification: Notification) -> Step {
    event(sequence, owner_event::Event::Notification(notification))
}

pub(crate) fn server_event(sequence: u64, server: &str, session: &str) -> Step {
    let (server_id, session_id) = (server.to_owned(), session.to_owned());
    let server = ServerEvent { server_id, session_id, ..Default::default() };
    event(sequence, owner_event::Event::Server(server))
}

pub(crate) fn session_event(sequence: u64, change: OwnerSessionChange, session: &str) -> Step {
    let session_id = session.to_owned();
    let session = OwnerSessionEvent { session_id, change: change.into(), ..Default::default() };
    event(sequence, owner_event::Event::Session(session))
}

pub(crate) fn server(id: &str) -> AffectedServer {
    let allowed = [Action::LiveMigrate, Action::Migrate];
    AffectedServer {
        server_id: id.to_owned(),
        name: id.to_owned(),
        allowed_actions: allowed.map(i32::from).into(),
        default_action: Action::LiveMigrate.into(),
        ..Default::default()
    }
}

/// A question without a deadline about the server `a`.
pub(crate) fn question(id: &str, plan_revision: u64) -> Notification {
    Notification {
        id: id.to_owned(),
        project_id: "p".to_owned(),
        session_id: "s".to_owned(),
        plan_revision,
        kind: NotificationKind::Planned.into(),
        state: NotificationState::Pending.into(),
        servers: vec![server("a")],
        ..Default::default()
    }
}
