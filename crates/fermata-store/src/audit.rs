//! The audit trail: a record for each write that somebody asked for, in the same transaction as the write.
//!
//! The end of the chain is one row. It is locked last, when a transaction has all its other locks, so that no two
//! transactions wait for each other.

use fermata_core::Time;
use fermata_core::audit::{Action, Change, Entry, Head, Record, ResourceKind, digest};
use fermata_core::cloud::Scheduling;
use fermata_core::id::ProjectId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait,
};

use crate::entity::{audit_chain, audit_record};
use crate::error::StoreError;
use crate::requests::RequestRecord;
use crate::rows::{encode, micros, signed, unsigned};
use crate::sessions::Order;
use crate::store::{Store, retrying};

/// The key of the only row of the chain.
const ROW: i32 = 1;

/// What is remembered of a write that somebody asked for.
pub struct Asked<'a, T> {
    /// What the audit trail says of it.
    pub entry: &'a Entry,
    /// The record of the request, given what is answered.
    pub record: &'a (dyn Fn(&T) -> Option<RequestRecord> + Sync),
    /// Now.
    pub now: Time,
}

impl<T> Clone for Asked<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<'_, T> {}

/// Which records to list. Every field that is set must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// By this principal.
    pub principal: Option<String>,
    /// Of one of these actions; empty: any.
    pub actions: Vec<Action>,
    /// Of resources of this kind.
    pub resource_kind: Option<ResourceKind>,
    /// Of the resource with this id.
    pub resource: Option<String>,
    /// For this project.
    pub project: Option<ProjectId>,
    /// Written at this time or later.
    pub since: Option<Time>,
    /// Written before this time.
    pub until: Option<Time>,
    /// By place in the chain.
    pub order: Order,
    /// After this place, in that order.
    pub after: Option<u64>,
    /// At most this many.
    pub limit: u64,
}

impl Store {
    /// Records of the audit trail, exactly as they are stored, whatever somebody may have done to them; and the end of the
    /// chain as it is noted, of the same moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_audit(&self, query: &AuditQuery) -> Result<(Vec<Record>, Head), StoreError> {
        use audit_record::Column;
        let mut select = audit_record::Entity::find().limit(query.limit);
        if let Some(principal) = &query.principal {
            select = select.filter(Column::Principal.eq(principal));
        }
        if !query.actions.is_empty() {
            let actions = query.actions.iter().map(|action| action.number());
            select = select.filter(Column::Action.is_in(actions));
        }
        if let Some(kind) = query.resource_kind {
            select = select.filter(Column::ResourceKind.eq(kind.number()));
        }
        if let Some(resource) = &query.resource {
            select = select.filter(Column::Resource.eq(resource));
        }
        if let Some(project) = &query.project {
            select = select.filter(Column::Project.eq(project.as_str()));
        }
        if let Some(since) = query.since {
            select = select.filter(Column::At.gte(micros(since)));
        }
        if let Some(until) = query.until {
            select = select.filter(Column::At.lt(micros(until)));
        }
        if let Some(after) = query.after {
            select = select.filter(match query.order {
                Order::NewestFirst => Column::Sequence.lt(signed(after)),
                Order::OldestFirst => Column::Sequence.gt(signed(after)),
            });
        }
        let select = select.order_by(Column::Sequence, query.order.sql());
        let db = self.read().await?;
        let rows = db.query_all(select.as_query()).await?;
        let head = audit_chain::Entity::find_by_id(ROW).one(&db).await?;
        let head = head.map(|row| Head { sequence: row.last.cast_unsigned(), hash: row.hash });
        // Without the row somebody has deleted it: then nothing fits it.
        let head = head.unwrap_or(Head { sequence: 0, hash: Vec::new() });
        Ok((rows.iter().map(read).collect(), head))
    }
}

impl Store {
    /// Records what somebody asked for that changes the cloud and nothing here: the scheduling of a host, before and after.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn record_asked(
        &self,
        entry: &Entry,
        (before, after): (&Scheduling, &Scheduling),
        now: Time,
    ) -> Result<(), StoreError> {
        let of = |scheduling| encode("scheduling", scheduling).map(|text| digest([&*text]));
        let change = Change { before: of(before)?, after: of(after)? };
        retrying!({
            let writing = self.write("audit").await?;
            record(&writing.db, entry, change, now).await?;
            writing.commit().await
        })
    }
}

/// Adds a record to the chain. It comes last in its transaction.
pub(crate) async fn record<C: ConnectionTrait>(
    db: &C,
    entry: &Entry,
    change: Change,
    now: Time,
) -> Result<(), StoreError> {
    let head = audit_chain::Entity::find_by_id(ROW).lock_exclusive().one(db).await?;
    let head = head.ok_or_else(|| {
        StoreError::corrupt("the end of the audit trail", "the row of audit_chain is gone")
    })?;
    let head = Head { sequence: unsigned(head.last)?, hash: head.hash };
    let record = Record::after(&head, entry, change, micros(now));
    audit_chain::Entity::update_many()
        .col_expr(audit_chain::Column::Last, Expr::value(signed(record.sequence)))
        .col_expr(audit_chain::Column::Hash, Expr::value(record.hash.clone()))
        .filter(audit_chain::Column::Id.eq(ROW))
        .exec(db)
        .await?;
    let row = audit_record::Model {
        sequence: signed(record.sequence),
        at: record.at_micros,
        principal: record.principal,
        role: record.role,
        action: record.action,
        resource_kind: record.resource_kind,
        project: record.project,
        resource: record.resource,
        detail: record.detail,
        reason: record.reason,
        before_digest: record.before,
        after_digest: record.after,
        previous_hash: record.previous,
        hash: record.hash,
    };
    audit_record::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Reads a row in which anything may stand: SQLite keeps whatever is put into a column.
fn read(row: &QueryResult) -> Record {
    let text = |column: &str| match row.try_get::<String>("", column) {
        Ok(text) => text,
        Err(_) => {
            let bytes: Vec<u8> = row.try_get("", column).unwrap_or_default();
            format!("{} (no text)", String::from_utf8_lossy(&bytes))
        }
    };
    let number = |column: &str| row.try_get::<i64>("", column).unwrap_or(i64::MIN);
    let small = |column: &str| row.try_get::<i32>("", column).unwrap_or(i32::MIN);
    let bytes = |column: &str| row.try_get::<Vec<u8>>("", column).unwrap_or_default();
    Record {
        sequence: number("sequence").cast_unsigned(),
        at_micros: number("at"),
        principal: text("principal"),
        role: text("role"),
        action: small("action"),
        resource_kind: small("resource_kind"),
        project: text("project"),
        resource: text("resource"),
        detail: text("detail"),
        reason: text("reason"),
        before: bytes("before_digest"),
        after: bytes("after_digest"),
        previous: bytes("previous_hash"),
        hash: bytes("hash"),
    }
}
