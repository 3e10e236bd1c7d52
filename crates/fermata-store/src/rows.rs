//! From rows to the domain and back: times, numbers, bodies.

use fermata_core::Time;
use fermata_core::id::SessionId;
use fermata_core::replan::promises;
use fermata_core::session::{Head, Notification, Progress, Session, SessionHost, SessionServer};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::{notification, session, session_host, session_server};
use crate::error::StoreError;
use crate::format;
use crate::replicas::ReplicaId;

/// Rows per statement: SQLite takes 32,766 values, and the gain of longer statements is small.
const CHUNK: usize = 500;

/// Microseconds since 1970: the same on every database, and exact.
pub(crate) fn micros(at: Time) -> i64 {
    let micros = at.unix_timestamp_nanos().div_euclid(1000);
    // Every year that `Time` can hold fits.
    i64::try_from(micros).unwrap_or(i64::MAX)
}

pub(crate) fn time(micros: i64) -> Result<Time, StoreError> {
    Time::from_unix_timestamp_nanos(i128::from(micros) * 1000)
        .map_err(|cause| StoreError::corrupt(format!("time {micros}"), cause))
}

/// Numbers beyond what a column holds are beyond everything that is stored, too.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|cause| StoreError::corrupt(format!("number {number}"), cause))
}

pub(crate) fn encode<T: Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|cause| StoreError::corrupt(what, cause))
}

pub(crate) fn decode<T: DeserializeOwned>(what: &str, body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|cause| StoreError::corrupt(what, cause))
}

/// Inserts rows, many at a time.
pub(crate) async fn insert<E, C>(
    db: &C,
    rows: Vec<E::Model>,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    C: ConnectionTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(CHUNK).map(IntoActiveModel::into_active_model);
        let mut insert = E::insert_many::<E::ActiveModel, _>(chunk);
        if let Some(conflict) = &conflict {
            insert = insert.on_conflict(conflict.clone());
        }
        insert.exec_without_returning(db).await?;
    }
    Ok(())
}

impl session::Model {
    pub(crate) fn of(
        session: &Session,
        owner: Option<ReplicaId>,
        epoch: u64,
    ) -> Result<Self, StoreError> {
        let head = &session.head;
        Ok(Self {
            id: head.id.0,
            revision: signed(head.revision),
            state: head.state.name().to_owned(),
            active: !head.state.is_terminal(),
            created_at: micros(head.created_at),
            window_end: micros(head.spec.window.end),
            progress: encode("progress", &Figures(session.progress()))?,
            body: encode("session", head)?,
            owner: owner.map(|replica| replica.0),
            epoch: signed(epoch),
            format: format::CREATED,
        })
    }

    pub(crate) fn head(&self) -> Result<Head, StoreError> {
        format::check(SessionId(self.id), self.format)?;
        decode(&format!("session {}", self.id), &self.body)
    }

    pub(crate) fn figures(&self) -> Result<Progress, StoreError> {
        let figures: Figures = decode(&format!("progress of session {}", self.id), &self.progress)?;
        Ok(figures.0)
    }
}

impl session_host::Model {
    pub(crate) fn of(session: &Session, host: &SessionHost) -> Result<Self, StoreError> {
        Ok(Self {
            session_id: session.head.id.0,
            host: host.host.0.clone(),
            state: host.state.name().to_owned(),
            active: !session.head.state.is_terminal(),
            body: encode("host", host)?,
        })
    }
}

impl session_server::Model {
    pub(crate) fn of(session: Uuid, server: &SessionServer) -> Result<Self, StoreError> {
        Ok(Self {
            session_id: session,
            host: server.key.host.0.clone(),
            server: server.key.server.0.clone(),
            project: server.project.0.clone(),
            body: encode("server", server)?,
            target: promises(server).map(|host| host.0.clone()),
        })
    }
}

impl notification::Model {
    pub(crate) fn of(session: Uuid, notification: &Notification) -> Result<Self, StoreError> {
        Ok(Self {
            id: notification.id.0,
            session_id: session,
            project: notification.project.0.clone(),
            state: notification.state.name().to_owned(),
            created_at: micros(notification.created_at),
            body: encode("notification", notification)?,
        })
    }

    pub(crate) fn notification(&self) -> Result<Notification, StoreError> {
        decode(&format!("notification {}", self.id), &self.body)
    }
}

/// How figures are stored; the domain has no use for that.
#[derive(Serialize, Deserialize)]
struct Figures(#[serde(with = "ProgressBody")] Progress);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Progress")]
struct ProgressBody {
    hosts_total: u32,
    hosts_done: u32,
    hosts_in_maintenance: u32,
    hosts_failed: u32,
    // Releases that do not know it read the rest.
    #[serde(default)]
    hosts_skipped: u32,
    servers_total: u32,
    servers_done: u32,
    servers_in_action: u32,
    servers_failed: u32,
}
