//! The clock of leases and outages. It is the database's, so that replicas need not agree on the time.

use std::fmt;
use std::sync::Arc;

use fermata_core::Time;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use crate::error::StoreError;
use crate::rows::time;

/// Which clock counts for leases.
#[derive(Clone)]
pub enum DatabaseClock {
    /// The database's own.
    Database,
    /// This one; for tests that make time themselves.
    Given(Arc<dyn Fn() -> Time + Send + Sync>),
}

impl fmt::Debug for DatabaseClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database => "Database",
            Self::Given(_) => "Given",
        })
    }
}

#[derive(FromQueryResult)]
struct Now {
    now: i64,
}

impl DatabaseClock {
    /// Now.
    pub(crate) async fn now<C: ConnectionTrait>(&self, db: &C) -> Result<Time, StoreError> {
        if let Self::Given(clock) = self {
            return Ok(clock());
        }
        let micros = if db.get_database_backend() == DbBackend::Postgres {
            "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        } else {
            "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
        };
        let query =
            sea_orm::sea_query::Query::select().expr_as(Expr::cust(micros), "now").to_owned();
        let row = db.query_one(&query).await?.ok_or_else(|| {
            StoreError::corrupt("the database's clock", "it does not tell the time")
        })?;
        time(Now::from_query_result(&row, "")?.now)
    }
}
