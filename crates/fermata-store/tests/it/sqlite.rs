//! The suite on SQLite, and what is SQLite's own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use fermata_store::{Options, Store, StoreError};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::world::{START, World, touch, write};

crate::suite!(Place::sqlite);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_does_not_end_is_passing_trouble() {
    let place = Place::sqlite().await;
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    let raw = place.raw().await;
    raw.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let options = Options { wait_timeout: Duration::from_secs(2), ..Options::default() };
    let hasty = Store::connect(&place.url, &options).await.unwrap();
    let transition = touch(&world.session);
    let error = hasty.commit(write(Some(&world.session), &transition, START)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)) && error.is_retryable(), "{error:?}");
    assert_eq!(hasty.load(world.id()).await.unwrap().unwrap(), world.session);
    raw.execute_unprepared("ROLLBACK").await.unwrap();
    hasty.commit(write(Some(&world.session), &transition, START)).await.unwrap();
}

#[tokio::test]
async fn a_file_serves_one_process_at_a_time() {
    let place = Place::sqlite().await;
    let claim = fermata_store::claim(&place.url).unwrap().unwrap();
    assert_eq!(fermata_store::claim(&place.url).unwrap().unwrap_err(), fermata_store::InUse);
    drop(claim);
    let again = fermata_store::claim(&place.url).unwrap().unwrap();
    // What is in memory, or shared, is not claimed.
    for url in ["sqlite::memory:", "postgres://localhost/fermata"] {
        let _one = fermata_store::claim(url).unwrap().unwrap();
        let _other = fermata_store::claim(url).unwrap().unwrap();
    }
    drop(again);
}

#[tokio::test]
async fn a_new_file_and_its_folder_are_their_owners_alone() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("state/100%");
    let file = folder.join("fermata.db");
    let url = format!("sqlite://{}?mode=rwc", file.display().to_string().replace('%', "%25"));
    let _claim = fermata_store::claim(&url).unwrap().unwrap();
    let store = Store::connect(&url, &Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(folder.parent().unwrap()), 0o700);
    let names = ["fermata.db", "fermata.db-wal", "fermata.db-shm", "fermata.db.lock"];
    for name in names {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    // Nothing is made where it was not asked for.
    let other = place.path().join("other");
    let url = format!("sqlite://{}/fermata.db?mode=rw", other.display());
    assert!(fermata_store::claim(&url).is_err());
    assert!(!other.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let store = Store::connect("sqlite::memory:", &Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    let tasks = (0..20).map(|i| {
        let store = store.clone();
        tokio::spawn(async move {
            let host = format!("host{i}");
            let mut world = World::stored(&store, &[host.as_str()], &["p"]).await;
            world.run_to_end(&store).await;
            assert_eq!(store.load(world.id()).await.unwrap().unwrap(), world.session);
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
