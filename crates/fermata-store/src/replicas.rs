//! Who works on what: replicas with a lease each, sessions with an owner and an epoch, and the times in which
//! nobody was there.
//!
//! A replica keeps all its sessions by one sign of life. Whoever looks for orphans first buries the replicas whose
//! lease is out; a replica that was buried finds no row to renew, so that it never works on under a lease that
//! somebody else has taken over.

use std::time::Duration;

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::machine::Outage;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entity::{meta, outage, replica, session};
use crate::error::StoreError;
use crate::format;
use crate::rows::{micros, signed, time, unsigned};
use crate::store::{Store, retrying};

/// Less than this between two signs of life of anybody is no outage.
const SILENCE: Duration = Duration::from_secs(5);

/// A process at work, or rather one life of it: after it was buried it comes back under another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplicaId(pub Uuid);

/// What a sign of life tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOfLife {
    /// The time by the database's clock.
    pub now: Time,
    /// The lease goes on. `false`: the replica was buried, and its sessions may be in other hands.
    pub kept: bool,
    /// Every outage until now is known. `false`: another replica is about to write down that somebody is there, and
    /// may find an outage.
    pub heard: bool,
    /// Outages with numbers above the one that was asked for, oldest first.
    pub outages: Vec<Outage>,
}

/// A session that a replica works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure {
    /// Which.
    pub session: SessionId,
    /// Since this epoch.
    pub epoch: u64,
    /// The session's revision.
    pub revision: u64,
}

impl Store {
    /// A replica comes to life, with a lease.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn join(&self, replica: ReplicaId, lease: Duration) -> Result<(), StoreError> {
        retrying!({
            let writing = self.write("join").await?;
            let until = self.clock.now(&writing.db).await? + lease;
            let row = replica::Model { id: replica.0, until: micros(until) };
            let insert = replica::Entity::insert(row.into_active_model());
            insert.exec_without_returning(&writing.db).await?;
            writing.commit().await
        })
    }

    /// The replica that came to life first of all that have a lease; it does what only one has to do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn eldest_replica(&self) -> Result<Option<ReplicaId>, StoreError> {
        let now = micros(self.clock.now(&self.db()).await?);
        let living = replica::Entity::find().filter(replica::Column::Until.gte(now));
        // Ids are UUIDv7: in order of their time.
        let eldest = living.order_by_asc(replica::Column::Id).one(&self.db()).await?;
        Ok(eldest.map(|row| ReplicaId(row.id)))
    }

    /// Renews a replica's lease and tells of outages after number `known`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn sign_of_life(
        &self,
        replica: ReplicaId,
        lease: Duration,
        known: u64,
    ) -> Result<SignOfLife, StoreError> {
        retrying!({
            let writing = self.write("sign_of_life").await?;
            let db = &writing.db;
            let now = self.clock.now(db).await?;
            // Before anything that another one may hold: a replica that hangs must not cost others their lease.
            let renewed = replica::Entity::update_many()
                .col_expr(replica::Column::Until, Expr::value(micros(now + lease)))
                .filter(replica::Column::Id.eq(replica.0))
                .exec(db)
                .await?;
            let heard = note_life(db, now, self.is_shared() || any_active(db).await?).await?;
            let outages = outages_after(db, known).await?;
            writing.commit().await?;
            Ok(SignOfLife { now, kept: renewed.rows_affected == 1, heard, outages })
        })
    }

    /// What a sign of life would tell, if none is needed: this process has the database for itself, and no session is
    /// active whose deadlines an outage could move. Nothing is written then; an idle disk stays idle.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn idle(&self, known: u64) -> Result<Option<SignOfLife>, StoreError> {
        if self.is_shared() || any_active(&self.db()).await? {
            return Ok(None);
        }
        let now = self.clock.now(&self.db()).await?;
        let outages = outages_after(&self.db(), known).await?;
        Ok(Some(SignOfLife { now, kept: true, heard: true, outages }))
    }

    /// Outages with numbers above `known`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn outages(&self, known: u64) -> Result<Vec<Outage>, StoreError> {
        outages_after(&self.db(), known).await
    }

    /// Buries the replicas whose lease is out, and gives at most `limit` sessions that nobody works on to this
    /// replica, each under its next epoch; none of `except`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn adopt(
        &self,
        replica: ReplicaId,
        limit: u64,
        except: &[SessionId],
    ) -> Result<Vec<Tenure>, StoreError> {
        retrying!({
            let writing = self.write("adopt").await?;
            let db = &writing.db;
            let now = self.clock.now(db).await?;
            let mut dead =
                replica::Entity::delete_many().filter(replica::Column::Until.lte(micros(now)));
            if !self.is_shared() {
                // It gives no sign of life while it has nothing to do.
                dead = dead.filter(replica::Column::Id.ne(replica.0));
            }
            dead.exec(db).await?;
            let adopt = Query::update()
                .table(session::Entity)
                .value(session::Column::Owner, replica.0)
                .value(session::Column::Epoch, Expr::col(session::Column::Epoch).add(1))
                .and_where(Expr::col(session::Column::Id).in_subquery(orphans(limit, except)))
                .returning(Query::returning().columns(TENURE))
                .to_owned();
            let rows = db.query_all(&adopt).await?;
            let tenures = rows.iter().map(|row| TenureRow::from_query_result(row, "")?.tenure());
            let tenures = tenures.collect::<Result<Vec<_>, StoreError>>()?;
            writing.commit().await?;
            Ok(tenures)
        })
    }

    /// The sessions that a replica works on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn tenures(&self, replica: ReplicaId) -> Result<Vec<Tenure>, StoreError> {
        let rows: Vec<TenureRow> = session::Entity::find()
            .select_only()
            .columns(TENURE)
            // The column itself, not compared with a value: only so is the partial index used.
            .filter(Expr::col((session::Entity, session::Column::Active)))
            .filter(session::Column::Owner.eq(replica.0))
            .into_model()
            .all(&self.db())
            .await?;
        rows.iter().map(TenureRow::tenure).collect()
    }

    /// A replica lets go of a session, so that another one can take it up at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn release(&self, replica: ReplicaId, session: SessionId) -> Result<(), StoreError> {
        retrying!({
            let writing = self.write("release").await?;
            session::Entity::update_many()
                .col_expr(session::Column::Owner, Expr::value(Option::<Uuid>::None))
                .filter(session::Column::Id.eq(session.0))
                .filter(session::Column::Owner.eq(replica.0))
                .exec(&writing.db)
                .await?;
            writing.commit().await
        })
    }

    /// A replica ends in good order: it lets go of everything at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn resign(&self, replica: ReplicaId) -> Result<(), StoreError> {
        retrying!({
            let writing = self.write("resign").await?;
            replica::Entity::delete_by_id(replica.0).exec(&writing.db).await?;
            writing.commit().await
        })
    }

    /// Buries every other replica: whoever holds the file of an SQLite database knows that it is alone.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn bury_others(&self, replica: ReplicaId) -> Result<(), StoreError> {
        retrying!({
            let writing = self.write("bury_others").await?;
            replica::Entity::delete_many()
                .filter(replica::Column::Id.ne(replica.0))
                .exec(&writing.db)
                .await?;
            writing.commit().await
        })
    }
}

const TENURE: [session::Column; 3] =
    [session::Column::Id, session::Column::Epoch, session::Column::Revision];

#[derive(FromQueryResult)]
struct TenureRow {
    id: Uuid,
    epoch: i64,
    revision: i64,
}

impl TenureRow {
    fn tenure(&self) -> Result<Tenure, StoreError> {
        Ok(Tenure {
            session: SessionId(self.id),
            epoch: unsigned(self.epoch)?,
            revision: unsigned(self.revision)?,
        })
    }
}

/// Active sessions of a format that is known, whose owner does not live. One that is being written right now is left for the next look.
fn orphans(limit: u64, except: &[SessionId]) -> SelectStatement {
    let living = Query::select().column(replica::Column::Id).from(replica::Entity).take();
    let owner = Expr::col(session::Column::Owner);
    let orphaned = owner.clone().is_null().or(owner.not_in_subquery(living));
    let mut select = Query::select();
    select
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(Expr::col((session::Entity, session::Column::Active)))
        .and_where(Expr::col(session::Column::Format).lte(format::KNOWN))
        .and_where(orphaned)
        .and_where(Expr::col(session::Column::Id).is_not_in(except.iter().map(|id| id.0)))
        .order_by(session::Column::Id, sea_orm::Order::Asc)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    select
}

/// Whether any session is active.
async fn any_active<C: ConnectionTrait>(db: &C) -> Result<bool, StoreError> {
    let active = Query::select()
        .expr(Expr::val(1))
        .from(session::Entity)
        .and_where(Expr::col((session::Entity, session::Column::Active)))
        .limit(1)
        .to_owned();
    Ok(db.query_one(&active).await?.is_some())
}

/// A database that one process has for itself gets its first active session: somebody is there, whatever was noted
/// before. Not while others are active: an outage that is not noted yet counts for them.
pub(crate) async fn note_first_session<C: ConnectionTrait>(
    db: &C,
    now: Time,
) -> Result<(), StoreError> {
    if !any_active(db).await? {
        meta::Entity::update_many()
            .col_expr(meta::Column::BeatAt, Expr::value(micros(now)))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Notes that somebody is there, and the outage that ends so, if it counts for anybody; `false`: another one is about
/// to.
async fn note_life<C: ConnectionTrait>(
    db: &C,
    now: Time,
    counts: bool,
) -> Result<bool, StoreError> {
    let free = meta::Entity::find()
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(db)
        .await?;
    let Some(meta) = free else { return Ok(false) };
    let heard_at = meta.beat_at.map(time).transpose()?;
    if let Some(since) = heard_at.filter(|at| counts && now - *at > SILENCE) {
        note_outage(db, since, now).await?;
    }
    // A clock that was set back must not make an outage of the time until it catches up.
    meta::Entity::update_many()
        .col_expr(meta::Column::BeatAt, Expr::value(micros(now)))
        .exec(db)
        .await?;
    Ok(true)
}

async fn note_outage<C: ConnectionTrait>(
    db: &C,
    since: Time,
    until: Time,
) -> Result<(), StoreError> {
    let last = outage::Entity::find().order_by_desc(outage::Column::Number).one(db).await?;
    let row = outage::Model {
        number: last.map_or(0, |row| row.number) + 1,
        since: micros(since),
        until: micros(until),
    };
    outage::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Deletes outages that were over before this time, but for the last one: the next one's number follows it.
pub(crate) async fn forget_outages<C: ConnectionTrait>(
    db: &C,
    before: Time,
) -> Result<u64, StoreError> {
    let last = outage::Entity::find().order_by_desc(outage::Column::Number).one(db).await?;
    let Some(last) = last else { return Ok(0) };
    let deleted = outage::Entity::delete_many()
        .filter(outage::Column::Until.lt(micros(before)))
        .filter(outage::Column::Number.lt(last.number))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}

async fn outages_after<C: ConnectionTrait>(db: &C, known: u64) -> Result<Vec<Outage>, StoreError> {
    let rows = outage::Entity::find()
        .filter(outage::Column::Number.gt(signed(known)))
        .order_by_asc(outage::Column::Number)
        .all(db)
        .await?;
    let outage = |row: &outage::Model| {
        Ok(Outage {
            number: unsigned(row.number)?,
            since: time(row.since)?,
            until: time(row.until)?,
        })
    };
    rows.iter().map(outage).collect()
}
