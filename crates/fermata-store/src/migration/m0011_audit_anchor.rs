//! The oldest records of the audit trail may be deleted: the last one that was is noted, so that the rest can be verified.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_audit_anchor"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            big_integer("pruned").default(0).take(),
            blob_null("pruned_hash"),
            big_integer("pruned_at").default(0).take(),
        ];
        for column in columns {
            let chain = Table::alter().table("audit_chain").add_column(column).take();
            manager.alter_table(chain).await?;
        }
        Ok(())
    }
}
