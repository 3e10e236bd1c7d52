//! A commit is all or nothing, only on what was read, and writes only what changed.

use std::sync::Arc;
use std::task::Poll;

use fermata_store::{AuditQuery, StoreError, Topic, Write};
use sea_orm::{ConnectionTrait, Statement};

use crate::place::Place;
use crate::world::{
    START, World, after, asked_by, asked_touch, event, request, tell, touch, write,
};

async fn count(db: &sea_orm::DatabaseConnection, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE body NOT LIKE '% '");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Marks every row; a row that is written loses its mark.
pub(crate) async fn changed_rows_only(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a", "b", "c"], &["p", "q"]).await;
    let raw = place.raw().await;
    let tables = ["sessions", "session_hosts", "session_servers", "notifications"];
    for table in tables {
        raw.execute_unprepared(&format!("UPDATE {table} SET body = body || ' '")).await.unwrap();
    }
    let mut transition = touch(&world.session);
    let server = transition.next.servers.values_mut().next().unwrap();
    Arc::make_mut(server).failures = 7;
    // Looked at, not changed.
    let host = transition.next.hosts.values_mut().next().unwrap();
    Arc::make_mut(host);
    store.commit(write(Some(&world.session), &transition, START)).await.unwrap();
    let mut written = Vec::new();
    for table in tables {
        written.push(count(&raw, table).await);
    }
    assert_eq!(written, [1, 0, 1, 0]);
    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), transition.next);

    let mut fewer = touch(&transition.next);
    fewer.next.servers.pop_first();
    fewer.next.hosts.pop_last();
    fewer.next.notifications.pop_first();
    store.commit(write(Some(&transition.next), &fewer, START)).await.unwrap();
    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), fewer.next);
}

pub(crate) async fn stale_writer(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    let first = touch(&world.session);
    let second = touch(&world.session);
    store.commit(write(Some(&world.session), &first, START)).await.unwrap();
    let stale = store.commit(write(Some(&world.session), &second, START)).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    let twice = store.commit(write(None, &first, START)).await;
    assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
    store.delete_session(&first.next, asked_by(&|()| None, START), tell).await.unwrap();
    let deleted = store.commit(write(Some(&first.next), &touch(&first.next), START)).await;
    assert!(matches!(deleted, Err(StoreError::Conflict)), "{deleted:?}");
}

pub(crate) async fn failing_commit_leaves_nothing(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    let topic = Topic::Session(world.id());
    let bounds = store.bounds(&topic).await.unwrap();
    let full = |before, transition, id| Write {
        events: vec![event(&topic, "lost"), event(&Topic::Project("told".into()), "lost")],
        request: Some(request(id)),
        ..write(before, transition, START)
    };

    let transition = asked_touch(&world.session);
    let later = asked_touch(&transition.next);
    let stale = store.commit(full(Some(&transition.next), &later, "a")).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    let (other, created) = World::create(&["b", "a"], &["p"], START, |_| {});
    let busy = store.commit(full(None, &created, "b")).await;
    assert!(matches!(busy, Err(StoreError::HostBusy { .. })), "{busy:?}");
    assert!(store.load(other.id()).await.unwrap().is_none());
    for id in ["a", "b"] {
        assert!(store.request("operator", id).await.unwrap().is_none());
    }

    store.commit(full(Some(&world.session), &transition, "c")).await.unwrap();
    let exists = store.commit(full(Some(&transition.next), &later, "c")).await;
    assert!(matches!(exists, Err(StoreError::RequestExists)), "{exists:?}");

    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), transition.next);
    let (records, ends) =
        store.list_audit(&AuditQuery { limit: 9, ..Default::default() }).await.unwrap();
    assert_eq!((records.len(), ends.head.sequence), (2, 2), "created, and changed once");
    assert_eq!(store.bounds(&topic).await.unwrap().last, bounds.last + 1);
    assert_eq!(store.bounds(&Topic::Project("told".into())).await.unwrap().last, 1);
}

pub(crate) async fn request_ids(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    assert!(store.request("operator", "r").await.unwrap().is_none());
    let transition = touch(&world.session);
    let asked = Write {
        request: Some(request("r")),
        ..write(Some(&world.session), &transition, after(10))
    };
    store.commit(asked.clone()).await.unwrap();
    assert_eq!(store.request("operator", "r").await.unwrap(), Some(request("r")));
    assert!(store.request("somebody else", "r").await.unwrap().is_none());
    // The session has moved on as well; the request is what counts.
    let again = store.commit(asked).await;
    assert!(matches!(again, Err(StoreError::RequestExists)), "{again:?}");
    assert_eq!(store.prune_requests(after(10)).await.unwrap(), 0);
    assert_eq!(store.prune_requests(after(11)).await.unwrap(), 1);
    assert!(store.request("operator", "r").await.unwrap().is_none());
}

/// A caller that goes away at any point where a commit waits leaves all of it or nothing, and blocks nobody.
pub(crate) async fn cancelled_commits(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    let mut session = world.session;
    let topic = Topic::Project("told".into());
    let raw = place.raw().await;
    let mut done = 0;
    for waits in (0..12).cycle().take(96) {
        let transition = asked_touch(&session);
        let events = vec![event(&topic, "x")];
        let told = Write { events, ..write(Some(&session), &transition, START) };
        done += u32::from(drop_after(waits, store.commit(told)).await.is_some());
        // The database may be about to end the transaction either way: one more writer waits for that.
        raw.execute_unprepared("UPDATE sessions SET state = state").await.unwrap();
        session = store.load(session.head.id).await.unwrap().unwrap();
        let events = store.bounds(&topic).await.unwrap().last;
        assert_eq!(session.head.revision, events + 1);
        let query = AuditQuery { limit: 100, ..Default::default() };
        assert_eq!(store.list_audit(&query).await.unwrap().0.len() as u64, events + 1);
    }
    assert!((1..96).contains(&done), "some were dropped and some were not");
}

/// Drops a future when it waits once more than so often.
pub(crate) async fn drop_after<F: Future>(waits: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = waits;
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
