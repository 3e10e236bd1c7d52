//! What only SQLite needs: how its files are opened.

use sea_orm::ConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::store::Options;

/// Sets what matters for SQLite; other databases do not look at it.
pub(crate) fn configure(connect: &mut ConnectOptions, options: &Options) {
    let wait = options.wait_timeout;
    connect.map_sqlx_sqlite_opts(move |sqlite: SqliteConnectOptions| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            // A reply that said done survives a power cut: WAL with NORMAL would not sync at commit.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(wait)
            .pragma("cache_size", "-65536")
    });
    if is_memory(connect.get_url()) {
        // Each connection would have a database of its own, which ends with it.
        connect.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    }
}

fn is_memory(url: &str) -> bool {
    url.starts_with("sqlite:") && (url.contains(":memory:") || url.contains("mode=memory"))
}
