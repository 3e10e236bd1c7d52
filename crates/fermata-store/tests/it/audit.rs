//! The audit trail is written with what it is about, is one chain whoever writes, and is read whatever was done to it.

use fermata_core::actor::{Role, Who};
use fermata_core::audit::{
    Action, Anchor, Ends, Entry, Fault, Record, Resource, ResourceKind, Walk, digest,
};
use fermata_core::policy::{GroupPolicy, ServerPolicy};
use fermata_store::{
    Asked, AuditQuery, Order, PolicyOfServer, PutMode, PutPolicy, Store, StoreError, Topic,
};
use sea_orm::ConnectionTrait;

use crate::place::Place;
use crate::world::{
    START, World, after, asked_by, asked_touch, entry, event, put_subscription, touch, write,
};

async fn all(store: &Store) -> (Vec<Record>, Ends) {
    let query = AuditQuery { order: Order::OldestFirst, limit: 10_000, ..Default::default() };
    store.list_audit(&query).await.unwrap()
}

fn verify((records, ends): &(Vec<Record>, Ends)) -> Result<(), Fault> {
    let mut walk = Walk::after(ends.anchor.last.clone());
    for record in records {
        walk.follow(record)?;
    }
    walk.ends(ends)
}

/// The digest of what stands in a row.
async fn body(place: &Place, table: &str) -> Option<Vec<u8>> {
    let raw = place.raw().await;
    let sql = format!("SELECT body FROM {table}");
    let statement = sea_orm::Statement::from_string(raw.get_database_backend(), sql);
    let row = raw.query_one_raw(statement).await.unwrap()?;
    let body: String = row.try_get_by_index(0).unwrap();
    digest([body.as_str()]).map(|hash| hash.0.to_vec())
}

pub(crate) async fn what_is_asked_for_is_recorded(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    store.commit(write(Some(&world.session), &touch(&world.session), START)).await.unwrap();
    assert_eq!(all(&store).await.0.len(), 1, "what nobody asked for is not recorded");
    world.session = store.load(world.id()).await.unwrap().unwrap();
    let mut transition = asked_touch(&world.session);
    let who = Who::new("vnfm/with/slashes", Role::Owner);
    let resource = Resource::session_by(&"p".into(), world.id());
    transition.audit = Some(Entry { who, resource, ..entry() });
    store.commit(write(Some(&world.session), &transition, after(3))).await.unwrap();
    let (records, _) = all(&store).await;
    let [created, changed] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(created.known_action(), Some(Action::CreateSession));
    assert_eq!((created.principal.as_str(), created.role.as_str()), ("kim", "operator"));
    assert_eq!((created.before.len(), created.after.len()), (0, 32));
    assert_eq!((changed.principal.as_str(), changed.role.as_str()), ("vnfm/with/slashes", "owner"));
    assert_eq!((changed.project.as_str(), changed.resource.clone()), ("p", world.id().to_string()));
    assert_eq!((changed.detail.as_str(), changed.reason.as_str()), ("what", "why"));
    assert_eq!(changed.at_micros, created.at_micros + 3_000_000);
    // Only the head changed, so that only the head is digested.
    assert_eq!(Some(changed.after.clone()), body(place, "sessions").await);

    let policy = |lead_time| PolicyOfServer {
        project: "p".into(),
        server: "s".into(),
        policy: ServerPolicy { max_interruption: lead_time, ..ServerPolicy::default() },
    };
    let how =
        || PutPolicy { mode: PutMode::Either, revision: None, asked: asked_by(&|_| None, START) };
    store.put_policy(policy(None), how()).await.unwrap();
    let first = body(place, "policies").await.unwrap();
    store.put_policy(policy(Some(fermata_core::Duration::SECOND)), how()).await.unwrap();
    let second = body(place, "policies").await.unwrap();
    let (project, nobody) = ("p".into(), asked_by(&|()| None, START));
    store.delete_policy::<PolicyOfServer>(&project, "s", None, nobody).await.unwrap();
    let gone = store.delete_policy::<GroupPolicy>(&project, "s", None, nobody).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    let records = all(&store).await.0.split_off(2);
    let digests: Vec<_> = records.into_iter().map(|r| (r.before, r.after)).collect();
    let none = Vec::new;
    assert_eq!(digests, [(none(), first.clone()), (first, second.clone()), (second, none())]);

    let put = put_subscription("p", "vnfm");
    for _ in 0..2 {
        store.put_subscription(&put, asked_by(&|_| None, START)).await.unwrap();
    }
    for sequence in [1, 1, 0] {
        store.acknowledge(&put.key, sequence, asked_by(&|_| None, START)).await.unwrap();
    }
    for _ in 0..2 {
        store.delete_subscription(&put.key, false, None, nobody).await.unwrap();
    }
    let found = all(&store).await;
    let records = &found.0[5..];
    assert_eq!(records.len(), 3, "what changes nothing is not recorded: {records:?}");
    assert!(records[0].before.is_empty() && records[2].after.is_empty());
    assert_eq!((&records[0].after, &records[1].after), (&records[1].before, &records[2].before));

    store.restored().await.unwrap();
    let found = all(&store).await;
    let last = found.0.last().unwrap();
    assert_eq!(last.known_action(), Some(Action::RestoreDatabase));
    assert_eq!(last.resource, store.identity().await.unwrap().store_id.to_string());
    verify(&found).unwrap();
}

/// Writers of everything at once, over the same rows: none waits for another one for ever, and the chain has no hole.
pub(crate) async fn many_at_once_make_one_chain(place: &Place) {
    let store = place.open().await;
    let topic = Topic::Project("p".into());
    let writers = (0..8).map(|i| {
        let (store, topic) = (store.clone(), topic.clone());
        tokio::spawn(async move {
            let world = World::stored(&store, &[&format!("host-{i}")], &["p"]).await;
            let mut session = world.session;
            for _ in 0..5 {
                let transition = asked_touch(&session);
                let mut told = write(Some(&session), &transition, START);
                told.events.push(event(&topic, "x"));
                store.commit(told).await.unwrap();
                session = transition.next;
                let policy = PolicyOfServer {
                    project: "p".into(),
                    server: format!("s-{i}").into(),
                    policy: ServerPolicy::default(),
                };
                let asked = asked_by(&|_| None, START);
                let put = PutPolicy { mode: PutMode::Either, revision: None, asked };
                store.put_policy(policy, put).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let found = all(&store).await;
    verify(&found).unwrap();
    assert_eq!(found.1.head.sequence, 8 * (1 + 5 + 5));
}

/// Every field of a record, changed behind the store's back; each time the first record that does not fit is named.
pub(crate) async fn whatever_was_done_to_it_is_read(place: &Place) {
    let store = place.open().await;
    let world = World::stored(&store, &["a"], &["p"]).await;
    let mut session = world.session;
    for _ in 0..4 {
        let transition = asked_touch(&session);
        store.commit(write(Some(&session), &transition, START)).await.unwrap();
        session = transition.next;
    }
    let sqlite = place.url.starts_with("sqlite:");
    let bytes = if sqlite { "X'00'" } else { "'\\x00'::bytea" };
    let mut done = vec![
        "sequence = 99".to_owned(),
        "sequence = -3".to_owned(),
        "at = at + 1".to_owned(),
        "at = 9223372036854775807".to_owned(),
        "principal = 'lim'".to_owned(),
        "role = 'king'".to_owned(),
        "action = action + 1".to_owned(),
        "action = -7".to_owned(),
        "resource_kind = 99".to_owned(),
        "project = 'q'".to_owned(),
        "resource = ''".to_owned(),
        "detail = detail || ' '".to_owned(),
        "reason = 'vhy'".to_owned(),
    ];
    for column in ["before_digest", "after_digest", "previous_hash", "hash"] {
        done.push(format!("{column} = {bytes}"));
    }
    if sqlite {
        done.push("reason = CAST(X'77ff79' AS TEXT)".to_owned());
        done.push("at = 'yesterday'".to_owned());
        done.push("action = X'01'".to_owned());
        done.push("hash = 'text'".to_owned());
    }
    let raw = place.raw().await;
    raw.execute_unprepared("CREATE TABLE kept AS SELECT * FROM audit_records").await.unwrap();
    let again = "DELETE FROM audit_records; INSERT INTO audit_records SELECT * FROM kept";
    for what in done {
        let change = format!("UPDATE audit_records SET {what} WHERE sequence = 3");
        raw.execute_unprepared(&change).await.unwrap();
        let fault = verify(&all(&store).await).unwrap_err();
        // What has a negative number comes before all others.
        let expected = if what.contains("-3") { 1 } else { 3 };
        assert_eq!(fault.sequence(), expected, "{what}: {fault}");
        raw.execute_unprepared(again).await.unwrap();
    }
    verify(&all(&store).await).unwrap();
    raw.execute_unprepared("DELETE FROM audit_records WHERE sequence = 5").await.unwrap();
    assert_eq!(verify(&all(&store).await), Err(Fault::CutOff { sequence: 5, last: 5 }));
    raw.execute_unprepared("UPDATE audit_chain SET last = 4").await.unwrap();
    assert_eq!(verify(&all(&store).await), Err(Fault::HeadDiffers { sequence: 4 }));
}

pub(crate) async fn records_by_filter(place: &Place) {
    let store = place.open().await;
    let write_as = async |name: &str, project: &str, at| {
        let resource = Resource::of(ResourceKind::ServerPolicy, &project.into(), "s");
        let who = Who::new(name, Role::Owner);
        let entry = Entry { who, action: Action::PutServerPolicy, resource, ..entry() };
        let policy = ServerPolicy::default();
        let policy = PolicyOfServer { project: project.into(), server: "s".into(), policy };
        let asked = Asked { entry: &entry, record: &|_| None, now: after(at) };
        let put = PutPolicy { mode: PutMode::Either, revision: None, asked };
        store.put_policy(policy, put).await.unwrap();
    };
    World::stored(&store, &["a"], &["p"]).await;
    write_as("ann", "p", 1).await;
    write_as("bob", "p", 2).await;
    write_as("ann", "q", 3).await;
    let found = async |query: AuditQuery| {
        let query = AuditQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query };
        let (records, end) = store.list_audit(&query).await.unwrap();
        assert_eq!(end.head.sequence, 4);
        records.into_iter().map(|record| record.sequence).collect::<Vec<_>>()
    };
    let none = AuditQuery::default;
    assert_eq!(found(none()).await, [4, 3, 2, 1]);
    let oldest = || AuditQuery { order: Order::OldestFirst, ..none() };
    assert_eq!(found(AuditQuery { limit: 2, ..oldest() }).await, [1, 2]);
    assert_eq!(found(AuditQuery { after: Some(2), ..oldest() }).await, [3, 4]);
    assert_eq!(found(AuditQuery { after: Some(3), ..none() }).await, [2, 1]);
    let principal = Some("ann".to_owned());
    assert_eq!(found(AuditQuery { principal, ..none() }).await, [4, 2]);
    let project = Some("p".into());
    assert_eq!(found(AuditQuery { project, ..none() }).await, [3, 2]);
    let actions = vec![Action::CreateSession, Action::Reply];
    assert_eq!(found(AuditQuery { actions, ..none() }).await, [1]);
    let resource_kind = Some(ResourceKind::ServerPolicy);
    assert_eq!(found(AuditQuery { resource_kind, ..none() }).await, [4, 3, 2]);
    let resource = Some("s".to_owned());
    assert_eq!(found(AuditQuery { resource, ..none() }).await, [4, 3, 2]);
    let (since, until) = (Some(after(1)), Some(after(3)));
    assert_eq!(found(AuditQuery { since, until, ..none() }).await, [3, 2]);
}

/// The oldest records go, and what is left is verified from what is noted of them.
pub(crate) async fn old_records_go(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    for seconds in [1, 2, 30, 3, 40] {
        let transition = asked_touch(&world.session);
        store.commit(write(Some(&world.session), &transition, after(seconds))).await.unwrap();
        world.session = transition.next;
    }
    let prune = async |seconds, limit| {
        let pruned = store.prune_audit(after(seconds), limit, after(100)).await.unwrap();
        pruned.map(|count| (count, verify_all(&store)))
    };
    async fn sequences(store: &Store) -> Vec<u64> {
        all(store).await.0.iter().map(|record| record.sequence).collect()
    }
    assert_eq!(all(&store).await.1.anchor, Anchor::default());
    assert_eq!(prune(0, 10).await.unwrap().0, 0);
    assert_eq!(sequences(&store).await, [1, 2, 3, 4, 5, 6], "nothing is old");
    for (limit, pruned) in [(2, 2), (2, 1), (2, 0)] {
        let (count, sound) = prune(10, limit).await.unwrap();
        assert_eq!(count, pruned);
        sound.await.unwrap();
    }
    // The one with sequence 5 is old as well, and stays: it comes after one that is young.
    let (records, ends) = all(&store).await;
    assert_eq!(sequences(&store).await, [4, 5, 6, 7, 8]);
    assert_eq!((ends.anchor.last.sequence, ends.head.sequence), (3, 8));
    let told = records.last().unwrap();
    assert_eq!(told.known_action(), Some(Action::PruneAuditRecords));
    assert_eq!((told.principal.as_str(), told.role.as_str()), ("fermata", "administrator"));
    assert!(told.detail.starts_with("3:"), "{told:?}");
    assert_eq!(ends.anchor.at_micros, told.at_micros);

    // What was tampered with is evidence, and is not deleted; nor is what comes after it.
    let raw = place.raw().await;
    raw.execute_unprepared("UPDATE audit_records SET reason = 'x' WHERE sequence = 5")
        .await
        .unwrap();
    assert_eq!(prune(99, 10).await.err(), Some(Fault::Changed { sequence: 5 }));
    assert_eq!(sequences(&store).await, [4, 5, 6, 7, 8]);
    raw.execute_unprepared("UPDATE audit_records SET reason = 'why' WHERE sequence = 5")
        .await
        .unwrap();
    raw.execute_unprepared("UPDATE audit_chain SET pruned = 2").await.unwrap();
    assert_eq!(prune(99, 10).await.err(), Some(Fault::Missing { sequence: 3, found: 4 }));
    assert!(verify(&all(&store).await).is_err());
    raw.execute_unprepared("UPDATE audit_chain SET pruned = 3").await.unwrap();
    verify(&all(&store).await).unwrap();

    // Everything, the records of deletions, too: the last deletion is told by what it wrote.
    let (count, sound) = prune(1000, 100).await.unwrap();
    assert_eq!(count, 5);
    sound.await.unwrap();
    assert_eq!(sequences(&store).await, [9]);
    store.restored().await.unwrap();
    verify(&all(&store).await).unwrap();
}

async fn verify_all(store: &Store) -> Result<(), Fault> {
    verify(&all(store).await)
}
