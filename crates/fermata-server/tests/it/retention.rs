//! Each retention is for its own kind of things: what is older than it goes, and nothing else does.

use std::path::Path;
use std::time::Duration;

use fermata_proto::v1;
use fermata_server::Config;
use fermata_server::tasks::Task;
use fermata_store::{Options, Store};
use sea_orm::sqlx::{self, Connection, SqliteConnection};

use crate::acts::{spec, work_through};
use crate::audit_retention::wrote;
use crate::harness::{Site, database_url, eventually};
use crate::world::World;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Tables, and the columns that say how old a row is.
const KINDS: [(&str, &str); 6] = [
    ("requests", "at"),
    ("events", "at"),
    ("measured_moves", "ended_at"),
    ("sessions", "window_end"),
    ("impacts", "ended_at"),
    ("audit_records", "at"),
];

type Change = fn(&mut Config);

async fn database(directory: &Path) -> SqliteConnection {
    SqliteConnection::connect(&database_url(directory)).await.unwrap()
}

/// Makes everything so many days older. Audit records are hashed with their time and stay as they are.
async fn age(directory: &Path, days: u64) {
    let mut database = database(directory).await;
    let micros = (days * DAY.as_secs() * 1_000_000).to_string();
    for (table, column) in KINDS.iter().filter(|(table, _)| *table != "audit_records") {
        let sql = format!("UPDATE {table} SET {column} = {column} - {micros}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
}

/// The kinds of which there is something that is older than a week.
async fn old(directory: &Path) -> Vec<&'static str> {
    let mut database = database(directory).await;
    let week = fermata_server::clock::system()() - 7 * DAY;
    let before = week.unix_timestamp() * 1_000_000;
    let mut there = Vec::new();
    for (table, column) in KINDS {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} < {before}");
        let sql = sqlx::AssertSqlSafe(sql);
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap();
        if count > 0 {
            there.push(table);
        }
    }
    database.close().await.unwrap();
    there
}

#[tokio::test]
async fn each_retention_is_for_its_own_kind() {
    let mut site = Site::start(&World::small()).await;
    site.stop().await;
    let store = Store::connect(&database_url(site.dir.path()), &Options::default()).await.unwrap();
    wrote(&store, 20).await;
    wrote(&store, 19).await;
    store.close().await.unwrap();
    let for_long = |config: &mut Config| {
        config.request_retention = 40 * DAY;
        config.event_retention = 40 * DAY;
        config.session_retention = 40 * DAY;
        config.audit_retention = 40 * DAY;
    };
    site.up(for_long).await;
    let mut sessions = site.sessions().await;
    let request = v1::CreateSessionRequest {
        spec: Some(spec(&["compute-1"])),
        request_id: "once".to_owned(),
    };
    let created = sessions.create_session(request).await.unwrap().into_inner().session.unwrap();
    work_through(&mut sessions, &created.id).await;
    site.stop().await;
    age(site.dir.path(), 20).await;
    let all: Vec<_> = KINDS.iter().map(|(table, _)| *table).collect();
    assert_eq!(old(site.dir.path()).await, all, "there is something of each kind");

    // One retention after the other becomes short; the last look is before the recovery of a group can matter.
    let steps: [(&str, Change, &[&str]); 5] = [
        ("none", |_| {}, &[]),
        ("requests", |config| config.request_retention = 10 * DAY, &["requests"]),
        ("events", |config| config.event_retention = 10 * DAY, &["events", "measured_moves"]),
        ("sessions", |config| config.session_retention = 10 * DAY, &["sessions", "impacts"]),
        ("audit", |config| config.audit_retention = 10 * DAY, &["audit_records"]),
    ];
    let mut left = all;
    for (what, change, goes) in steps {
        let both = |config: &mut Config| {
            for_long(config);
            change(config);
        };
        site.up(both).await;
        eventually("the look at what is old", async || {
            site.tasks().standings().get(&Task::Retention)?.last.as_ref()?.outcome.clone().ok()
        })
        .await;
        site.stop().await;
        left.retain(|table| !goes.contains(table));
        assert_eq!(old(site.dir.path()).await, left, "{what}");
    }
}
