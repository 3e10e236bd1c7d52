//! How long moves took: a row per move, of which the newest are kept.

use fermata_core::cloud::MigrationKind;
use fermata_core::problem::Measured;
use fermata_core::session::{ServerKey, Session};
use fermata_core::{Duration, Time};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::entity::measured_move::{Column, Entity, Model};
use crate::error::StoreError;
use crate::rows::{micros, unsigned};
use crate::store::{Store, retrying};

/// So many of the newest are looked at.
const NEWEST: u64 = 200;

impl Store {
    /// How long the newest moves took.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn measured_moves(&self) -> Result<Vec<Measured>, StoreError> {
        let newest = Entity::find().order_by_desc(Column::EndedAt).limit(NEWEST);
        newest.all(&self.db()).await?.into_iter().map(Model::measured).collect()
    }

    /// Forgets moves that ended before. Gives how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn prune_moves(&self, before: Time) -> Result<u64, StoreError> {
        retrying!({
            let writing = self.write("moves").await?;
            let old = Entity::delete_many().filter(Column::EndedAt.lt(micros(before)));
            let gone = old.exec(&writing.db).await?.rows_affected;
            writing.commit().await?;
            Ok(gone)
        })
    }
}

/// Writes down how long moves took that ended in a step.
pub(crate) async fn note<C: ConnectionTrait>(
    db: &C,
    session: &Session,
    moves: &[(ServerKey, Measured)],
    now: Time,
) -> Result<(), StoreError> {
    let rows = moves.iter().map(|(key, measured)| Model::of(session, key, measured, now));
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    // One that was drained twice from the same host counts as it was the last time.
    let key = [Column::SessionId, Column::Host, Column::Server];
    let news = [Column::Kind, Column::MemoryMib, Column::Millis, Column::EndedAt];
    Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::columns(key).update_columns(news).to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

impl Model {
    fn of(session: &Session, key: &ServerKey, measured: &Measured, now: Time) -> Self {
        let kind = match measured.kind {
            MigrationKind::Live => "live",
            MigrationKind::Cold | MigrationKind::Other => "cold",
        };
        Self {
            session_id: session.head.id.0,
            host: key.host.0.clone(),
            server: key.server.0.clone(),
            kind: kind.to_owned(),
            memory_mib: i64::try_from(measured.memory_mib).unwrap_or(i64::MAX),
            millis: i64::try_from(measured.took.whole_milliseconds()).unwrap_or(i64::MAX),
            ended_at: micros(now),
        }
    }

    fn measured(self) -> Result<Measured, StoreError> {
        let kind = match self.kind.as_str() {
            "live" => MigrationKind::Live,
            "cold" => MigrationKind::Cold,
            other => {
                let what = format!("move of server {}", self.server);
                return Err(StoreError::corrupt(what, format!("there is no kind '{other}'")));
            }
        };
        let memory_mib = unsigned(self.memory_mib)?;
        Ok(Measured { kind, memory_mib, took: Duration::milliseconds(self.millis) })
    }
}
