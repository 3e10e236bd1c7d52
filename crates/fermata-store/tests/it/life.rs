//! The store itself: its identity, its migrations, its heart.

use std::collections::BTreeSet;

use fermata_store::{AuditQuery, Options, Store, StoreError, Topic};

use crate::place::Place;
use crate::world::{START, World, asked_by, put_subscription, request};

pub(crate) async fn reopening(place: &Place) {
    let store = place.open().await;
    let identity = store.identity().await.unwrap();
    let mut world = World::stored(&store, &["a", "b"], &["p"]).await;
    world.run_to_end(&store).await;
    let put = put_subscription("p", "vnfm");
    let created =
        store.put_subscription(&put, asked_by(&|_| Some(request("s")), START)).await.unwrap();
    let topic = Topic::Project("p".into());
    let events = store.events_after(&topic, 0, 1000).await.unwrap();
    let audit = store.list_audit(&AuditQuery { limit: 100, ..Default::default() }).await.unwrap();
    assert!(audit.0.len() > 2);
    store.close().await.unwrap();

    let store = place.open().await;
    assert_eq!(store.identity().await.unwrap(), identity);
    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), world.session);
    assert_eq!(store.subscription(&put.key).await.unwrap(), Some(created));
    assert_eq!(store.events_after(&topic, 0, 1000).await.unwrap(), events);
    let query = AuditQuery { limit: 100, ..Default::default() };
    assert_eq!(store.list_audit(&query).await.unwrap(), audit);
    assert_eq!(store.request("operator", "s").await.unwrap(), Some(request("s")));
    let projects = BTreeSet::from(["p".into(), "q".into()]);
    assert_eq!(store.interactive(&projects).await.unwrap(), BTreeSet::from(["p".into()]));
}

pub(crate) async fn migrating_twice(place: &Place) {
    let store = place.open().await;
    let identity = store.identity().await.unwrap();
    assert_ne!(identity.key, [0; 32]);
    assert!(!format!("{identity:?}").contains("key"), "a secret is not shown");
    store.migrate().await.unwrap();
    assert_eq!(store.identity().await.unwrap(), identity);
}

pub(crate) async fn before_the_tables(place: &Place) {
    let unborn = Store::connect(&place.url, &Options::default()).await.unwrap();
    let error = unborn.identity().await.unwrap_err();
    assert!(matches!(error, StoreError::Database(_)) && !error.is_retryable(), "{error:?}");
    let store = place.open().await;
    let (first, second) = (store.identity().await.unwrap(), Place::sqlite().await);
    assert_ne!(second.open().await.identity().await.unwrap(), first);
}

/// Several processes start at once on a new database. Those of SQLite take turns by their claim.
pub(crate) async fn migrating_together(place: &Place) {
    if place.url.starts_with("sqlite:") {
        return;
    }
    let starts = (0..4).map(|_| {
        let url = place.url.clone();
        tokio::spawn(async move {
            let store = Store::connect(&url, &Options::default()).await.unwrap();
            store.migrate().await.unwrap();
            store.identity().await.unwrap()
        })
    });
    let mut found = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        found.push(start.await.unwrap());
    }
    assert!(found.iter().all(|identity| *identity == found[0]));
}

/// Positions that were acknowledged after the back-up were of events that are gone: nobody goes on after one.
pub(crate) async fn restored(place: &Place) {
    let store = place.open().await;
    let before = store.identity().await.unwrap();
    World::stored(&store, &["a"], &["p"]).await;
    let put = put_subscription("p", "vnfm");
    store.put_subscription(&put, asked_by(&|_| None, START)).await.unwrap();
    let acknowledged = store.acknowledge(&put.key, 1, asked_by(&|_| None, START)).await.unwrap();
    assert_eq!(acknowledged.acknowledged_sequence, 1);
    assert_ne!(store.restored().await.unwrap().store_id, before.store_id);
    let found = store.subscription(&put.key).await.unwrap().unwrap();
    assert_eq!((found.acknowledged_sequence, found.acknowledged_at), (0, None));
}
