//! A HostService whose watch follows a script: one part per time that it is opened.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use fermata_client::v1::watch_hosts_response::Message;
use fermata_client::v1::{
    GetHostRequest, GetHostResponse, GoingAway, Heartbeat, HostEvent, HostsSnapshot,
    ListHostServersRequest, ListHostServersResponse, ListHostsRequest, ListHostsResponse,
    ReleaseHostRequest, ReleaseHostResponse, RequestHostMaintenanceRequest,
    RequestHostMaintenanceResponse, SetHostSchedulingRequest, SetHostSchedulingResponse,
    StreamStart, WatchHostsRequest, WatchHostsResponse,
};
use fermata_proto::Frame;
use fermata_proto::server::host_service_server::{HostService, HostServiceServer};
use futures::stream::{self, BoxStream, StreamExt};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// What the server does when it is opened once more.
pub(crate) enum Part {
    /// Refuses.
    Refuse(Status),
    /// Sends these, then what follows.
    Stream(Vec<WatchHostsResponse>, Then),
}

/// How a stream goes on after its messages.
pub(crate) enum Then {
    /// It ends.
    Close,
    /// It fails.
    Fail(Status),
    /// It says nothing more.
    FallSilent,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    starts: Arc<Mutex<Vec<StreamStart>>>,
}

impl Server {
    pub(crate) async fn run(script: Vec<Part>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let starts = Arc::default();
        let service = Scripted { script: Mutex::new(script.into()), starts: Arc::clone(&starts) };
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(HostServiceServer::new(service))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { address, starts }
    }

    /// Where each stream was asked to begin.
    pub(crate) fn starts(&self) -> Vec<StreamStart> {
        self.starts.lock().unwrap().clone()
    }
}

struct Scripted {
    script: Mutex<VecDeque<Part>>,
    starts: Arc<Mutex<Vec<StreamStart>>>,
}

#[tonic::async_trait]
impl HostService for Scripted {
    type WatchHostsStream = BoxStream<'static, Result<Frame, Status>>;

    async fn watch_hosts(
        &self,
        request: Request<WatchHostsRequest>,
    ) -> Result<Response<Self::WatchHostsStream>, Status> {
        self.starts.lock().unwrap().extend(request.into_inner().start);
        let part = self.script.lock().unwrap().pop_front();
        let (messages, then) = match part {
            Some(Part::Stream(messages, then)) => (messages, then),
            Some(Part::Refuse(status)) => return Err(status),
            None => return Err(Status::not_found("the script is over")),
        };
        let frames = stream::iter(messages.into_iter().map(|message| Ok(frame(message))));
        Ok(Response::new(match then {
            Then::Close => frames.boxed(),
            Then::Fail(status) => frames.chain(stream::iter([Err(status)])).boxed(),
            Then::FallSilent => frames.chain(stream::pending()).boxed(),
        }))
    }

    async fn get_host(
        &self,
        _: Request<GetHostRequest>,
    ) -> Result<Response<GetHostResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_hosts(
        &self,
        _: Request<ListHostsRequest>,
    ) -> Result<Response<ListHostsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_host_servers(
        &self,
        _: Request<ListHostServersRequest>,
    ) -> Result<Response<ListHostServersResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn request_host_maintenance(
        &self,
        _: Request<RequestHostMaintenanceRequest>,
    ) -> Result<Response<RequestHostMaintenanceResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn release_host(
        &self,
        _: Request<ReleaseHostRequest>,
    ) -> Result<Response<ReleaseHostResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn set_host_scheduling(
        &self,
        _: Request<SetHostSchedulingRequest>,
    ) -> Result<Response<SetHostSchedulingResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

fn frame(mut message: WatchHostsResponse) -> Frame {
    let resume_token = std::mem::take(&mut message.resume_token).into();
    Frame { body: message.encode_to_vec().into(), resume_token }
}

fn response(sequence: u64, message: Message) -> WatchHostsResponse {
    WatchHostsResponse {
        resume_token: token(sequence),
        sequence,
        message: Some(message),
        ..Default::default()
    }
}

/// The resume token of the message with this number.
pub(crate) fn token(sequence: u64) -> Vec<u8> {
    format!("after {sequence}").into_bytes()
}

pub(crate) fn snapshot(sequence: u64) -> WatchHostsResponse {
    part(sequence, 1, true)
}

/// A part of a snapshot.
pub(crate) fn part(sequence: u64, part: u32, last: bool) -> WatchHostsResponse {
    let snapshot = HostsSnapshot { part, last, ..Default::default() };
    let mut response = response(sequence, Message::Snapshot(snapshot));
    if !last {
        response.resume_token.clear();
    }
    response
}

pub(crate) fn event(sequence: u64) -> WatchHostsResponse {
    response(sequence, Message::Event(HostEvent::default()))
}

pub(crate) fn heartbeat(sequence: u64, milliseconds: i32) -> WatchHostsResponse {
    let interval = Some(prost_types::Duration { seconds: 0, nanos: milliseconds * 1_000_000 });
    response(sequence, Message::Heartbeat(Heartbeat { interval }))
}

pub(crate) fn going_away(sequence: u64, milliseconds: i32) -> WatchHostsResponse {
    let after = Some(prost_types::Duration { seconds: 0, nanos: milliseconds * 1_000_000 });
    response(sequence, Message::GoingAway(GoingAway { reconnect_after: after }))
}
