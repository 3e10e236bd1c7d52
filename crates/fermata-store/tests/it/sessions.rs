//! Sessions come back as they were written, and go with everything that is theirs.

use fermata_core::session::{SessionHostState, SessionState};
use fermata_store::{AuditQuery, Bounds, StoreError, Topic};

use crate::place::Place;
use crate::world::{START, World, after, asked_by, request, retiring, tell, write};

pub(crate) async fn roundtrip(place: &Place) {
    let store = place.open().await;
    let (mut world, created) = World::create(&["a", "b", "c"], &["p", "q"], START, retiring);
    store.commit(write(None, &created, START)).await.unwrap();
    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), world.session);
    world.run_to_end(&store).await;
    assert_eq!(world.session.head.state, SessionState::Completed);
    assert!(world.session.hosts.values().all(|h| h.state == SessionHostState::Retired));
    assert!(world.session.head.revision > 20, "a session of many transitions");
    let (loaded, last) = store.session_snapshot(world.id()).await.unwrap().unwrap();
    assert_eq!(loaded, world.session);
    assert_eq!(last, store.bounds(&Topic::Session(world.id())).await.unwrap().last);
    assert!(last > 0);
    assert!(store.load(fermata_core::id::SessionId(uuid::Uuid::nil())).await.unwrap().is_none());
}

pub(crate) async fn pruning(place: &Place) {
    let store = place.open().await;
    let mut over = World::stored(&store, &["a"], &["p"]).await;
    over.cancel(&store).await;
    let open = World::stored(&store, &["b"], &["p"]).await;
    let (mut retired, transition) = World::create(&["c"], &[], START, retiring);
    store.commit(write(None, &transition, START)).await.unwrap();
    retired.run_to_end(&store).await;
    assert_eq!(store.open_sessions().await.unwrap(), 1);
    let prune = async |hours: i64| {
        let pruned = store.prune_sessions(after(hours * 3600), 10).await.unwrap();
        pruned.into_iter().map(|pruned| pruned.session).collect::<Vec<_>>()
    };
    assert!(prune(8).await.is_empty(), "its window has just ended");
    assert_eq!(prune(9).await, [over.id()]);
    assert!(prune(9).await.is_empty());
    assert!(store.load(over.id()).await.unwrap().is_none());
    let topic = Topic::Session(over.id());
    assert_eq!(store.bounds(&topic).await.unwrap(), Bounds { first_kept: 1, last: 0 });
    assert_eq!(store.load(open.id()).await.unwrap().unwrap(), open.session);
    assert!(store.load(retired.id()).await.unwrap().is_some(), "its host is not to be used");
    let query =
        AuditQuery { resource: Some(over.id().to_string()), limit: 10, ..Default::default() };
    assert_eq!(store.list_audit(&query).await.unwrap().0.len(), 2, "who did what stays");
}

pub(crate) async fn deletion(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    let kept = World::stored(&store, &["b"], &["p"]).await;
    world.cancel(&store).await;
    let id = world.id();
    let mut old = world.session.clone();
    old.head.revision -= 1;
    let session = &world.session;
    let stale = store.delete_session(&old, asked_by(&|()| Some(request("r")), START), tell).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert!(store.request("operator", "r").await.unwrap().is_none());
    store.delete_session(session, asked_by(&|()| Some(request("r")), START), tell).await.unwrap();
    assert!(store.load(id).await.unwrap().is_none());
    let query = AuditQuery { resource: Some(id.to_string()), limit: 10, ..Default::default() };
    let (records, _) = store.list_audit(&query).await.unwrap();
    assert_eq!(
        records.len(),
        2,
        "what was asked of the session stays: it was created and cancelled"
    );
    let topic = Topic::Session(id);
    assert!(store.events_after(&topic, 0, 10).await.unwrap().is_empty());
    assert_eq!(store.bounds(&topic).await.unwrap(), Bounds { first_kept: 1, last: 0 });
    let again = store.delete_session(session, asked_by(&|()| None, START), tell).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    let repeated =
        store.delete_session(session, asked_by(&|()| Some(request("r")), START), tell).await;
    assert!(matches!(repeated, Err(StoreError::RequestExists)), "{repeated:?}");
    assert_eq!(store.load(kept.id()).await.unwrap().unwrap(), kept.session);
}
