//! What owners get is theirs, and nothing else.

use std::collections::BTreeSet;

use fermata_core::id::{ProjectId, SubscriptionId};
use fermata_core::spec::Kind;
use fermata_store::{NewSubscription, ProjectAffairs, StoreError, SubscriptionQuery, Topic, Write};

use crate::place::Place;
use crate::world::{START, World, after, event, new_id, request, retiring, touch, write};

fn p() -> ProjectId {
    "p".into()
}

pub(crate) async fn affairs_are_their_own(place: &Place) {
    let store = place.open().await;
    let mut over = World::stored(&store, &["x"], &["p", "q"]).await;
    over.cancel(&store).await;
    let both = World::stored(&store, &["a", "b"], &["p", "q"]).await;
    let theirs = World::stored(&store, &["c"], &["q"]).await;
    let (own, created) = World::create(&["d"], &["p"], START, retiring);
    store.commit(write(None, &created, START)).await.unwrap();

    let affairs = store.project_affairs(&p(), None).await.unwrap();
    let active = BTreeSet::from([both.id(), own.id()]);
    assert_eq!(affairs.heads.keys().copied().collect::<BTreeSet<_>>(), active);
    let expected: Vec<_> = [&both, &own]
        .iter()
        .flat_map(|world| world.session.servers.values().map(|s| (world.id(), s.as_ref().clone())))
        .filter(|(_, server)| server.project == p())
        .collect();
    assert_eq!(affairs.servers, expected);
    assert_eq!(affairs.notifications.len(), {
        let notifications = [&both, &own].map(|w| w.session.notifications.values());
        notifications.into_iter().flatten().filter(|n| n.project == p()).count()
    });
    assert!(affairs.notifications.iter().all(|(_, notification)| notification.project == p()));
    let kinds: Vec<_> =
        affairs.hosts.iter().map(|((id, host), of)| (*id, host.as_str(), of.kind)).collect();
    let expected = [
        (both.id(), "a", Kind::Temporary),
        (both.id(), "b", Kind::Temporary),
        (own.id(), "d", Kind::Retirement),
    ];
    assert_eq!(kinds, expected);
    let last = store.bounds(&Topic::Project(p())).await.unwrap().last;
    assert!(affairs.last_sequence == last && last > 0);

    let one = store.project_affairs(&p(), Some(own.id())).await.unwrap();
    assert_eq!(one.heads.into_keys().collect::<Vec<_>>(), [own.id()]);
    assert!(one.servers.iter().all(|(id, _)| *id == own.id()) && !one.servers.is_empty());
    for session in [over.id(), theirs.id()] {
        let none = store.project_affairs(&p(), Some(session)).await.unwrap();
        assert_eq!(none, ProjectAffairs { last_sequence: last, ..Default::default() });
    }
    assert_eq!(store.project_affairs(&"r".into(), None).await.unwrap(), Default::default());
}

pub(crate) async fn notification_of_a_project(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a", "b"], &["p", "q"]).await;
    let notifications = world.session.notifications.values().filter(|n| n.project == p());
    for notification in notifications {
        let view = store.notification(&p(), notification.id).await.unwrap().unwrap();
        assert_eq!(*view.head, world.session.head);
        assert_eq!(view.notification, **notification);
        let keys: Vec<_> = view.servers.iter().map(|s| s.key.clone()).collect();
        assert_eq!(keys, notification.servers);
        assert!(view.servers.iter().all(|s| s.project == p()));
        let hosts: BTreeSet<_> = keys.into_iter().map(|key| key.host).collect();
        assert_eq!(view.hosts.into_keys().collect::<BTreeSet<_>>(), hosts);
        assert!(store.notification(&"q".into(), notification.id).await.unwrap().is_none());
    }
}

pub(crate) async fn subscriptions(place: &Place) {
    let store = place.open().await;
    let new = |project: &str| NewSubscription {
        id: SubscriptionId(new_id()),
        project: project.into(),
        display_name: format!("VNFM of {project}"),
    };
    let first = store.create_subscription(new("p"), Some(request("s")), START).await.unwrap();
    let repeated = store.create_subscription(new("p"), Some(request("s")), START).await;
    assert!(matches!(repeated, Err(StoreError::RequestExists)), "{repeated:?}");
    let second = store.create_subscription(new("p"), None, after(1)).await.unwrap();
    let other = store.create_subscription(new("q"), None, after(2)).await.unwrap();

    let ahead = store.acknowledge(&p(), first.id, 1, START).await;
    assert!(matches!(ahead, Err(StoreError::AheadOfTopic { last: 0 })), "{ahead:?}");
    let world = World::stored(&store, &["a"], &[]).await;
    let transition = touch(&world.session);
    let events = (0..3).map(|_| event(&Topic::Project(p()), "x")).collect();
    let told = Write { events, ..write(Some(&world.session), &transition, START) };
    store.commit(told).await.unwrap();

    let acknowledged = store.acknowledge(&p(), first.id, 2, after(5)).await.unwrap();
    assert_eq!((acknowledged.acknowledged_sequence, acknowledged.latest_sequence), (2, 3));
    assert_eq!(acknowledged.acknowledged_at, Some(after(5)));
    assert_eq!(store.acknowledge(&p(), first.id, 1, after(6)).await.unwrap(), acknowledged);
    let ahead = store.acknowledge(&p(), first.id, 4, START).await;
    assert!(matches!(ahead, Err(StoreError::AheadOfTopic { last: 3 })), "{ahead:?}");
    let foreign = store.acknowledge(&"q".into(), first.id, 1, START).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    assert!(store.subscription(&"q".into(), first.id).await.unwrap().is_none());
    assert_eq!(store.subscription(&p(), first.id).await.unwrap(), Some(acknowledged));

    let list = async |project: Option<&str>, after| -> Vec<SubscriptionId> {
        let query = SubscriptionQuery { project: project.map(ProjectId::from), after, limit: 2 };
        store.list_subscriptions(&query).await.unwrap().iter().map(|s| s.id).collect()
    };
    assert_eq!(list(None, None).await, [first.id, second.id]);
    assert_eq!(list(None, Some((second.created_at, second.id))).await, [other.id]);
    assert_eq!(list(Some("q"), None).await, [other.id]);

    let asked = ["p", "q", "r"].map(ProjectId::from).into();
    assert_eq!(store.interactive(&asked).await.unwrap(), ["p", "q"].map(ProjectId::from).into());
    store.delete_subscription(&"q".into(), other.id).await.unwrap();
    let again = store.delete_subscription(&"q".into(), other.id).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    assert_eq!(store.interactive(&asked).await.unwrap(), BTreeSet::from([p()]));
}
