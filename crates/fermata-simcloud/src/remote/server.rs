//! The cloud on a socket: a bounded number of connections, each with one request at a time.

use std::sync::Arc;
use std::time::Duration;

use fermata_core::cloud::{Cloud, CloudError};
use serde::Serialize;
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::lines::{self, LONGEST_REQUEST, Line};
use super::wire::{Answer, ErrorKind, Request, WireEntry, WireError};
use crate::cloud::SimCloud;

/// Connections open at once.
const CONNECTIONS: usize = 256;

/// How long requests under way may still take when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Before the next try, when connections cannot be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Offers a cloud on a socket until `stop` is done; then requests under way are finished and answered,
/// for five seconds at most. A request that was read is carried out although its sender has gone.
pub async fn serve(cloud: Arc<SimCloud>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "simulated_cloud_cannot_accept");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                let (cloud, stopped) = (Arc::clone(&cloud), stopped.clone());
                connections.spawn(async move {
                    converse(&cloud, stream, stopped).await;
                    drop(place);
                });
            }
            Err(_) => refuse(&stream),
        }
    }
    drop(stopping);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        connections.shutdown().await;
    }
}

/// Says that there is no place, if it can be said at once.
fn refuse(stream: &TcpStream) {
    let detail = format!("the simulated cloud has {CONNECTIONS} connections open already");
    let mut line = encode(Err::<(), _>(WireError { kind: ErrorKind::Unavailable, detail }));
    line.push(b'\n');
    // Whoever does not get it sees the connection closed.
    let _ = stream.try_write(&line);
}

/// Answers requests until either side ends the connection.
async fn converse(cloud: &SimCloud, stream: TcpStream, mut stopped: watch::Receiver<()>) {
    let mut stream = BufStream::new(stream);
    loop {
        let line = tokio::select! {
            _ = stopped.changed() => return,
            line = lines::read(&mut stream, LONGEST_REQUEST) => line,
        };
        let (answer, goes_on) = match line {
            Ok(Line::Whole(line)) => (answer(cloud, &line).await, true),
            Ok(Line::TooLong) => {
                let detail = format!("a request has at most {LONGEST_REQUEST} bytes");
                (encode(Err::<(), _>(WireError::bad_request(detail))), false)
            }
            Ok(Line::Closed) | Err(_) => return,
        };
        if lines::write(&mut stream, answer).await.is_err() || !goes_on {
            return;
        }
    }
}

async fn answer(cloud: &SimCloud, line: &[u8]) -> Vec<u8> {
    let request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => {
            let detail = format!("this is no request: {error}");
            return encode(Err::<(), _>(WireError::bad_request(detail)));
        }
    };
    match request {
        Request::Check {} => told(cloud.check().await),
        Request::Hosts {} => told(cloud.hosts().await),
        Request::SetScheduling { host, scheduling } => {
            told(cloud.set_scheduling(&host, &scheduling).await)
        }
        Request::Arriving { host, since } => told(cloud.arriving(&host, since.0).await),
        Request::ServersOn { host } => told(cloud.servers_on(&host).await),
        Request::Progress { servers, since } => told(cloud.progress(&servers, since.0).await),
        Request::Site {} => told(cloud.site().await),
        Request::Projects {} => told(cloud.projects().await),
        Request::LiveMigrate { server, target } => {
            told(cloud.live_migrate(&server, target.as_ref()).await)
        }
        Request::Migrate { server, target } => told(cloud.migrate(&server, target.as_ref()).await),
        Request::ConfirmMigration { server } => told(cloud.confirm_migration(&server).await),
        Request::AbortMigration { server, migration } => {
            told(cloud.abort_migration(&server, migration).await)
        }
        Request::Stop { server } => told(cloud.stop(&server).await),
        Request::Start { server } => told(cloud.start(&server).await),
        Request::Journal { from } => {
            let entries: Vec<_> = cloud.journal(from).into_iter().map(WireEntry::from).collect();
            encode(Ok(entries))
        }
        Request::Inject { fault } => encode(cloud.inject(fault).map_err(WireError::bad_request)),
        Request::ClearFaults {} => {
            cloud.clear_faults();
            encode(Ok(()))
        }
        Request::CreateServer(new) => told(cloud.create_server(new)),
        Request::DeleteServer { server } => told(cloud.delete_server(&server)),
        Request::MoveServer { server, host } => told(cloud.move_server(&server, &host)),
        Request::HostGoesDown { host } => told(cloud.host_goes_down(&host)),
        Request::HostComesUp { host } => told(cloud.host_comes_up(&host)),
    }
}

fn told<T: Serialize>(result: Result<T, CloudError>) -> Vec<u8> {
    encode(result.map_err(WireError::from))
}

fn encode<T: Serialize>(result: Result<T, WireError>) -> Vec<u8> {
    let answer = match result {
        Ok(value) => Answer::Ok(value),
        Err(error) => Answer::Error(error),
    };
    serde_json::to_vec(&answer).unwrap_or_else(|error| {
        // It was carried out, so that nobody may conclude that it was not.
        tracing::error!(%error, "simulated_cloud_cannot_answer");
        br#"{"error":{"kind":"unknown","detail":"the answer cannot be written as JSON"}}"#.to_vec()
    })
}
