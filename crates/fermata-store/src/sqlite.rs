//! What only SQLite needs: how its files are opened, that one process has them, and that they are still there.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sea_orm::sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr, RuntimeErr};

use crate::error::StoreError;
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
            // Counts when a file is made, and when `VACUUM` makes it anew: [`crate::space`] gives back what is free.
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            // What one large transaction has made of the log does not stay.
            .pragma("journal_size_limit", "67108864")
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
/// it. Whether it is a file of Fermata, [`crate::examine`] says before.
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
    let lock = private().truncate(false).open(lock_of(&path))?;
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

/// The file of a database, as the driver understands the URL; `None`: it has none.
pub(crate) fn file_of(url: &str) -> Option<PathBuf> {
    if !url.starts_with("sqlite:") || is_memory(url) {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}

/// Files that are made for their owner alone.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.create(true).write(true).mode(0o600);
    options
}

/// The lock file beside a database: SQLite's own locks are on the database itself.
pub(crate) fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// The file that was opened. SQLite goes on with a file that was deleted, and what it writes there is gone with the
/// process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    /// Device and inode.
    is: (u64, u64),
}

impl OpenedFile {
    /// The file at this path, which was just opened.
    pub(crate) fn at(path: PathBuf) -> io::Result<Self> {
        let is = identity(&path)?;
        Ok(Self { path, is })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is still there.
    ///
    /// # Errors
    /// Says what became of it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let path = self.path.display();
        match identity(&self.path) {
            Ok(is) if is == self.is => Ok(()),
            Ok(_) => Err(format!(
                "another file took the place of the database file {path}: restart the server to use it"
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
                "the database file {path} was deleted or moved: nothing is stored until the same file is back; to use \
                 another one, put it there and restart the server"
            )),
            Err(error) => Err(format!("the database file {path} cannot be seen: {error}")),
        }
    }
}

/// The file of a database that was just opened; `None`: it has none.
pub(crate) fn opened(url: &str, db: &DatabaseConnection) -> Result<Option<OpenedFile>, StoreError> {
    let Some(path) = file_of(url) else { return Ok(None) };
    // Another file is never made in place of one that was deleted.
    let pool = db.get_sqlite_connection_pool();
    pool.set_connect_options((*pool.connect_options()).clone().create_if_missing(false));
    let file = OpenedFile::at(path).map_err(|error| {
        StoreError::Unavailable(DbErr::Conn(RuntimeErr::Internal(error.to_string())))
    })?;
    Ok(Some(file))
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}
