//! Which connections are used again. A connection whose transaction state is not known would answer OK to writes
//! that never last: SQLite rolls back by itself when the disk is full, the driver then counts one transaction too
//! many, and from there on opens savepoints in a transaction that nobody commits.
//!
//! So a connection is asked, when it comes back and before it is used again, whether it is between two
//! transactions; the database's own answer counts beside the driver's. Whatever was open when a write failed for more
//! than a lost race or a violated key is closed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::{
    self, Connection, Executor, PgConnection, Postgres, Row, Sqlite, SqliteConnection,
};

/// What SQLite answers to a rollback between two transactions.
const NOTHING_TO_ROLL_BACK: &str = "no transaction is active";

/// When connections stopped being trusted. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Fitness {
    distrusted_at: Arc<Mutex<Option<Instant>>>,
}

impl Fitness {
    /// Every connection that is open now is closed instead of being used again.
    pub(crate) fn distrust(&self) {
        let mut at = self.distrusted_at.lock().unwrap_or_else(PoisonError::into_inner);
        *at = Some(Instant::now());
    }

    fn trusts(&self, connection: &PoolConnectionMetadata) -> bool {
        let at = *self.distrusted_at.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_none_or(|at| connection.age < at.elapsed())
    }

    /// The check for SQLite, in place of the driver's ping.
    pub(crate) fn check_sqlite(&self, options: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
        let (before, after) = (self.clone(), self.clone());
        options
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let trusted = before.trusts(&meta);
                Box::pin(async move { Ok(trusted && is_fit_sqlite(connection).await?) })
            })
            // Here, too: one that is left in a transaction would keep the lock of all writers.
            .after_release(move |connection, meta| {
                let trusted = after.trusts(&meta);
                Box::pin(async move { Ok(trusted && is_fit_sqlite(connection).await?) })
            })
    }

    /// The check for PostgreSQL, in place of the driver's ping.
    pub(crate) fn check_postgres(&self, options: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
        let (before, after) = (self.clone(), self.clone());
        options
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let trusted = before.trusts(&meta);
                Box::pin(async move { Ok(trusted && is_fit_postgres(connection).await?) })
            })
            // A rollback that was begun is only finished by the ping that follows; PostgreSQL itself ends a transaction
            // in which nothing happens.
            .after_release(move |connection, meta| {
                let fit = after.trusts(&meta) && !connection.is_in_transaction();
                Box::pin(async move { Ok(fit) })
            })
    }
}

/// Whether it is between two transactions: for SQLite, which is asked first, because the rollback of a transaction that
/// was dropped may still be on its way; and for the driver.
async fn is_fit_sqlite(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // No SQL tells the mode of autocommit. A rollback does: it must find nothing to roll back.
    let idle = match connection.execute("ROLLBACK").await {
        Ok(_) => false,
        Err(sqlx::Error::Database(error)) => error.message().contains(NOTHING_TO_ROLL_BACK),
        Err(error) => return Err(error),
    };
    Ok(idle && !connection.is_in_transaction())
}

/// Whether it is between two transactions: in one, the time of the transaction is not that of the statement; in an
/// aborted one, there is an error.
async fn is_fit_postgres(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // Not prepared: the steps of a prepared statement have times of their own.
    let sql = "SELECT transaction_timestamp() = statement_timestamp()";
    let row = connection.fetch_one(sqlx::raw_sql(sql)).await?;
    Ok(row.try_get(0)? && !connection.is_in_transaction())
}

#[cfg(test)]
mod tests;
