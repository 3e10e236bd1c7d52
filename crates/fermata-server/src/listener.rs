//! Connections as they come in, in the clear or with TLS. Whoever is silent at the beginning, or takes nothing of what it is
//! sent, is cut off; there are so many places and no more; and a machine that is out of file descriptors makes it pause, not
//! spin.

mod link;
mod places;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::server::Connected;

use crate::door::CertificateNames as Names;
use crate::limits::Limits;
use crate::telemetry::metrics::{ConnectionOpen, Limit, Metrics};
use crate::tls::Tls;

pub use self::link::{Answering, Link};
use self::places::{Full, Place, Places};

/// From the connection until its first byte, and again until the end of the TLS handshake.
const SILENCE: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken, doubled up to the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Connections that are ready and wait for somebody to serve them.
const QUEUE: usize = 64;
/// How often a connection is looked at, whether its client takes anything.
const LOOK: Duration = Duration::from_secs(5);
/// Refused connections are told of in the log once in this time.
const QUIET: Duration = Duration::from_secs(60);

/// A port with its connections.
pub struct Listener {
    ready: mpsc::Receiver<Connection>,
    address: SocketAddr,
    _accepting: DropGuard,
}

/// A connection.
pub struct Connection {
    stream: Secured,
    peer: Peer,
    stalled_after: Duration,
    look: Pin<Box<Sleep>>,
    _place: Place,
    _open: ConnectionOpen,
}

enum Secured {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The names in its certificate, which was found good.
    pub certificate: Option<Arc<Names>>,
    /// What its connection holds.
    pub link: Arc<Link>,
}

/// What all connections of a port share.
#[derive(Clone)]
struct Port {
    tls: Option<Tls>,
    limits: Limits,
    places: Arc<Places>,
    metrics: Metrics,
}

impl Listener {
    /// Takes connections from now on.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn bind(
        address: SocketAddr,
        tls: Option<Tls>,
        limits: Limits,
        metrics: Metrics,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let port = Port { tls, places: Arc::new(Places::new(&limits)), limits, metrics };
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(listener, port, sender)));
        Ok(Self { ready, address, _accepting: stop.drop_guard() })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(listener: TcpListener, port: Port, ready: mpsc::Sender<Connection>) {
    let mut pause = FIRST_PAUSE;
    let mut told: Option<Instant> = None;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                pause = FIRST_PAUSE;
                let place = match port.places.take(address.ip()) {
                    Ok(place) => place,
                    Err(full) => {
                        port.metrics.refused(full.into());
                        if told.is_none_or(|at| at.elapsed() > QUIET) {
                            told = Some(Instant::now());
                            tracing::warn!(
                                peer = %address.ip(), limit = Limit::from(full).as_str(),
                                "connections are refused: there are too many"
                            );
                        }
                        continue;
                    }
                };
                let (port, ready) = (port.clone(), ready.clone());
                tokio::spawn(async move {
                    match begin(stream, address, port, place).await {
                        // The server has ended.
                        Ok(connection) => drop(ready.send(connection).await),
                        Err(error) => tracing::debug!(peer = %address, %error, "no connection"),
                    }
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, pause_s = pause.as_secs_f64(), "connections cannot be taken");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

impl From<Full> for Limit {
    fn from(full: Full) -> Self {
        match full {
            Full::All => Self::Connections,
            Full::Address => Self::ConnectionsPerAddress,
        }
    }
}

/// It was over before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn begin(
    stream: TcpStream,
    address: SocketAddr,
    port: Port,
    place: Place,
) -> io::Result<Connection> {
    let silent = |_| io::Error::new(io::ErrorKind::TimedOut, "it was silent");
    stream.set_nodelay(true)?;
    if tokio::time::timeout(SILENCE, stream.peek(&mut [0])).await.map_err(silent)?? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let (stream, certificate) = match &port.tls {
        None => (Secured::Clear(stream), None),
        Some(tls) => {
            let handshake = tls.acceptor().accept(stream);
            let stream = tokio::time::timeout(SILENCE, handshake).await.map_err(silent)??;
            let chain = stream.get_ref().1.peer_certificates();
            let certificate = chain.and_then(|chain| chain.first());
            let certificate = certificate.map(|der| Arc::new(Names::of(der)));
            (Secured::Tls(Box::new(stream)), certificate)
        }
    };
    let link = Arc::new(Link::new(port.limits.calls_per_principal));
    Ok(Connection {
        stream,
        peer: Peer { address, certificate, link },
        stalled_after: port.limits.stalled_after,
        look: Box::pin(tokio::time::sleep(LOOK)),
        _place: place,
        _open: port.metrics.connection_opened(),
    })
}

impl Connection {
    /// Whether its client has taken nothing for too long. Looks again after a while.
    fn is_stalled(&mut self, cx: &mut Context<'_>) -> bool {
        while self.look.as_mut().poll(cx).is_ready() {
            if self.peer.link.stalled() > self.stalled_after {
                return true;
            }
            self.look.as_mut().reset(Instant::now() + LOOK);
        }
        false
    }
}

impl Stream for Listener {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.ready.poll_recv(cx).map(|connection| connection.map(Ok))
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => {
                let address = connection.peer.address;
                (connection, address)
            }
            // Whoever takes connections has panicked; what is there goes on.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

macro_rules! either {
    ($self:ident, $stream:ident => $call:expr) => {
        match &mut $self.get_mut().stream {
            Secured::Clear($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            Secured::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_stalled(cx) {
            let text = "its client takes nothing of what it is sent";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)));
        }
        either!(self, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Secured::Clear(stream) => stream.is_write_vectored(),
            Secured::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }
}
