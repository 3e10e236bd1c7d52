//! The life of streams: heartbeats, readers that are too slow, too many of them, a server that goes.

use std::time::{Duration, Instant};

use fermata_proto::v1;
use tonic::Code;

use crate::acts::{create, patient};
use crate::harness::{Sessions, Site, eventually, millis};
use crate::refusal::Refusal;
use crate::tape::{Streamed, Tape, after, now, of_project};
use crate::world::World;

type Owner = Tape<v1::SubscribeResponse>;

#[tokio::test]
async fn heartbeats_come_at_the_interval_that_was_asked_for() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let beats = async |asked: i64| {
        let request = v1::SubscribeRequest {
            heartbeat_interval: millis(asked),
            ..of_project("orange", now())
        };
        let mut owner = Owner::open(&channel, request).await.unwrap();
        owner.next().await;
        let began = Instant::now();
        let mut said = Vec::new();
        for _ in 0..2 {
            let beat = owner.next().await;
            let interval = beat.heartbeat().unwrap().interval.unwrap();
            assert!(!beat.resume_token.is_empty());
            said.push(Duration::try_from(interval).unwrap());
        }
        (said, began.elapsed() / 2)
    };
    let (short, longer) = tokio::join!(beats(50), beats(1500));
    let second = Duration::from_secs(1);
    // Nobody gets more than one a second.
    assert_eq!(short.0, [second, second]);
    assert!(short.1 > second * 9 / 10 && short.1 < second * 3 / 2, "{:?}", short.1);
    assert_eq!(longer.0, [second * 3 / 2, second * 3 / 2]);
    assert!(longer.1 > second * 13 / 10 && longer.1 < second * 2, "{:?}", longer.1);
    site.stop().await;
}

/// Makes a notification of some 50 kB.
async fn bulky_question(sessions: &mut Sessions, id: &str, number: usize) {
    let metadata = (0..50).map(|i| (format!("key{i}"), format!("{number:01000}"))).collect();
    let request = v1::UpdateSessionRequest {
        session_id: id.to_owned(),
        spec: Some(v1::SessionSpec { metadata, ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["metadata".to_owned()] }),
        ..Default::default()
    };
    sessions.update_session(request).await.unwrap();
}

#[tokio::test]
async fn a_slow_reader_is_cut_off_and_slows_nobody_down() {
    const EVENTS: u64 = 15;
    let slow_after = Duration::from_millis(400);
    let mut site = Site::with(&World::small(), |c| c.slow_reader_after = slow_after).await;
    let mut sessions = site.sessions().await;
    let narrow = site.endpoint().initial_stream_window_size(65_535).connect().await.unwrap();
    let mut slow = Owner::open(&narrow, of_project("orange", now())).await.unwrap();
    slow.next().await;
    let channel = site.channel().await;
    let mut fast = Owner::open(&channel, of_project("orange", now())).await.unwrap();
    fast.next().await;
    // The slow one has read all there was, so it is expected to keep up, and stops reading.
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    slow.up_to(1).await;
    fast.up_to(1).await;
    for number in 2..=EVENTS {
        bulky_question(&mut sessions, &session.id, usize::try_from(number).unwrap()).await;
        let began = Instant::now();
        fast.up_to(number).await;
        assert!(began.elapsed() < slow_after, "the fast reader waited {:?}", began.elapsed());
    }
    tokio::time::sleep(slow_after + Duration::from_millis(50)).await;
    let refusal = loop {
        match slow.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended without a word"),
            Err(status) => break Refusal::of(status),
        }
    };
    assert_eq!(refusal.code, Code::ResourceExhausted);
    assert_eq!(refusal.reason, "SLOW_READER");
    assert!(refusal.retry);
    let last = *slow.sequences().last().unwrap();
    assert!(last < EVENTS, "it was cut off too late: {last}");
    // Its last token still holds, and a reader that catches up is not cut off for it.
    let mut again = Owner::open(&narrow, of_project("orange", after(slow.token()))).await.unwrap();
    again.up_to(EVENTS).await;
    let all: Vec<_> = slow.sequences().into_iter().chain(again.sequences()).collect();
    assert_eq!(all, (1..=EVENTS).collect::<Vec<_>>());
    bulky_question(&mut sessions, &session.id, 99).await;
    again.up_to(EVENTS + 1).await;
    site.stop().await;
}

#[tokio::test]
async fn too_many_streams_are_refused_until_one_ends() {
    let mut site = Site::with(&World::small(), |config| config.limits.streams = 2).await;
    let channel = site.channel().await;
    let open = async || Owner::open(&channel, of_project("orange", None)).await;
    let mut first = open().await.unwrap();
    let mut second = open().await.unwrap();
    let refusal = Refusal::of(open().await.err().unwrap());
    assert_eq!(refusal.code, Code::ResourceExhausted);
    assert_eq!(refusal.reason, "TOO_MANY_STREAMS");
    assert_eq!(refusal.metadata["limit"], "2");
    assert_eq!(refusal.quotas, ["streams"]);
    assert!(refusal.retry);
    site.counts("streams").await;
    first.next().await;
    second.next().await;
    drop(first);
    let mut third = eventually("a free place", async || open().await.ok()).await;
    third.next().await;
    site.stop().await;
}

#[tokio::test]
async fn a_principal_has_so_many_streams() {
    let few = |config: &mut fermata_server::Config| config.limits.streams_per_principal = 1;
    let mut site = Site::with(&World::small(), few).await;
    let channel = site.channel().await;
    let _held = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let refused = Owner::open(&channel, of_project("orange", None)).await.err().unwrap();
    let refusal = Refusal::of(refused);
    assert_eq!((&*refusal.reason, &*refusal.metadata["limit"]), ("TOO_MANY_STREAMS", "1"));
    site.counts("principal_streams").await;
    site.stop().await;
}

/// While the server finishes what it has under way, open streams are let go and new ones are refused.
#[tokio::test]
async fn a_server_that_goes_lets_streams_go_with_a_token_and_spreads_their_return() {
    // A call in the cloud that takes a while keeps the server from ending at once.
    let world = World::small().taking("api", 700);
    let spread = Duration::from_secs(7);
    let mut site = Site::with(&world, |config| config.reconnect_spread = spread).await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let session = create(&mut sessions, crate::acts::spec(&["compute-3"])).await;
    crate::acts::until_host(
        &mut sessions,
        &session.id,
        "compute-3",
        v1::SessionHostState::Draining,
    )
    .await;
    let mut owners = Vec::new();
    for _ in 0..20 {
        let mut owner = Owner::open(&channel, of_project("orange", None)).await.unwrap();
        owner.next().await;
        owners.push(owner);
    }
    let stopping = tokio::spawn(site.take().stop());
    let mut pauses = Vec::new();
    for owner in &mut owners {
        let goodbye = owner.next().await;
        let pause = goodbye.draining().unwrap().reconnect_after.unwrap();
        pauses.push(Duration::try_from(pause).unwrap());
        assert!(!goodbye.resume_token.is_empty());
        assert_eq!(owner.try_next().await.unwrap(), None);
    }
    pauses.sort();
    pauses.dedup();
    assert!(pauses.len() > 15 && pauses.iter().all(|p| *p <= spread), "{pauses:?}");
    let refusal = Owner::open(&channel, of_project("orange", None)).await.err().unwrap();
    let refusal = Refusal::of(refusal);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    assert!(refusal.retry);
    stopping.await.unwrap();
}
