//! Request ids belong to principals: `PRINCIPAL`, with a second line `project/ID` if the request names a project. Until now
//! whoever reached the port was the operator, or the owner of the project that it named; its principal is `loopback`.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_principals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(
            "UPDATE requests SET caller = CASE WHEN caller = 'operator' THEN 'loopback' \
             ELSE 'loopback\n' || caller END",
        )
        .await?;
        Ok(())
    }
}
