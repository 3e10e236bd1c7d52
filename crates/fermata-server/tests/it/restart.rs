//! Servers that end in the middle of the work, in good order or not, and what the next one finds.

use std::collections::BTreeSet;
use std::path::Path;

use fermata_proto::v1;
use fermata_proto::v1::owner_event::Event;
use fermata_proto::v1::{Action, NotificationKind, ServerChange, SessionState};
use fermata_server::{Running, start};
use fermata_simcloud::{Operation, Outcome};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use crate::acts::{accept, create, notification, patient, progress, spec, state, work_through};
use crate::harness::{LIMIT, Notifications, Sessions, Site, config, directory, millis, soon};
use crate::tape::{Tape, after, now, of_project, of_session};
use crate::world::{Journal, World};

type Owner = Tape<v1::SubscribeResponse>;
type Watch = Tape<v1::WatchSessionResponse>;

/// A server that can be ended like a process that is killed: nothing of it is run any further.
struct Doomed {
    runtime: Runtime,
    running: Running,
}

impl Doomed {
    async fn start(dir: &TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let config = config(dir.path());
        let starting = runtime.spawn(async move {
            let mut running = start(config).await.unwrap();
            running.ready().await.unwrap();
            running
        });
        let running = starting.await.unwrap();
        Self { runtime, running }
    }

    async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.running.grpc_addr());
        Channel::from_shared(address).unwrap().connect().await.unwrap()
    }

    async fn kill(self) {
        let Self { runtime, running } = self;
        let kill = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(LIMIT));
        kill.await.unwrap();
        drop(running);
    }
}

/// Twelve servers of two owners on one host; whatever is done to one takes a while.
fn busy_host() -> World {
    let mut world = World::of_hosts(3).taking("schedule", 20);
    for what in ["live_migrate", "migrate", "confirm_migration", "stop", "start"] {
        world = world.taking(what, 150);
    }
    for i in 0..6 {
        world = world.server(&format!("orange-{i}"), "orange", "compute-1").server(
            &format!("violet-{i}"),
            "violet",
            "compute-1",
        );
    }
    world
}

fn names() -> Vec<String> {
    ["orange", "violet"].iter().flat_map(|p| (0..6).map(move |i| format!("{p}-{i}"))).collect()
}

/// What is done with every server, three at a time.
fn parallel(action: Action) -> v1::SessionSpec {
    let default_action = action.into();
    v1::SessionSpec { default_action, max_parallel_actions: 3, ..spec(&["compute-1"]) }
}

/// Nothing was done to a server twice, whoever asked for it.
fn assert_done_once(dir: &Path, action: Action) {
    let (operations, migrations): (&[Operation], _) = match action {
        Action::LiveMigrate => (&[Operation::LiveMigrate], 1),
        Action::Migrate => (&[Operation::Migrate, Operation::ConfirmMigration], 1),
        _ => (&[Operation::Stop, Operation::Start], 0),
    };
    let journal = Journal::of(dir);
    for name in names() {
        for operation in operations {
            let calls = journal.calls(*operation, &name);
            let done = calls.iter().filter(|(outcome, _)| *outcome == Outcome::Done).count();
            assert_eq!(done, 1, "{operation} {name}: {calls:?}");
        }
        assert_eq!(journal.migrations(&name), migrations, "{name}");
    }
}

/// The whole log of an owner, from its first event to the end of the session.
async fn log(channel: &Channel, project: &str, first: Vec<u8>) -> Owner {
    let mut owner = Owner::open(channel, of_project(project, after(first))).await.unwrap();
    owner
        .until(|m| {
            matches!(crate::owners::event(m), Some(Event::Session(s))
                if s.change() == v1::OwnerSessionChange::Completed)
        })
        .await;
    owner
}

/// No question was asked twice, nothing happened to a server twice, and the log has no hole.
fn assert_told_once(owner: &Owner) {
    let sequences = owner.sequences();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>());
    let mut questions = BTreeSet::new();
    let mut changes = BTreeSet::new();
    for heard in owner.events() {
        match crate::owners::event(&heard.message).unwrap() {
            Event::Notification(n) => {
                questions.insert((n.kind, n.id.clone(), n.plan_revision));
            }
            Event::Server(s) => {
                let new = changes.insert((s.server_id.clone(), s.change));
                assert!(new, "told twice: {s:?}");
            }
            Event::Session(_) => {}
        }
    }
    let of_kind =
        |kind: NotificationKind| questions.iter().filter(|(k, ..)| *k == i32::from(kind)).count();
    assert_eq!(of_kind(NotificationKind::Planned), 1, "{questions:?}");
    assert_eq!(of_kind(NotificationKind::Drain), 1, "{questions:?}");
    let ends = [ServerChange::ActionDone.into(), ServerChange::IsBack.into()];
    assert_eq!(changes.iter().filter(|(_, change)| ends.contains(change)).count(), 6);
}

async fn first_tokens(channel: &Channel) -> [Vec<u8>; 2] {
    let mut tokens = Vec::new();
    for project in ["orange", "violet"] {
        let mut owner = Owner::open(channel, of_project(project, now())).await.unwrap();
        owner.next().await;
        tokens.push(owner.token());
    }
    tokens.try_into().unwrap()
}

/// What must hold once a session that was interrupted has ended.
async fn assert_ended_well(
    channel: &Channel,
    dir: &Path,
    id: &str,
    action: Action,
    tokens: [Vec<u8>; 2],
) {
    let mut sessions = Sessions::new(channel.clone());
    let done = work_through(&mut sessions, id).await;
    assert_eq!(state(&done), SessionState::Completed);
    assert_eq!(progress(&done).servers_done, 12);
    let request = v1::GetSessionReportRequest { session_id: id.to_owned(), ..Default::default() };
    let report = sessions.get_session_report(request).await.unwrap().into_inner().report.unwrap();
    let kept = action == Action::Keep;
    let ended = if kept { v1::ServerState::Restored } else { v1::ServerState::Moved };
    for server in report.hosts.iter().flat_map(|h| &h.servers) {
        assert_eq!((server.state(), server.attempts), (ended, 1), "{server:?}");
    }
    assert_done_once(dir, action);
    let [orange, violet] = tokens;
    assert_told_once(&log(channel, "orange", orange).await);
    assert_told_once(&log(channel, "violet", violet).await);
}

/// Waits until some moves are done and others are under way.
async fn in_the_middle(channel: &Channel, id: &str) {
    let mut watch = Watch::open(channel, of_session(id, None)).await.unwrap();
    let figures = |m: &v1::WatchSessionResponse| match &m.message {
        Some(v1::watch_session_response::Message::Event(e)) => e.progress,
        _ => None,
    };
    watch
        .until(|m| figures(m).is_some_and(|p| p.servers_done > 2 && p.servers_in_action > 1))
        .await;
}

#[tokio::test]
async fn a_drain_goes_on_after_a_stop_in_good_order() {
    let mut site = Site::start(&busy_host()).await;
    let channel = site.channel().await;
    let tokens = first_tokens(&channel).await;
    let action = Action::LiveMigrate;
    let id = create(&mut Sessions::new(channel.clone()), parallel(action)).await.id;
    in_the_middle(&channel, &id).await;
    drop(channel);
    for _ in 0..2 {
        site.stop().await;
        // A move that ends meanwhile has ended in the cloud, and is found there.
        site.up(|_| {}).await;
    }
    assert_ended_well(&site.channel().await, site.dir.path(), &id, action, tokens).await;
    site.stop().await;
}

/// A server that is killed after so many events of its session, and the one that follows it.
async fn killed_after((action, events): (Action, usize)) {
    let dir = directory(&busy_host().text());
    let server = Doomed::start(&dir).await;
    let channel = server.channel().await;
    let tokens = first_tokens(&channel).await;
    let mut sessions = Sessions::new(channel.clone());
    let id = create(&mut sessions, parallel(action)).await.id;
    let mut watch = Watch::open(&channel, of_session(&id, None)).await.unwrap();
    for _ in 0..=events {
        watch.next().await;
    }
    let token = watch.token();
    server.kill().await;

    let server = Doomed::start(&dir).await;
    let channel = server.channel().await;
    // What was heard is still there, and goes on where it was.
    let mut again = Watch::open(&channel, of_session(&id, after(token))).await.unwrap();
    assert_ended_well(&channel, dir.path(), &id, action, tokens).await;
    let last = again.next().await;
    assert_eq!(last.sequence, watch.heard[events].message.sequence + 1);
    server.kill().await;
}

#[tokio::test]
async fn a_killed_server_is_followed_by_one_that_takes_up_its_sessions() {
    use Action::{Keep, LiveMigrate, Migrate};
    // Announced; asked; first actions; later ones; at the end of them.
    let points = [
        (LiveMigrate, 0),
        (LiveMigrate, 4),
        (LiveMigrate, 8),
        (LiveMigrate, 17),
        (LiveMigrate, 30),
        (Migrate, 9),
        (Migrate, 18),
        (Migrate, 26),
        (Keep, 9),
        (Keep, 16),
        (Keep, 28),
    ];
    futures::future::join_all(points.map(killed_after)).await;
}

/// A reply that was answered is there after a kill, and deadlines that nobody could meet are moved.
#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let dir = directory(&World::small().text());
    let server = Doomed::start(&dir).await;
    let channel = server.channel().await;
    let mut sessions = Sessions::new(channel.clone());
    let mut owners = Notifications::new(channel);
    let request = v1::CreateSessionRequest {
        spec: Some(patient(&["compute-1"])),
        request_id: "create".to_owned(),
    };
    let created = sessions.create_session(request.clone()).await.unwrap().into_inner();
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let replied = owners.reply(accept(&asked, Action::Keep)).await.unwrap().into_inner();
    server.kill().await;

    let server = Doomed::start(&dir).await;
    let channel = server.channel().await;
    let mut sessions = Sessions::new(channel.clone());
    let mut owners = Notifications::new(channel);
    assert_eq!(sessions.create_session(request).await.unwrap().into_inner(), created);
    let found = notification(&mut owners, "orange", NotificationKind::Planned).await;
    assert_eq!(Some(found), replied.notification);
    server.kill().await;
}

/// A host that is held stays held while nobody is there, and after.
#[tokio::test]
async fn a_held_host_is_still_held_after_a_kill() {
    let dir = directory(&World::small().text());
    let server = Doomed::start(&dir).await;
    let mut sessions = Sessions::new(server.channel().await);
    let quick = v1::SessionSpec { drain_reply_period: millis(0), ..spec(&["compute-1"]) };
    let id = create(&mut sessions, quick).await.id;
    let held = v1::SessionHostState::InMaintenance;
    crate::acts::until_host(&mut sessions, &id, "compute-1", held).await;
    server.kill().await;

    let server = Doomed::start(&dir).await;
    let channel = server.channel().await;
    let request = v1::GetHostRequest { host: "compute-1".to_owned() };
    let host = crate::harness::Hosts::new(channel.clone()).get_host(request).await.unwrap();
    assert_eq!(host.into_inner().host.unwrap().state(), v1::HostState::InMaintenance);
    let mut sessions = Sessions::new(channel);
    let done = soon("the end", work_through(&mut sessions, &id)).await;
    assert_eq!(state(&done), SessionState::Completed);
    server.kill().await;
}
