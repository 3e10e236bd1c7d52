//! How fast transitions are written, against the floor of the same run: bare inserts of 512 bytes, one at a
//! time, each durable. Run with `cargo bench -p fermata-store`; compare the ratios, rates depend on the disk.
#![allow(clippy::unwrap_used, reason = "a measurement that fails may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use fermata_core::actor::{Role, Who};
use fermata_core::audit::{Action, Entry, Resource};
use fermata_core::cloud::{Capacity, Flavor, Host, Scheduling, Server, ServerStatus};
use fermata_core::event::Outbox;
use fermata_core::id::{HostName, ServerId};
use fermata_core::ledger::{Ledger, Postings};
use fermata_core::machine::{Context, Transition, create};
use fermata_core::policy::Policies;
use fermata_core::session::Session;
use fermata_core::spec::Draft;
use fermata_core::{Duration, Time};
use fermata_store::{NewEvent, Options, Store, Topic, Write};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, SqliteConnection, query};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Time = time::macros::datetime!(2026-03-01 08:00 UTC);
const EVENT: [u8; 512] = [b'x'; 512];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite://{}/store.db?mode=rwc", directory.path().display());
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    store.migrate().await.unwrap();

    let mut floor = Floor::open(&directory).await;
    let small = born(&store, "small", 1, 10).await;
    floor.show("commit, 1 server row, 1 event", transitions(&store, &small, 1, 2000)).await;
    let small = store.load(small.head.id).await.unwrap().unwrap();
    floor.show("same, with its audit record", asked(&store, &small, 1, 2000)).await;
    let small = store.load(small.head.id).await.unwrap().unwrap();
    let hundred = async { transitions(&store, &small, 100, 300).await * 100.0 };
    floor.show("same, 100 events", hundred).await;
    floor.show("same, 8 sessions at once", together(&store, 8, 300)).await;

    let large = timed("create 1,000 hosts, 20,000 servers", born(&store, "large", 1000, 20)).await;
    let loaded = timed("load it", store.load(large.head.id)).await.unwrap().unwrap();
    assert_eq!(loaded, large);
    floor.show("commit to it, 1 server row", transitions(&store, &large, 1, 200)).await;
    timed("affairs of a project", store.project_affairs(&"project3".into(), None)).await.unwrap();
}

async fn timed<T>(what: &str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    println!("{what:36} {:9.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    done
}

/// Bare inserts; measured around each of the others, since disks change their mind.
struct Floor {
    db: SqliteConnection,
}

impl Floor {
    async fn open(directory: &TempDir) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("floor.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        let create = "CREATE TABLE rows (id INTEGER PRIMARY KEY, payload BLOB)";
        query(create).execute(&mut db).await.unwrap();
        Self { db }
    }

    /// Per second.
    async fn measure(&mut self) -> f64 {
        let count = 500;
        let begun = Instant::now();
        for _ in 0..count {
            let insert = query("INSERT INTO rows (payload) VALUES (?)").bind(EVENT.as_slice());
            insert.execute(&mut self.db).await.unwrap();
        }
        f64::from(count) / begun.elapsed().as_secs_f64()
    }

    async fn show(&mut self, what: &str, per_second: impl Future<Output = f64>) {
        let before = self.measure().await;
        let rate = per_second.await;
        let floor = (before + self.measure().await) / 2.0;
        println!("{what:36} {rate:9.0} /s, {:6.2} of {floor:.0} bare inserts/s", rate / floor);
    }
}

/// Transitions of one session, one after another, each changing one server; per second.
async fn transitions(store: &Store, session: &Session, events: usize, count: u32) -> f64 {
    writes(store, session, events, count, None).await
}

/// The same, because somebody asks for them: each with its record in the audit trail.
async fn asked(store: &Store, session: &Session, events: usize, count: u32) -> f64 {
    let entry = Entry {
        who: Who::new("kim", Role::Operator),
        action: Action::CompleteHost,
        resource: Resource::session(session.head.id),
        detail: "compute-1".to_owned(),
        reason: "the work is done".to_owned(),
    };
    writes(store, session, events, count, Some(entry)).await
}

async fn writes(
    store: &Store,
    session: &Session,
    events: usize,
    count: u32,
    audit: Option<Entry>,
) -> f64 {
    let topic = Topic::Session(session.head.id);
    let event = NewEvent { topic, session: Some(session.head.id), payload: EVENT.to_vec() };
    let mut before = session.clone();
    let mut spent = std::time::Duration::ZERO;
    for _ in 0..count {
        let mut next = before.clone();
        next.head.revision += 1;
        if let Some(server) = next.servers.values_mut().next() {
            Arc::make_mut(server).failures += 1;
        }
        let transition = Transition {
            next,
            outbox: Outbox::default(),
            ledger: Postings::default(),
            measured: Vec::new(),
            audit: audit.clone(),
        };
        let events = vec![event.clone(); events];
        let write = Write {
            before: Some(&before),
            transition: &transition,
            owner: None,
            epoch: 0,
            events,
            tell: |_, _| Vec::new(),
            request: None,
            now: NOW,
        };
        let begun = Instant::now();
        store.commit(write).await.unwrap();
        spent += begun.elapsed();
        before = transition.next;
    }
    f64::from(count) / spent.as_secs_f64()
}

async fn together(store: &Store, sessions: u32, count: u32) -> f64 {
    let mut born_ones = Vec::new();
    for i in 0..sessions {
        born_ones.push(born(store, &format!("together{i}"), 1, 10).await);
    }
    let begun = Instant::now();
    let tasks = born_ones.into_iter().map(|session| {
        let store = store.clone();
        tokio::spawn(async move { transitions(&store, &session, 1, count).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    f64::from(sessions * count) / begun.elapsed().as_secs_f64()
}

/// A committed session.
async fn born(store: &Store, name: &str, hosts: usize, servers_each: usize) -> Session {
    let names: Vec<_> = (0..hosts).map(|i| HostName(format!("{name}-{i}"))).collect();
    let hosts: Vec<_> = names
        .iter()
        .map(|name| Host {
            name: name.clone(),
            up: true,
            scheduling: Scheduling::Enabled,
            zone: None,
            aggregates: Vec::new(),
            capacity: Capacity::default(),
            hypervisor_type: "QEMU".to_owned(),
            hypervisor_version: "8".to_owned(),
            servers: 0,
        })
        .collect();
    let servers = names.iter().flat_map(|host| {
        (0..servers_each).map(move |i| Server {
            id: ServerId(format!("{host}-{i}")),
            name: format!("server {i}"),
            project: format!("project{i}").into(),
            host: Some(host.clone()),
            host_id: "opaque".to_owned(),
            status: ServerStatus::Active,
            task: None,
            flavor: Flavor::default(),
            metadata: BTreeMap::new(),
            pinned_zone: None,
        })
    });
    let mut draft = Draft {
        window_end: Some(NOW + Duration::hours(8)),
        reason: "measure".to_owned(),
        ..Draft::default()
    };
    draft.selection.all = true;
    let spec = draft.complete(&names.iter().cloned().collect(), NOW).unwrap();
    let interactive = BTreeSet::new();
    let ids = &mut Uuid::now_v7;
    let context = Context {
        now: NOW,
        interactive: &interactive,
        policies: &Policies::default(),
        ledger: Some(&Ledger::default()),
        ids,
    };
    let hosts: Vec<_> = hosts.iter().collect();
    let transition =
        create(Who::new("kim", Role::Operator), spec, &hosts, servers.collect(), None, 0, context)
            .unwrap();
    let write = Write {
        before: None,
        transition: &transition,
        owner: None,
        epoch: 0,
        events: Vec::new(),
        tell: |_, _| Vec::new(),
        request: None,
        now: NOW,
    };
    store.commit(write).await.unwrap();
    transition.next
}
