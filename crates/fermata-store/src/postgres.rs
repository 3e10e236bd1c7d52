//! What only PostgreSQL needs: how it is connected to, migrations of one process at a time, and hints from process
//! to process.

use std::collections::BTreeSet;
use std::str::FromStr as _;
use std::time::Duration;

use fermata_core::id::SessionId;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, Connection as _, PgConnection, Postgres};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;
use crate::events::Topic;
use crate::replicas::ReplicaId;
use crate::store::{Options, Store};

/// Where hints are sent.
const CHANNEL: &str = "fermata";
/// PostgreSQL takes less than 8,000 bytes.
const LONGEST: usize = 7_900;
/// The advisory lock of migrations.
const MIGRATION: i64 = 0x0066_6572_6d61_7461;

/// Sets what matters for PostgreSQL; other databases do not look at it.
pub(crate) fn configure(connect: &mut ConnectOptions, options: &Options) {
    let idle = format!("{}ms", (options.wait_timeout / 10).as_millis());
    connect.map_sqlx_postgres_opts(move |options: PgConnectOptions| {
        options.application_name("fermata").options([
            // A process that hangs or is cut off in the middle of a transaction holds up nobody for long: sessions that
            // it has locked are taken over within two seconds after the lease.
            ("idle_in_transaction_session_timeout", idle.as_str()),
            ("lock_timeout", "8s"),
            ("statement_timeout", "30s"),
            ("tcp_user_timeout", "10s"),
            ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
        ])
    });
}

/// Reaches a PostgreSQL server once, past the pool, which would only say that it took too long.
pub(crate) async fn reach(url: &str, limit: Duration) -> Result<(), StoreError> {
    if !url.starts_with("postgres") {
        return Ok(());
    }
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Hopeless(format!("the database URL is wrong: {error}")))?;
    match tokio::time::timeout(limit, PgConnection::connect_with(&options)).await {
        Ok(reached) => {
            let _ = reached.map_err(passing)?.close().await;
            Ok(())
        }
        Err(_) => Err(StoreError::Unavailable(sea_orm::DbErr::Conn(
            sea_orm::RuntimeErr::Internal(format!("no answer within {limit:?}")),
        ))),
    }
}

/// Holds a lock of the whole database until it is dropped.
pub(crate) struct Alone(Option<sqlx::pool::PoolConnection<Postgres>>);

impl Drop for Alone {
    fn drop(&mut self) {
        // The lock ends with its connection.
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

/// Waits until no other process changes tables. SQLite needs nothing: its migrations are one transaction each.
pub(crate) async fn alone(db: &DatabaseConnection) -> Result<Alone, StoreError> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Alone(None));
    }
    let mut connection = db.get_postgres_connection_pool().acquire().await.map_err(passing)?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(MIGRATION)
        .execute(&mut *connection)
        .await
        .map_err(passing)?;
    Ok(Alone(Some(connection)))
}

/// What a hint says: where it is worth to look. It carries nothing that could not be found without it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hint {
    /// These topics have new events, or are gone.
    pub topics: BTreeSet<Topic>,
    /// These sessions changed.
    pub sessions: BTreeSet<SessionId>,
    /// Sessions may have been left by their replica.
    pub orphans: bool,
    /// More than fits into a hint: look at everything.
    pub everything: bool,
}

impl Hint {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another one says.
    pub fn merge(&mut self, other: Self) {
        self.topics.extend(other.topics);
        self.sessions.extend(other.sessions);
        self.orphans |= other.orphans;
        self.everything |= other.everything;
    }
}

/// A hint on its way.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Wire {
    from: Uuid,
    topics: Vec<String>,
    sessions: Vec<SessionId>,
    orphans: bool,
    everything: bool,
}

impl Store {
    /// Hints to all other processes at this database; nothing is lost if it does not arrive. Not in a
    /// transaction: there, PostgreSQL would let no two processes commit at the same time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn hint(&self, from: ReplicaId, hint: Hint) -> Result<(), StoreError> {
        if !self.is_shared() {
            return Ok(());
        }
        let mut wire = Wire {
            from: from.0,
            topics: hint.topics.iter().map(ToString::to_string).collect(),
            sessions: hint.sessions.into_iter().collect(),
            orphans: hint.orphans,
            everything: hint.everything,
        };
        let encode = |wire: &Wire| crate::rows::encode("hint", wire);
        let mut payload = encode(&wire)?;
        if payload.len() > LONGEST {
            wire = Wire { from: from.0, everything: true, ..Wire::default() };
            payload = encode(&wire)?;
        }
        let sql = "SELECT pg_notify($1, $2)";
        let values = [CHANNEL.into(), payload.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        self.db().execute_raw(statement).await?;
        Ok(())
    }

    /// Hints of other processes; `None` for a database that has only one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn hints(&self) -> Result<Option<Hints>, StoreError> {
        if !self.is_shared() {
            return Ok(None);
        }
        let listening = async {
            // On a connection of its own: one of the pool's would be missing there.
            let raw = self.raw();
            let options = raw.get_postgres_connection_pool().connect_options();
            let pool =
                PgPoolOptions::new().max_connections(1).connect_lazy_with((*options).clone());
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        };
        let listener: Result<_, sqlx::Error> = listening.await;
        Ok(Some(Hints { listener: listener.map_err(passing)? }))
    }
}

fn passing(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(
        std::sync::Arc::new(error),
    )))
}

/// Listens to other processes.
pub struct Hints {
    listener: PgListener,
}

impl Hints {
    /// The next hint that is not of this replica. `None`: the connection was lost, and hints with it; it is made
    /// anew with the next call.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn next(&mut self, own: ReplicaId) -> Result<Option<Hint>, StoreError> {
        loop {
            let Some(notification) = self.listener.try_recv().await.map_err(passing)? else {
                return Ok(None);
            };
            let everything = Hint { everything: true, ..Hint::default() };
            match serde_json::from_str::<Wire>(notification.payload()) {
                Ok(wire) if wire.from == own.0 => {}
                Ok(wire) => {
                    let topics: Option<BTreeSet<_>> =
                        wire.topics.iter().map(|text| Topic::parse(text)).collect();
                    return Ok(Some(Hint {
                        everything: wire.everything || topics.is_none(),
                        topics: topics.unwrap_or_default(),
                        sessions: wire.sessions.into_iter().collect(),
                        orphans: wire.orphans,
                    }));
                }
                // Of a newer version, perhaps.
                Err(_) => return Ok(Some(everything)),
            }
        }
    }
}
