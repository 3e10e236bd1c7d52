//! A cloud goes on while no process looks after it.

use std::sync::{Arc, Mutex};

use fermata_core::Time;
use fermata_core::cloud::{Cloud, MigrationStatus, ServerSeen, ServerStatus};
use fermata_simcloud::{Clock, Fault, FaultKind, Operation, SimCloud, StateFileError, Topology};

use crate::common::{SMALL, START, host, id};

struct Timer(Arc<Mutex<Time>>);

impl Timer {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(START)))
    }

    fn clock(&self) -> Clock {
        let time = self.0.clone();
        Arc::new(move || *time.lock().unwrap())
    }

    fn pass_seconds(&self, seconds: i64) {
        *self.0.lock().unwrap() += time::Duration::seconds(seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn actions_end_while_nobody_looks() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cloud.json");
    let topology = Topology::parse(SMALL).unwrap();
    let timer = Timer::new();
    let open = || SimCloud::open(&topology, timer.clock(), &file).unwrap();

    let cloud = open();
    cloud.live_migrate(&id("db-1"), Some(&host("h3"))).await.unwrap();
    let fault = Fault::once(Operation::Stop, &id("db-2"), FaultKind::Unavailable);
    cloud.inject(fault).unwrap();
    drop(cloud);

    let cloud = open();
    let progress = cloud.progress(&[id("db-1")], START).await.unwrap();
    assert!(matches!(&progress.servers[0], ServerSeen::Present(s) if s.task.is_some()));
    drop(cloud);

    timer.pass_seconds(60);
    let cloud = open();
    let progress = cloud.progress(&[id("db-1")], START).await.unwrap();
    assert_eq!(progress.migrations[0].status, MigrationStatus::Completed);
    let ServerSeen::Present(server) = &progress.servers[0] else {
        panic!("gone");
    };
    assert_eq!(server.status, ServerStatus::Active);
    assert_eq!(server.host, Some(host("h3")));
    let entries = cloud.journal(0);
    assert!(entries.iter().zip(0..).all(|(entry, n)| entry.number == n));
    let ended = entries.iter().rev().find(|entry| entry.at > START).unwrap();
    assert!(ended.at <= START + time::Duration::seconds(60));
    assert!(cloud.stop(&id("db-2")).await.is_err(), "faults are kept");
    drop(cloud);
    assert!(open().stop(&id("db-2")).await.is_ok(), "and used up");
}

#[test]
fn other_files_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let topology = Topology::parse(SMALL).unwrap();
    let open = |name: &str, content: &str| {
        let file = directory.path().join(name);
        std::fs::write(&file, content).unwrap();
        SimCloud::open(&topology, Timer::new().clock(), file).err().unwrap()
    };
    assert!(matches!(open("a", "no json"), StateFileError::Content { .. }));
    assert!(matches!(
        open("b", r#"{"format": 99, "sim": {}}"#),
        StateFileError::Format { found: 99, .. }
    ));
    let nowhere = directory.path().join("missing/cloud.json");
    let answer = SimCloud::open(&topology, Timer::new().clock(), nowhere);
    assert!(matches!(answer.err().unwrap(), StateFileError::Write { .. }));
}
