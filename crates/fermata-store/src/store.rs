//! The handle: opening a database, bringing its tables up to date, and the two kinds of transactions.

use std::sync::Arc;
use std::time::Duration;

use fermata_core::boundary::{Boundaries, Boundary};
use fermata_core::quota::Quotas;
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::clock::DatabaseClock;
use crate::condition::Condition;
use crate::connection::{Bounded, Pool};
use crate::error::StoreError;
use crate::migration;
use crate::sessions::Over;
use crate::sqlite::OpenedFile;
use crate::{postgres, sqlite};

/// How to use a database.
#[derive(Clone)]
pub struct Options {
    /// Connections at most. An in-memory SQLite database always has one.
    pub max_connections: u32,
    /// How long to wait for a free connection, for a lock that another process holds, or for an answer. PostgreSQL ends
    /// a transaction in which nothing happens for a tenth of that.
    pub wait_timeout: Duration,
    /// The clock of leases.
    pub clock: DatabaseClock,
    /// How much may be kept.
    pub quotas: Quotas,
    /// Hears of every commit.
    pub boundaries: Option<Arc<dyn Boundaries>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_connections: 8,
            wait_timeout: Duration::from_secs(10),
            clock: DatabaseClock::Database,
            quotas: Quotas::default(),
            boundaries: None,
        }
    }
}

/// Everything that must survive a crash. Clones share one database.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// SQLite has one writer at a time: writers queue here instead of polling for its lock.
    turn: Option<Arc<Mutex<()>>>,
    /// The file of an SQLite database.
    file: Option<Arc<OpenedFile>>,
    pub(crate) clock: DatabaseClock,
    boundaries: Option<Arc<dyn Boundaries>>,
    max_connections: u32,
    pub(crate) quotas: Quotas,
    /// How many sessions are over.
    pub(crate) over: Over,
}

/// A transaction that may write. Dropped without [`Writing::commit`], it leaves nothing behind.
pub(crate) struct Writing {
    // Ends before the turn does.
    pub(crate) db: Bounded<DatabaseTransaction>,
    _turn: Option<OwnedMutexGuard<()>>,
    what: &'static str,
    store: Store,
}

/// Figures of the pool of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Connections {
    /// In use now.
    pub in_use: u32,
    /// Open and not in use.
    pub idle: u32,
    /// At most open at once.
    pub limit: u32,
}

impl Store {
    /// Opens a database: `sqlite:///path/file.db?mode=rwc`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Hopeless`] if the URL or the file can never be used; [`StoreError::Unavailable`],
    /// [`StoreError::Database`] as the database says.
    pub async fn connect(url: &str, options: &Options) -> Result<Self, StoreError> {
        let mut connect = ConnectOptions::new(url);
        connect
            .max_connections(options.max_connections)
            .acquire_timeout(options.wait_timeout)
            .sqlx_logging(false);
        sqlite::configure(&mut connect, options);
        postgres::configure(&mut connect, options);
        let max_connections = connect.get_max_connections().unwrap_or(options.max_connections);
        postgres::reach(url, options.wait_timeout).await?;
        sqlite::make(url, options).await?;
        let pool = Pool::connect(connect, options.wait_timeout).await?;
        let file = sqlite::opened(url, &pool.raw())?.map(Arc::new);
        let turn = (pool.backend() == DbBackend::Sqlite).then(Arc::default);
        let (clock, boundaries) = (options.clock.clone(), options.boundaries.clone());
        let quotas = options.quotas;
        let over = Over::default();
        Ok(Self { pool, turn, file, clock, boundaries, max_connections, quotas, over })
    }

    /// How much may be kept.
    pub fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    /// Brings the tables up to date; gives a new database its identity. Several processes may do it at once.
    ///
    /// # Errors
    /// [`StoreError::Hopeless`] if only a newer release can use the database; [`StoreError::Unavailable`],
    /// [`StoreError::Database`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let _alone = postgres::alone(&self.raw()).await?;
        migration::migrate(&self.raw()).await?;
        self.found().await?;
        migration::note_needed(&self.db()).await
    }

    /// Whether other processes may use the database at the same time.
    pub fn is_shared(&self) -> bool {
        self.pool.backend() == DbBackend::Postgres
    }

    /// Figures of the pool of connections.
    pub fn connections(&self) -> Connections {
        let raw = self.raw();
        let (size, idle) = if self.is_shared() {
            let pool = raw.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        } else {
            let pool = raw.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        };
        let idle = u32::try_from(idle).unwrap_or(size).min(size);
        Connections { in_use: size - idle, idle, limit: self.max_connections }
    }

    /// Closes all connections, once every transaction under way has ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.pool.close().await?)
    }

    /// Any connection, for single statements.
    pub(crate) fn db(&self) -> Bounded<DatabaseConnection> {
        self.pool.db()
    }

    /// The pool itself, for what only its driver offers.
    pub(crate) fn raw(&self) -> DatabaseConnection {
        self.pool.raw()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.pool.backend()
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> Option<&OpenedFile> {
        self.file.as_deref()
    }

    /// What the last uses say of the database.
    pub(crate) fn condition(&self) -> &Condition {
        self.pool.condition()
    }

    pub(crate) async fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        }
    }

    /// Begins a transaction that may write. `what` it does is its name at the boundaries.
    pub(crate) async fn write(&self, what: &'static str) -> Result<Writing, StoreError> {
        let turn = self.turn().await;
        let options = TransactionOptions {
            // A deferred transaction that begins with a read fails at its first write if another one wrote
            // meanwhile.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.is_there()?;
        let db = self.pool.begin(options).await?;
        Ok(Writing { db, _turn: turn, what, store: self.clone() })
    }

    /// Begins a transaction whose reads all see the same moment.
    pub(crate) async fn read(&self) -> Result<Bounded<DatabaseTransaction>, StoreError> {
        // Every transaction of SQLite is a snapshot.
        let isolation_level =
            (self.backend() == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
        Ok(self.pool.begin(options).await?)
    }
}

impl Writing {
    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let Self { db, _turn, what, store } = self;
        if let Some(boundaries) = &store.boundaries {
            boundaries.cross(Boundary::BeforeCommit(what)).await;
        }
        db.commit().await?;
        // It may have gone to a file that nobody will find again.
        store.is_there()?;
        if let Some(boundaries) = &store.boundaries {
            boundaries.cross(Boundary::AfterCommit(what)).await;
        }
        Ok(())
    }
}

/// Does a transaction again that lost against another one through no fault of its own: the database ended it
/// because the two waited for each other, or because it could not be put into any order with others.
macro_rules! retrying {
    ($body:expr) => {{
        let mut tries = 0;
        loop {
            let result: Result<_, $crate::error::StoreError> = async { $body }.await;
            match result {
                Err(error) if error.is_lost_race() && tries < 8 => {
                    tries += 1;
                    let pause = rand::random_range(0..(1_u64 << tries));
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                result => break result,
            }
        }
    }};
}
pub(crate) use retrying;
