//! The log.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// Events outlive their session in the topics of others.
    pub session_id: Option<Uuid>,
    pub at: i64,
    #[sea_orm(column_type = "Blob")]
    pub payload: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
