//! Clients that take more than their share, send half of a request, or take nothing of an answer; and what others see
//! meanwhile.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use fermata_proto::v1;
use fermata_proto::v1::SubscribeRequest;
use fermata_server::Config;
use fermata_server::door::{NewPrincipal, Token, add_principal};
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Method, Request};
use prost::Message;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

use crate::harness::{Site, eventually, soon};
use crate::refusal::Refusal;
use crate::world::World;

const LIST: &str = "/fermata.v1.SessionService/ListSessions";
const SUBSCRIBE: &str = "/fermata.v1.NotificationService/Subscribe";

/// A connection whose client decides about each frame.
struct Raw {
    send: SendRequest<Bytes>,
    ended: JoinHandle<Result<(), h2::Error>>,
    /// What its calls carry beside the usual.
    headers: HeaderMap,
}

impl Raw {
    async fn connect(site: &Site) -> Self {
        Self::with_window(site, 65_535).await
    }

    async fn with_window(site: &Site, window: u32) -> Self {
        let stream = TcpStream::connect(address(site)).await.unwrap();
        let mut builder = h2::client::Builder::new();
        let shake = builder.initial_window_size(window).handshake(stream);
        let (send, connection) = shake.await.unwrap();
        Self { send, ended: tokio::spawn(connection), headers: HeaderMap::new() }
    }

    /// Its calls carry this, too.
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    async fn begin(&self, path: &str) -> (ResponseFuture, SendStream<Bytes>) {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://fermata.test{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .unwrap();
        request.headers_mut().extend(self.headers.clone());
        let mut send = self.send.clone().ready().await.unwrap();
        send.send_request(request, false).unwrap()
    }

    /// A call that is never sent to its end.
    async fn half(&self) -> (ResponseFuture, SendStream<Bytes>) {
        let (answer, mut body) = self.begin(LIST).await;
        body.send_data(Bytes::from_static(&[0, 0, 0, 1, 0, 10]), false).unwrap();
        (answer, body)
    }

    async fn whole(&self, path: &str, message: &impl Message) -> ResponseFuture {
        let (answer, mut body) = self.begin(path).await;
        body.send_data(framed(message), true).unwrap();
        answer
    }
}

fn address(site: &Site) -> String {
    site.endpoint().uri().authority().unwrap().to_string()
}

fn framed(message: &impl Message) -> Bytes {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    bytes.extend(message.encode_to_vec());
    bytes.into()
}

/// The status of an answer, in its headers or its trailers.
async fn status(answer: ResponseFuture) -> Status {
    let answer = soon("an answer", answer).await.unwrap();
    if let Some(status) = Status::from_header_map(answer.headers()) {
        return status;
    }
    let mut body = answer.into_body();
    let trailers = soon("the trailers", trailers(&mut body)).await;
    Status::from_header_map(&trailers).unwrap()
}

async fn trailers(body: &mut RecvStream) -> HeaderMap {
    while let Some(data) = body.data().await {
        body.flow_control().release_capacity(data.unwrap().len()).unwrap();
    }
    body.trailers().await.unwrap().unwrap_or_default()
}

async fn site(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(&World::small(), change).await
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_given_up() {
    let mut site = site(|c| c.limits.request_timeout = Duration::from_millis(200)).await;
    let raw = Raw::connect(&site).await;
    let (answer, _body) = raw.half().await;
    let refusal = Refusal::of(status(answer).await);
    assert_eq!(
        (refusal.code, refusal.reason.as_str()),
        (Code::DeadlineExceeded, "REQUEST_TOO_SLOW")
    );
    let fine = status(raw.whole(LIST, &v1::ListSessionsRequest::default()).await).await;
    assert_eq!(fine.code(), Code::Ok, "the connection goes on");
    site.counts("slow_requests").await;
    site.stop().await;
}

/// The handler waits for the rest of a request that never comes; whoever called does not wait that long.
#[tokio::test]
async fn a_call_ends_with_its_deadline() {
    let mut site = site(|c| c.limits.calls = 1).await;
    let hasty = Raw::connect(&site).await.with("grpc-timeout", "100m");
    let (answer, _body) = hasty.half().await;
    let told = status(answer).await;
    assert_eq!(told.code(), Code::DeadlineExceeded, "{told:?}");
    assert!(told.message().starts_with("the deadline of the call passed"), "{told:?}");
    let patient = Raw::connect(&site).await;
    let fine = status(patient.whole(LIST, &v1::ListSessionsRequest::default()).await).await;
    assert_eq!(fine.code(), Code::Ok, "its place is free again");
    site.stop().await;
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_by_its_head() {
    let mut site = site(|_| {}).await;
    let raw = Raw::connect(&site).await;
    let (answer, mut body) = raw.begin(LIST).await;
    body.send_data(Bytes::from_static(&[0, 16, 0, 0, 0]), false).unwrap();
    assert_eq!(status(answer).await.code(), Code::OutOfRange);
    site.counts("message_size").await;
    site.stop().await;
}

#[tokio::test]
async fn a_connection_has_a_share_of_calls() {
    let mut site = site(|c| c.limits.calls_per_principal = 3).await;
    let raw = Raw::connect(&site).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(raw.half().await);
    }
    let request = v1::ListSessionsRequest::default();
    let refusal = Refusal::of(status(raw.whole(LIST, &request).await).await);
    assert_eq!(
        (refusal.code, refusal.reason.as_str()),
        (Code::ResourceExhausted, "TOO_MANY_CALLS")
    );
    assert_eq!((&*refusal.metadata["scope"], &*refusal.metadata["limit"]), ("connection", "3"));
    assert!(refusal.retry);
    let honest = site.sessions().await.list_sessions(v1::ListSessionsRequest::default()).await;
    honest.unwrap();
    // Health is answered whatever there is beside it.
    let check = tonic_health::pb::HealthCheckRequest::default();
    let health = status(raw.whole("/grpc.health.v1.Health/Check", &check).await).await;
    assert_eq!(health.code(), Code::Ok);
    drop(held);
    let fine = status(raw.whole(LIST, &request).await).await;
    assert_eq!(fine.code(), Code::Ok, "places are given back");
    site.counts("connection_calls").await;
    site.stop().await;
}

#[tokio::test]
async fn all_together_have_so_many_calls() {
    let mut site = site(|c| c.limits.calls = 2).await;
    let (one, other) = (Raw::connect(&site).await, Raw::connect(&site).await);
    let _held = (one.half().await, one.half().await);
    let request = v1::ListSessionsRequest::default();
    let refusal = Refusal::of(status(other.whole(LIST, &request).await).await);
    assert_eq!(&*refusal.metadata["scope"], "server");
    site.counts("calls").await;
    site.stop().await;
}

/// A file with one principal, and its token.
fn principal(dir: &TempDir) -> (PathBuf, String) {
    let (file, token) = (dir.path().join("principals.toml"), Token::new());
    std::fs::write(&file, "").unwrap();
    let kim = NewPrincipal {
        name: "kim".to_owned(),
        roles: vec!["operator".to_owned()],
        projects: Vec::new(),
        expires: None,
        digest: token.digest(),
    };
    add_principal(&file, &kim).unwrap();
    (file, token.text().to_owned())
}

#[tokio::test]
async fn a_principal_has_a_share_of_calls_over_all_its_connections() {
    let dir = tempfile::tempdir().unwrap();
    let (file, token) = principal(&dir);
    let mut site = site(|c| {
        c.principals = Some(file);
        c.limits.calls_per_principal = 1;
    })
    .await;
    let bearer = format!("Bearer {token}");
    let connect = async || Raw::connect(&site).await.with("authorization", &bearer);
    let (one, other) = (connect().await, connect().await);
    let _held = one.half().await;
    let request = v1::ListSessionsRequest::default();
    let refusal = eventually("a refusal", async || {
        let answer = status(other.whole(LIST, &request).await).await;
        (answer.code() != Code::Ok).then(|| Refusal::of(answer))
    })
    .await;
    assert_eq!((&*refusal.reason, &*refusal.metadata["scope"]), ("TOO_MANY_CALLS", "principal"));
    site.counts("principal_calls").await;
    site.stop().await;
}

#[tokio::test]
async fn a_principal_calls_so_often() {
    let dir = tempfile::tempdir().unwrap();
    let (file, token) = principal(&dir);
    let mut site = site(|c| {
        c.principals = Some(file);
        c.limits.call_rate = Some(1);
    })
    .await;
    let raw = Raw::connect(&site).await.with("authorization", &format!("Bearer {token}"));
    let request = v1::ListSessionsRequest::default();
    let refusal = eventually("a refusal", async || {
        let answer = status(raw.whole(LIST, &request).await).await;
        (answer.code() != Code::Ok).then(|| Refusal::of(answer))
    })
    .await;
    assert_eq!(refusal.reason, "CALL_RATE_EXCEEDED");
    assert!(refusal.retry);
    site.counts("call_rate").await;
    site.stop().await;
}

/// Whoever need not say who it is has a limit of its own; the health can be checked all the same.
#[tokio::test]
async fn all_together_have_so_many_calls_without_credentials() {
    let mut site = site(|c| c.limits.calls_per_principal = 5_000).await;
    let mut raw = Raw::connect(&site).await;
    let check = tonic_health::pb::HealthCheckRequest::default();
    let mut held = Vec::new();
    for n in 1..=1_000 {
        let answer = raw.whole("/grpc.health.v1.Health/Watch", &check).await;
        let answer = soon("an answer", answer).await.unwrap();
        // A client with so many answers that it does not read takes its server for an attacker.
        let before = match n % 100 {
            0 => Some(std::mem::replace(&mut raw, Raw::connect(&site).await)),
            _ => None,
        };
        held.push((answer, before));
    }
    let refused = raw.whole("/grpc.health.v1.Health/Watch", &check).await;
    let refusal = Refusal::of(status(refused).await);
    assert_eq!((&*refusal.reason, &*refusal.metadata["limit"]), ("TOO_MANY_CALLS", "1000"));
    let health = status(raw.whole("/grpc.health.v1.Health/Check", &check).await).await;
    assert_eq!(health.code(), Code::Ok);
    site.counts("open_calls").await;
    site.stop().await;
}

#[tokio::test]
async fn requests_have_so_many_bytes() {
    let mut site = site(|c| c.limits.request_bytes = 40_000).await;
    let raw = Raw::connect(&site).await;
    // One connection has a quarter.
    let mut held = Vec::new();
    for _ in 0..2 {
        let (answer, mut body) = raw.begin(LIST).await;
        let mut half = vec![0, 0, 1, 0, 0];
        half.resize(6000, 10);
        body.send_data(half.into(), false).unwrap();
        held.push((answer, body));
    }
    let (refused, _body) = held.pop().unwrap();
    let refusal = Refusal::of(status(refused).await);
    assert_eq!(
        (&*refusal.reason, &*refusal.metadata["scope"]),
        ("TOO_MANY_CALLS", "request_bytes")
    );
    site.counts("request_bytes").await;
    let honest = site.sessions().await.list_sessions(v1::ListSessionsRequest::default()).await;
    honest.unwrap();
    site.stop().await;
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let mut site = site(|c| {
        c.limits.connections = 10;
        c.limits.connections_per_address = 2;
    })
    .await;
    let held = (Raw::connect(&site).await, Raw::connect(&site).await);
    let request = v1::ListSessionsRequest::default();
    for raw in [&held.0, &held.1] {
        assert_eq!(status(raw.whole(LIST, &request).await).await.code(), Code::Ok);
    }
    let mut third = TcpStream::connect(address(&site)).await.unwrap();
    let closed = soon("the end of the connection", third.read(&mut [0])).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    site.counts("connections_per_address").await;
    site.stop().await;
}

#[tokio::test]
async fn all_together_have_so_many_connections() {
    let mut site = site(|c| {
        c.limits.connections = 1;
        c.limits.connections_per_address = 1;
    })
    .await;
    let held = Raw::connect(&site).await;
    let request = v1::ListSessionsRequest::default();
    assert_eq!(status(held.whole(LIST, &request).await).await.code(), Code::Ok);
    let mut second = TcpStream::connect(address(&site)).await.unwrap();
    let closed = soon("the end of the connection", second.read(&mut [0])).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    site.counts("connections").await;
    site.stop().await;
}

/// A flood of frames that carry nothing costs its sender nothing, and the server much.
#[tokio::test]
async fn a_flood_of_frames_that_carry_nothing_is_cut_off() {
    let mut site = site(|c| c.limits.empty_frames = 100).await;
    let mut flood = TcpStream::connect(address(&site)).await.unwrap();
    flood.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh".repeat(1000);
    let cut = async {
        // It takes what it is sent, so that nothing but the flood is wrong with it.
        let (mut read, mut write) = flood.split();
        let sending = async { while write.write_all(&ping).await.is_ok() {} };
        let reading = async { while read.read(&mut [0; 65536]).await.is_ok_and(|n| n > 0) {} };
        tokio::select! { () = sending => {}, () = reading => {} }
    };
    soon("the end of the connection", cut).await;
    site.counts("frames").await;
    let honest = site.sessions().await.list_sessions(v1::ListSessionsRequest::default()).await;
    honest.unwrap();
    site.stop().await;
}

/// Streams are told to come back, with a token; then the connection ends as it should.
#[tokio::test]
async fn an_old_connection_ends_in_good_order() {
    let mut site = site(|c| {
        c.limits.connection_age = Some(Duration::from_millis(300));
        c.limits.connection_grace = Duration::from_secs(1);
    })
    .await;
    let raw = Raw::connect(&site).await;
    let request = SubscribeRequest { project_id: "orange".to_owned(), ..Default::default() };
    let answer = soon("the stream", raw.whole(SUBSCRIBE, &request).await).await.unwrap();
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = soon("the next message", body.data()).await {
        bytes.extend_from_slice(&data.unwrap());
    }
    let mut last = None;
    while let Some((head, rest)) = bytes.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let (message, rest) = rest.split_at(usize::try_from(length).unwrap());
        last = Some(v1::SubscribeResponse::decode(message).unwrap());
        bytes = rest.to_vec();
    }
    let last = last.unwrap();
    assert!(
        matches!(last.message, Some(v1::subscribe_response::Message::GoingAway(_))),
        "{last:?}"
    );
    assert!(!last.resume_token.is_empty());
    soon("the end of the connection", raw.ended).await.unwrap().unwrap();
    site.stop().await;
}

/// It opens streams, answers pings, and leaves no room for a single byte.
#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let mut site = site(|c| c.limits.stalled_after = Duration::from_secs(5)).await;
    let raw = Raw::with_window(&site, 0).await;
    let request = SubscribeRequest { project_id: "orange".to_owned(), ..Default::default() };
    let answer = soon("the stream", raw.whole(SUBSCRIBE, &request).await).await.unwrap();
    let patient = Raw::connect(&site).await;
    let kept = soon("the stream", patient.whole(SUBSCRIBE, &request).await).await.unwrap();
    let _ = soon("the end of the connection", raw.ended).await.unwrap();
    assert!(!patient.ended.is_finished(), "who reads stays");
    site.counts("stalled_readers").await;
    drop((answer, kept));
    site.stop().await;
}
