//! What owners store, replace and delete; requests that are repeated, and changes that collide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fermata_core::id::ProjectId;
use fermata_core::policy::{GroupPolicy, MaxImpacted, MigrationType, Policies, ServerPolicy};
use fermata_core::quota::Quotas;
use fermata_core::spec::Action;
use fermata_core::{Duration, Time};
use fermata_store::{PolicyOfServer, PolicyQuery, PutMode, PutPolicy, Store, StoreError, Stored};

use crate::place::Place;
use crate::world::{START, after, asked_by, request};

fn of_server(project: &str, server: &str, minutes: i64) -> PolicyOfServer {
    let policy = ServerPolicy {
        controlled_temporary: Some(Action::Keep),
        lead_time: Some(Duration::minutes(minutes)),
        migration_types: vec![MigrationType::Offline, MigrationType::None],
        mitigation_requested: Some(true),
        ..ServerPolicy::default()
    };
    PolicyOfServer { project: project.into(), server: server.into(), policy }
}

fn group(project: &str, id: &str) -> GroupPolicy {
    GroupPolicy {
        name: "data base".to_owned(),
        members: BTreeSet::from(["s1".into(), "s2".into()]),
        server_group: Some("nova-1".into()),
        max_impacted: vec![MaxImpacted { group_size: 2, max: 1 }],
        recovery_time: Some(Duration::minutes(5)),
        max_per_host: Some(2),
        member_policy: of_server(project, "any", 7).policy,
        ..GroupPolicy::new(id.into(), project.into())
    }
}

async fn put<P: fermata_store::OwnersPolicy>(
    store: &Store,
    policy: P,
    revision: Option<u64>,
    now: Time,
) -> Result<Stored<P>, StoreError> {
    store
        .put_policy(
            policy,
            PutPolicy { mode: PutMode::Either, revision, asked: asked_by(&|_| None, now) },
        )
        .await
}

pub(crate) async fn policies_are_replaced_and_deleted(place: &Place) {
    let store = place.open().await;
    let red = ProjectId::from("red");
    let first = put(&store, of_server("red", "s", 1), None, START).await.unwrap();
    let same = store.policy::<PolicyOfServer>(&red, "s").await.unwrap();
    assert_eq!(same.as_ref(), Some(&first));
    let foreign = store.policy::<PolicyOfServer>(&"blue".into(), "s").await.unwrap();
    assert_eq!(foreign, None);
    assert_eq!(store.policy::<GroupPolicy>(&red, "s").await.unwrap(), None);

    let second = put(&store, of_server("red", "s", 2), Some(first.revision), START).await.unwrap();
    assert!(second.revision > first.revision);
    let stale = put(&store, of_server("red", "s", 3), Some(first.revision), after(9)).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    let absent = put(&store, of_server("red", "t", 3), Some(1), START).await;
    assert!(matches!(absent, Err(StoreError::Conflict)), "{absent:?}");
    let same = store.policy::<PolicyOfServer>(&red, "s").await.unwrap();
    assert_eq!(same, Some(second.clone()));

    let stale = store
        .delete_policy::<PolicyOfServer>(
            &red,
            "s",
            Some(first.revision),
            asked_by(&|()| None, START),
        )
        .await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    store
        .delete_policy::<PolicyOfServer>(
            &red,
            "s",
            Some(second.revision),
            asked_by(&|()| None, START),
        )
        .await
        .unwrap();
    let again =
        store.delete_policy::<PolicyOfServer>(&red, "s", None, asked_by(&|()| None, START)).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    let third = put(&store, of_server("red", "s", 1), None, after(1)).await.unwrap();
    assert!(third.revision > second.revision, "an etag of before it was deleted never fits");

    let stored = put(&store, group("red", "db"), None, START).await.unwrap();
    assert_eq!(store.policy::<GroupPolicy>(&red, "db").await.unwrap(), Some(stored));
}

pub(crate) async fn requests_for_policies(place: &Place) {
    let store = place.open().await;
    let asked = |policy, revision| {
        let store = store.clone();
        let record = |stored: &Stored<PolicyOfServer>| {
            let response = stored.revision.to_be_bytes().to_vec();
            Some(fermata_store::RequestRecord { response, ..request("r") })
        };
        async move {
            let asked = asked_by(&record, START);
            let put = PutPolicy { mode: PutMode::Either, revision, asked };
            store.put_policy(policy, put).await
        }
    };
    let stored = asked(of_server("red", "s", 1), None).await.unwrap();
    let known = store.request(&request("r").caller, "r").await.unwrap().unwrap();
    assert_eq!(known.response, stored.revision.to_be_bytes());
    let repeated = asked(of_server("red", "s", 2), Some(0)).await;
    assert!(matches!(repeated, Err(StoreError::RequestExists)), "before a conflict: {repeated:?}");
    let kept = store.policy::<PolicyOfServer>(&"red".into(), "s").await.unwrap().unwrap();
    assert_eq!(kept, stored);
}

pub(crate) async fn policies_by_page(place: &Place) {
    let store = place.open().await;
    for (project, id) in [("red", "b"), ("blue", "z"), ("red", "a"), ("red", "c")] {
        put(&store, of_server(project, id, 1), None, START).await.unwrap();
        put(&store, group(project, id), None, START).await.unwrap();
    }
    let list = async |project: Option<&str>, after: Option<(&str, &str)>| {
        let query = PolicyQuery {
            projects: project.map(|p| [ProjectId::from(p)].into()),
            after: after.map(|(p, id)| (p.into(), id.to_owned())),
            limit: 2,
        };
        let servers = store.list_policies::<PolicyOfServer>(&query).await.unwrap();
        let groups = store.list_policies::<GroupPolicy>(&query).await.unwrap();
        let servers: Vec<_> = servers.iter().map(|s| s.policy.server.to_string()).collect();
        assert_eq!(groups.iter().map(|g| g.policy.id.to_string()).collect::<Vec<_>>(), servers);
        servers
    };
    assert_eq!(list(None, None).await, ["z", "a"]);
    assert_eq!(list(None, Some(("red", "a"))).await, ["b", "c"]);
    assert_eq!(list(None, Some(("blue", "z"))).await, ["a", "b"]);
    assert_eq!(list(Some("red"), None).await, ["a", "b"]);
    assert_eq!(list(Some("red"), Some(("red", "b"))).await, ["c"]);
    assert!(list(Some("green"), None).await.is_empty());
}

pub(crate) async fn policies_of_projects(place: &Place) {
    let store = place.open().await;
    for project in ["red", "blue", "green"] {
        put(&store, of_server(project, "s", 1), None, START).await.unwrap();
        put(&store, group(project, "db"), None, START).await.unwrap();
    }
    let found = store.policies(&["red", "blue", "grey"].map(ProjectId::from).into()).await.unwrap();
    let servers = ["red", "blue"].map(|p| of_server(p, "s", 1));
    let servers = servers.map(|p| (p.project, p.server, p.policy));
    let expected = Policies::new(servers, ["red", "blue"].map(|p| group(p, "db")));
    assert_eq!(found, expected.waiting_at_most(Quotas::default().longest_wait));
    let member = found.of(&"red".into(), &"s1".into(), &BTreeMap::new());
    assert_eq!(member.policy.lead_time, Some(Duration::minutes(7)));
    let nobodys = store.policies(&BTreeSet::new()).await.unwrap();
    assert!(!nobodys.have_groups());
}

pub(crate) async fn one_of_many_puts_counts(place: &Place) {
    let store = Arc::new(place.open().await);
    let first = put(&store, of_server("red", "s", 0), None, START).await.unwrap();
    let racing = (1..=10).map(|minutes| {
        let (store, revision) = (Arc::clone(&store), first.revision);
        tokio::spawn(async move {
            put(&store, of_server("red", "s", minutes), Some(revision), after(minutes)).await
        })
    });
    let mut won = Vec::new();
    for one in racing.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(stored) => won.push(stored),
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let kept = store.policy::<PolicyOfServer>(&"red".into(), "s").await.unwrap().unwrap();
    assert_eq!(won, [kept]);
}
