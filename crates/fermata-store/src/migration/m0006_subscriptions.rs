//! Subscriptions have ids that owners choose, a filter, and a revision. Those that there are keep their UUIDs as ids.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, text};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_subscriptions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let renamed = Table::rename().table("subscriptions", "old_subscriptions").take();
        manager.rename_table(renamed).await?;
        let table = Table::create()
            .table("subscriptions")
            .col(string("project"))
            .col(string("id"))
            .col(big_integer("revision"))
            .col(text("display_name"))
            .col(text("filter"))
            .col(big_integer("acknowledged_sequence"))
            .col(big_integer_null("acknowledged_at"))
            .col(big_integer_null("connected_at"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .primary_key(Index::create().name("pk_subscriptions").col("project").col("id"))
            .take();
        manager.create_table(table).await?;
        let db = manager.get_connection();
        let id = if manager.get_database_backend() == DbBackend::Postgres {
            "CAST(id AS text)"
        } else {
            // A column of type uuid_text holds the sixteen bytes.
            "lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || \
             substr(hex(id), 17, 4) || '-' || substr(hex(id), 21))"
        };
        db.execute_unprepared(&format!(
            "INSERT INTO subscriptions (project, id, revision, display_name, filter, acknowledged_sequence, \
             acknowledged_at, connected_at, created_at, updated_at) \
             SELECT project, {id}, created_at, display_name, '{{}}', acknowledged_sequence, acknowledged_at, NULL, \
             created_at, created_at FROM old_subscriptions"
        ))
        .await?;
        manager.drop_table(Table::drop().table("old_subscriptions").take()).await
    }
}
