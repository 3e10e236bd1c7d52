//! The revision of a project's account in the ledger.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project: String,
    /// Rises with every impact that begins.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
