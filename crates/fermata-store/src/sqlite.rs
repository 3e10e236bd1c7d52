//! What only SQLite needs: how its files are opened, and that one process has them.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::str::FromStr;

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

/// Claims the file of a database for this process. Databases that are shared or in memory need no claim. With
/// `mode=rwc` the file is made if it is missing, with its folder, for its owner alone: SQLite would let everybody read
/// it. The lock is on a file beside it, as SQLite's own locks are on the database itself.
///
/// # Errors
/// [`std::io::Error`] if the database or the lock file beside it cannot be made; `Ok(Err(InUse))` if another process
/// lives.
pub fn claim(url: &str) -> io::Result<Result<Claim, InUse>> {
    let Some(path) = file_of(url) else { return Ok(Ok(Claim(None))) };
    let may_create = url.contains("mode=rwc");
    if let Some(folder) = path.parent().filter(|_| may_create) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut lock = path.clone().into_os_string();
    lock.push(".lock");
    let lock = private().truncate(false).open(lock)?;
    match lock.try_lock() {
        Ok(()) => {
            // What SQLite makes beside it, it makes with the same permissions.
            if may_create {
                private().truncate(false).open(path)?;
            }
            Ok(Ok(Claim(Some(lock))))
        }
        Err(TryLockError::WouldBlock) => Ok(Err(InUse)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Files that are made for their owner alone.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.create(true).write(true).mode(0o600);
    options
}

/// The file of a database, as the driver understands the URL.
fn file_of(url: &str) -> Option<PathBuf> {
    if !url.starts_with("sqlite:") || is_memory(url) {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}
