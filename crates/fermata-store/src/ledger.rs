//! Who is impacted, by what and since when: a row per server and sort of cause, and a revision per project. A step that
//! found room in an account writes only if the account is as it was read.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::id::{HostName, ProjectId, ServerId, SessionId};
use fermata_core::ledger::{Account, Cause, Entry, Impact, Ledger, Posting, Postings, faults};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set,
};

use crate::entity::{account, impact};
use crate::error::StoreError;
use crate::rows::{micros, signed, time, unsigned};
use crate::store::{Store, retrying};

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
                let account = Account { revision: unsigned(row.revision)?, impacts: Vec::new() };
                accounts.insert(ProjectId(row.project), account);
            }
            let of_some = impact::Column::Project.is_in(some.iter().copied());
            let recent = Condition::any()
                .add(impact::Column::EndedAt.is_null())
                .add(impact::Column::EndedAt.gt(micros(since)));
            for row in impact::Entity::find().filter(of_some).filter(recent).all(&db).await? {
                let account = accounts.entry(ProjectId(row.project.clone())).or_default();
                account.impacts.push(row.impact()?);
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

/// Writes what a step has to say, if the accounts that it judged by are as they were.
pub(crate) async fn post<C: ConnectionTrait>(
    db: &C,
    postings: &Postings,
    now: Time,
) -> Result<(), StoreError> {
    let mut begins = BTreeMap::<&ProjectId, u64>::new();
    for posting in &postings.entries {
        if let Entry::Began(_) = posting.entry {
            *begins.entry(&posting.project).or_default() += 1;
        }
    }
    // In the order of projects, so that two transactions cannot wait for each other.
    for (project, count) in begins {
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
    let of = |cause: Cause| {
        Condition::all()
            .add(Column::Project.eq(posting.project.as_str()))
            .add(Column::Server.eq(posting.server.as_str()))
            .add(Column::Cause.eq(cause.sort()))
            .add(match cause {
                Cause::Session(id) => Column::SessionId.eq(id.0),
                Cause::Fault => Column::SessionId.is_null(),
            })
    };
    match posting.entry {
        Entry::Began(cause) => {
            let row = impact::Model {
                project: posting.project.to_string(),
                server: posting.server.to_string(),
                cause: cause.sort().to_owned(),
                session_id: match cause {
                    Cause::Session(id) => Some(id.0),
                    Cause::Fault => None,
                },
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
        Entry::Ended(cause) => {
            Entity::update_many()
                .col_expr(Column::EndedAt, Expr::value(micros(now)))
                .filter(of(cause))
                .filter(Column::EndedAt.is_null())
                .exec(db)
                .await?;
        }
        Entry::Dropped(session) => {
            Entity::delete_many().filter(of(Cause::Session(session))).exec(db).await?;
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
