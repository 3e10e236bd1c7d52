//! Owners' durable subscriptions: who takes part, and how far they have read.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::Time;
use fermata_core::id::{ProjectId, SubscriptionId};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::entity::subscription::{self, Column, Entity};
use crate::entity::topic;
use crate::error::StoreError;
use crate::events::{Topic, last_sequence};
use crate::requests::{self, RequestRecord};
use crate::rows::{micros, signed, time, unsigned};
use crate::sessions::{Order, beyond};
use crate::store::Store;

/// A subscription to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// The id.
    pub id: SubscriptionId,
    /// The owner.
    pub project: ProjectId,
    /// A name for people.
    pub display_name: String,
}

/// An owner that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The id.
    pub id: SubscriptionId,
    /// The owner.
    pub project: ProjectId,
    /// A name for people.
    pub display_name: String,
    /// The last sequence number that the owner acknowledged; 0: none.
    pub acknowledged_sequence: u64,
    /// When it did.
    pub acknowledged_at: Option<Time>,
    /// The newest sequence number of the project; 0: no event yet.
    pub latest_sequence: u64,
    /// When it was created.
    pub created_at: Time,
}

/// Which subscriptions to list, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionQuery {
    /// Only of this project.
    pub project: Option<ProjectId>,
    /// After the subscription with this creation time and id.
    pub after: Option<(Time, SubscriptionId)>,
    /// At most this many.
    pub limit: u64,
}

impl Store {
    /// Creates a subscription.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn create_subscription(
        &self,
        new: NewSubscription,
        request: Option<RequestRecord>,
        now: Time,
    ) -> Result<Subscription, StoreError> {
        let writing = self.write("create_subscription").await?;
        requests::note(&writing.db, request.as_ref(), now).await?;
        let row = subscription::Model {
            id: new.id.0,
            project: new.project.0,
            display_name: new.display_name,
            acknowledged_sequence: 0,
            acknowledged_at: None,
            created_at: micros(now),
        };
        let insert = Entity::insert(row.clone().into_active_model());
        insert.exec_without_returning(&writing.db).await?;
        let topic = Topic::Project(ProjectId(row.project.clone()));
        let latest = last_sequence(&writing.db, &topic).await?;
        writing.commit().await?;
        read(row, latest)
    }

    /// A subscription of this project.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn subscription(
        &self,
        project: &ProjectId,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let db = self.read().await?;
        let Some(row) = of_project(project, id).one(&db).await? else { return Ok(None) };
        let latest = last_sequence(&db, &Topic::Project(project.clone())).await?;
        Ok(Some(read(row, latest)?))
    }

    /// Subscriptions, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_subscriptions(
        &self,
        query: &SubscriptionQuery,
    ) -> Result<Vec<Subscription>, StoreError> {
        let db = self.read().await?;
        let mut select = Entity::find().limit(query.limit);
        if let Some(project) = &query.project {
            select = select.filter(Column::Project.eq(project.as_str()));
        }
        if let Some((time, id)) = query.after {
            let page = beyond(Column::CreatedAt, Column::Id, Order::OldestFirst, time, id.0);
            select = select.filter(page);
        }
        let rows = select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(&db).await?;
        let latest = latest_of(&db, &rows).await?;
        let read = rows.into_iter().map(|row| {
            let latest = latest.get(&topic_of(&row)).copied().unwrap_or(0);
            read(row, latest)
        });
        read.collect()
    }

    /// Deletes a subscription of this project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn delete_subscription(
        &self,
        project: &ProjectId,
        id: SubscriptionId,
    ) -> Result<(), StoreError> {
        let writing = self.write("delete_subscription").await?;
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(id.0))
            .filter(Column::Project.eq(project.as_str()))
            .exec(&writing.db)
            .await?;
        if deleted.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        writing.commit().await
    }

    /// Notes how far an owner has read. A position before the one that is known changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::AheadOfTopic`]; [`StoreError::Corrupt`],
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn acknowledge(
        &self,
        project: &ProjectId,
        id: SubscriptionId,
        sequence: u64,
        now: Time,
    ) -> Result<Subscription, StoreError> {
        let writing = self.write("acknowledge").await?;
        let db = &writing.db;
        let row = of_project(project, id).one(db).await?.ok_or(StoreError::NotFound)?;
        let latest = last_sequence(db, &Topic::Project(project.clone())).await?;
        if sequence > latest {
            return Err(StoreError::AheadOfTopic { last: latest });
        }
        Entity::update_many()
            .col_expr(Column::AcknowledgedSequence, Expr::value(signed(sequence)))
            .col_expr(Column::AcknowledgedAt, Expr::value(micros(now)))
            .filter(Column::Id.eq(row.id))
            .filter(Column::AcknowledgedSequence.lt(signed(sequence)))
            .exec(db)
            .await?;
        let row = of_project(project, id).one(db).await?.ok_or(StoreError::NotFound)?;
        writing.commit().await?;
        read(row, latest)
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

fn of_project(project: &ProjectId, id: SubscriptionId) -> Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::Project.eq(project.as_str()))
}

fn topic_of(row: &subscription::Model) -> String {
    Topic::Project(ProjectId(row.project.clone())).to_string()
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
        id: SubscriptionId(row.id),
        project: ProjectId(row.project),
        display_name: row.display_name,
        acknowledged_sequence: unsigned(row.acknowledged_sequence)?,
        acknowledged_at: row.acknowledged_at.map(time).transpose()?,
        latest_sequence,
        created_at: time(row.created_at)?,
    })
}
