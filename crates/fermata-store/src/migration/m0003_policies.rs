//! Policies: what owners stored for servers, and for groups of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_policies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let policies = Table::create()
            .table("policies")
            .col(string("kind"))
            .col(string("project"))
            .col(string("id"))
            .col(big_integer("revision"))
            .col(big_integer("updated_at"))
            .col(text("body"))
            .primary_key(Index::create().col("kind").col("project").col("id"))
            .take();
        manager.create_table(policies).await?;
        let index =
            Index::create().table("policies").name("ix_policies_project").col("project").take();
        manager.create_index(index).await
    }
}
