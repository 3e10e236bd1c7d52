//! What the three streams have in common: a start, and messages of the same four kinds.

use std::future::Future;
use std::time::Duration;

use fermata_proto::v1::host_service_client::HostServiceClient;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_proto::v1::{
    GoingAway, Heartbeat, HostEvent, HostsSnapshot, OwnerEvent, OwnerSnapshot, SessionEvent,
    SessionSnapshot, StreamStart, SubscribeRequest, SubscribeResponse, WatchHostsRequest,
    WatchHostsResponse, WatchSessionRequest, WatchSessionResponse,
};
use tonic::{Response, Status, Streaming};

use crate::channel::{Channel, MAX_MESSAGE_BYTES};
use crate::watch::Position;
use crate::watch::snapshot::InParts;

/// A call that answers with a resumable stream.
pub trait WatchCall: Clone + Send + Sync + 'static {
    /// The state a stream begins with, and each part that it comes in.
    type Snapshot: InParts + Send + 'static;
    /// What happens after.
    type Event: Send + 'static;
    /// A message of the stream.
    type Response: Send + 'static;

    /// Where the stream shall begin.
    fn start(&self) -> Option<&StreamStart>;

    /// The same call with another beginning.
    #[must_use]
    fn with_start(self, start: StreamStart) -> Self;

    /// How often a heartbeat is asked for. `None` leaves it to the server.
    fn heartbeat_interval(&self) -> Option<Duration>;

    /// Opens the stream.
    fn open(
        self,
        channel: Channel,
    ) -> impl Future<Output = Result<Response<Streaming<Self::Response>>, Status>> + Send;

    /// Where a message stands, and what it says.
    fn read(response: Self::Response) -> Received<Self::Snapshot, Self::Event>;
}

/// A message of a stream, and where it stands.
#[derive(Debug, Clone)]
pub struct Received<S, E> {
    /// Where it stands.
    pub position: Position,
    /// What it says. `None` for a kind that this version does not know.
    pub message: Option<WatchMessage<S, E>>,
}

/// What a message of a stream says.
#[derive(Debug, Clone)]
pub enum WatchMessage<S, E> {
    /// The state as it stands, or a part of it.
    Snapshot(S),
    /// Something happened.
    Event(E),
    /// Nothing happened.
    Heartbeat(Heartbeat),
    /// The server goes away.
    GoingAway(GoingAway),
}

macro_rules! watch_calls {
    ($($request:ty => $client:ident.$method:ident, $response:ident of $module:ident:
        $snapshot:ty, $event:ty;)*) => {$(
        impl WatchCall for $request {
            type Snapshot = $snapshot;
            type Event = $event;
            type Response = $response;

            fn start(&self) -> Option<&StreamStart> {
                self.start.as_ref()
            }

            fn with_start(self, start: StreamStart) -> Self {
                Self { start: Some(start), ..self }
            }

            fn heartbeat_interval(&self) -> Option<Duration> {
                self.heartbeat_interval.and_then(|interval| interval.try_into().ok())
            }

            async fn open(
                self,
                channel: Channel,
            ) -> Result<Response<Streaming<Self::Response>>, Status> {
                let client = $client::new(channel);
                client.max_decoding_message_size(MAX_MESSAGE_BYTES).$method(self).await
            }

            fn read(response: Self::Response) -> Received<Self::Snapshot, Self::Event> {
                use fermata_proto::v1::$module::Message;
                let position = Position {
                    store_id: response.store_id,
                    sequence: response.sequence,
                    time: response.time,
                    resume_token: response.resume_token,
                };
                let message = response.message.map(|message| match message {
                    Message::Snapshot(snapshot) => WatchMessage::Snapshot(snapshot),
                    Message::Event(event) => WatchMessage::Event(event),
                    Message::Heartbeat(heartbeat) => WatchMessage::Heartbeat(heartbeat),
                    Message::GoingAway(going_away) => WatchMessage::GoingAway(going_away),
                });
                Received { position, message }
            }
        }
    )*};
}

watch_calls! {
    SubscribeRequest => NotificationServiceClient.subscribe,
        SubscribeResponse of subscribe_response: OwnerSnapshot, OwnerEvent;
    WatchSessionRequest => SessionServiceClient.watch_session,
        WatchSessionResponse of watch_session_response: SessionSnapshot, SessionEvent;
    WatchHostsRequest => HostServiceClient.watch_hosts,
        WatchHostsResponse of watch_hosts_response: HostsSnapshot, HostEvent;
}
