//! A session: what is searched for, its figures and its head.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    pub state: String,
    /// Not at its end.
    pub active: bool,
    pub created_at: i64,
    pub window_end: i64,
    /// JSON of `Progress`.
    #[sea_orm(column_type = "Text")]
    pub progress: String,
    /// JSON of `Head`.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// The replica that works on it.
    pub owner: Option<Uuid>,
    /// Rises whenever another replica begins to work on it; who has read another one may not write.
    pub epoch: i64,
    /// What its rows may hold. Kept from creation on; a release works on those that it knows.
    pub format: i32,
}

impl ActiveModelBehavior for ActiveModel {}
