//! The handle: opening a database, bringing its tables up to date, and the two kinds of transactions.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::error::StoreError;
use crate::migration::Migrator;
use crate::sqlite;

/// How to use a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections at most. An in-memory SQLite database always has one.
    pub max_connections: u32,
    /// How long to wait for a free connection, or for a lock that another process holds.
    pub wait_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_connections: 8, wait_timeout: Duration::from_secs(10) }
    }
}

/// Everything that must survive a crash. Clones share one database.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    /// SQLite has one writer at a time: writers queue here instead of polling for its lock.
    turn: Option<Arc<Mutex<()>>>,
}

/// A transaction that may write. Dropped without [`Writing::commit`], it leaves nothing behind.
pub(crate) struct Writing {
    // Ends before the turn does.
    pub(crate) db: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Store {
    /// Opens a database: `sqlite:///path/file.db?mode=rwc`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    /// The URL is wrong, or the database is not there.
    pub async fn connect(url: &str, options: &Options) -> Result<Self, StoreError> {
        let mut connect = ConnectOptions::new(url);
        connect
            .max_connections(options.max_connections)
            .acquire_timeout(options.wait_timeout)
            .sqlx_logging(false);
        sqlite::configure(&mut connect, options);
        let db = Database::connect(connect).await?;
        let turn = (db.get_database_backend() == DbBackend::Sqlite).then(Arc::default);
        Ok(Self { db, turn })
    }

    /// Brings the tables up to date; gives a new database its identity.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        Migrator::up(&self.db, None).await?;
        self.found().await
    }

    /// Closes all connections, once every transaction under way has ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }

    async fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        }
    }

    /// Begins a transaction that may write.
    pub(crate) async fn write(&self) -> Result<Writing, StoreError> {
        let turn = self.turn().await;
        let options = TransactionOptions {
            // A deferred transaction that begins with a read fails at its first write if another one wrote
            // meanwhile.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Writing { db: self.db.begin_with_options(options).await?, _turn: turn })
    }

    /// Begins a transaction whose reads all see the same moment.
    pub(crate) async fn read(&self) -> Result<DatabaseTransaction, StoreError> {
        // Every transaction of SQLite is a snapshot.
        let isolation_level = (self.db.get_database_backend() == DbBackend::Postgres)
            .then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
        Ok(self.db.begin_with_options(options).await?)
    }
}

impl Writing {
    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.db.commit().await?)
    }
}
