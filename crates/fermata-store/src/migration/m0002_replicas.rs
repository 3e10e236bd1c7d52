//! Replicas: who is alive, who works on which session under which epoch, and when nobody was there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, uuid, uuid_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_replicas"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let replicas = Table::create()
            .table("replicas")
            .col(uuid("id").primary_key())
            .col(big_integer("until"))
            .take();
        manager.create_table(replicas).await?;
        let outages = Table::create()
            .table("outages")
            .col(big_integer("number").primary_key())
            .col(big_integer("since"))
            .col(big_integer("until"))
            .take();
        manager.create_table(outages).await?;
        // SQLite takes one column at a time.
        for column in [uuid_null("owner"), big_integer("epoch").default(0).take()] {
            let alter = Table::alter().table("sessions").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
