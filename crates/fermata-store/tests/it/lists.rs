//! Lists by page and filter: every row once, in order, however they were made.

use fermata_core::Duration;
use fermata_core::id::{NotificationId, SessionId};
use fermata_core::session::{NotificationState, SessionState};
use fermata_store::{NotificationQuery, Order, SessionQuery, Store};

use crate::place::Place;
use crate::world::{START, World, after, write};

/// Sessions of which some were created at the same time.
async fn some(store: &Store, count: i64) -> Vec<SessionId> {
    let mut ids = Vec::new();
    for i in 0..count {
        let now = after(i / 3);
        let host = format!("host{i}");
        let (world, created) = World::create(&[host.as_str()], &["p", "q"], now, |draft| {
            draft.window_end = Some(START + Duration::hours(i + 1));
        });
        store.commit(write(None, &created, now)).await.unwrap();
        ids.push(world.id());
    }
    ids
}

pub(crate) async fn sessions_by_page(place: &Place) {
    let store = place.open().await;
    let ids = some(&store, 10).await;
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let mut found = Vec::new();
        let mut query = SessionQuery { order, limit: 4, ..SessionQuery::default() };
        loop {
            let page = store.list_sessions(&query).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 4);
            query.after = Some((last.head.created_at, last.head.id));
            found.extend(page.iter().map(|listed| listed.head.id));
        }
        if order == Order::NewestFirst {
            found.reverse();
        }
        assert_eq!(found, ids);
    }
}

pub(crate) async fn sessions_by_filter(place: &Place) {
    let store = place.open().await;
    let ids = some(&store, 5).await;
    let mut ended = World::stored(&store, &["x"], &["p"]).await;
    ended.cancel(&store).await;
    let again = World::stored(&store, &["x"], &["p", "q"]).await;
    let list = async |query: SessionQuery| {
        let query = SessionQuery { order: Order::OldestFirst, limit: 100, ..query };
        store.list_sessions(&query).await.unwrap()
    };
    let found = async |query| -> Vec<SessionId> {
        list(query).await.iter().map(|listed| listed.head.id).collect()
    };
    let x = SessionQuery { host: Some("x".into()), ..SessionQuery::default() };
    assert_eq!(found(x.clone()).await, [ended.id(), again.id()]);
    let cancelled = vec![SessionState::Cancelled, SessionState::Completed];
    assert_eq!(found(SessionQuery { states: cancelled, ..x.clone() }).await, [ended.id()]);
    let late =
        SessionQuery { ends_after_time: Some(START + Duration::hours(3)), ..Default::default() };
    assert_eq!(found(late).await, [ended.id(), again.id(), ids[3], ids[4]]);
    let none = SessionQuery { host: Some("y".into()), ..Default::default() };
    assert!(found(none).await.is_empty());

    let listed = list(x).await;
    assert_eq!(listed[0].head, ended.session.head);
    assert_eq!(listed[1].progress, again.session.progress());
    assert_eq!(listed[1].progress.servers_total, 2);
}

pub(crate) async fn notifications_by_page(place: &Place) {
    let store = place.open().await;
    some(&store, 7).await;
    let mut closed = World::stored(&store, &["x"], &["p"]).await;
    closed.cancel(&store).await;
    let mut query = NotificationQuery {
        project: "p".into(),
        session: None,
        states: Vec::new(),
        after: None,
        limit: 3,
    };
    let mut found: Vec<(fermata_core::Time, NotificationId)> = Vec::new();
    loop {
        let page = store.list_notifications(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some((last.notification.created_at, last.notification.id));
        for view in &page {
            assert_eq!(view.notification.project.as_str(), "p");
            assert!(view.head.spec.reason == "new kernel" && view.servers.len() == 1);
            found.push((view.notification.created_at, view.notification.id));
        }
    }
    assert!(found.is_sorted_by(|newer, older| newer > older));
    query.after = None;
    query.limit = 100;
    assert_eq!(store.list_notifications(&query).await.unwrap().len(), found.len());
    query.session = Some(closed.id());
    let of_session = store.list_notifications(&query).await.unwrap();
    assert!(of_session.len() < found.len());
    assert!(of_session.iter().all(|view| view.head.id == closed.id()));
    query.states = vec![NotificationState::Closed];
    assert_eq!(store.list_notifications(&query).await.unwrap(), of_session);
    query.states = vec![NotificationState::Pending, NotificationState::Answered];
    assert!(store.list_notifications(&query).await.unwrap().is_empty());
}
