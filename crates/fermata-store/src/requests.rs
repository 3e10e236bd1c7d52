//! Request ids: what a caller asked for and was answered, so that a repeated request gets the same answer.

use fermata_core::Time;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::request;
use crate::error::{StoreError, is_duplicate};
use crate::rows::micros;
use crate::store::Store;

/// A request that was carried out, and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Who asked: the principal, and the project for which it did.
    pub caller: String,
    /// The id that the caller gave the request.
    pub id: String,
    /// A digest of what was asked.
    pub digest: Vec<u8>,
    /// What was answered, encoded.
    pub response: Vec<u8>,
}

impl Store {
    /// What this caller asked for under this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn request(
        &self,
        caller: &str,
        id: &str,
    ) -> Result<Option<RequestRecord>, StoreError> {
        let key = (caller.to_owned(), id.to_owned());
        let row = request::Entity::find_by_id(key).one(&self.db()).await?;
        Ok(row.map(|row| RequestRecord {
            caller: row.caller,
            id: row.id,
            digest: row.digest,
            response: row.response,
        }))
    }

    /// Notes a request that had nothing to change.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn note_request(&self, request: RequestRecord, now: Time) -> Result<(), StoreError> {
        let writing = self.write("note_request").await?;
        note(&writing.db, Some(&request), now).await?;
        writing.commit().await
    }

    /// Forgets requests of before this time; returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_requests(&self, before: Time) -> Result<u64, StoreError> {
        let writing = self.write("prune_requests").await?;
        let deleted = request::Entity::delete_many()
            .filter(request::Column::At.lt(micros(before)))
            .exec(&writing.db)
            .await?;
        writing.commit().await?;
        Ok(deleted.rows_affected)
    }
}

/// Notes a request. It comes first in a transaction: the answer to a repeated request is the first one's,
/// whatever else stands in its way by now.
pub(crate) async fn note<C: ConnectionTrait>(
    db: &C,
    request: Option<&RequestRecord>,
    now: Time,
) -> Result<(), StoreError> {
    let Some(RequestRecord { caller, id, digest, response }) = request.cloned() else {
        return Ok(());
    };
    let row = request::Model { caller, id, digest, response, at: micros(now) };
    match request::Entity::insert(row.into_active_model()).exec_without_returning(db).await {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(StoreError::RequestExists),
        Err(error) => Err(error.into()),
    }
}
