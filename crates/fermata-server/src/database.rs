//! What is done with a database while no server uses it.

use fermata_store::{InUse, Options, Store, StoreError};
use thiserror::Error;

/// Why it was not done. Nothing was changed.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// A server uses the database.
    #[error(
        "a server uses the database: stop all replicas first, and wait until their lease is out"
    )]
    InUse,
    /// The lock of an SQLite database cannot be taken.
    #[error("the lock file beside the database cannot be used: {0}")]
    Claim(#[from] std::io::Error),
    /// The database cannot be used.
    #[error("the database cannot be used: {}", crate::causes::chain(.0))]
    Store(StoreError),
    /// Only files of SQLite are made anew.
    #[error("only SQLite needs that; PostgreSQL makes room by itself (autovacuum)")]
    NotSqlite,
}

impl From<InUse> for DatabaseError {
    fn from(InUse: InUse) -> Self {
        Self::InUse
    }
}

impl From<StoreError> for DatabaseError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Conflict) { Self::InUse } else { Self::Store(error) }
    }
}

/// Makes another store of a database that was restored from a back-up, so that clients, whose positions may be ahead
/// of it, begin with a snapshot. Gives its new id.
///
/// # Errors
/// A server uses the database, or it cannot be used.
pub async fn restored(database_url: &str) -> Result<uuid::Uuid, DatabaseError> {
    fermata_store::examine(database_url).await?;
    let _claim = fermata_store::claim(database_url)??;
    let store = Store::connect(database_url, &Options::default()).await?;
    store.migrate().await?;
    let identity = store.restored().await?;
    store.close().await?;
    Ok(identity.store_id)
}

/// Makes the file of an SQLite database anew, without free space, and such that it becomes smaller by itself from now on. Gives
/// its size in bytes before and after.
///
/// # Errors
/// A server uses the database, it cannot be used, or it is none of SQLite.
pub async fn vacuum(database_url: &str) -> Result<(u64, u64), DatabaseError> {
    fermata_store::examine(database_url).await?;
    let _claim = fermata_store::claim(database_url)??;
    let store = Store::connect(database_url, &Options::default()).await?;
    let before = store.space().await?.ok_or(DatabaseError::NotSqlite)?;
    store.vacuum().await?;
    let after = store.space().await?.ok_or(DatabaseError::NotSqlite)?;
    store.close().await?;
    Ok((before.total, after.total))
}
