//! A session's server on one of its hosts.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_servers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub server: String,
    pub project: String,
    /// JSON of `SessionServer`.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// The host to which the session moves it, or is about to.
    pub target: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
