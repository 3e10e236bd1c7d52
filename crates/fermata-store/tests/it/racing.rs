//! Writers that race for a topic, and a reader that follows it meanwhile: with a counter in the same transaction it
//! misses nothing; with a number that the database hands out it does. The second is shown so that one sees that the
//! first could fail.
//!
//! `FERMATA_RACING=1000000 cargo test -p fermata-store --test it racing -- --nocapture` is the long run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fermata_core::boundary::{Boundaries, Boundary};
use fermata_store::{Options, Store, Topic, Write};
use sea_orm::sqlx::{self, Executor, PgPool, Row};

use crate::place::Place;
use crate::world::{START, World, event, touch, write};

const WRITERS: u64 = 16;
const TOPICS: u64 = 48;

fn transactions() -> u64 {
    let asked = std::env::var_os("FERMATA_RACING").and_then(|n| n.to_str()?.parse().ok());
    asked.unwrap_or(20_000)
}

/// Waits a little now and then between a transaction's last statement and its commit.
struct Dawdling;

#[async_trait::async_trait]
impl Boundaries for Dawdling {
    async fn cross(&self, boundary: Boundary) {
        if matches!(boundary, Boundary::BeforeCommit(_)) && rand::random_ratio(1, 50) {
            tokio::time::sleep(Duration::from_micros(rand::random_range(0..3000))).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counter_loses_nothing() {
    let Some(place) = Place::postgres().await else { return };
    place.open().await;
    let options =
        Options { max_connections: 20, boundaries: Some(Arc::new(Dawdling)), ..Options::default() };
    let store = Store::connect(&place.url, &options).await.unwrap();
    let topics: Vec<_> = (0..TOPICS).map(|i| Topic::Project(format!("hot{i}").into())).collect();
    let (all, began) = (transactions(), Instant::now());
    let left = Arc::new(AtomicU64::new(all));
    let writers: Vec<_> = (0..WRITERS)
        .map(|i| {
            let (store, topics, left) = (store.clone(), topics.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                let host = format!("host{i}");
                let mut session = World::stored(&store, &[host.as_str()], &[]).await.session;
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                    .is_ok()
                {
                    let topic = &topics[rand::random_range(0..topics.len())];
                    let transition = touch(&session);
                    let events = vec![event(topic, "x")];
                    let told = Write { events, ..write(Some(&session), &transition, START) };
                    store.commit(told).await.unwrap();
                    session = transition.next;
                }
            })
        })
        .collect();

    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (store, done) = (store.clone(), Arc::clone(&done));
        let mut seen: BTreeMap<String, u64> = topics.iter().map(|t| (t.to_string(), 0)).collect();
        async move {
            // As the hub does: look which topics have more, and read what they have.
            loop {
                let last_look = done.load(Ordering::SeqCst);
                let changed = store.topics_beyond(&seen).await.unwrap();
                if changed.is_empty() && last_look {
                    return seen.values().sum::<u64>();
                }
                for (name, _) in changed {
                    let topic = Topic::parse(&name).unwrap();
                    let position = seen.get_mut(&name).unwrap();
                    for event in store.events_after(&topic, *position, 500).await.unwrap() {
                        assert_eq!(event.sequence, *position + 1, "{name} has a hole");
                        *position = event.sequence;
                    }
                }
            }
        }
    });
    for writer in writers {
        writer.await.unwrap();
    }
    let spent = began.elapsed().as_secs_f64();
    done.store(true, Ordering::SeqCst);
    let heard = reader.await.unwrap();
    println!(
        "counter: {all} transactions by {WRITERS} writers in {spent:.0} s, {} lost",
        all - heard
    );
    assert_eq!(heard, all);
}

/// The same with `id > last` over a number that the database hands out before the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_naive_cursor_loses() {
    let Some(place) = Place::postgres().await else { return };
    let pool = PgPool::connect(&place.url).await.unwrap();
    pool.execute("CREATE TABLE naive (id bigserial PRIMARY KEY, payload text)").await.unwrap();
    let all = 4_000_u64;
    let left = Arc::new(AtomicU64::new(all));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (pool, left) = (pool.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                    .is_ok()
                {
                    let mut transaction = pool.begin().await.unwrap();
                    let insert = "INSERT INTO naive (payload) VALUES ('x')";
                    sqlx::query(insert).execute(&mut *transaction).await.unwrap();
                    Dawdling.cross(Boundary::BeforeCommit("naive")).await;
                    transaction.commit().await.unwrap();
                }
            })
        })
        .collect();
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (pool, done) = (pool.clone(), Arc::clone(&done));
        async move {
            let (mut last, mut heard) = (0_i64, 0_u64);
            loop {
                let last_look = done.load(Ordering::SeqCst);
                let select = "SELECT id FROM naive WHERE id > $1 ORDER BY id LIMIT 500";
                let rows = sqlx::query(select).bind(last).fetch_all(&pool).await.unwrap();
                heard += rows.len() as u64;
                match rows.last() {
                    Some(row) => last = row.get(0),
                    None if last_look => return heard,
                    None => {}
                }
            }
        }
    });
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let heard = reader.await.unwrap();
    println!("naive cursor: {all} transactions, {} lost", all - heard);
    assert!(
        heard < all,
        "the naive cursor lost nothing this time, so the test above proves nothing"
    );
}
