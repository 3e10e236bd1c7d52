//! What a server does with more than it can do. The floor is what it does when each caller waits for its answer; then calls are offered at
//! parts and multiples of that, whether answers come or not. `cargo bench -p fermata-server --bench overload`, some 20 seconds.
//!
//! The server has a runtime of its own, SQLite on disk, and the simulated cloud. Calls come from many connections, each of
//! which has a share, since callers are not told from each other here. All figures are of one run on one machine: offered load, what was
//! answered of it (goodput), and how long a refusal took. Asserted: at five times the floor, goodput of 80 % of the best, and refusals
//! within 50 ms with RetryInfo.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement may fail like a test"
)]

use std::time::{Duration, Instant};

use fermata_proto::v1::ListSessionsRequest;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_server::config::HttpListen;
use fermata_server::{Config, Running, start};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt;

const CONNECTIONS: usize = 8;
/// Callers that wait for their answers, on all connections together.
const CALLERS: usize = 32;
/// How long each load is offered.
const LASTING: Duration = Duration::from_secs(3);
/// Calls are begun in portions, so often.
const PORTION: Duration = Duration::from_millis(2);
/// Parts and multiples of the floor.
const LOADS: [f64; 5] = [0.5, 1.0, 2.0, 3.0, 5.0];
const PATIENCE: Duration = Duration::from_secs(5);
/// At the highest load: goodput as a part of the best, and how long 99 of 100 refusals take at most.
const LEAST_GOODPUT: f64 = 0.8;
const LONGEST_REFUSAL_MS: f64 = 50.0;

/// What became of a call.
enum End {
    Answered(Duration),
    Refused(Duration),
    /// It was refused without a word on when to try again, or failed otherwise.
    Failed,
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let server = Runtime::new().unwrap();
    let running = server.block_on(serve(dir.path()));
    let clients = Runtime::new().unwrap();
    let (failed, goodput, refusal) = clients.block_on(async {
        let channels = connect(&running).await;
        let floor = floor(&channels).await;
        println!("floor: {floor:.0} calls/s, {CALLERS} callers that wait\n");
        println!(
            "  load  offered/s  goodput/s  of the best   p50 ms   p99 ms  refused  p99 ms  failed"
        );
        let mut best = floor;
        let mut failed = 0;
        let mut last = Measured::default();
        for load in LOADS {
            last = offer(&channels, floor * load).await;
            best = best.max(last.goodput());
            last.print(load, best);
            failed += last.failed;
        }
        (failed, last.goodput() / best, percentile(&last.refused, 99))
    });
    server.block_on(running.stop());
    assert_eq!(failed, 0, "calls failed, or were refused without RetryInfo");
    assert!(goodput >= LEAST_GOODPUT, "goodput is {goodput:.2} of the best");
    assert!(refusal < LONGEST_REFUSAL_MS, "a refusal takes {refusal:.1} ms");
}

async fn serve(dir: &std::path::Path) -> Running {
    let mut config = Config::demo(dir);
    config.http_listen = HttpListen::Off;
    let mut running = start(config).await.unwrap();
    running.ready().await.unwrap();
    running
}

async fn connect(running: &Running) -> Vec<Channel> {
    let endpoint = Channel::from_shared(format!("http://{}", running.grpc_addr())).unwrap();
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        channels.push(endpoint.connect().await.unwrap());
    }
    channels
}

async fn call(channel: Channel) -> End {
    let began = Instant::now();
    let mut client = SessionServiceClient::new(channel);
    let answer = client.list_sessions(ListSessionsRequest::default());
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(_)) => End::Answered(began.elapsed()),
        Ok(Err(status)) if status.code() == Code::ResourceExhausted => {
            match status.get_details_retry_info() {
                Some(_) => End::Refused(began.elapsed()),
                None => End::Failed,
            }
        }
        Ok(Err(_)) | Err(_) => End::Failed,
    }
}

/// Calls per second of callers that wait for their answers.
async fn floor(channels: &[Channel]) -> f64 {
    let mut callers = JoinSet::new();
    let until = Instant::now() + LASTING;
    for number in 0..CALLERS {
        let channel = channels[number % channels.len()].clone();
        callers.spawn(async move {
            let mut answered = 0;
            while Instant::now() < until {
                answered += u32::from(matches!(call(channel.clone()).await, End::Answered(_)));
            }
            answered
        });
    }
    let answered: u32 = callers.join_all().await.into_iter().sum();
    f64::from(answered) / LASTING.as_secs_f64()
}

#[derive(Default)]
struct Measured {
    offered: usize,
    answered: Vec<Duration>,
    refused: Vec<Duration>,
    failed: usize,
    took: Duration,
}

/// Begins so many calls per second, whether answers come or not.
async fn offer(channels: &[Channel], per_second: f64) -> Measured {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let mut measured = Measured::default();
    let began = Instant::now();
    let mut portions = tokio::time::interval(PORTION);
    while began.elapsed() < LASTING {
        portions.tick().await;
        let due = (began.elapsed().as_secs_f64() * per_second) as usize;
        while measured.offered < due {
            let (channel, ended) =
                (channels[measured.offered % channels.len()].clone(), ended.clone());
            tokio::spawn(async move { ended.send(call(channel).await) });
            measured.offered += 1;
        }
    }
    drop(ended);
    while let Some(end) = ends.recv().await {
        match end {
            End::Answered(after) => measured.answered.push(after),
            End::Refused(after) => measured.refused.push(after),
            End::Failed => measured.failed += 1,
        }
    }
    measured.took = began.elapsed();
    measured
}

impl Measured {
    fn goodput(&self) -> f64 {
        self.answered.len() as f64 / self.took.as_secs_f64()
    }

    fn print(&self, load: f64, best: f64) {
        println!(
            "{load:>5.1}x {:>10.0} {:>10.0} {:>11.0}% {:>8.1} {:>8.1} {:>8} {:>7.1} {:>7}",
            self.offered as f64 / LASTING.as_secs_f64(),
            self.goodput(),
            self.goodput() / best * 100.0,
            percentile(&self.answered, 50),
            percentile(&self.answered, 99),
            self.refused.len(),
            percentile(&self.refused, 99),
            self.failed,
        );
    }
}

/// In milliseconds; nothing: zero.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
