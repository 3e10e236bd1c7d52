//! The way to the database: a pool, and a limit for every statement. A network that swallows packets makes a
//! connection hang for minutes; then all connections are given up for new ones. After a statement that failed for
//! reasons of the database, none that was open is used again, and the store is in trouble until a write succeeds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::async_trait;

use crate::condition::Condition;
use crate::error::{Blame, blame};
use crate::fitness::Fitness;

/// A pool that is replaced when it hangs. Clones share it.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    options: ConnectOptions,
    limit: Duration,
    backend: DbBackend,
    fitness: Fitness,
    condition: Condition,
    current: RwLock<(u64, DatabaseConnection)>,
}

impl Pool {
    pub(crate) async fn connect(
        mut options: ConnectOptions,
        limit: Duration,
    ) -> Result<Self, DbErr> {
        let fitness = Fitness::default();
        let (for_sqlite, for_postgres) = (fitness.clone(), fitness.clone());
        options
            .map_sqlx_sqlite_pool_opts(move |options| for_sqlite.check_sqlite(options))
            .map_sqlx_postgres_pool_opts(move |options| for_postgres.check_postgres(options));
        let db = bounded(limit, Database::connect(options.clone())).await?;
        let backend = db.get_database_backend();
        let condition = Condition::default();
        let current = RwLock::new((0, db));
        let inner = Inner { options, limit, backend, fitness, condition, current };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the last uses say of the database.
    pub(crate) fn condition(&self) -> &Condition {
        &self.inner.condition
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.inner.backend
    }

    fn current(&self) -> (u64, DatabaseConnection) {
        self.inner.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pool as it is now, for what only its driver offers.
    pub(crate) fn raw(&self) -> DatabaseConnection {
        self.current().1
    }

    /// Any connection, for single statements.
    pub(crate) fn db(&self) -> Bounded<DatabaseConnection> {
        let (generation, db) = self.current();
        Bounded { db, generation, pool: self.clone(), failed: None }
    }

    /// A transaction on a connection of its own.
    pub(crate) async fn begin(
        &self,
        options: TransactionOptions,
    ) -> Result<Bounded<DatabaseTransaction>, DbErr> {
        let (generation, db) = self.current();
        // On a task of its own: a caller that goes away while it begins would leave an open transaction on the
        // connection for the next one.
        let begin = tokio::spawn(async move { db.begin_with_options(options).await });
        let begun = async {
            begin
                .await
                .unwrap_or_else(|error| Err(DbErr::Conn(RuntimeErr::Internal(error.to_string()))))
        };
        let db = self.watched(generation, begun).await?;
        Ok(Bounded { db, generation, pool: self.clone(), failed: Some(AtomicBool::new(false)) })
    }

    pub(crate) async fn close(self) -> Result<(), DbErr> {
        self.raw().close().await
    }

    async fn watched<T>(
        &self,
        generation: u64,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let done = if let Ok(done) = tokio::time::timeout(self.inner.limit, work).await {
            done
        } else {
            self.replace(generation);
            Err(timed_out(self.inner.limit))
        };
        if let Err(error) = &done {
            self.note(error);
        }
        done
    }

    /// Notes what an error says of the database.
    fn note(&self, error: &DbErr) {
        match blame(error) {
            Blame::Statement => {}
            Blame::Database => {
                self.inner.fitness.distrust();
                self.inner.condition.failed(error);
            }
            Blame::Damage => {
                self.inner.fitness.distrust();
                self.inner.condition.damaged(error);
            }
        }
    }

    /// Gives all connections up, once for each time that some of them hang.
    fn replace(&self, generation: u64) {
        if self.inner.backend != DbBackend::Postgres || self.current().0 != generation {
            return;
        }
        let pool = self.clone();
        tokio::spawn(async move {
            let mut options = pool.inner.options.clone();
            options.connect_lazy(true);
            let Ok(db) = Database::connect(options).await else { return };
            let mut current = pool.inner.current.write().unwrap_or_else(PoisonError::into_inner);
            if current.0 == generation {
                *current = (generation + 1, db);
            }
        });
    }
}

fn timed_out(limit: Duration) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!("no answer within {limit:?}")))
}

async fn bounded<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(timed_out(limit)))
}

/// A connection or transaction on which no statement takes longer than the limit.
pub(crate) struct Bounded<C> {
    db: C,
    generation: u64,
    pool: Pool,
    /// Of a transaction: a statement failed. The database may have rolled it back, and what follows would last by
    /// itself, statement by statement.
    failed: Option<AtomicBool>,
}

impl<C> Bounded<C> {
    async fn statement<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.may_go_on()?;
        let done = self.pool.watched(self.generation, work).await;
        if let (Err(_), Some(failed)) = (&done, &self.failed) {
            failed.store(true, Ordering::Relaxed);
        }
        done
    }

    fn may_go_on(&self) -> Result<(), DbErr> {
        match &self.failed {
            Some(failed) if failed.load(Ordering::Relaxed) => Err(DbErr::Custom(
                "a statement of this transaction failed; it can only be rolled back".to_owned(),
            )),
            Some(_) | None => Ok(()),
        }
    }
}

impl Bounded<DatabaseTransaction> {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.may_go_on()?;
        let Self { db, generation, pool, failed: _ } = self;
        pool.watched(generation, db.commit()).await
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.statement(self.db.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.statement(self.db.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.statement(self.db.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statement(self.db.query_all_raw(statement)).await
    }
}
