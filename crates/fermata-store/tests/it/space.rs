//! A file of SQLite becomes smaller when what stood in it was deleted.

use fermata_core::Duration;
use fermata_store::{Space, Store, Topic};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::world::{START, World, after, event, touch, write};

const MIB: u64 = 1 << 20;

/// Writes some MiB of events, and deletes them again.
async fn filled_and_pruned(store: &Store) {
    let world = World::stored(store, &["a"], &["p"]).await;
    let topic = Topic::Project("p".into());
    let large = "x".repeat(64 << 10);
    let mut session = world.session;
    for _ in 0..10 {
        let transition = touch(&session);
        let mut told = write(Some(&session), &transition, START);
        told.events.extend((0..16).map(|_| event(&topic, large.as_str())));
        store.commit(told).await.unwrap();
        session = transition.next;
    }
    assert!(store.space().await.unwrap().unwrap().total > 10 * MIB);
    while store.prune_events(after(1) + Duration::HOUR, 1000).await.unwrap() > 0 {}
}

fn file_size(place: &Place) -> u64 {
    let path = place.url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc");
    std::fs::metadata(path).unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_shrinks_when_old_things_went() {
    let place = Place::sqlite().await;
    let store = place.open().await;
    filled_and_pruned(&store).await;
    let full = store.space().await.unwrap().unwrap();
    assert!(full.shrinks && full.free > 9 * MIB, "{full:?}");
    let raw = place.raw().await;
    raw.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    assert_eq!(file_size(&place), full.total);
    let given = store.give_back().await.unwrap();
    let Space { total, free, .. } = store.space().await.unwrap().unwrap();
    assert_eq!(given, full.total - total);
    assert!(total < 2 * MIB, "{total}");
    assert!(free <= total / 8, "{free} of {total}");
    assert_eq!(file_size(&place), total);
    assert_eq!(store.give_back().await.unwrap(), 0);
    // What is written goes on as before.
    World::stored(&store, &["b"], &["p"]).await;
}

/// As releases before this one made it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_an_older_release_shrinks_once_it_is_made_anew() {
    let place = Place::sqlite().await;
    let old = place.raw().await;
    old.execute_unprepared("PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL").await.unwrap();
    old.execute_unprepared("CREATE TABLE somewhat (x INTEGER)").await.unwrap();
    old.close().await.unwrap();
    let store = place.open().await;
    filled_and_pruned(&store).await;
    assert!(!store.space().await.unwrap().unwrap().shrinks);
    assert_eq!(store.give_back().await.unwrap(), 0);
    store.vacuum().await.unwrap();
    // As the command does it: connections that were open before need not know how the file is made now.
    store.close().await.unwrap();
    let store = place.open().await;
    let space = store.space().await.unwrap().unwrap();
    assert!(space.shrinks && space.total < 2 * MIB && space.free == 0, "{space:?}");
    assert_eq!(file_size(&place), space.total);
    filled_again(&store).await;
    store.close().await.unwrap();
    // It stays so.
    let store = place.open().await;
    assert!(store.space().await.unwrap().unwrap().shrinks);
}

async fn filled_again(store: &Store) {
    let before = store.space().await.unwrap().unwrap();
    let world = World::stored(store, &["c"], &["q"]).await;
    let transition = touch(&world.session);
    let mut told = write(Some(&world.session), &transition, START);
    let large = "x".repeat(256 << 10);
    told.events.extend((0..16).map(|_| event(&Topic::Project("q".into()), large.as_str())));
    store.commit(told).await.unwrap();
    while store.prune_events(after(1) + Duration::HOUR, 1000).await.unwrap() > 0 {}
    assert!(store.give_back().await.unwrap() > 3 * MIB);
    assert!(store.space().await.unwrap().unwrap().total < before.total + MIB);
}
