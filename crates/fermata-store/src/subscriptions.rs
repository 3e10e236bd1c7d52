//! Owners' durable subscriptions: who takes part, how far they have read, and when they were last connected.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::audit::{Change, Hash, digest};
use fermata_core::id::{ProjectId, SessionId, SubscriptionId};
use fermata_core::quota::Quota;
use fermata_core::{Duration, Time};

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};

use crate::audit::{self, Asked};
use crate::entity::subscription::{self, Column, Entity};
use crate::entity::topic;
use crate::error::{StoreError, is_duplicate};
use crate::events::{Topic, last_sequence};
use crate::requests;
use crate::rows::{decode, encode, micros, signed, time, unsigned};
use crate::store::{Store, retrying};
use crate::write_mode::PutMode;

/// Subscriptions that are looked at with one statement.
const CHUNK: usize = 100;

/// Names a subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionKey {
    /// The owner.
    pub project: ProjectId,
    /// The id in the project.
    pub id: SubscriptionId,
}

/// Which events a subscription's streams carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SubscriptionFilter {
    /// Only of this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// What an owner says of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutSubscription {
    /// Its name.
    pub key: SubscriptionKey,
    /// A name for people.
    pub display_name: String,
    /// Which events its streams carry.
    pub filter: SubscriptionFilter,
    /// Whether it may be there.
    pub mode: PutMode,
    /// The revision that must be current; `None`: any, or none.
    pub revision: Option<u64>,
}

/// An owner that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name.
    pub key: SubscriptionKey,
    /// Rises whenever an owner changes it, also after it was deleted in between.
    pub revision: u64,
    /// A name for people.
    pub display_name: String,
    /// Which events its streams carry.
    pub filter: SubscriptionFilter,
    /// The last sequence number that the owner acknowledged; 0: none.
    pub acknowledged_sequence: u64,
    /// When it did.
    pub acknowledged_at: Option<Time>,
    /// The newest sequence number of the project; 0: no event yet.
    pub latest_sequence: u64,
    /// When a stream of it was last seen open.
    pub connected_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When an owner last changed it.
    pub updated_at: Time,
}

/// Which subscriptions to list, by project and id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionQuery {
    /// Only of these projects.
    pub projects: Option<BTreeSet<ProjectId>>,
    /// After this one.
    pub after: Option<SubscriptionKey>,
    /// At most this many.
    pub limit: u64,
}

/// What an owner says of a subscription, as the audit trail digests it.
#[derive(Serialize)]
struct Digested<'a> {
    display_name: &'a str,
    filter: &'a str,
    acknowledged_sequence: i64,
}

impl Store {
    /// Creates a subscription, or replaces what the owner says of it. What says the same changes nothing.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::Exists`], [`StoreError::NotFound`],
    /// [`StoreError::Quota`] if there are enough; [`StoreError::Conflict`] as `put` says, or if somebody else stored it at the same time; [`StoreError::Corrupt`],
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn put_subscription(
        &self,
        put: &PutSubscription,
        asked: Asked<'_, Subscription>,
    ) -> Result<Subscription, StoreError> {
        retrying!(self.try_put_subscription(put, asked).await)
    }

    async fn try_put_subscription(
        &self,
        put: &PutSubscription,
        Asked { entry, record, now }: Asked<'_, Subscription>,
    ) -> Result<Subscription, StoreError> {
        let writing = self.write("put_subscription").await?;
        let db = &writing.db;
        let before = named(&put.key).one(db).await?;
        let revision = before.as_ref().map(|row| unsigned(row.revision)).transpose()?;
        let filter = encode("filter of a subscription", &put.filter)?;
        let same = |row: &subscription::Model| {
            row.display_name == put.display_name && row.filter == filter
        };
        // Times rise even where a row was deleted in between, so that an old etag never fits again.
        let next = micros(now).max(before.as_ref().map_or(1, |row| row.revision + 1));
        let row = match &before {
            Some(row) if same(row) => row.clone(),
            Some(row) => subscription::Model {
                revision: next,
                display_name: put.display_name.clone(),
                filter,
                updated_at: micros(now),
                ..row.clone()
            },
            None => subscription::Model {
                project: put.key.project.to_string(),
                id: put.key.id.to_string(),
                revision: next,
                display_name: put.display_name.clone(),
                filter,
                acknowledged_sequence: 0,
                acknowledged_at: None,
                connected_at: None,
                created_at: micros(now),
                updated_at: micros(now),
            },
        };
        let stored = with_latest(db, row.clone()).await?;
        requests::note(db, record(&stored).as_ref(), now).await?;
        put.mode.admit(revision, put.revision)?;
        if before.as_ref() == Some(&row) {
            writing.commit().await?;
            return Ok(stored);
        }
        let change = Change { before: digested(before.as_ref())?, after: digested(Some(&row))? };
        match before {
            Some(before) => {
                let replaced = Entity::update_many()
                    .col_expr(Column::Revision, Expr::value(row.revision))
                    .col_expr(Column::DisplayName, Expr::value(row.display_name))
                    .col_expr(Column::Filter, Expr::value(row.filter))
                    .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
                    .filter(key(&put.key))
                    .filter(Column::Revision.eq(before.revision))
                    .exec(db)
                    .await?;
                if replaced.rows_affected == 0 {
                    return Err(StoreError::Conflict);
                }
            }
            None => {
                let there = Entity::find()
                    .filter(Column::Project.eq(put.key.project.as_str()))
                    .count(db)
                    .await?;
                self.quotas.one_more(Quota::Subscriptions, there)?;
                let insert = Entity::insert(row.into_active_model().reset_all());
                match insert.exec_without_returning(db).await {
                    Ok(_) => {}
                    Err(error) if is_duplicate(&error) => return Err(StoreError::Conflict),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        audit::record(db, entry, change, now).await?;
        writing.commit().await?;
        Ok(stored)
    }

    /// A subscription.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn subscription(
        &self,
        key: &SubscriptionKey,
    ) -> Result<Option<Subscription>, StoreError> {
        let db = self.read().await?;
        let Some(row) = named(key).one(&db).await? else { return Ok(None) };
        Ok(Some(with_latest(&db, row).await?))
    }

    /// Subscriptions, by project and id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_subscriptions(
        &self,
        query: &SubscriptionQuery,
    ) -> Result<Vec<Subscription>, StoreError> {
        let db = self.read().await?;
        let mut select = Entity::find().limit(query.limit);
        if let Some(projects) = &query.projects {
            select = select.filter(Column::Project.is_in(projects.iter().map(ProjectId::as_str)));
        }
        if let Some(SubscriptionKey { project, id }) = &query.after {
            let same = Condition::all()
                .add(Column::Project.eq(project.as_str()))
                .add(Column::Id.gt(id.as_str()));
            let beyond = Condition::any().add(Column::Project.gt(project.as_str())).add(same);
            select = select.filter(beyond);
        }
        let rows = select.order_by_asc(Column::Project).order_by_asc(Column::Id).all(&db).await?;
        let latest = latest_of(&db, &rows).await?;
        let read = rows.into_iter().map(|row| {
            let latest = latest.get(&topic_of(&row)).copied().unwrap_or(0);
            read(row, latest)
        });
        read.collect()
    }

    /// Deletes a subscription; returns whether it was there. `revision`: the one that must be current.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::NotFound`] if it must be there;
    /// [`StoreError::Conflict`] if another revision is current; [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn delete_subscription(
        &self,
        key: &SubscriptionKey,
        must_exist: bool,
        revision: Option<u64>,
        asked: Asked<'_, ()>,
    ) -> Result<bool, StoreError> {
        let writing = self.write("delete_subscription").await?;
        let db = &writing.db;
        requests::note(db, (asked.record)(&()).as_ref(), asked.now).await?;
        let there = named(key).lock_exclusive().one(db).await?;
        if let Some(there) = &there {
            if revision.is_some_and(|revision| signed(revision) != there.revision) {
                return Err(StoreError::Conflict);
            }
            Entity::delete_many().filter(self::key(key)).exec(db).await?;
            let change = Change { before: digested(Some(there))?, after: None };
            audit::record(db, asked.entry, change, asked.now).await?;
        } else if must_exist {
            return Err(StoreError::NotFound);
        }
        writing.commit().await?;
        Ok(there.is_some())
    }

    /// Notes how far an owner has read. A position before the one that is known changes nothing.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::NotFound`]; [`StoreError::AheadOfTopic`];
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn acknowledge(
        &self,
        key: &SubscriptionKey,
        sequence: u64,
        asked: Asked<'_, Subscription>,
    ) -> Result<Subscription, StoreError> {
        retrying!(self.try_acknowledge(key, sequence, asked).await)
    }

    async fn try_acknowledge(
        &self,
        key: &SubscriptionKey,
        sequence: u64,
        Asked { entry, record, now }: Asked<'_, Subscription>,
    ) -> Result<Subscription, StoreError> {
        let writing = self.write("acknowledge").await?;
        let db = &writing.db;
        let before = named(key).lock_exclusive().one(db).await?;
        let rises = before.as_ref().is_some_and(|row| row.acknowledged_sequence < signed(sequence));
        let mut row = before.clone();
        if let Some(row) = row.as_mut().filter(|_| rises) {
            row.acknowledged_sequence = signed(sequence);
            row.acknowledged_at = Some(micros(now));
        }
        let after = match &row {
            Some(row) => Some(with_latest(db, row.clone()).await?),
            None => None,
        };
        if let Some(after) = &after {
            requests::note(db, record(after).as_ref(), now).await?;
        }
        let after = after.ok_or(StoreError::NotFound)?;
        if sequence > after.latest_sequence {
            return Err(StoreError::AheadOfTopic { last: after.latest_sequence });
        }
        if rises {
            Entity::update_many()
                .col_expr(Column::AcknowledgedSequence, Expr::value(signed(sequence)))
                .col_expr(Column::AcknowledgedAt, Expr::value(micros(now)))
                .filter(self::key(key))
                .exec(db)
                .await?;
            let (before, after) = (digested(before.as_ref())?, digested(row.as_ref())?);
            audit::record(db, entry, Change { before, after }, now).await?;
        }
        writing.commit().await?;
        Ok(after)
    }

    /// Notes that streams of these subscriptions are open, unless that was noted within `often`. Returns those that are there.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn attend(
        &self,
        keys: &BTreeSet<SubscriptionKey>,
        often: Duration,
        now: Time,
    ) -> Result<Vec<Subscription>, StoreError> {
        let keys: Vec<_> = keys.iter().collect();
        let mut found = Vec::new();
        for some in keys.chunks(CHUNK) {
            let these = |keys: &[&SubscriptionKey]| {
                keys.iter().fold(Condition::any(), |all, key| all.add(self::key(key)))
            };
            let rows = Entity::find().filter(these(some)).all(&self.db()).await?;
            let long_ago = micros(now - often);
            let stale: Vec<_> = rows
                .iter()
                .filter(|row| row.connected_at.is_none_or(|at| at <= long_ago))
                .map(key_of)
                .collect();
            if !stale.is_empty() {
                let writing = self.write("attend").await?;
                let stale: Vec<_> = stale.iter().collect();
                Entity::update_many()
                    .col_expr(Column::ConnectedAt, Expr::value(micros(now)))
                    .filter(these(&stale))
                    .exec(&writing.db)
                    .await?;
                writing.commit().await?;
            }
            found.extend(rows);
        }
        found.into_iter().map(|row| read(row, 0)).collect()
    }

    /// Which of these projects have a subscription.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn interactive(
        &self,
        projects: &BTreeSet<ProjectId>,
    ) -> Result<BTreeSet<ProjectId>, StoreError> {
        let projects: Vec<_> = projects.iter().map(ProjectId::as_str).collect();
        let mut interactive = BTreeSet::new();
        for some in projects.chunks(1000) {
            let found: Vec<String> = Entity::find()
                .select_only()
                .column(Column::Project)
                .distinct()
                .filter(Column::Project.is_in(some.iter().copied()))
                .into_tuple()
                .all(&self.db())
                .await?;
            interactive.extend(found.into_iter().map(ProjectId));
        }
        Ok(interactive)
    }
}

fn key(key: &SubscriptionKey) -> Condition {
    Condition::all()
        .add(Column::Project.eq(key.project.as_str()))
        .add(Column::Id.eq(key.id.as_str()))
}

fn named(key: &SubscriptionKey) -> Select<Entity> {
    Entity::find().filter(self::key(key))
}

fn digested(row: Option<&subscription::Model>) -> Result<Option<Hash>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let digested = Digested {
        display_name: &row.display_name,
        filter: &row.filter,
        acknowledged_sequence: row.acknowledged_sequence,
    };
    Ok(digest([encode("subscription", &digested)?.as_str()]))
}

fn key_of(row: &subscription::Model) -> SubscriptionKey {
    SubscriptionKey { project: ProjectId(row.project.clone()), id: SubscriptionId(row.id.clone()) }
}

fn topic_of(row: &subscription::Model) -> String {
    Topic::Project(ProjectId(row.project.clone())).to_string()
}

async fn with_latest<C: ConnectionTrait>(
    db: &C,
    row: subscription::Model,
) -> Result<Subscription, StoreError> {
    let latest = last_sequence(db, &Topic::Project(ProjectId(row.project.clone()))).await?;
    read(row, latest)
}

/// The newest sequence numbers of the projects' topics.
async fn latest_of<C: ConnectionTrait>(
    db: &C,
    rows: &[subscription::Model],
) -> Result<BTreeMap<String, u64>, StoreError> {
    let topics: BTreeSet<_> = rows.iter().map(topic_of).collect();
    let rows = topic::Entity::find().filter(topic::Column::Topic.is_in(topics)).all(db).await?;
    rows.into_iter().map(|row| Ok((row.topic, unsigned(row.last)?))).collect()
}

fn read(row: subscription::Model, latest_sequence: u64) -> Result<Subscription, StoreError> {
    Ok(Subscription {
        key: key_of(&row),
        revision: unsigned(row.revision)?,
        display_name: row.display_name,
        filter: decode("filter of a subscription", &row.filter)?,
        acknowledged_sequence: unsigned(row.acknowledged_sequence)?,
        acknowledged_at: row.acknowledged_at.map(time).transpose()?,
        latest_sequence,
        connected_at: row.connected_at.map(time).transpose()?,
        created_at: time(row.created_at)?,
        updated_at: time(row.updated_at)?,
    })
}
