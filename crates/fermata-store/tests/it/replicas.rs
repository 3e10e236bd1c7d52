//! Who works on what: one owner at a time, the dead are buried, nobody writes under an old epoch.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fermata_core::id::SessionId;
use fermata_store::{
    DatabaseClock, Hint, Options, ReplicaId, Store, StoreError, Tenure, Topic, Write,
};

use crate::place::Place;
use crate::world::{START, World, after, event, new_id, touch, write};

const LEASE: Duration = Duration::from_secs(5);

/// A store whose leases go by a clock that the test sets, in seconds.
async fn timed(place: &Place) -> (Store, Arc<AtomicI64>) {
    place.open().await;
    let seconds = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&seconds);
    let clock = DatabaseClock::Given(Arc::new(move || after(told.load(Ordering::SeqCst))));
    let options = Options { clock, ..Options::default() };
    (Store::connect(&place.url, &options).await.unwrap(), seconds)
}

pub(crate) async fn joined(store: &Store) -> ReplicaId {
    let replica = ReplicaId(new_id());
    store.join(replica, LEASE).await.unwrap();
    replica
}

async fn sessions(store: &Store, count: usize) -> BTreeSet<SessionId> {
    let mut ids = BTreeSet::new();
    for i in 0..count {
        let host = format!("{}-{i}", new_id());
        ids.insert(World::stored(store, &[host.as_str()], &["p"]).await.id());
    }
    ids
}

fn ids(tenures: &[Tenure]) -> BTreeSet<SessionId> {
    tenures.iter().map(|tenure| tenure.session).collect()
}

pub(crate) async fn one_owner_at_a_time(place: &Place) {
    let (store, seconds) = timed(place).await;
    let (a, b) = (joined(&store).await, joined(&store).await);
    let created = sessions(&store, 5).await;
    let first = store.adopt(a, 3, &[]).await.unwrap();
    assert!(first.len() == 3 && first.iter().all(|tenure| tenure.epoch == 1));
    let other: BTreeSet<_> = created.difference(&ids(&first)).copied().collect();
    let except: Vec<_> = other.iter().copied().take(1).collect();
    let second = store.adopt(b, 10, &except).await.unwrap();
    assert_eq!(second.len(), 1, "what is excepted is left");
    assert_eq!(store.adopt(a, 10, &[]).await.unwrap().len(), 1);
    assert!(store.adopt(b, 10, &[]).await.unwrap().is_empty());
    assert_eq!(store.tenures(a).await.unwrap().len(), 4);
    assert_eq!(ids(&store.tenures(b).await.unwrap()), ids(&second));

    // One that is let go is taken up at once; all that a replica had when it resigns.
    let released = first[0].session;
    store.release(b, released).await.unwrap();
    assert!(store.adopt(b, 10, &[]).await.unwrap().is_empty(), "it is not b's to let go");
    store.release(a, released).await.unwrap();
    let taken = store.adopt(b, 10, &[]).await.unwrap();
    assert_eq!((ids(&taken), taken[0].epoch), ([released].into(), 2));
    store.resign(a).await.unwrap();
    assert_eq!(store.adopt(b, 10, &[]).await.unwrap().len(), 3);
    assert_eq!(ids(&store.tenures(b).await.unwrap()), created);

    // A session that is over needs nobody.
    seconds.store(60, Ordering::SeqCst);
    let mut over = World::stored(&store, &["over"], &["p"]).await;
    over.cancel(&store).await;
    let c = joined(&store).await;
    assert_eq!(ids(&store.adopt(c, 10, &[]).await.unwrap()), created);
}

pub(crate) async fn the_dead_are_buried(place: &Place) {
    let (store, seconds) = timed(place).await;
    let (a, b) = (joined(&store).await, joined(&store).await);
    let created = sessions(&store, 2).await;
    assert_eq!(ids(&store.adopt(a, 10, &[]).await.unwrap()), created);
    seconds.store(4, Ordering::SeqCst);
    assert!(store.sign_of_life(a, LEASE, 0).await.unwrap().kept);
    assert!(store.sign_of_life(b, LEASE, 0).await.unwrap().kept);
    seconds.store(8, Ordering::SeqCst);
    assert!(store.sign_of_life(b, LEASE, 0).await.unwrap().kept);
    assert!(store.adopt(b, 10, &[]).await.unwrap().is_empty(), "a's lease goes until 9");
    seconds.store(9, Ordering::SeqCst);
    let taken = store.adopt(b, 10, &[]).await.unwrap();
    assert_eq!(ids(&taken), created);
    assert!(taken.iter().all(|tenure| tenure.epoch == 2));
    // A late sign of life does not bring it back; it comes back as another one.
    assert!(!store.sign_of_life(a, LEASE, 0).await.unwrap().kept);
    assert!(store.tenures(a).await.unwrap().is_empty());
    // As long as nobody looked, a late one is good.
    seconds.store(30, Ordering::SeqCst);
    assert!(store.sign_of_life(b, LEASE, 0).await.unwrap().kept);
    let c = joined(&store).await;
    store.bury_others(c).await.unwrap();
    assert_eq!(ids(&store.adopt(c, 10, &[]).await.unwrap()), created);
}

pub(crate) async fn a_stale_epoch_cannot_write(place: &Place) {
    let (store, _) = timed(place).await;
    let (a, b) = (joined(&store).await, joined(&store).await);
    let (world, created) = World::create(&["x"], &["p"], START, |_| {});
    let born = Write { owner: Some(a), epoch: 1, ..write(None, &created, START) };
    store.commit(born).await.unwrap();
    let id = world.id();
    let revision = created.next.head.revision;
    assert_eq!(store.tenures(a).await.unwrap(), [Tenure { session: id, epoch: 1, revision }]);
    let (before, epoch) = store.load_with_epoch(id).await.unwrap().unwrap();
    assert_eq!((before.head.revision, epoch), store.version(id).await.unwrap().unwrap());
    let transition = touch(&before);
    store.resign(a).await.unwrap();
    let adopted = [Tenure { session: id, epoch: 2, revision }];
    assert_eq!(store.adopt(b, 10, &[]).await.unwrap(), adopted);
    // The revision is the one that was read; the hands are not.
    let events = vec![event(&Topic::Project("p".into()), "lost")];
    let stale = Write { epoch, events, ..write(Some(&before), &transition, START) };
    let stale = store.commit(stale).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert_eq!(store.load(id).await.unwrap().unwrap(), before);
    let written = Write { epoch: 2, ..write(Some(&before), &transition, START) };
    store.commit(written).await.unwrap();
    // Writing changes nothing of whose it is.
    let revision = transition.next.head.revision;
    assert_eq!(store.tenures(b).await.unwrap(), [Tenure { session: id, epoch: 2, revision }]);
    assert_eq!(store.version(id).await.unwrap(), Some((before.head.revision + 1, 2)));
    assert_eq!(store.version(SessionId(new_id())).await.unwrap(), None);
}

/// Many look for orphans at once, while sessions are written: each orphan comes to one of them.
pub(crate) async fn adoption_races(place: &Place) {
    let store = place.open().await;
    let created = sessions(&store, 12).await;
    let hot = World::stored(&store, &["hot"], &["p"]).await;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            let mut session = hot.session;
            for _ in 0..40 {
                let (_, epoch) = store.load_with_epoch(session.head.id).await.unwrap().unwrap();
                let transition = touch(&session);
                let write = Write { epoch, ..write(Some(&session), &transition, START) };
                match store.commit(write).await {
                    Ok(_) => session = transition.next,
                    // Adopted between the read and the write.
                    Err(StoreError::Conflict) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            session.head.id
        }
    });
    let looks = (0..6).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let replica = joined(&store).await;
            let mut mine = Vec::new();
            for _ in 0..8 {
                mine.extend(store.adopt(replica, 2, &[]).await.unwrap());
            }
            assert_eq!(ids(&mine), ids(&store.tenures(replica).await.unwrap()));
            mine
        })
    });
    let mut adopted = Vec::new();
    for look in looks.collect::<Vec<_>>() {
        adopted.extend(look.await.unwrap());
    }
    let hot = writer.await.unwrap();
    let found = ids(&adopted);
    assert!(
        found.is_superset(&created) && found.iter().all(|id| created.contains(id) || *id == hot)
    );
    assert_eq!(found.len(), adopted.len(), "nobody was adopted twice: {adopted:?}");
    assert!(adopted.iter().all(|tenure| tenure.epoch == 1));
}

pub(crate) async fn outages_are_noted_once(place: &Place) {
    let (store, seconds) = timed(place).await;
    let (a, b) = (joined(&store).await, joined(&store).await);
    sessions(&store, 1).await;
    assert!(store.sign_of_life(a, LEASE, 0).await.unwrap().outages.is_empty());
    seconds.store(5, Ordering::SeqCst);
    assert!(store.sign_of_life(b, LEASE, 0).await.unwrap().outages.is_empty(), "b was there");
    seconds.store(100, Ordering::SeqCst);
    // Both come back at once; the silence is one outage.
    let (first, second) =
        tokio::join!(store.sign_of_life(a, LEASE, 0), store.sign_of_life(b, LEASE, 0));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.now, after(100));
    let heard: BTreeSet<_> =
        first.outages.iter().chain(&second.outages).map(|o| (o.number, o.since, o.until)).collect();
    assert_eq!(heard, BTreeSet::from([(1, after(5), after(100))]));
    assert_eq!(store.outages(0).await.unwrap().len(), 1);
    seconds.store(200, Ordering::SeqCst);
    let third = store.sign_of_life(a, LEASE, 1).await.unwrap();
    assert_eq!(third.outages.iter().map(|o| o.number).collect::<Vec<_>>(), [2]);
    assert!(store.sign_of_life(b, LEASE, 2).await.unwrap().outages.is_empty());
    // A clock that is set back is no outage.
    seconds.store(150, Ordering::SeqCst);
    assert!(store.sign_of_life(a, LEASE, 2).await.unwrap().outages.is_empty());
    seconds.store(154, Ordering::SeqCst);
    assert!(store.sign_of_life(a, LEASE, 2).await.unwrap().outages.is_empty());
}

/// Hints say where to look, to everybody but their sender; where there is one process only, there are none.
pub(crate) async fn hints_arrive(place: &Place) {
    let store = place.open().await;
    let (a, b) = (ReplicaId(new_id()), ReplicaId(new_id()));
    let Some(mut hints) = store.hints().await.unwrap() else {
        assert!(!store.is_shared());
        return store.hint(a, Hint::default()).await.unwrap();
    };
    let topics = BTreeSet::from([
        Topic::Infrastructure,
        Topic::Project("a/b \"c\"".into()),
        Topic::Session(SessionId(new_id())),
    ]);
    let sessions = BTreeSet::from([SessionId(new_id())]);
    let hint = Hint { topics, sessions, orphans: true, everything: false };
    store.hint(b, hint.clone()).await.unwrap();
    store.hint(a, hint.clone()).await.unwrap();
    let limit = Duration::from_secs(10);
    let heard = tokio::time::timeout(limit, hints.next(b)).await.unwrap().unwrap();
    assert_eq!(heard, Some(hint), "the own one is passed over");
    // Too much for one hint.
    let topics = (0..2000).map(|i| Topic::Project(format!("project{i}").into())).collect();
    store.hint(a, Hint { topics, ..Hint::default() }).await.unwrap();
    let heard = tokio::time::timeout(limit, hints.next(b)).await.unwrap().unwrap();
    assert_eq!(heard, Some(Hint { everything: true, ..Hint::default() }));
}

pub(crate) async fn pool_figures(place: &Place) {
    let options = Options { max_connections: 3, ..Options::default() };
    let store = Store::connect(&place.url, &options).await.unwrap();
    store.migrate().await.unwrap();
    let figures = store.connections();
    assert!(figures.limit == 3 && figures.in_use + figures.idle <= 3, "{figures:?}");
    assert!(figures.in_use + figures.idle >= 1, "{figures:?}");
}
