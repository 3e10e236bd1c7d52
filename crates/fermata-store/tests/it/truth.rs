//! What the store says of its database: whether a URL can be used at all, and whether the database can be used now.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fermata_store::{Options, ReplicaId, Store, StoreError, examine};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::world::{START, World, new_id, touch, write};

fn file_of(place: &Place) -> PathBuf {
    PathBuf::from(place.url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

async fn commit(store: &Store, world: &mut World) -> Result<(), StoreError> {
    let transition = touch(&world.session);
    store.commit(write(Some(&world.session), &transition, START)).await?;
    world.session = transition.next;
    Ok(())
}

/// Nothing is answered OK that went to a file nobody will find again, and it is said; the file comes back, and all is
/// well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_deleted_or_replaced_is_noticed() {
    let place = Place::sqlite().await;
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    store.probe().await.unwrap();
    let (path, away) = (file_of(&place), file_of(&place).with_extension("away"));

    fs::rename(&path, &away).unwrap();
    let error = commit(&store, &mut world).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let why = store.probe().await.unwrap_err();
    assert!(why.contains("deleted") && why.contains(path.to_str().unwrap()), "{why}");
    assert!(!path.exists(), "no other one is made in its place");

    fs::copy(&away, &path).unwrap();
    commit(&store, &mut world).await.unwrap_err();
    let why = store.probe().await.unwrap_err();
    assert!(why.contains("another file"), "{why}");

    fs::rename(&away, &path).unwrap();
    store.probe().await.unwrap();
    commit(&store, &mut world).await.unwrap();
    assert_eq!(store.load(world.id()).await.unwrap().unwrap(), world.session);
}

/// A file that is no database any more is noticed although nothing reads there, as long as it is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_noticed() {
    let place = Place::sqlite().await;
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    // What is in the log alone is not in the file yet.
    let raw = place.raw().await;
    raw.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    raw.close().await.unwrap();
    store.probe().await.unwrap();
    let mut file = File::options().read(true).write(true).open(file_of(&place)).unwrap();
    let mut head = [0; 100];
    file.read_exact(&mut head).unwrap();
    let mut put = |bytes: &[u8]| {
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(bytes).unwrap();
    };
    put(&[b'x'; 100]);
    let why = store.probe().await.unwrap_err();
    assert!(why.contains("not a database"), "{why}");
    put(&head);
    store.probe().await.unwrap();
    commit(&store, &mut world).await.unwrap();
}

/// An idle database is not written to, neither by signs of life nor by looking whether it could be; and no outage comes
/// of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_disk_stays_idle() {
    let lease = Duration::from_secs(5);
    let place = Place::sqlite().await;
    let store = place.open().await;
    let replica = ReplicaId(new_id());
    store.join(replica, lease).await.unwrap();
    store.sign_of_life(replica, lease, 0).await.unwrap();
    let raw = place.raw().await;
    // As if it had been idle for a day.
    raw.execute_unprepared("UPDATE meta SET beat_at = beat_at - 86400000000").await.unwrap();
    raw.execute_unprepared("UPDATE replicas SET until = until - 86400000000").await.unwrap();
    let log = beside(&file_of(&place), "-wal");
    let before = fs::read(&log).unwrap();
    for _ in 0..10 {
        assert!(store.idle(0).await.unwrap().unwrap().kept);
        store.probe().await.unwrap();
        assert!(store.adopt(replica, 10, &[]).await.unwrap().is_empty());
    }
    assert!(fs::read(&log).unwrap() == before, "something was written");

    // With the first session there is something to be kept alive for, from then on.
    let world = World::stored(&store, &["a"], &["p"]).await;
    assert!(store.idle(0).await.unwrap().is_none());
    let told = store.sign_of_life(replica, lease, 0).await.unwrap();
    assert!(told.kept && told.outages.is_empty(), "{told:?}");
    // While it is active, silence counts, whoever else begins a session meanwhile.
    raw.execute_unprepared("UPDATE meta SET beat_at = beat_at - 86400000000").await.unwrap();
    World::stored(&store, &["b"], &["p"]).await;
    let told = store.sign_of_life(replica, lease, 0).await.unwrap();
    assert_eq!(told.outages.len(), 1);
    assert!(store.load(world.id()).await.unwrap().is_some());
}

async fn hopeless(url: &str) -> String {
    match examine(url).await {
        Err(StoreError::Hopeless(why)) => why,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn what_can_never_be_used_is_said_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let url = |name: &str| format!("sqlite://{}?mode=rwc", at(name).display());
    for (wrong, said) in [
        ("fermata.db", "no scheme"),
        ("mysql://localhost/fermata", "no driver"),
        ("postgres://localhost:many/fermata", "wrong"),
        ("sqlite://x?mode=sometimes", "wrong"),
        ("sqlite://x?mode=ro", "mode=ro"),
        ("sqlite:///nowhere/to/be/found.db", "does not exist"),
        ("sqlite:///?mode=rwc", "not a file"),
    ] {
        let why = hopeless(wrong).await;
        assert!(why.contains(said), "{wrong}: {why}");
    }
    fs::write(at("letter.txt"), "Dear Sir or Madam").unwrap();
    assert!(hopeless(&url("letter.txt")).await.contains("not an SQLite database"));
    assert!(hopeless(&url("letter.txt/fermata.db")).await.contains("cannot be read"));
    examine(&url("a/new/folder/fermata.db")).await.unwrap();
    let other = sea_orm::Database::connect(&url("other.db")).await.unwrap();
    other.execute_unprepared("CREATE TABLE bookmarks (url TEXT)").await.unwrap();
    other.close().await.unwrap();
    assert!(hopeless(&url("other.db")).await.contains("of another program"));
    let mut there: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, ["letter.txt", "other.db"], "nothing is left beside them");

    // Ours, in use or not, a new one, an empty one.
    let place = Place::sqlite().await;
    examine(&place.url).await.unwrap();
    let store = place.open().await;
    store.close().await.unwrap();
    examine(&place.url).await.unwrap();
    File::create(at("empty.db")).unwrap();
    examine(&url("empty.db")).await.unwrap();
    examine("sqlite::memory:").await.unwrap();
    examine("postgres://fermata@localhost/fermata").await.unwrap();
}

/// A damaged file never gets better: it is not waited for.
#[tokio::test]
async fn a_damaged_file_is_not_waited_for() {
    let place = Place::sqlite().await;
    place.open().await.close().await.unwrap();
    let mut file = File::options().write(true).open(file_of(&place)).unwrap();
    file.seek(SeekFrom::Start(100)).unwrap();
    file.write_all(&[0xff; 60_000]).unwrap();
    let opened = async {
        let store = Store::connect(&place.url, &Options::default()).await?;
        store.migrate().await
    };
    let error = opened.await.unwrap_err();
    assert!(!error.may_heal(), "{error:?}");
}

/// PostgreSQL says who may not come in, which nobody else can mend; and takes no NUL.
#[tokio::test]
async fn what_postgres_refuses() {
    let Some(place) = Place::postgres().await else { return };
    let gone = place.url.replace("fermata_test_", "fermata_gone_");
    let error = Store::connect(&gone, &Options::default()).await.err().unwrap();
    assert!(error.is_retryable() && !error.may_heal(), "{error:?}");
    let nobody = "postgres://fermata@127.0.0.1:1/fermata";
    let error = Store::connect(nobody, &Options::default()).await.err().unwrap();
    let why = format!("{:?}", error);
    assert!(error.may_heal() && why.contains("refused"), "{why}");

    let store = place.open().await;
    store.probe().await.unwrap();
    let (_, mut transition) = World::create(&["a"], &["p"], START, |_| {});
    transition.audit.as_mut().unwrap().reason = "NUL \0".to_owned();
    let error = store.commit(write(None, &transition, START)).await.unwrap_err();
    assert!(matches!(error, StoreError::Nul), "{error:?}");
    // Its connection is as good as before.
    World::stored(&store, &["a"], &["p"]).await;
    store.probe().await.unwrap();
}
