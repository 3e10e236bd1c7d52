//! Requests that were carried out.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(column_type = "Blob")]
    pub digest: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub response: Vec<u8>,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
