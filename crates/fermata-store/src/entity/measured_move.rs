//! How long a move took.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measured_moves")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub server: String,
    /// `live` or `cold`.
    pub kind: String,
    pub memory_mib: i64,
    pub millis: i64,
    pub ended_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
