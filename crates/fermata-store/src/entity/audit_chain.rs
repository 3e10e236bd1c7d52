//! The ends of the audit trail: one row, which whoever adds a record locks last.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_chain")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub last: i64,
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
    /// The last record that was deleted; 0: none was.
    pub pruned: i64,
    /// Its hash.
    #[sea_orm(column_type = "Blob", nullable)]
    pub pruned_hash: Option<Vec<u8>>,
    /// When it was deleted.
    pub pruned_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
