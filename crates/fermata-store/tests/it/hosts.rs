//! A host belongs to at most one active session.

use fermata_core::id::{HostName, ServerId, SessionId};
use fermata_core::machine::Input;
use fermata_core::problem::Others;
use fermata_core::session::SessionHostState;
use fermata_store::{StoreError, Topic};

use crate::place::Place;
use crate::world::{START, World, retiring, write};

pub(crate) async fn one_active_session_per_host(place: &Place) {
    let store = place.open().await;
    let mut first = World::stored(&store, &["a", "b"], &["p"]).await;
    let (second, created) = World::create(&["c", "b"], &["p"], START, |_| {});
    match store.commit(write(None, &created, START)).await {
        Err(StoreError::HostBusy { host, session }) => {
            assert_eq!((host.as_str(), session), ("b", first.id()));
        }
        other => panic!("{other:?}"),
    }
    let names: Vec<_> = ["a", "b", "c"].map(HostName::from).into();
    let found = store.sessions_of_hosts(&names).await.unwrap();
    assert_eq!(found, [("a".into(), first.id()), ("b".into(), first.id())]);
    assert_eq!(store.active_sessions().await.unwrap(), [first.id()]);

    // The end of a session lets go of all of its hosts.
    first.cancel(&store).await;
    assert!(first.session.head.state.is_terminal());
    assert!(store.sessions_of_hosts(&names).await.unwrap().is_empty());
    store.commit(write(None, &created, START)).await.unwrap();
    assert_eq!(store.active_sessions().await.unwrap(), [second.id()]);
    assert_eq!(store.load(first.id()).await.unwrap().unwrap(), first.session);
}

pub(crate) async fn one_of_fifty(place: &Place) {
    let store = place.open().await;
    let tasks: Vec<_> = (0..50)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let own = format!("own{i}");
                let (world, created) =
                    World::create(&[own.as_str(), "shared"], &["p"], START, |_| {});
                (world.id(), store.commit(write(None, &created, START)).await)
            })
        })
        .collect();
    let (mut winners, mut blamed) = (Vec::new(), Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            (id, Ok(_)) => winners.push(id),
            (_, Err(StoreError::HostBusy { host, session })) => {
                assert_eq!(host.as_str(), "shared");
                blamed.push(session);
            }
            (_, Err(other)) => panic!("{other:?}"),
        }
    }
    assert_eq!((winners.len(), blamed.len()), (1, 49));
    assert!(blamed.iter().all(|id| *id == winners[0]));
    assert_eq!(store.active_sessions().await.unwrap(), winners);
}

pub(crate) async fn retired_hosts_stay(place: &Place) {
    let store = place.open().await;
    let (mut gone, created) = World::create(&["a"], &["p"], START, retiring);
    store.commit(write(None, &created, START)).await.unwrap();
    gone.run_to_end(&store).await;
    let mut back = World::stored(&store, &["b"], &["p"]).await;
    back.run_to_end(&store).await;
    let active = World::stored(&store, &["c"], &["p"]).await;
    let now = store.hosts_now().await.unwrap();
    let found: Vec<_> =
        now.held.iter().map(|(host, (id, row))| (*id, host.as_str(), row.state)).collect();
    let expected = [
        (gone.id(), "a", SessionHostState::Retired),
        (active.id(), "c", SessionHostState::Waiting),
    ];
    assert_eq!(found, expected);
    assert_eq!(now.last_sequence, store.bounds(&Topic::Infrastructure).await.unwrap().last);
    assert!(now.last_sequence > 0);
}

pub(crate) async fn promises_end_with_the_session(place: &Place) {
    let store = place.open().await;
    let mut one = World::stored(&store, &["a", "b"], &["p"]).await;
    let other = World::stored(&store, &["c"], &["p"]).await;
    let about = async |except: Option<SessionId>| store.others(except).await.unwrap();
    let hosts = |names: &[&str]| names.iter().map(|h| HostName::from(*h)).collect();
    let nothing = Others { promised: [].into(), hosts: hosts(&["a", "b"]) };
    assert_eq!(about(Some(other.id())).await, nothing);
    one.input(&store, Input::Tick).await;
    one.plan(&store).await;
    let spare = HostName::from("spare");
    let promised = ["p-on-a", "p-on-b"].map(|s| (ServerId::from(s), spare.clone()));
    let all = Others { promised: promised.into(), hosts: hosts(&["a", "b", "c"]) };
    assert_eq!(about(None).await, all);
    assert_eq!(about(Some(other.id())).await, Others { hosts: hosts(&["a", "b"]), ..all });
    let of_other = Others { promised: [].into(), hosts: hosts(&["c"]) };
    assert_eq!(about(Some(one.id())).await, of_other, "its own are no news to a session");
    one.cancel(&store).await;
    assert_eq!(about(None).await, of_other);
}
