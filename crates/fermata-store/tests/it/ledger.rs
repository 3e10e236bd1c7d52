//! Who is impacted: what is read is what was written, and of those who judged by the same account one writes.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::id::{ProjectId, SessionId};
use fermata_core::ledger::{Cause, Entry, Impact, Ledger, Posting, Postings};
use fermata_core::session::Session;
use fermata_store::{Store, StoreError};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::place::Place;
use crate::world::{START, World, after, touch, write};

fn posting(project: &str, server: &str, entry: Entry) -> Posting {
    let target = matches!(entry, Entry::Began(Cause::Session(_))).then(|| "hv-target".into());
    Posting { project: project.into(), server: server.into(), entry, target }
}

/// Writes these with a change of the session, judged by these revisions.
async fn post(
    store: &Store,
    session: &mut Session,
    entries: Vec<Posting>,
    judged: &[(&str, u64)],
    at: i64,
) -> Result<(), StoreError> {
    let mut transition = touch(session);
    let judged = judged.iter().map(|(p, revision)| ((*p).into(), *revision)).collect();
    transition.ledger = Postings { entries, judged };
    store.commit(write(Some(session), &transition, after(at))).await?;
    *session = transition.next;
    Ok(())
}

async fn read(store: &Store, projects: &[&str], since: i64) -> Ledger {
    let projects: BTreeSet<ProjectId> = projects.iter().map(|p| (*p).into()).collect();
    store.ledger(&projects, after(since)).await.unwrap()
}

fn sorted(ledger: &Ledger, project: &str) -> Vec<Impact> {
    let mut impacts = ledger.impacts(&project.into()).to_vec();
    impacts.sort_by_key(|i| (i.server.clone(), i.cause));
    impacts
}

pub(crate) async fn accounts_are_what_was_posted(place: &Place) {
    let store = place.open().await;
    let mut session = World::stored(&store, &["hv-1"], &["red"]).await.session;
    let ours = Cause::Session(session.head.id);
    let other = SessionId(Uuid::from_u128(77));
    let story = [
        vec![posting("red", "a", Entry::Began(ours)), posting("red", "b", Entry::Began(ours))],
        vec![
            posting("red", "a", Entry::Began(Cause::Fault)),
            posting("blue", "x", Entry::Began(ours)),
        ],
        vec![posting("red", "a", Entry::Ended(ours)), posting("red", "b", Entry::Dropped(other))],
        vec![
            posting("red", "b", Entry::Dropped(session.head.id)),
            posting("blue", "x", Entry::Ended(Cause::Fault)),
        ],
        vec![posting("red", "a", Entry::Began(Cause::Session(other)))],
        vec![
            posting("red", "a", Entry::Ended(ours)),
            posting("red", "a", Entry::Ended(Cause::Fault)),
            posting("red", "a", Entry::Asked(other)),
            posting("blue", "x", Entry::Asked(session.head.id)),
            posting("blue", "y", Entry::Asked(other)),
        ],
        vec![
            posting("red", "a", Entry::Withdrawn(session.head.id)),
            posting("blue", "y", Entry::Withdrawn(other)),
        ],
    ];
    let mut expected = Ledger::default();
    for (at, entries) in (1..).zip(story) {
        entries.iter().for_each(|entry| expected.post(entry, after(at)));
        post(&store, &mut session, entries, &[], at).await.unwrap();
        let found = read(&store, &["red", "blue", "green"], 0).await;
        for project in ["red", "blue", "green"] {
            assert_eq!(sorted(&found, project), sorted(&expected, project), "{at} {project}");
            let (found, wanted) =
                (found.revision(&project.into()), expected.revision(&project.into()));
            assert_eq!(found, wanted, "{at} {project}");
        }
        for than in [session.head.id, other] {
            assert_eq!(found.asked_by_others(than), expected.asked_by_others(than), "{at}");
        }
    }
    let only_red = read(&store, &["red"], 0).await;
    assert!(only_red.impacts(&"blue".into()).is_empty());
    let later = read(&store, &["red"], 6).await;
    let open: Vec<_> = sorted(&later, "red").into_iter().map(|i| (i.server, i.cause)).collect();
    assert_eq!(open, [("a".into(), Cause::Session(other))], "what ended long ago is not read");
}

pub(crate) async fn who_judged_by_an_old_account_writes_nothing(place: &Place) {
    let store = place.open().await;
    let mut first = World::stored(&store, &["hv-1"], &["red"]).await.session;
    let mut second = World::stored(&store, &["hv-2"], &["red"]).await.session;
    let began = |session: &Session, server| {
        vec![posting("red", server, Entry::Began(Cause::Session(session.head.id)))]
    };
    let entries = began(&first, "a");
    post(&store, &mut first, entries, &[("red", 0)], 1).await.unwrap();
    let before = second.clone();
    let entries = began(&second, "b");
    let late = post(&store, &mut second, entries, &[("red", 0)], 2).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(store.load(before.head.id).await.unwrap(), Some(before), "nothing of it is written");
    assert_eq!(read(&store, &["red"], 0).await.impacts(&"red".into()).len(), 1);

    // What ends is written whatever became of the account.
    let ends = vec![posting("red", "a", Entry::Ended(Cause::Session(first.head.id)))];
    post(&store, &mut first, ends, &[("red", 0)], 3).await.unwrap();
    let entries = began(&second, "b");
    post(&store, &mut second, entries, &[("red", 1)], 4).await.unwrap();

    // A fault is one more reason to look again.
    store.post_faults(&[posting("red", "c", Entry::Began(Cause::Fault))], after(5)).await.unwrap();
    let entries = began(&first, "a");
    let late = post(&store, &mut first, entries, &[("red", 2)], 6).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
}

pub(crate) async fn faults_are_open_until_they_end(place: &Place) {
    let store = place.open().await;
    let fault = |server, entry: fn(Cause) -> Entry| posting("red", server, entry(Cause::Fault));
    let began = [fault("a", Entry::Began), fault("b", Entry::Began)];
    store.post_faults(&began, START).await.unwrap();
    store.post_faults(&[fault("a", Entry::Ended)], after(9)).await.unwrap();
    let open = store.open_faults().await.unwrap();
    assert_eq!(open, BTreeSet::from([("red".into(), "b".into())]));
    let ended: BTreeMap<_, _> = read(&store, &["red"], 8)
        .await
        .impacts(&"red".into())
        .iter()
        .map(|i| (i.server.to_string(), i.ended_at))
        .collect();
    assert_eq!(ended["a"], Some(after(9)));
    assert_eq!(ended["b"], None);
}

/// What ended long ago goes, unless a group may still recover from it or an open session was there then.
pub(crate) async fn what_ended_long_ago_is_forgotten(place: &Place) {
    const DAY: i64 = 24 * 3600;
    let store = place.open().await;
    let wait = store.quotas().longest_wait.whole_seconds();
    let mut over = World::stored(&store, &["hv-1"], &["red"]).await;
    let cause = Cause::Session(over.id());
    for (server, began, ended) in [("a", 1, Some(2)), ("b", 3, Some(wait + DAY)), ("c", 4, None)] {
        post(
            &store,
            &mut over.session,
            vec![posting("red", server, Entry::Began(cause))],
            &[],
            began,
        )
        .await
        .unwrap();
        if let Some(at) = ended {
            let ends = vec![posting("red", server, Entry::Ended(cause))];
            post(&store, &mut over.session, ends, &[], at).await.unwrap();
        }
    }
    // By a session that is none of these.
    let asked = vec![posting("red", "d", Entry::Asked(SessionId(Uuid::from_u128(77))))];
    post(&store, &mut over.session, asked, &[], 5).await.unwrap();
    let raw = place.raw().await;
    for number in 1..=3 {
        let at = START.unix_timestamp() * 1_000_000 + number;
        let sql =
            format!("INSERT INTO outages (number, since, until) VALUES ({number}, {at}, {at})");
        raw.execute_unprepared(&sql).await.unwrap();
    }
    let servers = async || -> Vec<String> {
        let found = read(&store, &["red"], -DAY).await;
        sorted(&found, "red").iter().map(|impact| impact.server.to_string()).collect()
    };
    let outages = async || -> Vec<u64> {
        store.outages(0).await.unwrap().iter().map(|outage| outage.number).collect()
    };
    let late = after(2 * wait);
    assert_eq!(store.prune_ledger(late).await.unwrap(), 0, "the session is open");
    over.cancel(&store).await;

    assert_eq!(store.prune_ledger(after(wait)).await.unwrap(), 2, "a group may still recover");
    assert_eq!(outages().await, [3], "the next one follows the last one");
    assert_eq!(servers().await, ["a", "b", "c"]);
    let mut young = World::stored(&store, &["hv-2"], &["red"]).await;
    assert_eq!(store.prune_ledger(late).await.unwrap(), 0, "another one is open");
    young.cancel(&store).await;
    assert_eq!(store.prune_ledger(after(wait + 3)).await.unwrap(), 1);
    assert_eq!(servers().await, ["b", "c"]);
    assert_eq!(store.prune_ledger(after(9 * wait)).await.unwrap(), 1);
    assert_eq!(servers().await, ["c"], "it is still under way");
    let found = read(&store, &["red"], 0).await;
    let by_others = found.asked_by_others(SessionId(Uuid::from_u128(1)));
    assert_eq!(by_others, BTreeSet::from(["d".into()]), "no impact, and so not over");
    let revision = found.revision(&"red".into());
    assert!(revision >= 3, "an account goes on counting: {revision}");
}

/// Sessions that race for the last place in a group: each looks, and writes if there is room; never two at once.
pub(crate) async fn a_place_is_given_once(place: &Place) {
    const SESSIONS: usize = 8;
    let store = place.open().await;
    let mut tasks = Vec::new();
    for n in 0..SESSIONS {
        let host = format!("hv-{n}");
        let mut session = World::stored(&store, &[host.as_str()], &["red"]).await.session;
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let cause = Cause::Session(session.head.id);
            let server = format!("s-{n}");
            let mut rounds = 0;
            while rounds < 5 {
                let ledger = read(&store, &["red"], 0).await;
                let red = ProjectId::from("red");
                if ledger.impacts(&red).iter().any(|i| i.ended_at.is_none()) {
                    tokio::task::yield_now().await;
                    continue;
                }
                let judged = [("red", ledger.revision(&red))];
                let began = vec![posting("red", &server, Entry::Began(cause))];
                match post(&store, &mut session, began, &judged, 1).await {
                    Ok(()) => {}
                    Err(StoreError::Conflict) => continue,
                    Err(error) => panic!("{error}"),
                }
                let open = read(&store, &["red"], 0).await;
                let open = open.impacts(&red).iter().filter(|i| i.ended_at.is_none()).count();
                assert_eq!(open, 1, "one at a time");
                let ends = vec![posting("red", &server, Entry::Ended(cause))];
                post(&store, &mut session, ends, &[], 2).await.unwrap();
                rounds += 1;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let revision = read(&store, &["red"], 0).await.revision(&"red".into());
    assert_eq!(revision, SESSIONS as u64 * 5);
}
