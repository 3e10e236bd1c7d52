//! How a host stands, as it was told last. Hosts that the cloud does not list any more keep their row.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "host_states")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
    /// Rises with every change. Whoever read the cloud before a change does not write over it.
    pub revision: i64,
    /// JSON of `Standing`.
    #[sea_orm(column_type = "Text")]
    pub body: String,
}

impl ActiveModelBehavior for ActiveModel {}
