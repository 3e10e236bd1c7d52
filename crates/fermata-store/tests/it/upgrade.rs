//! Databases of earlier releases come up to date with all that is in them. Each release leaves a snapshot of its tables
//! with a session in the middle of its work (`tests/it/releases/VERSION.DATABASE.sql`); none is ever changed.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::audit::{Action, Head};
use fermata_core::ledger::Ledger;
use fermata_core::machine::{Context, Input, step};
use fermata_core::policy::Policies;
use fermata_core::session::{Phase, SessionState};
use fermata_store::{
    AuditQuery, Options, ReplicaId, Store, SubscriptionFilter, SubscriptionKey, Topic, Write,
};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::world::{new_id, write};

/// The release before there were replicas. `BEGUN` is a call whose process was killed.
const FIRST: &str = "0.1.0";

async fn from_release(place: &Place, version: &str, database: &str) {
    // Tests run in the folder of their package.
    let file = format!("tests/it/releases/{version}.{database}.sql");
    let raw = place.raw().await;
    raw.execute_unprepared(&std::fs::read_to_string(file).unwrap()).await.unwrap();
    let id = "0193f0a4-0b1c-7d2e-8f30-415263748596";
    let literal = match database {
        "sqlite" => format!("x'{}'", id.replace('-', "")),
        _ => format!("'{id}'"),
    };
    let subscription =
        format!("INSERT INTO subscriptions VALUES ({literal}, 'p', 'VNFM', 0, NULL, 1000000)");
    raw.execute_unprepared(&subscription).await.unwrap();
    for caller in ["operator", "project/p"] {
        let request = format!(
            "INSERT INTO requests (caller, id, digest, response, at) VALUES ('{caller}', 'once', {0}, {0}, 1)",
            if database == "sqlite" { "x'00'" } else { "'\\x00'" }
        );
        raw.execute_unprepared(&request).await.unwrap();
    }
    raw.close().await.unwrap();
    let store = Store::connect(&place.url, &Options::default()).await.unwrap();
    store.migrate().await.unwrap();

    let key = SubscriptionKey { project: "p".into(), id: id.into() };
    let kept = store.subscription(&key).await.unwrap().unwrap();
    assert_eq!((kept.display_name.as_str(), kept.filter), ("VNFM", SubscriptionFilter::default()));
    assert_eq!(kept.created_at, Time::from_unix_timestamp(1).unwrap());

    // Whoever repeats a request after the upgrade is known as before.
    for caller in ["loopback", "loopback\nproject/p"] {
        assert!(store.request(caller, "once").await.unwrap().is_some(), "{caller}");
    }

    let id = store.active_sessions().await.unwrap()[0];
    let (session, epoch) = store.load_with_epoch(id).await.unwrap().unwrap();
    assert_eq!((session.head.state, epoch), (SessionState::Running, 0));
    let query = AuditQuery { limit: 10, ..Default::default() };
    let (records, ends) = store.list_audit(&query).await.unwrap();
    let mut head = Head::default();
    records.iter().for_each(|record| head.follow(record).unwrap());
    head.is(&ends.head).unwrap();
    let asked: Vec<_> = records.iter().map(|r| (r.known_action(), r.resource.clone())).collect();
    assert_eq!(asked, [(Some(Action::CreateSession), id.to_string())]);
    assert_eq!(
        (records[0].role.as_str(), records[0].reason.as_str()),
        ("operator", "new firmware")
    );
    for topic in [Topic::Session(id), Topic::Infrastructure] {
        let last = store.bounds(&topic).await.unwrap().last;
        let events = store.events_after(&topic, 0, 1000).await.unwrap();
        assert!(last > 0 && events.len() as u64 == last, "{topic}");
    }

    // Somebody takes it up, and what the killed process had begun is found out.
    let replica = ReplicaId(new_id());
    store.join(replica, Duration::from_secs(5)).await.unwrap();
    let told = store.sign_of_life(replica, Duration::from_secs(5), 0).await.unwrap();
    assert_eq!(told.outages.len(), 1, "nobody was there since the old release ended");
    let tenures = store.adopt(replica, 10, &[]).await.unwrap();
    assert_eq!((tenures.len(), tenures[0].epoch), (1, 1));
    let begun = |phase: Phase| phase == Phase::Begun;
    let calls = session.servers.values().filter_map(|s| s.act.as_ref()).map(|act| act.call.phase);
    assert!(calls.clone().any(begun), "the snapshot has a call that was begun");
    let interactive = std::collections::BTreeSet::new();
    let context = Context {
        now: told.now,
        interactive: &interactive,
        policies: &Policies::default(),
        ledger: Some(&Ledger::default()),
        ids: &mut new_id,
    };
    let recovered = step(&session, Input::Recover { epoch: 1 }, context).unwrap().unwrap();
    let mut after = recovered.next.servers.values().filter_map(|s| s.act.as_ref());
    assert!(after.all(|act| !begun(act.call.phase)));
    let written = Write { epoch: 1, ..write(Some(&session), &recovered, told.now) };
    store.commit(written).await.unwrap();
    assert_eq!(store.load(id).await.unwrap().unwrap(), recovered.next);
}

#[tokio::test]
async fn sqlite_from_the_first_release() {
    from_release(&Place::sqlite().await, FIRST, "sqlite").await;
}

#[tokio::test]
async fn postgres_from_the_first_release() {
    if let Some(place) = Place::postgres().await {
        from_release(&place, FIRST, "postgres").await;
    }
}
