//! A server is impacted, or was; or its owner is asked to scale in by it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "impacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub server: String,
    /// `session`, `fault` or `scale_in`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cause: String,
    pub session_id: Option<Uuid>,
    pub began_at: i64,
    /// NULL: it is under way.
    pub ended_at: Option<i64>,
    /// The host to which it is moved.
    pub target: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
