//! Streams that end and go on: nothing is missing, nothing is out of order, nothing changes on the way.

use fermata_proto::v1;
use fermata_store::{Options, Store};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tonic::Code;

use crate::acts::{ask_again, create, get, patient};
use crate::harness::{Sessions, Site, database_url, eventually};
use crate::refusal::Refusal;
use crate::tape::{Heard, Streamed, Tape, after, now, of_project, of_session};
use crate::world::World;

type Owner = Tape<v1::SubscribeResponse>;
type Watch = Tape<v1::WatchSessionResponse>;

/// A token of a project to which nothing happened yet.
async fn first_token(site: &Site, project: &str) -> Vec<u8> {
    let channel = site.channel().await;
    let mut owner = Owner::open(&channel, of_project(project, now())).await.unwrap();
    assert_eq!(owner.next().await.sequence, 0);
    owner.token()
}

/// Reads so many events after a token, on a connection of its own.
async fn read(site: &Site, token: &[u8], events: u64) -> Vec<Heard<v1::SubscribeResponse>> {
    let channel = site.channel().await;
    let mut owner = Owner::open(&channel, of_project("orange", after(token))).await.unwrap();
    owner.until(|m| m.is_event() && m.sequence == events).await;
    owner.heard
}

fn numbers<M: Streamed>(heard: &[Heard<M>]) -> Vec<u64> {
    heard.iter().filter(|h| h.message.is_event()).map(|h| h.message.sequence()).collect()
}

/// Asks every owner of a session again, so many times.
async fn questions(sessions: &mut Sessions, id: &str, count: u64) {
    for _ in 0..count {
        let revision = get(sessions, id).await.session.status.unwrap().plan_revision;
        ask_again(sessions, id, &format!("reason for revision {}", revision + 1)).await;
    }
}

/// The client loses its connection again and again, at points chosen by chance, while events flow.
#[tokio::test]
async fn a_client_that_dies_at_any_point_misses_nothing() {
    const EVENTS: u64 = 60;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let first = first_token(&site, "orange").await;
    let session = create(&mut sessions, patient(&["compute-1", "compute-2"])).await;
    let producer = tokio::spawn(async move {
        questions(&mut sessions, &session.id, EVENTS - 1).await;
    });

    let mut heard: Vec<Heard<v1::SubscribeResponse>> = Vec::new();
    let mut token = first.clone();
    let mut lives = 0;
    while numbers(&heard).last() != Some(&EVENTS) {
        lives += 1;
        let channel = site.channel().await;
        let mut owner = Owner::open(&channel, of_project("orange", after(token))).await.unwrap();
        for _ in 0..chance.random_range(0..8) {
            if numbers(&owner.heard).last() == Some(&EVENTS) {
                break;
            }
            owner.next().await;
        }
        // Messages that were on their way when the client died are lost with it, its token is not.
        token = owner
            .heard
            .last()
            .or(heard.last())
            .map_or(first.clone(), |h| h.message.resume_token.clone());
        heard.extend(owner.heard.iter().cloned());
    }
    producer.await.unwrap();
    assert!(lives > 7, "{lives} lives");
    assert_eq!(numbers(&heard), (1..=EVENTS).collect::<Vec<_>>());

    // Once more from many older positions: what is delivered again is the same to the byte.
    for _ in 0..10 {
        let from = chance.random_range(0..heard.len() - 1);
        let again = read(&site, &heard[from].message.resume_token, EVENTS).await;
        assert_eq!(again.len(), heard.len() - from - 1);
        for (again, once) in again.iter().zip(&heard[from + 1..]) {
            assert_eq!(again.bytes, once.bytes);
        }
    }
    site.stop().await;
}

#[tokio::test]
async fn a_stream_goes_on_after_a_restart_of_the_server() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let first = first_token(&site, "orange").await;
    let session = create(&mut sessions, patient(&["compute-1", "compute-2"])).await;
    let channel = site.channel().await;
    let mut owner =
        Owner::open(&channel, of_project("orange", after(first.clone()))).await.unwrap();
    questions(&mut sessions, &session.id, 4).await;
    owner.up_to(5).await;
    // The server says that it goes, with a token, and ends the stream.
    let leaving = site.take();
    let stopping = tokio::spawn(leaving.stop());
    let goodbye = owner.next().await;
    assert!(goodbye.draining().is_some(), "{goodbye:?}");
    assert_eq!(goodbye.sequence, 5);
    assert_eq!(owner.try_next().await.unwrap(), None);
    stopping.await.unwrap();

    site.up(|_| {}).await;
    let mut sessions = site.sessions().await;
    questions(&mut sessions, &session.id, 5).await;
    let channel = site.channel().await;
    let mut later =
        Owner::open(&channel, of_project("orange", after(goodbye.resume_token))).await.unwrap();
    later.up_to(10).await;
    assert_eq!(later.sequences(), (6..=10).collect::<Vec<_>>());
    // The log is the same on both sides of the restart.
    let whole = read(&site, &first, 10).await;
    let parts: Vec<_> = owner.events().chain(later.events()).map(|h| h.bytes.clone()).collect();
    assert_eq!(whole.iter().map(|h| h.bytes.clone()).collect::<Vec<_>>(), parts);
    site.stop().await;
}

/// More than the hub keeps in memory: the rest comes from the database, in one order with what is new.
#[tokio::test]
async fn a_stream_far_behind_catches_up_from_the_database_and_goes_live() {
    let world = (0..120)
        .fold(World::of_hosts(2), |w, i| w.server(&format!("s{i}"), &format!("p{i}"), "compute-1"));
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let channel = site.channel().await;
    // Keeps the tail in memory alive all the time.
    let mut live = Watch::open(&channel, of_session(&session.id, None)).await.unwrap();
    let start = live.next().await;
    questions(&mut sessions, &session.id, 11).await;
    let last = start.sequence + 11 * 120;
    live.up_to(last).await;
    assert_eq!(live.sequences(), (start.sequence + 1..=last).collect::<Vec<_>>());

    let behind = async |channel, until: u64| {
        let request = of_session(&session.id, after(start.resume_token.clone()));
        let mut late = Watch::open(&channel, request).await.unwrap();
        late.up_to(until).await;
        late
    };
    let mut late = behind(site.channel().await, last).await;
    questions(&mut sessions, &session.id, 1).await;
    late.up_to(last + 120).await;
    live.up_to(last + 120).await;
    let bytes = |tape: &Watch| tape.events().map(|h| h.bytes.clone()).collect::<Vec<_>>();
    assert_eq!(bytes(&late), bytes(&live));

    site.stop().await;
    site.up(|_| {}).await;
    let mut sessions = site.sessions().await;
    let mut late = behind(site.channel().await, last + 120).await;
    questions(&mut sessions, &session.id, 1).await;
    late.up_to(last + 240).await;
    assert_eq!(late.sequences(), (start.sequence + 1..=last + 240).collect::<Vec<_>>());
    site.stop().await;
}

#[tokio::test]
async fn now_begins_with_a_token_and_leaves_out_what_was() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let channel = site.channel().await;
    let mut owner = Owner::open(&channel, of_project("orange", now())).await.unwrap();
    let beat = owner.next().await;
    assert!(beat.heartbeat().is_some(), "{beat:?}");
    assert_eq!(beat.sequence, 1);
    questions(&mut sessions, &session.id, 1).await;
    assert_eq!(owner.next().await.sequence, 2);
    assert_eq!(numbers(&read(&site, &beat.resume_token, 2).await), [2]);
    site.stop().await;
}

#[tokio::test]
async fn a_token_holds_only_for_its_own_stream() {
    let mut site = Site::start(&World::small()).await;
    let mut other_site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let mut watch = Watch::open(&channel, of_session(&session.id, None)).await.unwrap();
    watch.next().await;
    let narrow = |start| v1::SubscribeRequest {
        filter: Some(v1::SubscriptionFilter { session_id: session.id.clone() }),
        ..of_project("orange", start)
    };
    let mut narrowed = Owner::open(&channel, narrow(None)).await.unwrap();
    narrowed.next().await;
    let foreign = [
        ("another project's", of_project("orange", after(first_token_of(&site, "violet").await))),
        ("another store's", of_project("orange", after(first_token(&other_site, "orange").await))),
        ("another stream's", of_project("orange", after(watch.token()))),
        ("a narrower filter's", of_project("orange", after(narrowed.token()))),
        ("a wider filter's", narrow(after(first_token_of(&site, "orange").await))),
    ];
    for (whose, request) in foreign {
        let refusal = Refusal::of(Owner::open(&channel, request).await.err().expect(whose));
        assert_eq!(refusal.code, Code::InvalidArgument, "{whose}");
        assert_eq!(refusal.reason, "RESUME_TOKEN_INVALID", "{whose}");
        assert_eq!(refusal.fields, ["start.resume_token"], "{whose}");
    }
    assert!(Owner::open(&channel, narrow(after(narrowed.token()))).await.is_ok());
    other_site.stop().await;
    site.stop().await;
}

async fn first_token_of(site: &Site, project: &str) -> Vec<u8> {
    let channel = site.channel().await;
    let mut owner = Owner::open(&channel, of_project(project, now())).await.unwrap();
    owner.next().await;
    owner.token()
}

#[tokio::test]
async fn a_token_older_than_the_retention_is_told_so() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let first = first_token(&site, "orange").await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    questions(&mut sessions, &session.id, 2).await;
    site.stop().await;
    site.up(|config| config.event_retention = std::time::Duration::ZERO).await;
    let channel = site.channel().await;
    let refusal = eventually("the old events to go", async || {
        Owner::open(&channel, of_project("orange", after(first.clone()))).await.err()
    })
    .await;
    let refusal = Refusal::of(refusal);
    assert_eq!(refusal.code, Code::OutOfRange);
    assert_eq!(refusal.reason, "RESUME_TOKEN_EXPIRED");
    assert_eq!(refusal.metadata["first_kept_sequence"], "4");
    // A snapshot says the same without them.
    let mut owner = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    assert_eq!(owner.next().await.sequence, 3);
    site.stop().await;
}

/// So is a consumer whose acknowledged position is older than that.
#[tokio::test]
async fn an_acknowledged_position_older_than_the_retention_is_told_so() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let mut owners = site.notifications().await;
    crate::acts::subscribe_as(&mut owners, "orange", "vnfm").await;
    let acknowledge = v1::AcknowledgePositionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "vnfm".to_owned(),
        sequence: 1,
        ..Default::default()
    };
    owners.acknowledge_position(acknowledge).await.unwrap();
    questions(&mut sessions, &session.id, 2).await;
    site.stop().await;
    site.up(|config| config.event_retention = std::time::Duration::ZERO).await;
    let channel = site.channel().await;
    let start = v1::stream_start::Start::Point(v1::StreamPoint::Acknowledged.into());
    let request = || v1::SubscribeRequest {
        subscription_id: "vnfm".to_owned(),
        ..of_project("orange", Some(v1::StreamStart { start: Some(start.clone()) }))
    };
    let refusal =
        eventually("the old events to go", async || Owner::open(&channel, request()).await.err())
            .await;
    let refusal = Refusal::of(refusal);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::OutOfRange, "RESUME_TOKEN_EXPIRED"));
    assert_eq!(refusal.metadata["first_kept_sequence"], "4");
    site.stop().await;
}

/// A database that was restored is another store: clients see that its numbers began anew.
#[tokio::test]
async fn a_restore_is_seen_by_every_stream() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    create(&mut sessions, patient(&["compute-1"])).await;
    let channel = site.channel().await;
    let mut owner = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let before = owner.next().await;
    let mut beat = Owner::open(&channel, of_project("orange", now())).await.unwrap();
    assert!(!before.store_id.is_empty());
    assert_eq!(beat.next().await.store_id, before.store_id);
    drop((owner, beat));
    site.stop().await;
    let url = database_url(site.dir.path());
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    let identity = store.restored().await.unwrap();
    store.close().await.unwrap();
    site.up(|_| {}).await;
    let channel = site.channel().await;
    let old = of_project("orange", after(before.resume_token));
    let refusal = Refusal::of(Owner::open(&channel, old).await.err().expect("another store"));
    assert_eq!(refusal.reason, "RESUME_TOKEN_INVALID");
    let mut owner = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let again = owner.next().await;
    assert_eq!(again.store_id, identity.store_id.to_string());
    assert_ne!(again.store_id, before.store_id);
    site.stop().await;
}

/// Events that expire under a reader are not skipped in silence.
#[tokio::test]
async fn a_reader_overtaken_by_the_retention_is_told_so() {
    let world = (0..100)
        .fold(World::of_hosts(2), |w, i| w.server(&format!("s{i}"), &format!("p{i}"), "compute-1"));
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    // A reader with little room, which does not read for a while.
    let narrow = site
        .endpoint()
        .initial_stream_window_size(1024)
        .initial_connection_window_size(1024)
        .connect()
        .await
        .unwrap();
    let mut early = Watch::open(&narrow, of_session(&session.id, None)).await.unwrap();
    let start = early.next().await;
    drop(early);
    questions(&mut sessions, &session.id, 10).await;
    let mut late =
        Watch::open(&narrow, of_session(&session.id, after(start.resume_token))).await.unwrap();
    assert_eq!(late.next().await.sequence, start.sequence + 1);
    let store = Store::connect(&database_url(site.dir.path()), &Options::default()).await.unwrap();
    #[allow(clippy::disallowed_methods, reason = "the tests' clock is the system's")]
    let tomorrow = fermata_core::Time::now_utc() + fermata_core::Duration::DAY;
    store.prune_events(tomorrow, 100_000).await.unwrap();
    let refusal = loop {
        match late.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended without a word"),
            Err(status) => break Refusal::of(status),
        }
    };
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::OutOfRange, "RESUME_TOKEN_EXPIRED"));
    let read = late.sequences();
    assert_eq!(read, (start.sequence + 1..=*read.last().unwrap()).collect::<Vec<_>>());
    site.stop().await;
}
