//! What can go wrong in the store, and the one place that tells passing trouble from lasting trouble.

use std::error::Error;

use fermata_core::id::{HostName, SessionId};
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};
use thiserror::Error;

/// Why the store did not do it. Nothing was written, except perhaps where a connection was lost during a
/// commit ([`StoreError::Unavailable`]).
#[derive(Debug, Error)]
pub enum StoreError {
    /// The session changed since it was read, or exists already: read it again and decide again.
    #[error("the session changed meanwhile")]
    Conflict,
    /// Another active session has the host.
    #[error("host '{host}' is in session {session}")]
    HostBusy {
        /// The host.
        host: HostName,
        /// That session.
        session: SessionId,
    },
    /// The caller used this request id before; [`crate::Store::request`] has the answer it got.
    #[error("the request id was used before")]
    RequestExists,
    /// No such session or subscription.
    #[error("not found")]
    NotFound,
    /// A position beyond the newest event of the project.
    #[error("the newest event is {last}")]
    AheadOfTopic {
        /// The newest sequence number; 0: no event yet.
        last: u64,
    },
    /// The database is away, busy, full or gave up a transaction: the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// Something stored does not say what it should.
    #[error("{what} is damaged")]
    Corrupt {
        /// Which row.
        what: String,
        /// What is wrong with it.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The database refused, and would refuse again.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl StoreError {
    /// Whether the database ended a transaction in favour of another one; the same one again may win.
    pub(crate) fn is_lost_race(&self) -> bool {
        match self {
            Self::Unavailable(error) => code_of(error).is_some_and(|code| is_lost_race_code(&code)),
            Self::Conflict
            | Self::HostBusy { .. }
            | Self::RequestExists
            | Self::NotFound
            | Self::AheadOfTopic { .. }
            | Self::Corrupt { .. }
            | Self::Database(_) => false,
        }
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Conflict
            | Self::HostBusy { .. }
            | Self::RequestExists
            | Self::NotFound
            | Self::AheadOfTopic { .. }
            | Self::Corrupt { .. }
            | Self::Database(_) => false,
        }
    }

    /// Something that others hold was not to be had in time.
    pub fn busy() -> Self {
        Self::Unavailable(DbErr::Conn(RuntimeErr::Internal("others are busy with it".to_owned())))
    }

    pub(crate) fn corrupt(
        what: impl Into<String>,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what: what.into(), cause: cause.into() }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_passing(&error) { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Whether a unique or primary key was violated.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "DbErr and sqlx's Error are non-exhaustive")]
fn is_passing(error: &DbErr) -> bool {
    let cause = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            cause
        }
        _ => return false,
    };
    match cause.as_ref() {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        SqlxError::Database(error) => error.code().is_some_and(|code| is_passing_code(&code)),
        _ => false,
    }
}

/// SQLSTATEs have five characters; SQLite's result codes are smaller numbers, with the primary code in the
/// low byte.
fn is_passing_code(code: &str) -> bool {
    if code.len() == 5 {
        // 08 connection exception, 25P03 idle in transaction for too long, 25006 on a standby, 53 insufficient
        // resources, 55P03 a lock that is not given, 57014 took too long, 57P0x shutting down or starting up
        return is_lost_race_code(code)
            || ["08", "25P03", "25006", "53", "55P03", "57014", "57P0"]
                .iter()
                .any(|class| code.starts_with(class));
    }
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 13))
}

/// 40001 serialization failure, 40P01 deadlock.
fn is_lost_race_code(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "DbErr and sqlx's Error are non-exhaustive")]
fn code_of(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match cause.as_ref() {
                SqlxError::Database(error) => error.code().map(Into::into),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_passing_code;

    #[test]
    fn passing_codes() {
        for code in
            ["5", "6", "13", "261", "517", "40001", "40P01", "57P03", "57014", "08006", "53300"]
        {
            assert!(is_passing_code(code), "{code}");
        }
        for code in ["1", "11", "19", "1555", "2067", "23505", "42P01", ""] {
            assert!(!is_passing_code(code), "{code}");
        }
    }
}
