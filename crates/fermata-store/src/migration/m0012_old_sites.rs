//! Indexes for sites with hundreds of thousands of sessions that are over: lists and counts by state, what is old enough to go.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_old_sites"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            index("sessions", "ix_sessions_state", &["state", "created_at", "id"]),
            index("sessions", "ix_sessions_window", &["window_end"]),
            index("impacts", "ix_impacts_over", &["ended_at"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
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
