//! The audit trail. No other table refers to it, and it refers to none: it outlives everything.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub at: i64,
    pub principal: String,
    pub role: String,
    /// The number of the contract.
    pub action: i32,
    /// The number of the contract.
    pub resource_kind: i32,
    /// Empty: none.
    pub project: String,
    pub resource: String,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    #[sea_orm(column_type = "Blob")]
    pub before_digest: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub after_digest: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub previous_hash: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
