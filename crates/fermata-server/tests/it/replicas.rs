//! Replicas are equal: whichever is asked, whichever works; and one that goes is followed by another.

use std::time::{Duration, Instant};

use fermata_core::id::SessionId;
use fermata_proto::v1;
use fermata_proto::v1::owner_event::Event;
use fermata_proto::v1::{Action, NotificationKind, SessionHostState, SessionState};
use fermata_store::{Options, Store};
use sea_orm::ConnectionTrait;
use tonic::Code;

use crate::acts::{
    accept, complete, create, get, notification, patient, spec, state, subscribe_as, until_host,
    until_state,
};
use crate::cluster::Cluster;
use crate::harness::{Notifications, Sessions, Site, eventually, millis};
use crate::refusal::Refusal;
use crate::tape::{Streamed, Tape, after, now, of_project, of_session};
use crate::world::World;

type Owner = Tape<v1::SubscribeResponse>;
type Watch = Tape<v1::WatchSessionResponse>;

async fn epoch(store: &Store, id: &str) -> u64 {
    let id: SessionId = id.parse().unwrap();
    store.version(id).await.unwrap().unwrap().1
}

/// A session is created at one replica; its owner listens and replies at another, the operator finishes it there.
async fn whichever_is_asked(hints: bool) {
    let Some(mut cluster) = Cluster::over(&World::small()).await else { return };
    cluster.hints = hints;
    let (a, b) = (cluster.member().await, cluster.member().await);
    let (at_a, at_b) = (a.channel().await, b.channel().await);
    let mut owner = Owner::open(&at_b, of_project("orange", now())).await.unwrap();
    owner.next().await;
    let asked = create(&mut Sessions::new(at_a.clone()), patient(&["compute-1"])).await;
    let mut watch = Watch::open(&at_b, of_session(&asked.id, None)).await.unwrap();
    owner.until(|m| matches!(crate::owners::event(m), Some(Event::Notification(_)))).await;

    let mut owners = Notifications::new(at_b.clone());
    for project in ["orange", "violet"] {
        let question = notification(&mut owners, project, NotificationKind::Planned).await;
        owners.reply(accept(&question, Action::LiveMigrate)).await.unwrap();
    }
    // A change at one is the state at the other, at once: nobody answers from what he remembers.
    let mut sessions = [Sessions::new(at_a), Sessions::new(at_b.clone())];
    for i in 0..6 {
        let (one, other) = (i % 2, (i + 1) % 2);
        let before = get(&mut sessions[one], &asked.id).await;
        let request = v1::UpdateSessionRequest {
            session_id: asked.id.clone(),
            spec: Some(v1::SessionSpec {
                max_parallel_actions: 3 + i as u32,
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["max_parallel_actions".to_owned()],
            }),
            etag: before.session.etag,
            ..Default::default()
        };
        sessions[other].update_session(request).await.unwrap();
    }
    let request = v1::StartSessionRequest { session_id: asked.id.clone(), ..Default::default() };
    sessions[1].start_session(request).await.unwrap();
    until_host(&mut sessions[1], &asked.id, "compute-1", SessionHostState::InMaintenance).await;
    complete(&mut sessions[1], &asked.id, "compute-1").await;
    until_state(&mut sessions[0], &asked.id, SessionState::Completed).await;
    watch
        .until(|m| match &m.message {
            Some(v1::watch_session_response::Message::Event(e)) => {
                matches!(&e.event, Some(v1::session_event::Event::Session(s)) if s.state() == SessionState::Completed)
            }
            _ => false,
        })
        .await;

    // What was deleted at one ends for those who watch at the other.
    let mut again = Watch::open(&at_b, of_session(&asked.id, after(watch.token()))).await.unwrap();
    let request = v1::DeleteSessionRequest { session_id: asked.id.clone(), ..Default::default() };
    sessions[0].delete_session(request).await.unwrap();
    let ended = again.until_end().await;
    assert_eq!(ended.unwrap_err().code(), tonic::Code::NotFound);
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_replica_is_asked() {
    whichever_is_asked(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_replica_is_asked_with_all_hints_lost() {
    whichever_is_asked(false).await;
}

/// With all hints lost, what is committed at one replica is at the subscribers of another well within a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_arrive_with_all_hints_lost() {
    const SESSIONS: usize = 40;
    let mut world = World::of_hosts(SESSIONS);
    for i in 1..=SESSIONS {
        world = world.server(&format!("s{i}"), &format!("p{}", i % 20), &format!("compute-{i}"));
    }
    let Some(mut cluster) = Cluster::over(&world).await else { return };
    cluster.hints = false;
    let (a, b) = (cluster.member().await, cluster.member().await);
    let at_b = b.channel().await;
    let mut listeners = Vec::new();
    for i in 0..20 {
        let mut owner = Owner::open(&at_b, of_project(&format!("p{i}"), now())).await.unwrap();
        owner.next().await;
        listeners.push(tokio::spawn(async move {
            let mut heard = Vec::new();
            for _ in 0..SESSIONS / 20 {
                let message = owner
                    .until(|m| matches!(crate::owners::event(m), Some(Event::Notification(_))));
                let message = message.await;
                let Some(Event::Notification(asked)) = crate::owners::event(&message) else {
                    unreachable!()
                };
                heard.push((asked.session_id.clone(), Instant::now()));
            }
            heard
        }));
    }
    let mut sessions = Sessions::new(a.channel().await);
    let mut committed = std::collections::BTreeMap::new();
    for i in 1..=SESSIONS {
        let host = format!("compute-{i}");
        let begun = Instant::now();
        let id = create(&mut sessions, patient(&[host.as_str()])).await.id;
        committed.insert(id, begun);
        // At another phase of the looks each time.
        tokio::time::sleep(Duration::from_millis(7 * (i as u64 % 13))).await;
    }
    let mut delays = Vec::new();
    for listener in listeners {
        for (id, at) in listener.await.unwrap() {
            delays.push(at - committed[&id]);
        }
    }
    delays.sort_unstable();
    assert_eq!(delays.len(), SESSIONS);
    let (p50, p99) = (delays[SESSIONS / 2], delays[SESSIONS * 99 / 100]);
    println!(
        "with all hints lost, from before the commit to the subscriber: p50 {p50:?}, p99 {p99:?}"
    );
    // Four looks a second; the rest is what a busy machine may take.
    assert!(p99 < Duration::from_secs(15), "p99 {p99:?}");
    a.stop().await;
    b.stop().await;
}

/// A replica that stops hands its sessions over at once, however long its lease goes; one that is killed is followed
/// when its lease is out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_goes_is_followed() {
    let Some(mut cluster) = Cluster::over(&World::small()).await else { return };
    cluster.lease = Duration::from_secs(8);
    let store = Store::connect(&cluster.url, &Options::default()).await.unwrap();
    let a = cluster.member().await;
    let b = cluster.member().await;
    let quick = v1::SessionSpec { drain_reply_period: millis(0), ..spec(&["compute-1"]) };
    let id = create(&mut Sessions::new(a.channel().await), quick).await.id;
    let mut at_b = Sessions::new(b.channel().await);
    until_host(&mut at_b, &id, "compute-1", SessionHostState::InMaintenance).await;
    assert_eq!(epoch(&store, &id).await, 1);
    let stopped = Instant::now();
    a.stop().await;
    eventually("the session to be taken over", async || {
        (epoch(&store, &id).await == 2).then_some(())
    })
    .await;
    let took = stopped.elapsed();
    assert!(took < Duration::from_secs(4), "handed over after {took:?}");

    cluster.lease = Duration::from_secs(2);
    let c = cluster.member().await;
    let killed = Instant::now();
    // Its lease is the long one that it was started with.
    b.kill().await;
    eventually("the session to be taken over", async || {
        (epoch(&store, &id).await == 3).then_some(())
    })
    .await;
    let took = killed.elapsed();
    println!("a session of a killed replica with a lease of 8 s was taken over after {took:?}");
    assert!(took < Duration::from_secs(8 + 2), "taken over after {took:?}");
    let mut at_c = Sessions::new(c.channel().await);
    complete(&mut at_c, &id, "compute-1").await;
    until_state(&mut at_c, &id, SessionState::Completed).await;
    c.stop().await;
}

/// A session whose rows are damaged is left alone, and holds up no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_session_holds_up_no_other() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let poisoned = create(&mut sessions, patient(&["compute-1"])).await.id;
    let url = crate::harness::database_url(site.dir.path());
    let raw = sea_orm::Database::connect(&url).await.unwrap();
    // It is worked on from the memory of its replica until that is gone.
    site.stop().await;
    let damage = "UPDATE session_hosts SET body = '!' || body WHERE host = 'compute-1'";
    raw.execute_unprepared(damage).await.unwrap();
    site.up(|_| {}).await;
    let mut sessions = site.sessions().await;
    let quick = v1::SessionSpec { drain_reply_period: millis(0), ..spec(&["compute-2"]) };
    let id = create(&mut sessions, quick).await.id;
    until_host(&mut sessions, &id, "compute-2", SessionHostState::InMaintenance).await;
    complete(&mut sessions, &id, "compute-2").await;
    let done = until_state(&mut sessions, &id, SessionState::Completed).await;
    assert_eq!(state(&done), SessionState::Completed);
    let request = v1::GetSessionRequest { session_id: poisoned.clone(), ..Default::default() };
    assert_eq!(sessions.get_session(request).await.unwrap_err().code(), tonic::Code::Internal);
    // Once it is repaired it goes on.
    let repair = "UPDATE session_hosts SET body = substr(body, 2) WHERE host = 'compute-1'";
    raw.execute_unprepared(repair).await.unwrap();
    crate::acts::cancel(&mut sessions, &poisoned).await;
    until_state(&mut sessions, &poisoned, SessionState::Cancelled).await;
    site.stop().await;
}

/// A subscription that is deleted at one replica ends its stream at the other, without a hint.
#[tokio::test]
async fn a_subscription_is_deleted_at_another_replica() {
    let Some(mut cluster) = Cluster::over(&World::small()).await else { return };
    cluster.hints = false;
    let (a, b) = (cluster.member().await, cluster.member().await);
    let (at_a, at_b) = (a.channel().await, b.channel().await);
    let mut owners = Notifications::new(at_a);
    let mut streams = Vec::new();
    for id in ["goes", "stays"] {
        subscribe_as(&mut owners, "orange", id).await;
        let request = v1::SubscribeRequest {
            subscription_id: id.to_owned(),
            heartbeat_interval: millis(1000),
            ..of_project("orange", now())
        };
        let mut stream = Owner::open(&at_b, request).await.unwrap();
        stream.next().await;
        streams.push(stream);
    }
    let get = v1::GetSubscriptionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "goes".to_owned(),
    };
    let found = owners.get_subscription(get).await.unwrap().into_inner().subscription.unwrap();
    assert!(found.connected, "also where another replica has the stream");
    let delete = v1::DeleteSubscriptionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "goes".to_owned(),
        ..Default::default()
    };
    owners.delete_subscription(delete).await.unwrap();
    let ended = Refusal::of(streams[0].until_end().await.unwrap_err());
    assert_eq!((ended.code, ended.reason.as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
    assert!(streams[1].next().await.heartbeat().is_some(), "that of another one goes on");
    a.stop().await;
    b.stop().await;
}
