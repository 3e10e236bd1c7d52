//! What owners get is theirs, and nothing else.

use std::collections::BTreeSet;

use fermata_core::Duration;
use fermata_core::id::{NotificationId, ProjectId};
use fermata_core::spec::Kind;
use fermata_store::{
    ProjectAffairs, PutMode, PutSubscription, StoreError, SubscriptionFilter, SubscriptionKey,
    SubscriptionQuery, Topic, Write,
};

use crate::place::Place;
use crate::world::{
    START, World, after, asked_by, event, new_id, put_subscription, request, retiring, touch, write,
};

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
        let found = store.session_of_notification(notification.id).await.unwrap();
        assert_eq!(found, Some((world.id(), p())));
    }
    let unknown = NotificationId(new_id());
    assert_eq!(store.session_of_notification(unknown).await.unwrap(), None);
}

pub(crate) async fn subscriptions(place: &Place) {
    let store = place.open().await;
    let put = async |project: &str, id: &str, at| {
        store
            .put_subscription(&put_subscription(project, id), asked_by(&|_| None, at))
            .await
            .unwrap()
    };
    let asked = put_subscription("p", "a");
    let first =
        store.put_subscription(&asked, asked_by(&|_| Some(request("s")), START)).await.unwrap();
    let repeated = store.put_subscription(&asked, asked_by(&|_| Some(request("s")), START)).await;
    assert!(matches!(repeated, Err(StoreError::RequestExists)), "{repeated:?}");
    assert_eq!(put("p", "a", after(1)).await, first, "it says the same");
    let second = put("p", "b", after(1)).await;
    let other = put("q", "a", after(2)).await;
    let create = PutSubscription { mode: PutMode::Create, ..asked.clone() };
    let exists = store.put_subscription(&create, asked_by(&|_| None, START)).await;
    assert!(matches!(exists, Err(StoreError::Exists { revision }) if revision == first.revision));

    let acknowledge = async |key: &SubscriptionKey, sequence, at| {
        store.acknowledge(key, sequence, asked_by(&|_| None, at)).await
    };
    let ahead = acknowledge(&first.key, 1, START).await;
    assert!(matches!(ahead, Err(StoreError::AheadOfTopic { last: 0 })), "{ahead:?}");
    let world = World::stored(&store, &["a"], &[]).await;
    let transition = touch(&world.session);
    let events = (0..3).map(|_| event(&Topic::Project(p()), "x")).collect();
    let told = Write { events, ..write(Some(&world.session), &transition, START) };
    store.commit(told).await.unwrap();

    let acknowledged = acknowledge(&first.key, 2, after(5)).await.unwrap();
    assert_eq!((acknowledged.acknowledged_sequence, acknowledged.latest_sequence), (2, 3));
    assert_eq!(acknowledged.acknowledged_at, Some(after(5)));
    assert_eq!(acknowledge(&first.key, 1, after(6)).await.unwrap(), acknowledged);
    let ahead = acknowledge(&first.key, 4, START).await;
    assert!(matches!(ahead, Err(StoreError::AheadOfTopic { last: 3 })), "{ahead:?}");
    let foreign = SubscriptionKey { project: "q".into(), ..second.key.clone() };
    let refused = acknowledge(&foreign, 1, START).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert!(store.subscription(&foreign).await.unwrap().is_none());
    assert_eq!(store.subscription(&first.key).await.unwrap(), Some(acknowledged.clone()));

    // What is put keeps the position; what was connected lately is not written again.
    let session = Some(world.id());
    let narrow = PutSubscription { filter: SubscriptionFilter { session }, ..asked.clone() };
    let narrowed = store.put_subscription(&narrow, asked_by(&|_| None, after(7))).await.unwrap();
    assert!(narrowed.revision > first.revision);
    assert_eq!((narrowed.acknowledged_sequence, narrowed.filter.session), (2, session));
    let keys = [first.key.clone(), foreign.clone()].into();
    let often = Duration::seconds(30);
    let attended = store.attend(&keys, often, after(8)).await.unwrap();
    assert_eq!(attended.iter().map(|s| &s.key).collect::<Vec<_>>(), [&first.key]);
    let connected = async || store.subscription(&first.key).await.unwrap().unwrap().connected_at;
    assert_eq!(connected().await, Some(after(8)));
    store.attend(&keys, often, after(37)).await.unwrap();
    assert_eq!(connected().await, Some(after(8)));
    store.attend(&keys, often, after(38)).await.unwrap();
    assert_eq!(connected().await, Some(after(38)));
    assert_eq!(store.subscription(&second.key).await.unwrap().unwrap().connected_at, None);

    let list = async |project: Option<&str>, after| -> Vec<SubscriptionKey> {
        let query = SubscriptionQuery {
            projects: project.map(|p| [ProjectId::from(p)].into()),
            after,
            limit: 2,
        };
        store.list_subscriptions(&query).await.unwrap().into_iter().map(|s| s.key).collect()
    };
    let others = [other.key.clone()];
    assert_eq!(list(None, None).await, [first.key.clone(), second.key.clone()]);
    assert_eq!(list(None, Some(second.key.clone())).await, others);
    assert_eq!(list(Some("q"), None).await, others);

    let asked = ["p", "q", "r"].map(ProjectId::from).into();
    assert_eq!(store.interactive(&asked).await.unwrap(), ["p", "q"].map(ProjectId::from).into());
    let delete = async |must_exist, revision| {
        store
            .delete_subscription(&other.key, must_exist, revision, asked_by(&|()| None, START))
            .await
    };
    let stale = delete(false, Some(other.revision - 1)).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert!(delete(true, Some(other.revision)).await.unwrap());
    assert!(!delete(false, None).await.unwrap());
    let again = delete(true, None).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    assert_eq!(store.interactive(&asked).await.unwrap(), BTreeSet::from([p()]));
    let again = put("q", "a", other.created_at).await;
    assert!(again.revision >= other.revision);
}
