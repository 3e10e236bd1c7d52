//! The audit trail is a chain in a table of its own, which nothing refers to. What was asked for until now is the beginning of
//! it; what Fermata did by itself is in events, and is left out. The table `audit` stays: replicas of the release before write to it
//! during an upgrade. Nothing reads it any more, and a later release drops it.

use fermata_core::actor::Who;
use fermata_core::audit::{Action, Change, Entry, Head, Record, Resource};
use fermata_core::id::{ProjectId, SessionId};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob, integer, string, text};
use sea_orm_migration::sea_orm::{QueryResult, Statement};
use uuid::Uuid;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on every database.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(records()).await?;
        for column in ["resource", "at"] {
            let name = format!("audit_records_{column}");
            let index = Index::create().name(name).table("audit_records").col(column).take();
            manager.create_index(index).await?;
        }
        let chain = Table::create()
            .table("audit_chain")
            .col(integer("id").primary_key())
            .col(big_integer("last"))
            .col(blob("hash"))
            .take();
        manager.create_table(chain).await?;
        let db = manager.get_connection();
        let asked = "SELECT session_id, at, actor, action, reason FROM audit WHERE actor <> 'fermata' \
                     ORDER BY at, session_id, revision";
        let asked = Statement::from_string(db.get_database_backend(), asked);
        let mut head = Head::default();
        for row in db.query_all_raw(asked).await? {
            let Some((entry, at)) = entry(&row)? else { continue };
            let record = Record::after(&head, &entry, Change::default(), at);
            head = Head { sequence: record.sequence, hash: record.hash.clone() };
            db.execute(&insert(record)?).await?;
        }
        let last = Query::insert()
            .into_table("audit_chain")
            .columns(["id", "last", "hash"])
            .values([1.into(), head.sequence.cast_signed().into(), head.hash.into()])
            .map_err(|error| DbErr::Custom(error.to_string()))?
            .take();
        db.execute(&last).await?;
        Ok(())
    }
}

fn records() -> TableCreateStatement {
    Table::create()
        .table("audit_records")
        .col(big_integer("sequence").primary_key())
        .col(big_integer("at"))
        .col(string("principal"))
        .col(string("role"))
        .col(integer("action"))
        .col(integer("resource_kind"))
        .col(string("project"))
        .col(string("resource"))
        .col(text("detail"))
        .col(text("reason"))
        .col(blob("before_digest"))
        .col(blob("after_digest"))
        .col(blob("previous_hash"))
        .col(blob("hash"))
        .take()
}

/// What was recorded, as it is recorded now; `None` if nobody can say any more what it was.
fn entry(row: &QueryResult) -> Result<Option<(Entry, i64)>, DbErr> {
    let id: Uuid = row.try_get("", "session_id")?;
    let (at, actor): (i64, String) = (row.try_get("", "at")?, row.try_get("", "actor")?);
    let (what, reason): (String, String) = (row.try_get("", "action")?, row.try_get("", "reason")?);
    let Ok(who) = actor.parse::<Who>() else { return Ok(None) };
    let commands = [
        ("create", Action::CreateSession),
        ("start", Action::StartSession),
        ("pause", Action::PauseSession),
        ("resume", Action::ResumeSession),
        ("cancel", Action::CancelSession),
        ("update ", Action::UpdateSession),
        ("complete host ", Action::CompleteHost),
        ("fail host ", Action::FailHost),
        ("skip host ", Action::SkipHost),
        ("retry host, overriding owners ", Action::RetryHostOverridingOwners),
        ("retry host ", Action::RetryHost),
        ("reply ", Action::Reply),
    ];
    let found = commands.into_iter().find_map(|(command, action)| {
        let detail = what.strip_prefix(command)?;
        (command.ends_with(' ') || detail.is_empty()).then(|| (action, detail.to_owned()))
    });
    let Some((action, detail)) = found else { return Ok(None) };
    let resource = match (action, who.principal.as_str().strip_prefix("project/")) {
        (Action::Reply, Some(project)) => {
            Resource::session_by(&ProjectId::from(project), SessionId(id))
        }
        _ => Resource::session(SessionId(id)),
    };
    Ok(Some((Entry { who, action, resource, detail, reason }, at)))
}

fn insert(record: Record) -> Result<InsertStatement, DbErr> {
    let columns = [
        "sequence",
        "at",
        "principal",
        "role",
        "action",
        "resource_kind",
        "project",
        "resource",
        "detail",
        "reason",
        "before_digest",
        "after_digest",
        "previous_hash",
        "hash",
    ];
    let values: [Expr; 14] = [
        record.sequence.cast_signed().into(),
        record.at_micros.into(),
        record.principal.into(),
        record.role.into(),
        record.action.into(),
        record.resource_kind.into(),
        record.project.into(),
        record.resource.into(),
        record.detail.into(),
        record.reason.into(),
        record.before.into(),
        record.after.into(),
        record.previous.into(),
        record.hash.into(),
    ];
    let mut insert = Query::insert();
    let insert = insert.into_table("audit_records").columns(columns).values(values);
    Ok(insert.map_err(|error| DbErr::Custom(error.to_string()))?.take())
}
