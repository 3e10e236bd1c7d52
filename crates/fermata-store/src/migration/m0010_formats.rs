//! Releases beside each other: each session has the format of its rows, and the store says which releases can use it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::integer;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_formats"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let format = integer("format").default(1).take();
        let sessions = Table::alter().table("sessions").add_column(format).take();
        manager.alter_table(sessions).await?;
        let needed = integer("needed_migration").default(0).take();
        let meta = Table::alter().table("meta").add_column(needed).take();
        manager.alter_table(meta).await
    }
}
