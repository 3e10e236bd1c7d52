//! A connection whose client decides about each byte. What the server sends is read (or not), and PINGs are answered (or not).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::frames::{self, frame};

/// Attackers call from here; the honest client from 127.0.0.1.
pub const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// A server that does not take a byte for so long has stopped to read from this connection.
const STUCK: Duration = Duration::from_millis(500);

/// Whether the client answers as HTTP/2 asks it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// PING and SETTINGS are answered.
    Polite,
    /// What comes is read and thrown away.
    Rude,
    /// Nothing is read.
    Deaf,
}

/// What came back so far.
#[derive(Debug, Default)]
pub struct Heard {
    pub closed: AtomicBool,
    pub resets: AtomicUsize,
    pub answers: AtomicUsize,
}

/// A connection.
pub struct Wire {
    write: Arc<Mutex<OwnedWriteHalf>>,
    pub heard: Arc<Heard>,
    reader: Reader,
}

enum Reader {
    Task(JoinHandle<()>),
    /// Kept, so that the connection is not closed.
    Deaf {
        _read: OwnedReadHalf,
    },
}

/// A plain connection from the attacker's address.
pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(ATTACKER, 0))?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    // Attackers do not leave their ports behind.
    stream.set_zero_linger()?;
    Ok(stream)
}

/// Whether the server has closed this connection, which is looked at for a moment only.
pub async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match stream.try_read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            Err(_) => return true,
        }
    }
}

impl Wire {
    /// Connects, and says hello with these settings.
    pub async fn open(
        address: SocketAddr,
        settings: &[(u16, u32)],
        manners: Manners,
    ) -> io::Result<Self> {
        let (read, write) = connect(address).await?.into_split();
        let write = Arc::new(Mutex::new(write));
        let heard = Arc::new(Heard::default());
        let reader = if manners == Manners::Deaf {
            Reader::Deaf { _read: read }
        } else {
            Reader::Task(tokio::spawn(listen(
                read,
                Arc::clone(&write),
                manners,
                Arc::clone(&heard),
            )))
        };
        let mut wire = Self { write, heard, reader };
        wire.send(&frames::hello(settings)).await?;
        Ok(wire)
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// The connection is closed, or the server takes nothing for [`STUCK`], which is `TimedOut`.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_closed() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let mut write = self.write.lock().await;
        tokio::time::timeout(STUCK, write.write_all(bytes)).await?
    }

    /// Sends the head of a call.
    pub async fn head(&mut self, stream: u32, fields: &[u8], end: bool) -> io::Result<()> {
        let mut bytes = Vec::new();
        let flags = frames::END_HEADERS | if end { frames::END_STREAM } else { 0 };
        frame(&mut bytes, frames::HEADERS, flags, stream, fields);
        self.send(&bytes).await
    }

    /// Sends a whole call.
    pub async fn call(&mut self, stream: u32, fields: &[u8], content: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame(&mut bytes, frames::HEADERS, frames::END_HEADERS, stream, fields);
        frame(&mut bytes, frames::DATA, frames::END_STREAM, stream, &frames::message(content));
        self.send(&bytes).await
    }

    /// Whether the server has closed it.
    pub fn is_closed(&self) -> bool {
        self.heard.closed.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Reader::Task(reader) = &self.reader {
            reader.abort();
        }
    }
}

/// Reads frames until the end.
async fn listen(
    mut read: OwnedReadHalf,
    write: Arc<Mutex<OwnedWriteHalf>>,
    manners: Manners,
    heard: Arc<Heard>,
) {
    let mut payload = Vec::new();
    loop {
        let mut head = [0; 9];
        if read.read_exact(&mut head).await.is_err() {
            break;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        payload.resize(usize::try_from(length).unwrap_or(0), 0);
        if read.read_exact(&mut payload).await.is_err() {
            break;
        }
        let (kind, flags) = (head[3], head[4]);
        let mut answer = Vec::new();
        match kind {
            frames::GOAWAY => break,
            frames::RST_STREAM => _ = heard.resets.fetch_add(1, Ordering::Relaxed),
            frames::HEADERS => _ = heard.answers.fetch_add(1, Ordering::Relaxed),
            frames::PING if flags & frames::ACK == 0 => {
                frame(&mut answer, frames::PING, frames::ACK, 0, &payload);
            }
            frames::SETTINGS if flags & frames::ACK == 0 => {
                frame(&mut answer, frames::SETTINGS, frames::ACK, 0, &[]);
            }
            _ => {}
        }
        if manners == Manners::Polite
            && !answer.is_empty()
            && write.lock().await.write_all(&answer).await.is_err()
        {
            break;
        }
    }
    heard.closed.store(true, Ordering::Relaxed);
}
