//! An owner's subscription.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub revision: i64,
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    /// A [`crate::SubscriptionFilter`].
    #[sea_orm(column_type = "Text")]
    pub filter: String,
    pub acknowledged_sequence: i64,
    pub acknowledged_at: Option<i64>,
    pub connected_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
