//! The port over a socket. What is told of a connection that fails depends on when it fails: before
//! the request was sent nothing happened, after it a change may have.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fermata_core::Time;
use fermata_core::cloud::{
    Cloud, CloudError, CloudProgress, Host, MigrationId, OutageKind, Projects, Scheduling, Server,
    Site,
};
use fermata_core::id::{HostName, ServerId};
use serde::de::DeserializeOwned;
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::lines::{self, LONGEST_ANSWER, Line};
use super::wire::{Answer, Moment, Request};

/// Connections kept for the next calls.
const IDLE: usize = 8;

type Connection = BufStream<TcpStream>;

/// A simulated cloud in another process, which [`super::serve`] offers.
///
/// Calls that change something get a connection of their own, so that none is lost to one that has
/// gone stale. Nothing is sent twice.
pub struct RemoteCloud {
    address: SocketAddr,
    timeout: Duration,
    idle: Mutex<Vec<Connection>>,
}

impl RemoteCloud {
    /// The cloud at this address. It is not looked for before the first call. A call may take
    /// `timeout`, from connecting to the end of the answer.
    pub fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, timeout, idle: Mutex::new(Vec::new()) }
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<T, CloudError> {
        let line = serde_json::to_vec(request)
            .map_err(|error| CloudError::Rejected { detail: error.to_string() })?;
        let deadline = Instant::now() + self.timeout;
        let kept = if request.is_read() { self.kept() } else { None };
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect(deadline).await?,
        };
        let talk = exchange(&mut connection, line);
        let answer = match tokio::time::timeout_at(deadline, talk).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.lost(request, &error)),
            Err(_) => return Err(self.lost(request, &self.too_slow())),
        };
        let answer = serde_json::from_slice(&answer)
            .map_err(|error| self.lost(request, &io::Error::from(error)))?;
        self.keep(connection);
        match answer {
            Answer::Ok(value) => Ok(value),
            Answer::Error(error) => Err(error.into()),
        }
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, CloudError> {
        let connecting = TcpStream::connect(self.address);
        let connected = match tokio::time::timeout_at(deadline, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(self.too_slow()),
        };
        // Requests and answers are whole lines; there is nothing to wait for.
        let stream = connected.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        stream.map(BufStream::new).map_err(|error| {
            let detail = format!("no connection to {}: {error}", self.address);
            CloudError::Unavailable { kind: OutageKind::Unreachable, detail }
        })
    }

    /// A connection that an earlier call left and that still stands.
    fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle();
        std::iter::from_fn(|| idle.pop()).find(|connection| is_quiet(connection.get_ref()))
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn too_slow(&self) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, format!("nothing within {:?}", self.timeout))
    }

    /// The request was sent, at least in part, and no answer can be had.
    fn lost(&self, request: &Request, error: &io::Error) -> CloudError {
        let detail = format!("no answer from {}: {error}", self.address);
        if request.is_read() {
            CloudError::Unavailable { kind: OutageKind::Unreachable, detail }
        } else {
            CloudError::Unknown { detail }
        }
    }
}

async fn exchange(connection: &mut Connection, request: Vec<u8>) -> io::Result<Vec<u8>> {
    lines::write(connection, request).await?;
    match lines::read(connection, LONGEST_ANSWER).await? {
        Line::Whole(answer) => Ok(answer),
        Line::TooLong => {
            let problem = format!("it has more than {LONGEST_ANSWER} bytes");
            Err(io::Error::new(io::ErrorKind::InvalidData, problem))
        }
        Line::Closed => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Whether nothing came since the last answer: neither the end of the connection nor what nobody
/// asked for.
fn is_quiet(stream: &TcpStream) -> bool {
    stream.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

#[async_trait]
impl Cloud for RemoteCloud {
    async fn check(&self) -> Result<(), CloudError> {
        self.ask(&Request::Check {}).await
    }

    async fn hosts(&self) -> Result<Vec<Host>, CloudError> {
        self.ask(&Request::Hosts {}).await
    }

    async fn set_scheduling(
        &self,
        host: &HostName,
        scheduling: &Scheduling,
    ) -> Result<(), CloudError> {
        let (host, scheduling) = (host.clone(), scheduling.clone());
        self.ask(&Request::SetScheduling { host, scheduling }).await
    }

    async fn arriving(&self, host: &HostName, since: Time) -> Result<Vec<ServerId>, CloudError> {
        self.ask(&Request::Arriving { host: host.clone(), since: Moment(since) }).await
    }

    async fn servers_on(&self, host: &HostName) -> Result<Vec<Server>, CloudError> {
        self.ask(&Request::ServersOn { host: host.clone() }).await
    }

    async fn progress(
        &self,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError> {
        self.ask(&Request::Progress { servers: servers.to_vec(), since: Moment(since) }).await
    }

    async fn site(&self) -> Result<Site, CloudError> {
        self.ask(&Request::Site {}).await
    }

    async fn projects(&self) -> Result<Projects, CloudError> {
        self.ask(&Request::Projects {}).await
    }

    async fn live_migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let (server, target) = (server.clone(), target.cloned());
        self.ask(&Request::LiveMigrate { server, target }).await
    }

    async fn migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError> {
        let (server, target) = (server.clone(), target.cloned());
        self.ask(&Request::Migrate { server, target }).await
    }

    async fn confirm_migration(&self, server: &ServerId) -> Result<(), CloudError> {
        self.ask(&Request::ConfirmMigration { server: server.clone() }).await
    }

    async fn abort_migration(
        &self,
        server: &ServerId,
        migration: MigrationId,
    ) -> Result<(), CloudError> {
        self.ask(&Request::AbortMigration { server: server.clone(), migration }).await
    }

    async fn stop(&self, server: &ServerId) -> Result<(), CloudError> {
        self.ask(&Request::Stop { server: server.clone() }).await
    }

    async fn start(&self, server: &ServerId) -> Result<(), CloudError> {
        self.ask(&Request::Start { server: server.clone() }).await
    }
}
