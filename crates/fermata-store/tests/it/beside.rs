//! Releases beside each other: what a newer one made is left alone, and what it added to the tables does no harm.

use fermata_core::id::SessionId;
use fermata_core::reason::{HostCause, HostReason};
use fermata_store::{SessionQuery, Store, StoreError, Write};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::replicas::joined;
use crate::world::{START, World, touch, write};

/// As if a newer release had created the session.
async fn from_newer(place: &Place, session: SessionId) {
    // Written by another process, so it is one of the sessions that this one has to leave alone.
    execute(
        place,
        &format!("UPDATE sessions SET format = 2 WHERE id = {}", literal(place, session)),
    )
    .await;
}

fn literal(place: &Place, session: SessionId) -> String {
    match place.is_sqlite() {
        true => format!("x'{}'", session.0.simple()),
        false => format!("'{}'", session.0),
    }
}

async fn execute(place: &Place, sql: &str) {
    let raw = place.raw().await;
    raw.execute_unprepared(sql).await.unwrap();
    raw.close().await.unwrap();
}

fn is_newer<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NewerFormat { .. }))
}

pub(crate) async fn a_newer_session_is_left_alone(place: &Place) {
    let store = place.open().await;
    let replica = joined(&store).await;
    let (old, new) = (
        World::stored(&store, &["compute-1"], &["p"]).await,
        World::stored(&store, &["compute-2"], &["q"]).await,
    );
    from_newer(place, new.id()).await;

    let adopted = store.adopt(replica, 10, &[]).await.unwrap();
    assert_eq!(adopted.iter().map(|tenure| tenure.session).collect::<Vec<_>>(), [old.id()]);
    assert!(is_newer(store.load(new.id()).await));
    assert!(is_newer(store.session_snapshot(new.id()).await));
    assert!(is_newer(
        store.list_sessions(&SessionQuery { limit: 9, ..SessionQuery::default() }).await
    ));
    assert!(is_newer(store.project_affairs(&"q".into(), None).await));

    // What does not meet it goes on.
    assert!(store.load(old.id()).await.unwrap().is_some());
    assert!(store.project_affairs(&"p".into(), None).await.unwrap().heads.contains_key(&old.id()));
    assert_eq!(store.sessions_of_hosts(&["compute-2".into()]).await.unwrap().len(), 1);
}

/// A replica of a newer release works on a session of an older format: it stays one, so that older replicas can go on.
pub(crate) async fn a_session_keeps_its_format(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["compute-1"], &["p"]).await;
    execute(place, "UPDATE sessions SET format = 0").await;
    let transition = touch(&world.session);
    let written = Write { epoch: 0, ..write(Some(&world.session), &transition, START) };
    store.commit(written).await.unwrap();
    let raw = place.raw().await;
    let sql = format!(
        "UPDATE sessions SET format = 1 WHERE format = 0 AND revision = {}",
        transition.next.head.revision
    );
    assert_eq!(raw.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
    raw.close().await.unwrap();
}

/// A newer release has been at the tables; this one starts again beside it.
pub(crate) async fn newer_tables_are_used_if_allowed(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["compute-1"], &["p"]).await;
    for sql in [
        "ALTER TABLE sessions ADD COLUMN colour INTEGER NOT NULL DEFAULT 7",
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9000_colours', 1)",
    ] {
        execute(place, sql).await;
    }
    let again = reopened(place).await.unwrap();
    assert_eq!(again.load(world.id()).await.unwrap().unwrap(), world.session);
    World::stored(&again, &["compute-2"], &["p"]).await;

    execute(place, "UPDATE meta SET needed_migration = 9000").await;
    let Err(StoreError::Hopeless(why)) = reopened(place).await else {
        panic!("a database of which only a newer release can make sense is used");
    };
    assert!(why.contains("m9000_colours") && why.contains("start the newer one"), "{why}");
}

async fn reopened(place: &Place) -> Result<Store, StoreError> {
    let store = Store::connect(&place.url, &fermata_store::Options::default()).await?;
    store.migrate().await?;
    Ok(store)
}

#[test]
fn the_release_before_reads_a_cause_that_is_new() {
    let reason = HostReason::not_listed();
    let stored = serde_json::to_value(&reason).unwrap();
    assert_eq!(stored["cause"], "scheduling_failed");
    assert_eq!(serde_json::from_value::<HostReason>(stored).unwrap(), reason);
    let old = serde_json::to_value(HostReason::put_off()).unwrap();
    assert_eq!(old.as_object().unwrap().keys().collect::<Vec<_>>(), ["cause", "text"]);
}

#[test]
fn a_cause_of_a_later_release_is_read_as_what_it_was_before() {
    let stored = serde_json::json!({"cause": "put_off", "exact": "not_invented", "text": "why"});
    let reason: HostReason = serde_json::from_value(stored).unwrap();
    assert_eq!((reason.cause(), reason.text()), (HostCause::PutOff, "why"));
}
