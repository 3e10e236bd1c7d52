//! One simulated cloud for several clients, over real sockets and in real time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cloud_conformance::run_all;
use fermata_core::cloud::{Cloud, CloudError, Scheduling, ServerStatus};
use fermata_core::id::ProjectId;
use fermata_simcloud::remote::{RemoteCloud, serve};
use fermata_simcloud::{
    Answer, Clock, Entry, Event, Fault, FaultKind, Operation, Outcome, SimCloud, Topology,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::common::{SMALL, START, host, id, small_server};
use crate::conformance::SimFixture;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time that passes ten times as fast as it does.
fn fast_clock() -> Clock {
    let origin = tokio::time::Instant::now();
    Arc::new(move || START + origin.elapsed() * 10)
}

struct Served {
    cloud: Arc<SimCloud>,
    clock: Clock,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn start(topology: &str) -> Self {
        let clock = fast_clock();
        let cloud = Arc::new(SimCloud::new(&Topology::parse(topology).unwrap(), clock.clone()));
        Self::again(cloud, clock, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    async fn again(cloud: Arc<SimCloud>, clock: Clock, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(Arc::clone(&cloud), listener, async {
            let _ = stopped.await;
        }));
        Self { cloud, clock, address, stop, serving }
    }

    fn client(&self) -> RemoteCloud {
        RemoteCloud::new(self.address, PATIENCE)
    }

    async fn stop(self) -> (Arc<SimCloud>, Clock, SocketAddr) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        (self.cloud, self.clock, self.address)
    }
}

fn was_called(entries: &[Entry], wanted: Operation, how: (Outcome, Answer)) -> bool {
    entries.iter().any(|entry| match &entry.event {
        Event::Call { operation, outcome, answer, .. } => {
            *operation == wanted && (*outcome, *answer) == how
        }
        Event::Host { .. }
        | Event::HostGone { .. }
        | Event::Server { .. }
        | Event::Gone { .. }
        | Event::Migration { .. }
        | Event::Group { .. } => false,
    })
}

/// Passes the first request on, waits for its answer, and hangs up without passing it back.
async fn loses_the_answer(upstream: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let losing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut line = String::new();
        let mut client = BufReader::new(stream);
        client.read_line(&mut line).await.unwrap();
        let mut cloud = BufStream::new(TcpStream::connect(upstream).await.unwrap());
        cloud.write_all(line.as_bytes()).await.unwrap();
        cloud.flush().await.unwrap();
        cloud.read_line(&mut line).await.unwrap();
    });
    (address, losing)
}

#[tokio::test]
async fn a_remote_cloud_conforms() {
    let served = Served::start(SMALL).await;
    let fixture = SimFixture {
        cloud: Arc::clone(&served.cloud),
        clock: served.clock.clone(),
        hosts: vec![host("h3"), host("h2")],
        projects: [ProjectId::from("p1"), ProjectId::from("p2")],
    };
    run_all(&served.client(), &fixture).await;
}

#[tokio::test]
async fn all_clients_see_one_cloud() {
    let served = Served::start(SMALL).await;
    let (one, other) = (served.client(), served.client());
    let disabled = Scheduling::Disabled { reason: "work".to_owned() };
    one.set_scheduling(&host("h1"), &disabled).await.unwrap();
    let hosts = other.hosts().await.unwrap();
    assert_eq!(hosts[0].scheduling, disabled);
    assert_eq!(hosts, served.cloud.hosts().await.unwrap());
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_unknown_and_done() {
    let served = Served::start(SMALL).await;
    let (address, losing) = loses_the_answer(served.address).await;
    let answer = RemoteCloud::new(address, PATIENCE).stop(&id("db-1")).await;
    assert!(matches!(answer, Err(CloudError::Unknown { .. })), "{answer:?}");
    losing.await.unwrap();
    let entries = served.client().journal(0).await.unwrap();
    assert!(was_called(&entries, Operation::Stop, (Outcome::Done, Answer::Ok)), "{entries:?}");
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_unavailable() {
    let served = Served::start(SMALL).await;
    let (address, losing) = loses_the_answer(served.address).await;
    let answer = RemoteCloud::new(address, PATIENCE).hosts().await;
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })), "{answer:?}");
    losing.await.unwrap();
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_unknown_and_goes_on() {
    let slow = format!("{SMALL}api = {{ min_ms = 1000, max_ms = 1000 }}\n");
    let served = Served::start(&slow).await;
    let hasty = RemoteCloud::new(served.address, Duration::from_millis(100));
    let answer = hasty.stop(&id("db-1")).await;
    assert!(matches!(answer, Err(CloudError::Unknown { .. })), "{answer:?}");
    let answer = hasty.hosts().await;
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })), "{answer:?}");
    let stopped = async {
        let done = (Outcome::Done, Answer::Ok);
        while !was_called(&served.cloud.journal(0), Operation::Stop, done) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stopped).await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_unavailable_also_after_a_connection_was_kept() {
    let served = Served::start(SMALL).await;
    let client = served.client();
    client.check().await.unwrap();
    let (cloud, clock, address) = served.stop().await;
    for answer in [client.stop(&id("db-1")).await, client.check().await] {
        assert!(matches!(answer, Err(CloudError::Unavailable { .. })), "{answer:?}");
    }
    let _served = Served::again(cloud, clock, address).await;
    client.stop(&id("db-1")).await.unwrap();
    client.check().await.unwrap();
}

#[tokio::test]
async fn errors_and_faults_come_through() {
    let served = Served::start(SMALL).await;
    let client = served.client();
    let answer = client.start(&id("nobody")).await;
    assert!(matches!(answer, Err(CloudError::NotFound { .. })), "{answer:?}");
    assert_eq!(answer, served.cloud.start(&id("nobody")).await);

    let lost = Fault::once(Operation::Stop, &id("db-1"), FaultKind::LostAnswer);
    client.inject(lost.clone()).await.unwrap();
    let answer = client.stop(&id("db-1")).await;
    assert!(matches!(answer, Err(CloudError::Unknown { .. })), "{answer:?}");
    client.inject(Fault { server: Some(id("db-2")), ..lost }).await.unwrap();
    client.clear_faults().await.unwrap();
    client.stop(&id("db-2")).await.unwrap();

    let answer = client.inject(Fault::always(Operation::Hosts, FaultKind::Hangs)).await;
    assert!(matches!(answer, Err(CloudError::Rejected { .. })), "{answer:?}");
}

#[tokio::test]
async fn others_act_through_it_too() {
    let served = Served::start(SMALL).await;
    let client = served.client();
    let new = client.create_server(small_server("new", "h1")).await.unwrap();
    client.move_server(&new, &host("h3")).await.unwrap();
    let found = client.servers_on(&host("h3")).await.unwrap();
    assert_eq!((&found[0].id, &found[0].status), (&new, &ServerStatus::Active));
    client.delete_server(&new).await.unwrap();
    assert_eq!(client.servers_on(&host("h3")).await.unwrap(), []);
    client.host_goes_down(&host("h3")).await.unwrap();
    assert!(!client.hosts().await.unwrap()[2].up);
    client.host_comes_up(&host("h3")).await.unwrap();
    assert!(client.hosts().await.unwrap()[2].up);
    assert_eq!(client.journal(3).await.unwrap(), served.cloud.journal(3));
}

#[tokio::test]
async fn lines_are_as_documented() {
    let served = Served::start(SMALL).await;
    let mut stream = BufStream::new(TcpStream::connect(served.address).await.unwrap());
    let mut ask = async |line: &str| -> Value {
        stream.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).await.unwrap();
        serde_json::from_str(&answer).unwrap()
    };
    assert_eq!(ask(r#"{"operation":"check"}"#).await, json!({ "ok": null }));
    assert_eq!(
        ask(r#"{"operation":"start","server":"nobody"}"#).await,
        json!({ "error": { "kind": "not_found", "detail": "server nobody could not be found" } })
    );
    for (line, problem) in [
        ("hosts", "expected value"),
        ("", "EOF"),
        (r#"{"operation":"boil"}"#, "unknown variant `boil`"),
        (r#"{"operation":"stop","sever":"db-1"}"#, "unknown field `sever`"),
        (r#"{"operation":"stop"}"#, "missing field `server`"),
        (r#"{"operation":"check","now":true}"#, "unknown field `now`"),
    ] {
        let answer = ask(line).await;
        assert_eq!(answer["error"]["kind"], "bad_request", "{answer}");
        assert!(answer["error"]["detail"].as_str().unwrap().contains(problem), "{answer}");
    }
    let fault = r#"{"operation":"inject","fault":{"operation":"stop","server":"db-1","kind":"fails","times":1}}"#;
    assert_eq!(ask(fault).await, json!({ "ok": null }));
    let create = r#"{"operation":"create_server","name":"new","project":"p2","host":"h1",
        "size":{"vcpus":1,"memory_mib":1024,"disk_gib":10}}"#
        .replace('\n', "");
    assert!(ask(&create).await["ok"].is_string());
    let journal = ask(r#"{"operation":"journal","from":0}"#).await;
    assert_eq!(journal["ok"][0]["number"], 0);
    let at = journal["ok"][0]["at"].as_str().unwrap();
    assert!(at.starts_with("2030-01-01T00:00:") && at.ends_with('Z'), "RFC 3339: {at}");
    assert_eq!(journal["ok"][0]["event"]["host"]["host"], "h1");
    let progress =
        ask(r#"{"operation":"progress","servers":["db-1"],"since":"2030-01-01T00:00:00.000001Z"}"#)
            .await;
    assert_eq!(progress["ok"]["servers"][0]["present"]["id"], "db-1");
}

#[tokio::test]
async fn connections_are_bounded_and_given_back() {
    let served = Served::start(SMALL).await;
    let mut open = Vec::new();
    for _ in 0..256 {
        open.push(TcpStream::connect(served.address).await.unwrap());
    }
    let answer = served.client().check().await;
    assert!(matches!(answer, Err(CloudError::Unavailable { .. })), "{answer:?}");
    drop(open);
    let client = served.client();
    let admitted = async {
        while client.check().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, admitted).await.unwrap();
}
