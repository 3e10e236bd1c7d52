//! Reading, listing and deleting sessions.

mod counts;
mod queries;

use std::collections::BTreeMap;
use std::sync::Arc;

use fermata_core::Time;
use fermata_core::audit::{Change, digest};
use fermata_core::id::{HostName, SessionId};
use fermata_core::session::{
    Head, Notification, Progress, Session, SessionHost, SessionServer, SessionState,
};

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::audit::{self, Asked};
use crate::entity::{event, notification, session, session_host, session_server, topic};
use crate::error::StoreError;
use crate::events::{self, Appended, Topic, last_sequence};
use crate::host_states::{self, Tell};
use crate::requests;
use crate::rows::{decode, encode, micros, signed, unsigned};
use crate::store::{Store, retrying};

use self::counts::Counts;
pub(crate) use self::counts::Over;
#[doc(hidden)]
pub use self::queries::Asked as AskedOfSessions;

/// Which sessions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionQuery {
    /// In one of these states; empty: any.
    pub states: Vec<SessionState>,
    /// With this host.
    pub host: Option<HostName>,
    /// Whose window ends after this time.
    pub ends_after_time: Option<Time>,
    /// By creation.
    pub order: Order,
    /// After the session with this creation time and id, in that order.
    pub after: Option<(Time, SessionId)>,
    /// At most this many.
    pub limit: u64,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    NewestFirst,
    /// Oldest first.
    OldestFirst,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The session without its rows.
    pub head: Head,
    /// Its figures.
    pub progress: Progress,
}

/// A session that was deleted because it is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// Which.
    pub session: SessionId,
    /// The trace of the call that created it, if that is known.
    pub trace_parent: Option<String>,
}

impl Store {
    /// A session with all its rows.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn load(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        Ok(self.load_with_epoch(id).await?.map(|(session, _)| session))
    }

    /// A session with all its rows, and the epoch under which it is worked on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn load_with_epoch(
        &self,
        id: SessionId,
    ) -> Result<Option<(Session, u64)>, StoreError> {
        let db = self.read().await?;
        load(&db, id).await
    }

    /// The revision and the epoch of a session as it stands: whether what is known of it is still true.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn version(&self, id: SessionId) -> Result<Option<(u64, u64)>, StoreError> {
        let row: Option<(i64, i64)> = session::Entity::find_by_id(id.0)
            .select_only()
            .columns([session::Column::Revision, session::Column::Epoch])
            .into_tuple()
            .one(&self.db())
            .await?;
        row.map(|(revision, epoch)| Ok((unsigned(revision)?, unsigned(epoch)?))).transpose()
    }

    /// A session with all its rows, and the last sequence number of its topic at that moment.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn session_snapshot(
        &self,
        id: SessionId,
    ) -> Result<Option<(Session, u64)>, StoreError> {
        let db = self.read().await?;
        let Some((session, _)) = load(&db, id).await? else { return Ok(None) };
        let last = last_sequence(&db, &Topic::Session(id)).await?;
        Ok(Some((session, last)))
    }

    /// Sessions that are not at their end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn active_sessions(&self) -> Result<Vec<SessionId>, StoreError> {
        active_ids(&self.db()).await
    }

    /// How many sessions are in each state. Those that are over are counted anew when one of the others changed, and once in
    /// a while.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn sessions_by_state(&self) -> Result<Vec<(SessionState, u64)>, StoreError> {
        let states: Vec<String> = queries::open_states().into_tuple().all(&self.db()).await?;
        let mut counted = BTreeMap::new();
        states.into_iter().for_each(|state| *counted.entry(state).or_insert(0) += 1);
        let open: Counts = counted.into_iter().collect();
        let over = match self.over.known(&open) {
            Some(over) => over,
            None => {
                let over: Counts = queries::over_by_state().into_tuple().all(&self.db()).await?;
                self.over.counted(open.clone(), over.clone());
                over
            }
        };
        let count = |state: SessionState| {
            let found = open.iter().chain(&over).find(|(name, _)| name == state.name());
            found.and_then(|(_, count)| u64::try_from(*count).ok()).unwrap_or(0)
        };
        Ok(SessionState::ALL.into_iter().map(|state| (state, count(state))).collect())
    }

    /// How many sessions are not over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn open_sessions(&self) -> Result<u64, StoreError> {
        // The column itself, not compared with a value: only so is the partial index used.
        let active = Expr::col((session::Entity, session::Column::Active));
        let open = session::Entity::find().filter(active);
        Ok(open.count(&self.db()).await?)
    }

    /// Deletes sessions that are over and whose window ended before this time, about `limit` of them, with their events;
    /// returns which. Those that retired a host stay: they say that it is not to be used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_sessions(
        &self,
        before: Time,
        limit: u64,
    ) -> Result<Vec<Pruned>, StoreError> {
        retrying!({
            let writing = self.write("prune_sessions").await?;
            let db = &writing.db;
            let old: Vec<session::Model> = queries::old(before, limit).all(db).await?;
            let topics = || old.iter().map(|row| Topic::Session(SessionId(row.id)).to_string());
            event::Entity::delete_many()
                .filter(event::Column::Topic.is_in(topics()))
                .exec(db)
                .await?;
            topic::Entity::delete_many()
                .filter(topic::Column::Topic.is_in(topics()))
                .exec(db)
                .await?;
            session::Entity::delete_many()
                .filter(session::Column::Id.is_in(old.iter().map(|row| row.id)))
                .exec(db)
                .await?;
            writing.commit().await?;
            self.over.forget();
            let pruned = old.iter().map(|row| Pruned {
                session: SessionId(row.id),
                // One of a release that is not known is deleted all the same.
                trace_parent: row.head().ok().and_then(|head| head.trace_parent),
            });
            Ok(pruned.collect())
        })
    }

    /// Sessions without their rows, by creation.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn list_sessions(&self, query: &SessionQuery) -> Result<Vec<Listed>, StoreError> {
        let mut selects = queries::listed(query);
        let rows = match (selects.pop(), selects.is_empty()) {
            (None, _) => Vec::new(),
            (Some(only), true) => only.all(&self.db()).await?,
            (Some(last), false) => {
                // All of one moment, or a session could be in two states.
                let db = self.read().await?;
                let mut rows = last.all(&db).await?;
                for select in selects {
                    rows.extend(select.all(&db).await?);
                }
                rows.sort_unstable_by_key(|row| (row.created_at, row.id));
                if query.order == Order::NewestFirst {
                    rows.reverse();
                }
                rows.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
                rows
            }
        };
        rows.iter().map(|row| Ok(Listed { head: row.head()?, progress: row.figures()? })).collect()
    }

    /// Deletes a session, if it is still as it was read, with its rows and its topic. Events of other topics and the audit trail
    /// stay; hosts that it retired are told of with `tell`. Returns the topics that got events.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] if the revision is another one;
    /// [`StoreError::RequestExists`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn delete_session(
        &self,
        session: &Session,
        asked: Asked<'_, ()>,
        tell: Tell,
    ) -> Result<Vec<Appended>, StoreError> {
        let (id, revision) = (session.head.id, session.head.revision);
        let before = digest(bodies(session)?.iter().map(String::as_str));
        let writing = self.write("delete_session").await?;
        let db = &writing.db;
        requests::note(db, (asked.record)(&()).as_ref(), asked.now).await?;
        let retired = host_states::retired_by(db, id).await?;
        let deleted = session::Entity::delete_many()
            .filter(session::Column::Id.eq(id.0))
            .filter(session::Column::Revision.eq(signed(revision)))
            .exec(db)
            .await?;
        if deleted.rows_affected == 0 {
            let there = session::Entity::find_by_id(id.0).count(db).await? > 0;
            return Err(if there { StoreError::Conflict } else { StoreError::NotFound });
        }
        let topic = Topic::Session(id).to_string();
        event::Entity::delete_many().filter(event::Column::Topic.eq(&topic)).exec(db).await?;
        topic::Entity::delete_by_id(topic).exec(db).await?;
        let events = host_states::of_deletion(db, id, &retired, asked.now, tell).await?;
        let appended = events::append(db, events.iter(), asked.now).await?;
        audit::record(db, asked.entry, Change { before, after: None }, asked.now).await?;
        writing.commit().await?;
        self.over.forget();
        Ok(appended)
    }
}

/// The texts that a session is stored as: its head, hosts, servers, notifications.
fn bodies(session: &Session) -> Result<Vec<String>, StoreError> {
    let mut bodies = vec![encode("session", &session.head)?];
    for host in session.hosts.values() {
        bodies.push(encode("host", host)?);
    }
    for server in session.servers.values() {
        bodies.push(encode("server", server)?);
    }
    for notification in session.notifications.values() {
        bodies.push(encode("notification", notification)?);
    }
    Ok(bodies)
}

impl Order {
    pub(crate) fn sql(self) -> sea_orm::Order {
        match self {
            Self::NewestFirst => sea_orm::Order::Desc,
            Self::OldestFirst => sea_orm::Order::Asc,
        }
    }
}

/// What comes after a row in a list by creation. Ids settle the order of rows of the same time.
pub(crate) fn beyond<C: ColumnTrait>(
    created_at: C,
    id: C,
    order: Order,
    last_time: Time,
    last_id: Uuid,
) -> Expr {
    let row = Expr::tuple([created_at.into_expr(), id.into_expr()]);
    let last = Expr::tuple([Expr::value(micros(last_time)), Expr::value(last_id)]);
    match order {
        Order::NewestFirst => row.lt(last),
        Order::OldestFirst => row.gt(last),
    }
}

pub(crate) async fn active_ids<C: ConnectionTrait>(db: &C) -> Result<Vec<SessionId>, StoreError> {
    let ids: Vec<Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        // The column itself, not compared with a value: only so is the partial index used.
        .filter(Expr::col((session::Entity, session::Column::Active)))
        .order_by_asc(session::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(SessionId).collect())
}

async fn load<C: ConnectionTrait>(
    db: &C,
    id: SessionId,
) -> Result<Option<(Session, u64)>, StoreError> {
    let Some(row) = session::Entity::find_by_id(id.0).one(db).await? else { return Ok(None) };
    let hosts: Vec<String> = session_host::Entity::find()
        .select_only()
        .column(session_host::Column::Body)
        .filter(session_host::Column::SessionId.eq(id.0))
        .into_tuple()
        .all(db)
        .await?;
    let servers: Vec<String> = session_server::Entity::find()
        .select_only()
        .column(session_server::Column::Body)
        .filter(session_server::Column::SessionId.eq(id.0))
        .into_tuple()
        .all(db)
        .await?;
    let notifications: Vec<String> = notification::Entity::find()
        .select_only()
        .column(notification::Column::Body)
        .filter(notification::Column::SessionId.eq(id.0))
        .into_tuple()
        .all(db)
        .await?;
    let (host, server, notification) = (
        format!("a host of session {id}"),
        format!("a server of session {id}"),
        format!("a notification of session {id}"),
    );
    let hosts = hosts.iter().map(|body| {
        let entry: SessionHost = decode(&host, body)?;
        Ok((entry.host.clone(), Arc::new(entry)))
    });
    let servers = servers.iter().map(|body| {
        let entry: SessionServer = decode(&server, body)?;
        Ok((entry.key.clone(), Arc::new(entry)))
    });
    let notifications = notifications.iter().map(|body| {
        let entry: Notification = decode(&notification, body)?;
        Ok((entry.id, Arc::new(entry)))
    });
    let session = Session {
        head: row.head()?,
        hosts: hosts.collect::<Result<_, StoreError>>()?,
        servers: servers.collect::<Result<_, StoreError>>()?,
        notifications: notifications.collect::<Result<_, StoreError>>()?,
    };
    Ok(Some((session, unsigned(row.epoch)?)))
}
