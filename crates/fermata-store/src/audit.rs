//! The audit trail: a record for each write that somebody asked for, in the same transaction as the write.
//!
//! The ends of the chain are one row. It is locked last, when a transaction has all its other locks, so that no two
//! transactions wait for each other.

use fermata_core::Time;
use fermata_core::audit::{
    Action, Anchor, Change, Ends, Entry, Fault, Head, Record, ResourceKind, Walk, digest,
};
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
    /// Records of the audit trail, exactly as they are stored, whatever somebody may have done to them; and the ends of the
    /// chain as they are noted, of the same moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_audit(&self, query: &AuditQuery) -> Result<(Vec<Record>, Ends), StoreError> {
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
        let noted = audit_chain::Entity::find_by_id(ROW).one(&db).await?;
        // Without the row somebody has deleted it: then nothing fits it.
        let nothing = || Ends { head: Head { sequence: 0, hash: Vec::new() }, ..Ends::default() };
        let ends = noted.map_or_else(nothing, ends);
        Ok((rows.iter().map(read).collect(), ends))
    }

    /// Deletes records that were written before this time, the oldest ones, at most `limit`; returns how many. The first one
    /// that is young enough ends it, so that what is left has no hole. What was tampered with is not deleted: it is evidence.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_audit(
        &self,
        before: Time,
        limit: u64,
        now: Time,
    ) -> Result<Result<u64, Fault>, StoreError> {
        use audit_record::Column;
        let oldest = audit_record::Entity::find().order_by_asc(Column::Sequence);
        let oldest = self.db().query_one(oldest.limit(1).as_query()).await?;
        // Nobody waits for a look that finds nothing.
        if oldest.is_none_or(|row| read(&row).at_micros >= micros(before)) {
            return Ok(Ok(0));
        }
        let store_id = self.identity().await?.store_id;
        retrying!({
            let writing = self.write("prune_audit").await?;
            let db = &writing.db;
            let noted = noted(db).await?;
            let select = audit_record::Entity::find().order_by_asc(Column::Sequence).limit(limit);
            let rows = db.query_all(select.as_query()).await?;
            let mut walk = Walk::after(noted.anchor.last.clone());
            let old = rows.iter().map(read).take_while(|r| r.at_micros < micros(before));
            for record in old {
                if let Err(fault) = walk.follow(&record) {
                    return Ok(Err(fault));
                }
            }
            let pruned = walk.head().sequence - walk.begins_after().sequence;
            if pruned == 0 {
                return Ok(Ok(0));
            }
            audit_record::Entity::delete_many()
                .filter(Column::Sequence.lte(signed(walk.head().sequence)))
                .exec(db)
                .await?;
            let (ends, record) = noted.prune(walk.head().clone(), store_id, micros(now));
            note(db, &ends).await?;
            insert(db, record).await?;
            writing.commit().await?;
            Ok(Ok(pruned))
        })
    }
}

/// The ends of the chain. Nobody else adds or deletes records until the transaction has ended.
async fn noted<C: ConnectionTrait>(db: &C) -> Result<Ends, StoreError> {
    let noted = audit_chain::Entity::find_by_id(ROW).lock_exclusive().one(db).await?;
    let row = noted.ok_or_else(|| {
        StoreError::corrupt("the end of the audit trail", "the row of audit_chain is gone")
    })?;
    unsigned(row.last)?;
    unsigned(row.pruned)?;
    Ok(ends(row))
}

fn ends(row: audit_chain::Model) -> Ends {
    let last = Head {
        sequence: row.pruned.cast_unsigned(),
        hash: row.pruned_hash.unwrap_or_else(|| Head::default().hash),
    };
    Ends {
        anchor: Anchor { last, at_micros: row.pruned_at },
        head: Head { sequence: row.last.cast_unsigned(), hash: row.hash },
    }
}

async fn note<C: ConnectionTrait>(db: &C, ends: &Ends) -> Result<(), StoreError> {
    use audit_chain::Column;
    let Ends { anchor, head } = ends;
    let mut update = audit_chain::Entity::update_many()
        .col_expr(Column::Last, Expr::value(signed(head.sequence)))
        .col_expr(Column::Hash, Expr::value(head.hash.clone()))
        .filter(Column::Id.eq(ROW));
    if anchor.last.sequence > 0 {
        update = update
            .col_expr(Column::Pruned, Expr::value(signed(anchor.last.sequence)))
            .col_expr(Column::PrunedHash, Expr::value(anchor.last.hash.clone()))
            .col_expr(Column::PrunedAt, Expr::value(anchor.at_micros));
    }
    update.exec(db).await?;
    Ok(())
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
    let mut ends = noted(db).await?;
    let record = Record::after(&ends.head, entry, change, micros(now));
    ends.head = Head { sequence: record.sequence, hash: record.hash.clone() };
    note(db, &ends).await?;
    insert(db, record).await
}

async fn insert<C: ConnectionTrait>(db: &C, record: Record) -> Result<(), StoreError> {
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
