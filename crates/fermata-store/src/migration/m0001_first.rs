//! The first tables. Names are written out: entities change with later migrations, this does not.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, integer, string, text, uuid, uuid_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("meta")
            .col(integer("id").primary_key())
            .col(uuid("store_id"))
            .col(blob("key"))
            .col(big_integer_null("beat_at"))
            .take(),
        Table::create()
            .table("sessions")
            .col(uuid("id").primary_key())
            .col(big_integer("revision"))
            .col(string("state"))
            .col(boolean("active"))
            .col(big_integer("created_at"))
            .col(big_integer("window_end"))
            .col(text("progress"))
            .col(text("body"))
            .take(),
        Table::create()
            .table("session_hosts")
            .col(uuid("session_id"))
            .col(string("host"))
            .col(string("state"))
            .col(boolean("active"))
            .col(text("body"))
            .primary_key(Index::create().col("session_id").col("host"))
            .foreign_key(&mut of_session("session_hosts"))
            .take(),
        Table::create()
            .table("session_servers")
            .col(uuid("session_id"))
            .col(string("host"))
            .col(string("server"))
            .col(string("project"))
            .col(text("body"))
            .primary_key(Index::create().col("session_id").col("host").col("server"))
            .foreign_key(&mut of_session("session_servers"))
            .take(),
        Table::create()
            .table("notifications")
            .col(uuid("id").primary_key())
            .col(uuid("session_id"))
            .col(string("project"))
            .col(string("state"))
            .col(big_integer("created_at"))
            .col(text("body"))
            .foreign_key(&mut of_session("notifications"))
            .take(),
        Table::create()
            .table("audit")
            .col(uuid("session_id"))
            .col(big_integer("revision"))
            .col(big_integer("at"))
            .col(string("actor"))
            .col(text("action"))
            .col(text("reason"))
            .primary_key(Index::create().col("session_id").col("revision"))
            .foreign_key(&mut of_session("audit"))
            .take(),
        Table::create()
            .table("topics")
            .col(string("topic").primary_key())
            .col(big_integer("last"))
            .take(),
        Table::create()
            .table("events")
            .col(string("topic"))
            .col(big_integer("sequence"))
            .col(uuid_null("session_id"))
            .col(big_integer("at"))
            .col(blob("payload"))
            .primary_key(Index::create().col("topic").col("sequence"))
            .take(),
        Table::create()
            .table("subscriptions")
            .col(uuid("id").primary_key())
            .col(string("project"))
            .col(text("display_name"))
            .col(big_integer("acknowledged_sequence"))
            .col(big_integer_null("acknowledged_at"))
            .col(big_integer("created_at"))
            .take(),
        Table::create()
            .table("requests")
            .col(string("caller"))
            .col(string("id"))
            .col(blob("digest"))
            .col(blob("response"))
            .col(big_integer("at"))
            .primary_key(Index::create().col("caller").col("id"))
            .take(),
    ]
}

/// Rows of a session go with it.
fn of_session(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_session"))
        .from(table, "session_id")
        .to("sessions", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("sessions", "ix_sessions_active", &["id"]).cond_where(Expr::col("active")).take(),
        index("sessions", "ix_sessions_created", &["created_at", "id"]),
        // A host belongs to at most one active session.
        index("session_hosts", "ux_session_hosts_active", &["host"])
            .unique()
            .cond_where(Expr::col("active"))
            .take(),
        index("session_hosts", "ix_session_hosts_host", &["host"]),
        index("session_hosts", "ix_session_hosts_state", &["state"]),
        index("session_servers", "ix_session_servers_project", &["session_id", "project"]),
        index("notifications", "ix_notifications_session", &["session_id", "project"]),
        index("notifications", "ix_notifications_project", &["project", "created_at", "id"]),
        index("events", "ix_events_at", &["at"]),
        index("subscriptions", "ix_subscriptions_project", &["project", "created_at", "id"]),
        index("subscriptions", "ix_subscriptions_created", &["created_at", "id"]),
        index("requests", "ix_requests_at", &["at"]),
    ]
}

fn index(
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.table(table).name(name);
    for column in columns {
        index.col(*column);
    }
    index
}
