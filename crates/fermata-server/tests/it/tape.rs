//! Streams as they come over the wire: every message with its encoded bytes.

use bytes::{Buf, BufMut, Bytes};
use fermata_proto::v1;
use prost::Message;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

use crate::harness::{LIMIT, soon};

/// Passes bytes through.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// Calls any method, with one message or a stream of them for an answer.
pub async fn raw(
    channel: &Channel,
    path: &str,
    request: Request<Bytes>,
) -> Result<Streaming<Bytes>, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    soon("the connection", client.ready()).await.unwrap();
    let opening = client.server_streaming(request, path.parse().unwrap(), Raw);
    Ok(soon("an answer", opening).await?.into_inner())
}

/// A message of one of the three streams.
pub trait Streamed: Message + Default + Clone + std::fmt::Debug {
    type Request: Message;
    const METHOD: &'static str;
    fn token(&self) -> &[u8];
    fn sequence(&self) -> u64;
    fn is_event(&self) -> bool;
    fn draining(&self) -> Option<&v1::GoingAway>;
    fn heartbeat(&self) -> Option<&v1::Heartbeat>;
}

macro_rules! streamed {
    ($($response:ident, $module:ident, $request:ident, $method:literal;)+) => { $(
        impl Streamed for v1::$response {
            type Request = v1::$request;
            const METHOD: &'static str = $method;

            fn token(&self) -> &[u8] {
                &self.resume_token
            }

            fn sequence(&self) -> u64 {
                self.sequence
            }

            fn is_event(&self) -> bool {
                matches!(self.message, Some(v1::$module::Message::Event(_)))
            }

            fn draining(&self) -> Option<&v1::GoingAway> {
                match &self.message {
                    Some(v1::$module::Message::GoingAway(draining)) => Some(draining),
                    _ => None,
                }
            }

            fn heartbeat(&self) -> Option<&v1::Heartbeat> {
                match &self.message {
                    Some(v1::$module::Message::Heartbeat(heartbeat)) => Some(heartbeat),
                    _ => None,
                }
            }
        }
    )+ };
}

streamed! {
    SubscribeResponse, subscribe_response, SubscribeRequest,
        "/fermata.v1.NotificationService/Subscribe";
    WatchSessionResponse, watch_session_response, WatchSessionRequest,
        "/fermata.v1.SessionService/WatchSession";
    WatchHostsResponse, watch_hosts_response, WatchHostsRequest,
        "/fermata.v1.HostService/WatchHosts";
}

/// A message and how it came over the wire.
#[derive(Clone)]
pub struct Heard<M> {
    pub message: M,
    pub bytes: Bytes,
}

/// A stream, and all that came through it.
pub struct Tape<M> {
    stream: Streaming<Bytes>,
    pub heard: Vec<Heard<M>>,
}

impl<M: Streamed> Tape<M> {
    /// Opens a stream on this connection.
    pub async fn open(channel: &Channel, request: M::Request) -> Result<Self, Status> {
        let request = Request::new(Bytes::from(request.encode_to_vec()));
        Ok(Self { stream: raw(channel, M::METHOD, request).await?, heard: Vec::new() })
    }

    /// The next message; `None` at the end of the stream.
    pub async fn try_next(&mut self) -> Result<Option<M>, Status> {
        let Some(bytes) = soon("a message", self.stream.message()).await? else { return Ok(None) };
        let message = M::decode(bytes.clone()).unwrap();
        self.heard.push(Heard { message: message.clone(), bytes });
        Ok(Some(message))
    }

    /// The next message.
    pub async fn next(&mut self) -> M {
        self.try_next().await.unwrap().expect("the stream goes on")
    }

    /// Reads on until a message is as wanted.
    pub async fn until(&mut self, wanted: impl Fn(&M) -> bool) -> M {
        let read = async {
            loop {
                let message = self.next().await;
                if wanted(&message) {
                    return message;
                }
            }
        };
        match tokio::time::timeout(LIMIT, read).await {
            Ok(message) => message,
            Err(_) => {
                let last = self.heard.last().map(|h| &h.message);
                panic!("waited too long; {} messages, the last {last:?}", self.heard.len());
            }
        }
    }

    /// Reads on until the stream ends, and gives how.
    pub async fn until_end(&mut self) -> Result<(), Status> {
        while self.try_next().await?.is_some() {}
        Ok(())
    }

    /// Reads on to the event with this number.
    pub async fn up_to(&mut self, sequence: u64) {
        self.until(|m| m.is_event() && m.sequence() == sequence).await;
    }

    /// The events so far.
    pub fn events(&self) -> impl Iterator<Item = &Heard<M>> {
        self.heard.iter().filter(|h| h.message.is_event())
    }

    /// The numbers of the events so far.
    pub fn sequences(&self) -> Vec<u64> {
        self.events().map(|h| h.message.sequence()).collect()
    }

    /// The token of the last message.
    pub fn token(&self) -> Vec<u8> {
        self.heard.last().unwrap().message.token().to_vec()
    }
}

/// Begins after a token.
pub fn after(token: impl Into<Vec<u8>>) -> Option<v1::StreamStart> {
    Some(v1::StreamStart { start: Some(v1::stream_start::Start::ResumeToken(token.into())) })
}

/// Begins with what comes.
pub fn now() -> Option<v1::StreamStart> {
    let start = v1::stream_start::Start::Point(v1::StreamPoint::Now.into());
    Some(v1::StreamStart { start: Some(start) })
}

/// A request for the stream of a project.
pub fn of_project(project: &str, start: Option<v1::StreamStart>) -> v1::SubscribeRequest {
    v1::SubscribeRequest { project_id: project.to_owned(), start, ..Default::default() }
}

/// A request for the stream of a session.
pub fn of_session(session: &str, start: Option<v1::StreamStart>) -> v1::WatchSessionRequest {
    v1::WatchSessionRequest { session_id: session.to_owned(), start, ..Default::default() }
}
