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
