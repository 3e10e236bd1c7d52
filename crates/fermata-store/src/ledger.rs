//! Who is impacted, by what and since when, and who is asked to scale in: a row per server and sort of cause, and a
//! revision per project. A step that
//! found room in an account writes only if the account is as it was read.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::id::{HostName, ProjectId, ServerId, SessionId};
use fermata_core::ledger::{Account, Cause, Entry, Impact, Ledger, Posting, Postings, faults};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::entity::{account, impact, session};
use crate::error::StoreError;
use crate::replicas;
use crate::rows::{micros, signed, time, unsigned};
use crate::store::{Store, retrying};

/// The sort of what is no impact: a session asks the owner to scale in by the server.
const SCALE_IN: &str = "scale_in";

impl Store {
    /// The accounts of these projects: impacts under way, and those that ended after `since`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn ledger(
        &self,
        projects: &BTreeSet<ProjectId>,
        since: Time,
    ) -> Result<Ledger, StoreError> {
        let projects: Vec<_> = projects.iter().map(ProjectId::as_str).collect();
        let mut accounts = BTreeMap::new();
        for some in projects.chunks(1000) {
            let db = self.db();
            // The revisions first: what begins in between makes them old, and the step is done again.
            let of_some = account::Column::Project.is_in(some.iter().copied());
            for row in account::Entity::find().filter(of_some).all(&db).await? {
                let revision = unsigned(row.revision)?;
                let account = Account { revision, ..Account::default() };
                accounts.insert(ProjectId(row.project), account);
            }
            let of_some = impact::Column::Project.is_in(some.iter().copied());
            let recent = Condition::any()
                .add(impact::Column::EndedAt.is_null())
                .add(impact::Column::EndedAt.gt(micros(since)));
            for row in impact::Entity::find().filter(of_some).filter(recent).all(&db).await? {
                let account = accounts.entry(ProjectId(row.project.clone())).or_default();
                match row.session_id {
                    Some(session) if row.cause == SCALE_IN => {
                        account.asked.insert(ServerId(row.server), SessionId(session));
                    }
                    Some(_) | None => account.impacts.push(row.impact()?),
                }
            }
        }
        Ok(Ledger::new(accounts))
    }

    /// Servers that are impacted by a fault.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn open_faults(&self) -> Result<faults::Open, StoreError> {
        let open = Condition::all()
            .add(impact::Column::Cause.eq(Cause::Fault.sort()))
            .add(impact::Column::EndedAt.is_null());
        let rows = impact::Entity::find().filter(open).all(&self.db()).await?;
        Ok(rows.into_iter().map(|row| (ProjectId(row.project), ServerId(row.server))).collect())
    }

    /// Writes what was seen of faults.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn post_faults(&self, entries: &[Posting], now: Time) -> Result<(), StoreError> {
        let postings = Postings { entries: entries.to_vec(), judged: BTreeMap::new() };
        retrying!({
            let writing = self.write("faults").await?;
            post(&writing.db, &postings, now).await?;
            writing.commit().await
        })
    }
}

impl Store {
    /// Deletes what the ledger knows of times before this one and no rule looks back at: impacts that ended, of which a group
    /// has long recovered, and outages; says how many rows that were. An open session looks back to its own beginning.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_ledger(&self, before: Time) -> Result<u64, StoreError> {
        retrying!({
            let writing = self.write("prune_ledger").await?;
            let db = &writing.db;
            let before = match oldest_open(db).await? {
                Some(at) => std::cmp::min(before, at),
                None => before,
            };
            let mut deleted = replicas::forget_outages(db, before).await?;
            if let Some(recovered) = before.checked_sub(self.quotas.longest_wait) {
                let ended = impact::Column::EndedAt.lt(micros(recovered));
                deleted +=
                    impact::Entity::delete_many().filter(ended).exec(db).await?.rows_affected;
            }
            writing.commit().await?;
            Ok(deleted)
        })
    }
}

/// When the oldest session that is not over was created.
async fn oldest_open<C: ConnectionTrait>(db: &C) -> Result<Option<Time>, StoreError> {
    let oldest: Option<i64> = session::Entity::find()
        .select_only()
        .column(session::Column::CreatedAt)
        // The column itself, not compared with a value: only so is the partial index used.
        .filter(Expr::col((session::Entity, session::Column::Active)))
        .order_by_asc(session::Column::CreatedAt)
        .into_tuple()
        .one(db)
        .await?;
    oldest.map(time).transpose()
}

/// Writes what a step has to say, if the accounts that it judged by are as they were.
pub(crate) async fn post<C: ConnectionTrait>(
    db: &C,
    postings: &Postings,
    now: Time,
) -> Result<(), StoreError> {
    let mut taken = BTreeMap::<&ProjectId, u64>::new();
    for posting in postings.entries.iter().filter(|p| p.entry.leaves_less_room()) {
        *taken.entry(&posting.project).or_default() += 1;
    }
    // In the order of projects, so that two transactions cannot wait for each other.
    for (project, count) in taken {
        raise(db, project, count, postings.judged.get(project).copied()).await?;
    }
    for posting in &postings.entries {
        put(db, posting, now).await?;
    }
    Ok(())
}

/// Raises the revision of an account; of one that was judged by only if it is current.
async fn raise<C: ConnectionTrait>(
    db: &C,
    project: &ProjectId,
    count: u64,
    judged: Option<u64>,
) -> Result<(), StoreError> {
    use account::{Column, Entity};
    let row = account::ActiveModel { project: Set(project.to_string()), revision: Set(0) };
    let there = OnConflict::column(Column::Project).do_nothing().to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(db).await?;
    let mut update = Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(signed(count)))
        .filter(Column::Project.eq(project.as_str()));
    if let Some(revision) = judged {
        update = update.filter(Column::Revision.eq(signed(revision)));
    }
    let updated = update.exec(db).await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn put<C: ConnectionTrait>(db: &C, posting: &Posting, now: Time) -> Result<(), StoreError> {
    use impact::{Column, Entity};
    let (sort, session) = match posting.entry {
        Entry::Began(cause) | Entry::Ended(cause) => (cause.sort(), cause.session()),
        Entry::Dropped(session) => (Cause::Session(session).sort(), Some(session)),
        Entry::Asked(session) | Entry::Withdrawn(session) => (SCALE_IN, Some(session)),
    };
    let it = Condition::all()
        .add(Column::Project.eq(posting.project.as_str()))
        .add(Column::Server.eq(posting.server.as_str()))
        .add(Column::Cause.eq(sort))
        .add(match session {
            Some(id) => Column::SessionId.eq(id.0),
            None => Column::SessionId.is_null(),
        });
    match posting.entry {
        Entry::Began(_) | Entry::Asked(_) => {
            let row = impact::Model {
                project: posting.project.to_string(),
                server: posting.server.to_string(),
                cause: sort.to_owned(),
                session_id: session.map(|id| id.0),
                began_at: micros(now),
                ended_at: None,
                target: posting.target.as_ref().map(ToString::to_string),
            };
            let replace = OnConflict::columns([Column::Project, Column::Server, Column::Cause])
                .update_columns([
                    Column::SessionId,
                    Column::BeganAt,
                    Column::EndedAt,
                    Column::Target,
                ])
                .to_owned();
            Entity::insert(row.into_active_model())
                .on_conflict(replace)
                .exec_without_returning(db)
                .await?;
        }
        Entry::Ended(_) => {
            Entity::update_many()
                .col_expr(Column::EndedAt, Expr::value(micros(now)))
                .filter(it)
                .filter(Column::EndedAt.is_null())
                .exec(db)
                .await?;
        }
        Entry::Dropped(_) | Entry::Withdrawn(_) => {
            Entity::delete_many().filter(it).exec(db).await?;
        }
    }
    Ok(())
}

impl impact::Model {
    fn impact(self) -> Result<Impact, StoreError> {
        let cause = match (self.cause.as_str(), self.session_id) {
            ("session", Some(id)) => Cause::Session(SessionId(id)),
            ("fault", None) => Cause::Fault,
            (other, _) => {
                let what = format!("impact of server {} by '{other}'", self.server);
                return Err(StoreError::corrupt(what, "there is no such cause"));
            }
        };
        Ok(Impact {
            server: ServerId(self.server),
            cause,
            began_at: time(self.began_at)?,
            ended_at: self.ended_at.map(time).transpose()?,
            target: self.target.map(HostName),
        })
    }
}
