//! The honest client: it calls, listens to a stream, comes anew, and asks for the health, at a pace. What it sees is what an attack does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fermata_proto::v1::host_service_client::HostServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_proto::v1::{ListSessionsRequest, WatchHostsRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Request;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::site::{HEARTBEAT, Target};

/// Pauses between two calls, two new connections, two looks at the health.
const CALLS: Duration = Duration::from_millis(5);
const NEW: Duration = Duration::from_millis(100);
const LOOKS: Duration = Duration::from_millis(200);
/// What takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// Streams that are held open.
const STREAMS: usize = 20;

/// What it saw.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How long each call took.
    pub calls: Vec<Duration>,
    /// How long each new connection with its first call took.
    pub new: Vec<Duration>,
    /// What failed, and how often.
    pub failures: BTreeMap<String, usize>,
}

impl Seen {
    /// What so many percent of these did not exceed; nothing: zero.
    pub fn percentile(times: &[Duration], percent: usize) -> Duration {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// A client at work; it ends when this is dropped.
pub struct Honest {
    seen: Arc<Mutex<Seen>>,
    _work: JoinSet<()>,
}

impl Honest {
    /// Begins.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn start(target: &Target) -> Result<Self, tonic::transport::Error> {
        let endpoint = endpoint(target)?;
        let channel = endpoint.connect().await?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let note = |what: &'static str| Note { what, seen: Arc::clone(&seen) };
        let token = target.operator.clone();
        let mut work = JoinSet::new();
        work.spawn(calls(channel.clone(), token.clone(), note("call")));
        work.spawn(newcomers(endpoint, token.clone(), note("new connection")));
        for _ in 0..STREAMS {
            work.spawn(stream(channel.clone(), token.clone(), note("stream")));
        }
        if target.ca.is_none() {
            work.spawn(health(target.http, note("health")));
        }
        Ok(Self { seen, _work: work })
    }

    /// What it saw since the last time.
    pub fn take(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where a part of the client notes what it sees.
struct Note {
    what: &'static str,
    seen: Arc<Mutex<Seen>>,
}

impl Note {
    fn failed(&self, why: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen.failures.entry(format!("{}: {why}", self.what)).or_default() += 1;
    }

    fn took(&self, began: Instant, of: impl FnOnce(&mut Seen) -> &mut Vec<Duration>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        of(&mut seen).push(began.elapsed());
    }
}

fn endpoint(target: &Target) -> Result<Endpoint, tonic::transport::Error> {
    let Some(ca) = &target.ca else {
        return Endpoint::from_shared(format!("http://{}", target.grpc));
    };
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
    Endpoint::from_shared(format!("https://{}", target.grpc))?
        .tls_config(tls.domain_name("localhost"))
}

fn by<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Ok(value) = format!("Bearer {token}").parse() {
        request.metadata_mut().insert("authorization", value);
    }
    request
}

async fn list(channel: Channel, token: &str) -> Result<(), String> {
    let mut client = SessionServiceClient::new(channel);
    let call = client.list_sessions(by(token, ListSessionsRequest::default()));
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(status)) => Err(format!("{:?} {}", status.code(), status.message())),
        Err(_) => Err("no answer".to_owned()),
    }
}

async fn calls(channel: Channel, token: String, note: Note) {
    let mut pace = tokio::time::interval(CALLS);
    loop {
        pace.tick().await;
        let began = Instant::now();
        match list(channel.clone(), &token).await {
            Ok(()) => note.took(began, |seen| &mut seen.calls),
            Err(why) => note.failed(&why),
        }
    }
}

async fn newcomers(endpoint: Endpoint, token: String, note: Note) {
    let mut pace = tokio::time::interval(NEW);
    loop {
        pace.tick().await;
        let began = Instant::now();
        let come = async {
            let channel = endpoint.connect().await.map_err(|error| error.to_string())?;
            list(channel, &token).await
        };
        match tokio::time::timeout(PATIENCE, come).await {
            Ok(Ok(())) => note.took(began, |seen| &mut seen.new),
            Ok(Err(why)) => note.failed(&why),
            Err(_) => note.failed("it is not taken"),
        }
    }
}

async fn stream(channel: Channel, token: String, note: Note) {
    let mut client = HostServiceClient::new(channel);
    let late = Duration::from_secs(HEARTBEAT) + PATIENCE;
    loop {
        let mut stream = match client.watch_hosts(by(&token, WatchHostsRequest::default())).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => {
                note.failed(&format!("{:?}", status.code()));
                tokio::time::sleep(NEW).await;
                continue;
            }
        };
        let why = loop {
            match tokio::time::timeout(late, stream.message()).await {
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => break "it ended".to_owned(),
                Ok(Err(status)) => break format!("{:?}", status.code()),
                Err(_) => break "no sign of life".to_owned(),
            }
        };
        note.failed(&why);
    }
}

async fn health(address: SocketAddr, note: Note) {
    let mut pace = tokio::time::interval(LOOKS);
    loop {
        pace.tick().await;
        match tokio::time::timeout(PATIENCE, ready(address)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => note.failed("not ready"),
            Ok(Err(error)) => note.failed(&error.kind().to_string()),
            Err(_) => note.failed("no answer"),
        }
    }
}

async fn ready(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}
