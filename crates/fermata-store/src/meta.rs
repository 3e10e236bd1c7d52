//! The store itself: its identity.

use fermata_core::actor::{Role, Who};
use fermata_core::audit::{Action, Change, Entry, Resource, digest};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;

use crate::audit;
use crate::entity::{meta, replica, subscription};
use crate::error::StoreError;
use crate::rows::micros;
use crate::store::Store;

/// The key of the only row.
const ROW: i32 = 1;
/// Who acts on a database that no server uses.
const COMMAND_LINE: &str = "command-line";

/// What tells one store from another.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Given once, when the store was made.
    pub store_id: Uuid,
    /// A secret, for signing tokens that clients hold.
    pub key: [u8; 32],
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("store_id", &self.store_id).finish_non_exhaustive()
    }
}

impl Store {
    /// The store's identity; never changes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] before [`Store::migrate`]; [`StoreError::Corrupt`],
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn identity(&self) -> Result<Identity, StoreError> {
        let row = self.row().await?.ok_or(StoreError::NotFound)?;
        let key = row
            .key
            .try_into()
            .map_err(|_| StoreError::corrupt("the store's key", "it must have 32 bytes"))?;
        Ok(Identity { store_id: row.store_id, key })
    }

    /// The store was restored from a back-up: it becomes another one. Sequence numbers after the back-up will be given
    /// again to other events, so positions that clients hold must not count any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a replica is alive; [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn restored(&self) -> Result<Identity, StoreError> {
        let identity = Identity { store_id: new_id(), key: rand::random() };
        let writing = self.write("restored").await?;
        let now = self.clock.now(&writing.db).await?;
        let living = replica::Entity::find().filter(replica::Column::Until.gt(micros(now)));
        // Whoever has claimed the file of an SQLite database knows that it is alone.
        if self.is_shared() && living.count(&writing.db).await? > 0 {
            return Err(StoreError::Conflict);
        }
        let before = self.row_in(&writing.db).await?.map(|row| row.store_id);
        meta::Entity::update_many()
            .col_expr(meta::Column::StoreId, Expr::value(identity.store_id))
            .col_expr(meta::Column::Key, Expr::value(identity.key.to_vec()))
            .exec(&writing.db)
            .await?;
        // What was acknowledged since the back-up is gone with it: consumers begin with a snapshot, too.
        subscription::Entity::update_many()
            .col_expr(subscription::Column::AcknowledgedSequence, Expr::value(0_i64))
            .col_expr(subscription::Column::AcknowledgedAt, Expr::value(None::<i64>))
            .exec(&writing.db)
            .await?;
        let entry = Entry {
            who: Who::new(COMMAND_LINE, Role::Administrator),
            action: Action::RestoreDatabase,
            resource: Resource::database(identity.store_id),
            detail: String::new(),
            reason: String::new(),
        };
        let store = |id: Uuid| digest([id.to_string().as_str()]);
        let change = Change { before: before.and_then(store), after: store(identity.store_id) };
        audit::record(&writing.db, &entry, change, now).await?;
        writing.commit().await?;
        Ok(identity)
    }

    /// Gives a new store its identity.
    pub(crate) async fn found(&self) -> Result<(), StoreError> {
        let key: [u8; 32] = rand::random();
        let row = meta::Model {
            id: ROW,
            store_id: new_id(),
            key: key.to_vec(),
            beat_at: None,
            needed_migration: 0,
        };
        let insert = meta::Entity::insert(row.into_active_model()).on_conflict_do_nothing();
        insert.exec_without_returning(&self.db()).await?;
        Ok(())
    }

    async fn row(&self) -> Result<Option<meta::Model>, StoreError> {
        self.row_in(&self.db()).await
    }

    async fn row_in<C: ConnectionTrait>(&self, db: &C) -> Result<Option<meta::Model>, StoreError> {
        Ok(meta::Entity::find_by_id(ROW).one(db).await?)
    }
}

fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}
