//! The store itself; exactly one row.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub store_id: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub key: Vec<u8>,
    /// Microseconds since 1970, as every time here.
    pub beat_at: Option<i64>,
    /// The number of the newest migration that a release must have to use the tables.
    pub needed_migration: i32,
}

impl ActiveModelBehavior for ActiveModel {}
