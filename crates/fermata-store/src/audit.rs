//! The audit trail: one record per transition of a session.

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::machine::Audit;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::audit;
use crate::error::StoreError;
use crate::rows::{actor, time, unsigned};
use crate::store::Store;

/// Who did what to a session, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The session's revision after it.
    pub revision: u64,
    /// When.
    pub at: Time,
    /// Who, what and why.
    pub audit: Audit,
}

impl Store {
    /// Every change of a session, oldest first; empty if there is no such session.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn audit_of(&self, session: SessionId) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = audit::Entity::find()
            .filter(audit::Column::SessionId.eq(session.0))
            .order_by_asc(audit::Column::Revision)
            .all(&self.db())
            .await?;
        rows.into_iter().map(AuditRecord::try_from).collect()
    }
}

impl TryFrom<audit::Model> for AuditRecord {
    type Error = StoreError;

    fn try_from(row: audit::Model) -> Result<Self, StoreError> {
        Ok(Self {
            revision: unsigned(row.revision)?,
            at: time(row.at)?,
            audit: Audit { actor: actor(&row.actor)?, action: row.action, reason: row.reason },
        })
    }
}
