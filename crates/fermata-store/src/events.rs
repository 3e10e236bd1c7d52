//! The log: per topic, events with sequence numbers that start at 1 and rise by exactly 1 in commit order.

use std::collections::BTreeMap;
use std::fmt;

use fermata_core::Time;
use fermata_core::id::{ProjectId, SessionId};

use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use crate::entity::{event, topic};
use crate::error::StoreError;
use crate::rows::{self, micros, signed, time, unsigned};
use crate::store::{Store, retrying};

/// Something that events are about, and readers follow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What concerns one project.
    Project(ProjectId),
    /// What happens in one session.
    Session(SessionId),
    /// The state of hosts, for infrastructure components.
    Infrastructure,
}

/// `project/<id>`, `session/<id>` or `infrastructure`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Session(id) => write!(f, "session/{id}"),
            Self::Infrastructure => f.write_str("infrastructure"),
        }
    }
}

impl Topic {
    /// The topic that is shown so; `None`: none is.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            Some(("project", id)) => Some(Self::Project(id.into())),
            Some(("session", id)) => id.parse().ok().map(Self::Session),
            Some(_) => None,
            None => (text == "infrastructure").then_some(Self::Infrastructure),
        }
    }
}

/// An event to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Where.
    pub topic: Topic,
    /// The session it comes from.
    pub session: Option<SessionId>,
    /// The event, encoded; stored and given back as it is.
    pub payload: Vec<u8>,
}

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number in the topic.
    pub sequence: u64,
    /// The session it comes from.
    pub session: Option<SessionId>,
    /// When it happened.
    pub at: Time,
    /// The event, as it was given.
    pub payload: Vec<u8>,
}

/// Events that were appended to a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The topic.
    pub topic: Topic,
    /// How many.
    pub count: u64,
    /// The sequence number of the last one.
    pub last: u64,
}

/// Which events of a topic are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The oldest sequence number that is kept; `last + 1` if none is.
    pub first_kept: u64,
    /// The newest sequence number; 0: there was none yet.
    pub last: u64,
}

impl Store {
    /// Events after this sequence number, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn events_after(
        &self,
        topic: &Topic,
        after: u64,
        limit: u64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let rows = event::Entity::find()
            .filter(event::Column::Topic.eq(topic.to_string()))
            .filter(event::Column::Sequence.gt(signed(after)))
            .order_by_asc(event::Column::Sequence)
            .limit(limit)
            .all(&self.db())
            .await?;
        rows.into_iter().map(StoredEvent::try_from).collect()
    }

    /// Which of these topics have events after the sequence numbers given, or are gone; with their newest sequence
    /// numbers. One query, however many they are.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn topics_beyond(
        &self,
        seen: &BTreeMap<String, u64>,
    ) -> Result<Vec<(String, Option<u64>)>, StoreError> {
        let sql = if self.is_shared() {
            "SELECT w.key AS topic, t.last FROM json_each_text($1::json) w \
             LEFT JOIN topics t ON t.topic = w.key WHERE t.last > w.value::bigint \
             OR (t.last IS NULL AND w.value::bigint > 0)"
        } else {
            "SELECT w.key AS topic, t.last FROM json_each(?) w \
             LEFT JOIN topics t ON t.topic = w.key WHERE t.last > w.value \
             OR (t.last IS NULL AND w.value > 0)"
        };
        let json = rows::encode("topics", seen)?;
        let statement = Statement::from_sql_and_values(self.backend(), sql, [json.into()]);
        let rows = self.db().query_all_raw(statement).await?;
        let changed = rows.iter().map(|row| {
            let Beyond { topic, last } = Beyond::from_query_result(row, "")?;
            Ok((topic, last.map(unsigned).transpose()?))
        });
        changed.collect()
    }

    /// Which events of a topic are there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn bounds(&self, topic: &Topic) -> Result<Bounds, StoreError> {
        // One statement, which is one moment; streams that come back ask for it by the thousand.
        let sql = "SELECT (SELECT last FROM topics WHERE topic = $1) AS last, \
                   (SELECT min(sequence) FROM events WHERE topic = $1) AS first";
        let topic = topic.to_string().into();
        let statement = Statement::from_sql_and_values(self.backend(), sql, [topic]);
        let row = self.db().query_one_raw(statement).await?;
        let row = row.map(|row| BoundsRow::from_query_result(&row, "")).transpose()?;
        let (last, first) = row.map_or((None, None), |row| (row.last, row.first));
        let last = last.map(unsigned).transpose()?.unwrap_or(0);
        let first_kept = first.map(unsigned).transpose()?.unwrap_or(last + 1);
        Ok(Bounds { first_kept, last })
    }

    /// Deletes events that happened before this time, about `limit` of them, oldest first; returns how many.
    /// What remains of a topic has no holes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_events(&self, before: Time, limit: u64) -> Result<u64, StoreError> {
        retrying!({
            let writing = self.write("prune_events").await?;
            let mut pruned = 0;
            for Prefix { topic, upto } in old_prefixes(&writing.db, before, limit).await? {
                let deleted = event::Entity::delete_many()
                    .filter(event::Column::Topic.eq(topic))
                    .filter(event::Column::Sequence.lte(upto))
                    .exec(&writing.db)
                    .await?;
                pruned += deleted.rows_affected;
            }
            writing.commit().await?;
            Ok(pruned)
        })
    }
}

#[derive(FromQueryResult)]
struct Beyond {
    topic: String,
    last: Option<i64>,
}

#[derive(FromQueryResult)]
struct BoundsRow {
    last: Option<i64>,
    first: Option<i64>,
}

/// The oldest events of a topic.
#[derive(FromQueryResult)]
struct Prefix {
    topic: String,
    upto: i64,
}

/// Where to cut topics. The clocks of writers differ, so times need not rise with sequence numbers; cutting
/// whole prefixes leaves no holes all the same.
async fn old_prefixes<C: ConnectionTrait>(
    db: &C,
    before: Time,
    limit: u64,
) -> Result<Vec<Prefix>, StoreError> {
    let oldest = Query::select()
        .columns([event::Column::Topic, event::Column::Sequence])
        .from(event::Entity)
        .and_where(event::Column::At.lt(micros(before)))
        .order_by(event::Column::At, sea_orm::Order::Asc)
        .limit(limit)
        .take();
    let per_topic = Query::select()
        .column(event::Column::Topic)
        .expr_as(Expr::col(event::Column::Sequence).max(), "upto")
        .from_subquery(oldest, "oldest")
        .group_by_col(event::Column::Topic)
        .take();
    let rows = db.query_all(&per_topic).await?;
    Ok(rows.iter().map(|row| Prefix::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// The newest sequence number of a topic; 0: none.
pub(crate) async fn last_sequence<C: ConnectionTrait>(
    db: &C,
    topic: &Topic,
) -> Result<u64, StoreError> {
    let row = topic::Entity::find_by_id(topic.to_string()).one(db).await?;
    Ok(row.map(|row| unsigned(row.last)).transpose()?.unwrap_or(0))
}

/// Appends events, in order. Comes last in a transaction: from here to its end, no other transaction can
/// write to these topics, which is what makes sequence order commit order.
pub(crate) async fn append<'a, C: ConnectionTrait>(
    db: &C,
    events: impl Iterator<Item = &'a NewEvent> + Clone,
    now: Time,
) -> Result<Vec<Appended>, StoreError> {
    let mut counts = BTreeMap::<Topic, i64>::new();
    for event in events.clone() {
        *counts.entry(event.topic.clone()).or_default() += 1;
    }
    let mut next = BTreeMap::new();
    let mut appended = Vec::new();
    // In the order of topics, so that two transactions cannot wait for each other.
    for (topic, count) in counts {
        let last = bump(db, &topic, count).await?;
        next.insert(topic.clone(), last - count + 1);
        appended.push(Appended { topic, count: unsigned(count)?, last: unsigned(last)? });
    }
    let numbered = events.filter_map(|event| {
        let next = next.get_mut(&event.topic)?;
        let sequence = *next;
        *next += 1;
        Some(event::Model {
            topic: event.topic.to_string(),
            sequence,
            session_id: event.session.map(|session| session.0),
            at: micros(now),
            payload: event.payload.clone(),
        })
    });
    rows::insert::<event::Entity, _>(db, numbered.collect(), None).await?;
    Ok(appended)
}

/// Raises a topic's counter; returns the new value.
async fn bump<C: ConnectionTrait>(db: &C, topic: &Topic, by: i64) -> Result<i64, StoreError> {
    let sum = Expr::col((topic::Entity, topic::Column::Last))
        .add(Expr::col((Alias::new("excluded"), topic::Column::Last)));
    let row = topic::ActiveModel { topic: sea_orm::Set(topic.to_string()), last: sea_orm::Set(by) };
    let row = topic::Entity::insert(row)
        .on_conflict(
            OnConflict::column(topic::Column::Topic).value(topic::Column::Last, sum).to_owned(),
        )
        .exec_with_returning(db)
        .await?;
    Ok(row.last)
}

impl TryFrom<event::Model> for StoredEvent {
    type Error = StoreError;

    fn try_from(row: event::Model) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: unsigned(row.sequence)?,
            session: row.session_id.map(SessionId),
            at: time(row.at)?,
            payload: row.payload,
        })
    }
}
