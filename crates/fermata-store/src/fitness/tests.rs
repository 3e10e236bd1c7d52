//! What the driver does to its connections, and which of them are used again.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sea_orm::sqlx::{Acquire, Connection, Executor, Row, SqliteConnection, SqlitePool};
use tempfile::TempDir;

use super::Fitness;

/// A database with a table, and the pool that the store would have, of one connection.
struct Database {
    options: SqliteConnectOptions,
    _directory: TempDir,
}

impl Database {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        let database = Self { options, _directory: directory };
        database.other().await.execute("CREATE TABLE t (x)").await.unwrap();
        database
    }

    async fn pool(&self, options: SqlitePoolOptions) -> SqlitePool {
        options.max_connections(1).connect_with(self.options.clone()).await.unwrap()
    }

    /// A connection past the pool: it sees what lasts.
    async fn other(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&self.options).await.unwrap()
    }

    async fn rows(&self) -> i64 {
        self.other().await.fetch_one("SELECT count(*) FROM t").await.unwrap().get(0)
    }
}

/// A transaction that fails because there is no room, as on a full disk; then there is room again.
async fn run_out_of_room(pool: &SqlitePool) {
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("PRAGMA max_page_count = 2").await.unwrap();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let full = transaction.execute("INSERT INTO t VALUES (zeroblob(100000))").await.unwrap_err();
    assert_eq!(full.as_database_error().unwrap().code().unwrap(), "13", "{full}");
    drop(transaction);
    connection.execute("PRAGMA max_page_count = 1000000").await.unwrap();
}

/// As the store and sea-orm do it: a savepoint if the driver says that a transaction is open.
async fn insert(pool: &SqlitePool) {
    let mut connection = pool.acquire().await.unwrap();
    let mut transaction = if connection.is_in_transaction() {
        connection.begin().await.unwrap()
    } else {
        connection.begin_with("BEGIN IMMEDIATE").await.unwrap()
    };
    transaction.execute("INSERT INTO t VALUES (1)").await.unwrap();
    transaction.commit().await.unwrap();
}

/// If this fails, the driver has got better, and some of our care may go.
#[tokio::test]
async fn the_driver_alone_loses_what_it_committed() {
    let database = Database::new().await;
    let pool = database.pool(SqlitePoolOptions::new()).await;
    run_out_of_room(&pool).await;
    assert!(pool.acquire().await.unwrap().is_in_transaction(), "one transaction too many");
    // One that is rolled back leaves its savepoint open, and with it a transaction.
    let mut connection = pool.acquire().await.unwrap();
    drop(connection.begin().await.unwrap());
    drop(connection);
    insert(&pool).await;
    assert_eq!(database.rows().await, 0, "the driver said that it is committed");
    pool.close().await;
    assert_eq!(database.rows().await, 0);
}

#[tokio::test]
async fn after_a_full_disk_what_is_committed_lasts() {
    let database = Database::new().await;
    let pool = database.pool(Fitness::default().check_sqlite(SqlitePoolOptions::new())).await;
    for round in 1..=3 {
        run_out_of_room(&pool).await;
        insert(&pool).await;
        assert_eq!(database.rows().await, round);
    }
}

/// Whatever left a transaction open, the connection is closed, and so is the transaction.
#[tokio::test]
async fn an_open_transaction_ends_with_its_use() {
    let database = Database::new().await;
    let pool = database.pool(Fitness::default().check_sqlite(SqlitePoolOptions::new())).await;
    let mut other = database.other().await;
    for left in ["BEGIN IMMEDIATE", "SAVEPOINT s"] {
        let mut connection = pool.acquire().await.unwrap();
        connection.execute(left).await.unwrap();
        connection.execute("INSERT INTO t VALUES (1)").await.unwrap();
        drop(connection);
        // There is only one connection: when it is there again, what was left has ended.
        let again = pool.acquire().await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        other.execute("ROLLBACK").await.unwrap();
        drop(again);
        assert_eq!(database.rows().await, 0);
    }
}

#[tokio::test]
async fn what_was_open_when_something_failed_is_not_used_again() {
    let database = Database::new().await;
    let fitness = Fitness::default();
    let pool = database.pool(fitness.check_sqlite(SqlitePoolOptions::new())).await;
    let is_old = async || {
        let mut connection = pool.acquire().await.unwrap();
        // Only the connection that made it has it.
        connection.fetch_one("SELECT 1 FROM temp.mark").await.is_ok()
    };
    pool.acquire().await.unwrap().execute("CREATE TEMP TABLE mark AS SELECT 1").await.unwrap();
    assert!(is_old().await);
    fitness.distrust();
    assert!(!is_old().await, "an idle one");
    let mut used = pool.acquire().await.unwrap();
    used.execute("CREATE TEMP TABLE mark AS SELECT 1").await.unwrap();
    fitness.distrust();
    drop(used);
    assert!(!is_old().await, "one in use");
    pool.acquire().await.unwrap().execute("CREATE TEMP TABLE mark AS SELECT 1").await.unwrap();
    assert!(is_old().await, "a new one is trusted");
}

/// PostgreSQL: a transaction that somebody left open, or that failed, is not gone on with.
#[tokio::test]
async fn an_unknown_transaction_of_postgres_is_not_gone_on_with() {
    let Some(url) = std::env::var_os("DATABASE_URL").and_then(|url| url.into_string().ok()) else {
        return;
    };
    let options = Fitness::default().check_postgres(PgPoolOptions::new().max_connections(1));
    let pool = options.connect(&url).await.unwrap();
    let backend = async || -> i32 {
        let mut connection = pool.acquire().await.unwrap();
        connection.fetch_one("SELECT pg_backend_pid()").await.unwrap().get(0)
    };
    let first = backend().await;
    assert_eq!(backend().await, first, "one that is well is used again");
    pool.acquire().await.unwrap().execute("BEGIN").await.unwrap();
    let second = backend().await;
    assert_ne!(second, first, "it was in a transaction");
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("BEGIN").await.unwrap();
    connection.execute("SELECT 1 / 0").await.unwrap_err();
    drop(connection);
    assert_ne!(backend().await, second, "its transaction had failed");
    // One that was dropped in the middle is rolled back, which is well.
    let third = backend().await;
    let mut connection = pool.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    transaction.execute("SELECT 1 / 0").await.unwrap_err();
    drop(transaction);
    drop(connection);
    assert_eq!(backend().await, third);
}
