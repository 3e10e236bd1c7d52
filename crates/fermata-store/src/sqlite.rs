//! What only SQLite needs: how its files are opened, and that one process has them.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;

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

/// Another process has the database's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("another process uses the database; SQLite serves one at a time")]
pub struct InUse;

/// The file of an SQLite database is in use by this process, and by no other, until this is dropped.
#[derive(Debug)]
pub struct Claim(#[allow(dead_code, reason = "held for its lock")] Option<File>);

/// Claims the file of a database for this process. Databases that are shared or in memory need no claim.
///
/// # Errors
/// [`std::io::Error`] if the lock file beside the database cannot be made; `Ok(Err(InUse))` if another process
/// lives.
pub fn claim(url: &str) -> io::Result<Result<Claim, InUse>> {
    let Some(path) = file_of(url) else { return Ok(Ok(Claim(None))) };
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Ok(Claim(Some(file)))),
        Err(TryLockError::WouldBlock) => Ok(Err(InUse)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The lock file beside a database: SQLite's own locks are on the database itself.
fn file_of(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:").filter(|_| !is_memory(url))?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    Some(PathBuf::from(format!("{path}.lock")))
}
