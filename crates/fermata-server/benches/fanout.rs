//! One event of a project to many subscribers, and unary calls, over loopback; against the floor that the
//! transport itself sets. `cargo bench -p fermata-server --bench fanout`, some 15 seconds.
//!
//! The server has a runtime of its own, SQLite on disk, and the simulated cloud; subscribers share
//! connections, 100 streams on each. An event is a change of a session's plan, asked for by
//! UpdateSession: a notification of some 500 bytes. Its delay counts from the time in the event, which is
//! taken before the commit, to the moment when a subscriber has decoded it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement may fail like a test"
)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fermata_core::Time;
use fermata_proto::v1;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_server::clock::{Clock, system};
use fermata_server::config::{CloudConfig, HttpListen};
use fermata_server::{Config, Running, start};
use prost::Message;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tonic::transport::Channel;

const STREAMS_PER_CONNECTION: usize = 100;
/// No measurement takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Subscribers, rounds, and the floor in milliseconds: p50, p99 and max. The floors were measured with tonic
/// itself (0.14.9, two cores, 512-byte events, 100 streams per connection, best run, nothing stored) on
/// the same kind of machine; they are compared as ratios, because machines differ.
const FANOUT: [(usize, usize, [f64; 3]); 3] = [
    (1_000, 40, [4.1, 11.0, 14.0]),
    (5_000, 25, [19.0, 54.0, 68.0]),
    (10_000, 20, [42.0, 113.0, 136.0]),
];
/// Unary calls one after another on one connection, with nothing behind them: calls per second, p50 in ms.
const UNARY: (f64, f64) = (19_000.0, 0.047);

const TOPOLOGY: &str = r#"
[[hosts]]
name = "compute-1"
vcpus = 8
memory_mib = 8192
disk_gib = 100

[[projects]]
id = "project"
name = "project"

[[servers]]
id = "server"
name = "server"
project = "project"
host = "compute-1"
size = { vcpus = 1, memory_mib = 1024, disk_gib = 1 }
"#;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let (server, running) = serve(dir.path());
    let clients = runtime();
    let address = format!("http://{}", running.grpc_addr());
    clients.block_on(async {
        let session = create(&address).await;
        println!("subscribers  rounds  bytes        p50        p99        max  (worst p99)   ratio to the floor");
        for (subscribers, rounds, floor) in FANOUT {
            let measured = fan_out(&address, &session, subscribers, rounds);
            let measured = tokio::time::timeout(LIMIT, measured).await.expect("a bounded run");
            measured.print(subscribers, rounds, floor);
        }
        println!("\nunary GetSession, in parallel   calls/s        p50        p99   ratio to the floor");
        for parallel in [1, 32] {
            unary(&address, &session, parallel).await;
        }
    });
    server.block_on(running.stop());
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn serve(dir: &std::path::Path) -> (Runtime, Running) {
    let topology = dir.join("topology.toml");
    std::fs::write(&topology, TOPOLOGY).unwrap();
    let mut config = Config::demo(dir);
    config.http_listen = HttpListen::Off;
    config.cloud = CloudConfig::Simulated { topology: Some(topology), state: None };
    let runtime = runtime();
    let running = runtime.block_on(async {
        let mut running = start(config).await.unwrap();
        running.ready().await.unwrap();
        running
    });
    (runtime, running)
}

async fn connect(address: &str) -> Channel {
    Channel::from_shared(address.to_owned()).unwrap().connect().await.unwrap()
}

/// A session that waits for its owner all the time.
async fn create(address: &str) -> String {
    let day = prost_types::Duration { seconds: 86_400, nanos: 0 };
    let end = Time::from(std::time::UNIX_EPOCH + std::time::UNIX_EPOCH.elapsed().unwrap())
        + fermata_core::Duration::DAY;
    let spec = v1::SessionSpec {
        hosts: Some(v1::HostSelection { all: true, ..Default::default() }),
        window: Some(v1::MaintenanceWindow {
            start_time: None,
            end_time: Some(prost_types::Timestamp { seconds: end.unix_timestamp(), nanos: 0 }),
        }),
        reason: "a measurement".to_owned(),
        start_mode: v1::StartMode::Manual.into(),
        announce_reply_period: Some(day),
        ..Default::default()
    };
    let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
    let mut client = SessionServiceClient::new(connect(address).await);
    client.create_session(request).await.unwrap().into_inner().session.unwrap().id
}

struct Measured {
    bytes: usize,
    /// Per round, sorted, in milliseconds.
    rounds: Vec<Vec<f64>>,
}

fn at(sorted: &[f64], quantile: f64) -> f64 {
    let last = sorted.len() - 1;
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = (last as f64 * quantile).round() as usize;
    sorted[index.min(last)]
}

impl Measured {
    fn print(&self, subscribers: usize, rounds: usize, floor: [f64; 3]) {
        let best = self.rounds.iter().min_by(|a, b| at(a, 0.99).total_cmp(&at(b, 0.99))).unwrap();
        let worst = self.rounds.iter().map(|r| at(r, 0.99)).fold(0.0, f64::max);
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|q| at(best, q));
        println!(
            "{subscribers:>11}  {rounds:>6}  {:>5}  {p50:>6.1} ms  {p99:>6.1} ms  {max:>6.1} ms  {worst:>8.1} ms   {:.2} / {:.2} / {:.2}",
            self.bytes,
            p50 / floor[0],
            p99 / floor[1],
            max / floor[2],
        );
    }
}

/// What one subscriber heard: the round and the delay in milliseconds.
type Heard = Arc<Mutex<Vec<Vec<f64>>>>;

async fn fan_out(address: &str, session: &str, subscribers: usize, rounds: usize) -> Measured {
    let clock = system();
    let (done, mut all) = mpsc::unbounded_channel();
    let mut tasks = tokio::task::JoinSet::new();
    let mut heard: Vec<Heard> = Vec::new();
    for first in (0..subscribers).step_by(STREAMS_PER_CONNECTION) {
        let client = NotificationServiceClient::new(connect(address).await);
        let of_connection: Heard = Arc::new(Mutex::new(vec![Vec::new(); rounds]));
        heard.push(Arc::clone(&of_connection));
        for _ in first..subscribers.min(first + STREAMS_PER_CONNECTION) {
            let heard = Arc::clone(&of_connection);
            tasks.spawn(subscriber(client.clone(), rounds, heard, clock.clone(), done.clone()));
        }
    }
    // Everybody says that it is there.
    for _ in 0..subscribers {
        all.recv().await.unwrap();
    }
    let mut operator = SessionServiceClient::new(connect(address).await);
    let mut bytes = 0;
    for round in 0..rounds {
        let reason = format!("a measurement with {subscribers} subscribers, round {round:>3}");
        let request = v1::UpdateSessionRequest {
            session_id: session.to_owned(),
            spec: Some(v1::SessionSpec { reason, ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["reason".to_owned()] }),
            ..Default::default()
        };
        operator.update_session(request).await.unwrap();
        for _ in 0..subscribers {
            bytes = all.recv().await.unwrap();
        }
    }
    tasks.shutdown().await;
    let mut measured = vec![Vec::with_capacity(subscribers); rounds];
    for of_connection in heard {
        for (round, delays) in of_connection.lock().unwrap().iter_mut().enumerate() {
            measured[round].append(delays);
        }
    }
    for round in &mut measured {
        assert_eq!(round.len(), subscribers, "everybody hears everything once");
        round.sort_by(f64::total_cmp);
    }
    Measured { bytes, rounds: measured }
}

async fn subscriber(
    mut client: NotificationServiceClient<Channel>,
    rounds: usize,
    heard: Heard,
    clock: Clock,
    done: mpsc::UnboundedSender<usize>,
) {
    let start = v1::stream_start::Start::Point(v1::StreamPoint::Now.into());
    let request = v1::SubscribeRequest {
        project_id: "project".to_owned(),
        start: Some(v1::StreamStart { start: Some(start) }),
        // Out of the way of the measurement.
        heartbeat_interval: Some(prost_types::Duration { seconds: 3600, nanos: 0 }),
        ..Default::default()
    };
    let mut stream = client.subscribe(request).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap();
    done.send(0).unwrap();
    for round in 0..rounds {
        let message = stream.message().await.unwrap().unwrap();
        let now = clock();
        let at = message.time.unwrap();
        assert_eq!(message.sequence, first.sequence + 1 + round as u64);
        let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
        let delay = now - Time::from_unix_timestamp_nanos(nanos).unwrap();
        heard.lock().unwrap()[round].push(delay.as_seconds_f64() * 1000.0);
        done.send(message.encoded_len()).unwrap();
    }
}

async fn unary(address: &str, session: &str, parallel: usize) {
    const TIME: Duration = Duration::from_secs(3);
    let channel = connect(address).await;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..parallel {
        let mut client = SessionServiceClient::new(channel.clone());
        let request =
            v1::GetSessionRequest { session_id: session.to_owned(), ..Default::default() };
        tasks.spawn(async move {
            let mut delays = Vec::new();
            while began.elapsed() < TIME {
                let from = Instant::now();
                client.get_session(request.clone()).await.unwrap();
                delays.push(from.elapsed().as_secs_f64() * 1000.0);
            }
            delays
        });
    }
    let mut delays: Vec<f64> = tasks.join_all().await.into_iter().flatten().collect();
    delays.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let rate = delays.len() as f64 / began.elapsed().as_secs_f64();
    let (p50, p99) = (at(&delays, 0.5), at(&delays, 0.99));
    println!(
        "{parallel:>29}   {rate:>7.0}  {p50:>6.3} ms  {p99:>6.3} ms   rate {:.2}, p50 {:.1}",
        rate / UNARY.0,
        p50 / UNARY.1
    );
}
