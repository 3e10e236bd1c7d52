//! Connections as they come in, in the clear or with TLS. Whoever is silent at the beginning, takes nothing of what it is
//! sent, or floods, is cut off; who sends much has turns like everybody else; there are so many places and no more; and a machine
//! that is out of file descriptors makes it pause, not spin.

mod link;
mod meter;
mod places;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::Stream;
use rand::Rng;
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
use crate::telemetry::sparing::Sparing;
use crate::tls::Tls;

pub use self::link::{Answering, Link};
use self::meter::Meter;
use self::places::{Full, Place, Places};

/// From the connection until its first byte, again until the end of the TLS handshake, and again until it is known what is spoken.
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
    meter: Meter,
    longest: Option<Duration>,
    metrics: Metrics,
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
    /// Lines about clients with which there is no TLS.
    handshakes: Arc<Sparing>,
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
        let places = Arc::new(Places::new(&limits));
        let handshakes = Arc::new(Sparing::new(std::time::Instant::now()));
        let port = Port { tls, limits, places, handshakes, metrics };
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
    let silent = |_| {
        port.metrics.refused(Limit::SilentConnections);
        io::Error::new(io::ErrorKind::TimedOut, "it was silent")
    };
    stream.set_nodelay(true)?;
    if tokio::time::timeout(SILENCE, stream.peek(&mut [0])).await.map_err(silent)?? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let (stream, certificate) = match &port.tls {
        None => (Secured::Clear(stream), None),
        Some(tls) => {
            let handshake = tls.acceptor().accept(stream);
            let handshake = tokio::time::timeout(SILENCE, handshake).await.map_err(silent)?;
            let stream = handshake.inspect_err(|error| told(&port.handshakes, address, error))?;
            let chain = stream.get_ref().1.peer_certificates();
            let certificate = chain.and_then(|chain| chain.first());
            let certificate = certificate.map(|der| Arc::new(Names::of(der)));
            (Secured::Tls(Box::new(stream)), certificate)
        }
    };
    let link = Arc::new(Link::new(port.limits.calls_per_principal, leave_after(&port.limits)));
    Ok(Connection {
        stream,
        peer: Peer { address, certificate, link },
        stalled_after: port.limits.stalled_after,
        look: Box::pin(tokio::time::sleep(LOOK)),
        meter: Meter::new(port.limits.empty_frames),
        longest: port
            .limits
            .connection_age
            .map(|age| age.saturating_add(port.limits.connection_grace)),
        metrics: port.metrics.clone(),
        _place: place,
        _open: port.metrics.connection_opened(),
    })
}

/// Tells of a client whose certificate is refused, or that refuses the server's. Who only looks whether the port is open says nothing.
fn told(lines: &Sparing, peer: SocketAddr, error: &io::Error) {
    if error.kind() != io::ErrorKind::InvalidData {
        return;
    }
    if let Some(left_out) = lines.line(std::time::Instant::now()) {
        let left_out = Some(left_out).filter(|count| *count > 0);
        tracing::info!(peer = %peer.ip(), %error, left_out, "TLS handshake failed");
    }
}

/// The streams of an old connection end one after the other, so that their clients do not come back all at once.
fn leave_after(limits: &Limits) -> Option<Duration> {
    let part = rand::rng().random_range(0.0..0.8);
    limits.connection_age.map(|age| age.saturating_add(limits.connection_grace.mul_f64(part)))
}

impl Connection {
    /// Looks after a while, and again after another one, whether its client is one that is waited for in vain.
    fn look(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let vain = |text: &str| Err(io::Error::new(io::ErrorKind::TimedOut, text));
        while self.look.as_mut().poll(cx).is_ready() {
            if self.peer.link.stalled() > self.stalled_after {
                self.metrics.refused(Limit::StalledReaders);
                return vain("its client takes nothing of what it is sent");
            }
            if self.meter.is_unknown() && self.peer.link.age() > SILENCE {
                self.metrics.refused(Limit::SilentConnections);
                return vain("its client does not say what it speaks");
            }
            if self.longest.is_some_and(|longest| self.peer.link.age() > longest) {
                return vain("it is old, and its client does not leave");
            }
            self.look.as_mut().reset(Instant::now() + LOOK);
        }
        Ok(())
    }

    /// Reads, and counts what was read.
    fn read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Secured::Clear(stream) => Pin::new(stream).poll_read(cx, buffer),
            Secured::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        };
        if read.is_pending() {
            self.meter.pause();
        }
        ready!(read)?;
        if self.meter.read(&buffer.filled()[before..]).is_err() {
            self.metrics.refused(Limit::Frames);
            tracing::debug!(peer = %self.peer.address, "a flood of frames that carry nothing");
            let text = "its client sends too many frames that carry nothing";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, text)));
        }
        Poll::Ready(Ok(()))
    }
}

impl Stream for Listener {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.ready.poll_recv(cx).map(|connection| connection.map(Ok))
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
        self.look(cx)?;
        if self.peer.link.is_full(cx) {
            return Poll::Pending;
        }
        if self.meter.turn_is_over() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(most) = self.meter.next_read() else {
            return self.read(cx, buffer);
        };
        let most = most.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(self.read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        Poll::Ready(Ok(()))
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
