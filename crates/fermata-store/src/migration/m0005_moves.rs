//! How long moves took, and where those go that the ledger knows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, uuid};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_moves"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let moves = Table::create()
            .table("measured_moves")
            .col(uuid("session_id"))
            .col(string("host"))
            .col(string("server"))
            .col(string("kind"))
            .col(big_integer("memory_mib"))
            .col(big_integer("millis"))
            .col(big_integer("ended_at"))
            .primary_key(Index::create().col("session_id").col("host").col("server"))
            .take();
        manager.create_table(moves).await?;
        let target = Table::alter().table("impacts").add_column(string_null("target")).take();
        manager.alter_table(target).await?;
        let index = Index::create()
            .table("measured_moves")
            .name("ix_measured_moves_ended")
            .col("ended_at")
            .take();
        manager.create_index(index).await
    }
}
