//! The ledger: who is impacted, and accounts by which that is judged. Where sessions are about to move servers to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, string_null, uuid_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let accounts = Table::create()
            .table("accounts")
            .col(string("project").primary_key())
            .col(big_integer("revision"))
            .take();
        manager.create_table(accounts).await?;
        let impacts = Table::create()
            .table("impacts")
            .col(string("project"))
            .col(string("server"))
            .col(string("cause"))
            .col(uuid_null("session_id"))
            .col(big_integer("began_at"))
            .col(big_integer_null("ended_at"))
            .primary_key(Index::create().col("project").col("server").col("cause"))
            .take();
        manager.create_table(impacts).await?;
        let target =
            Table::alter().table("session_servers").add_column(string_null("target")).take();
        manager.alter_table(target).await?;
        let index = Index::create()
            .table("impacts")
            .name("ix_impacts_ended")
            .col("project")
            .col("ended_at")
            .take();
        manager.create_index(index).await
    }
}
