//! What can go wrong in the store, and the one place that tells passing trouble from lasting trouble.

use std::error::Error;

use fermata_core::id::{HostName, SessionId};
use fermata_core::quota::Exceeded;
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
    /// Only something new was to be stored, and it is there.
    #[error("it exists")]
    Exists {
        /// The revision that is there.
        revision: u64,
    },
    /// There is as much as there may be.
    #[error(transparent)]
    Quota(#[from] Exceeded),
    /// No such session or subscription.
    #[error("not found")]
    NotFound,
    /// A position beyond the newest event of the project.
    #[error("the newest event is {last}")]
    AheadOfTopic {
        /// The newest sequence number; 0: no event yet.
        last: u64,
    },
    /// The database is away, busy, full, read-only or gave up a transaction: the same call may succeed later.
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
    /// A newer release made the session, in a format that this one does not know; a replica of that release works on it.
    #[error("a newer release of Fermata made session {session}, and this one cannot work on it")]
    NewerFormat {
        /// The session.
        session: SessionId,
    },
    /// A text with NUL, which PostgreSQL cannot store.
    #[error("a text contains NUL (U+0000), which cannot be stored")]
    Nul,
    /// It will not get better by itself: the URL or the file is not one of a database for Fermata.
    #[error("{0}")]
    Hopeless(String),
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
            | Self::Exists { .. }
            | Self::Quota(_)
            | Self::NotFound
            | Self::AheadOfTopic { .. }
            | Self::Corrupt { .. }
            | Self::NewerFormat { .. }
            | Self::Nul
            | Self::Hopeless(_)
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
            | Self::Exists { .. }
            | Self::Quota(_)
            | Self::NotFound
            | Self::AheadOfTopic { .. }
            | Self::Corrupt { .. }
            | Self::NewerFormat { .. }
            | Self::Nul
            | Self::Hopeless(_)
            | Self::Database(_) => false,
        }
    }

    /// Whether it is worth waiting at a start: trouble that passes, except where an administrator has to act.
    pub fn may_heal(&self) -> bool {
        match self {
            Self::Unavailable(error) => !code_of(error).is_some_and(|code| is_refused_code(&code)),
            Self::Conflict
            | Self::HostBusy { .. }
            | Self::RequestExists
            | Self::Exists { .. }
            | Self::Quota(_)
            | Self::NotFound
            | Self::AheadOfTopic { .. }
            | Self::Corrupt { .. }
            | Self::NewerFormat { .. }
            | Self::Nul
            | Self::Hopeless(_)
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
        if is_passing(&error) {
            Self::Unavailable(error)
        } else if code_of(&error).is_some_and(|code| is_nul_code(&code)) {
            Self::Nul
        } else {
            Self::Database(error)
        }
    }
}

/// Whether a unique or primary key was violated.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// That of the statement, or of another one that was faster: the database is well.
    Statement,
    /// The database is away, full, read-only, or its disk fails.
    Database,
    /// What is stored is damaged, or is no database.
    Damage,
}

/// Whose fault an error is.
pub(crate) fn blame(error: &DbErr) -> Blame {
    if let Some(code) = code_of(error) {
        let turned_away = is_turned_away(error, &code);
        return if turned_away { Blame::Database } else { blame_of_code(&code) };
    }
    match cause_of(error) {
        // All connections are in use, perhaps.
        Some(SqlxError::PoolTimedOut | SqlxError::PoolClosed) | None => Blame::Statement,
        Some(_) if is_passing(error) => Blame::Database,
        Some(_) => Blame::Statement,
    }
}

fn blame_of_code(code: &str) -> Blame {
    match SqliteCode::parse(code) {
        // NOMEM, READONLY, IOERR, FULL, CANTOPEN
        Some(SqliteCode(7 | 8 | 10 | 13 | 14)) => Blame::Database,
        // CORRUPT, NOTADB
        Some(SqliteCode(11 | 26)) => Blame::Damage,
        Some(_) => Blame::Statement,
        // XX001, XX002: a page or an index is damaged
        None if code.starts_with("XX00") && code != "XX000" => Blame::Damage,
        // 55P03 a lock that is not given, 57014 took too long: others work.
        None if is_lost_race_code(code) || matches!(code, "55P03" | "57014") => Blame::Statement,
        None if is_passing_code(code) || code.starts_with("58") => Blame::Database,
        None => Blame::Statement,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "DbErr and sqlx's Error are non-exhaustive")]
fn cause_of(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause.as_ref()),
        _ => None,
    }
}

fn is_passing(error: &DbErr) -> bool {
    match cause_of(error) {
        Some(
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed,
        ) => true,
        Some(SqlxError::Database(cause)) => {
            cause.code().is_some_and(|code| is_turned_away(error, &code) || is_passing_code(&code))
        }
        // An answer that is none, while the server starts or ends.
        Some(SqlxError::Protocol(_)) => matches!(error, DbErr::Conn(_)),
        Some(_) => false,
        None => matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)),
    }
}

/// Whether a PostgreSQL server let nobody in, for whatever reason; it may do so later.
fn is_turned_away(error: &DbErr, code: &str) -> bool {
    matches!(error, DbErr::Conn(_)) && SqliteCode::parse(code).is_none()
}

/// The primary result code of SQLite: the low byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SqliteCode(u32);

impl SqliteCode {
    /// SQLSTATEs, which are PostgreSQL's, have five characters; SQLite's codes are smaller numbers.
    fn parse(code: &str) -> Option<Self> {
        if code.len() == 5 { None } else { code.parse().ok().map(|code: u32| Self(code & 0xff)) }
    }
}

fn is_passing_code(code: &str) -> bool {
    match SqliteCode::parse(code) {
        // BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN
        Some(SqliteCode(code)) => matches!(code, 5 | 6 | 7 | 8 | 10 | 13 | 14),
        // 08 connection exception, 25P03 idle in transaction for too long, 25006 on a standby, 28 no access and 3D000 no
        // such database, which come and go with an administrator, 53 insufficient resources, 55P03 a lock that is not
        // given, 57014 took too long, 57P0x shutting down or starting up, 58030 a disk that fails
        None => {
            is_lost_race_code(code)
                || ["08", "25P03", "25006", "28", "3D000", "53", "55P03", "57014", "57P0", "58030"]
                    .iter()
                    .any(|class| code.starts_with(class))
        }
    }
}

/// 40001 serialization failure, 40P01 deadlock.
fn is_lost_race_code(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// 22021: PostgreSQL stores no NUL in a text; 22P05: nor in JSON.
fn is_nul_code(code: &str) -> bool {
    matches!(code, "22021" | "22P05")
}

/// 28: the user or its password is refused; 3D000: there is no such database.
fn is_refused_code(code: &str) -> bool {
    code == "3D000" || (code.len() == 5 && code.starts_with("28"))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "DbErr and sqlx's Error are non-exhaustive")]
fn code_of(error: &DbErr) -> Option<String> {
    match cause_of(error)? {
        SqlxError::Database(error) => error.code().map(Into::into),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Blame, blame_of_code, is_passing_code};

    #[test]
    fn passing_codes() {
        for code in [
            "5", "6", "8", "13", "14", "261", "517", "778", "1032", "40001", "40P01", "57P03",
            "57014", "08006", "28P01", "3D000", "53300",
        ] {
            assert!(is_passing_code(code), "{code}");
        }
        for code in ["1", "11", "19", "26", "1555", "2067", "23505", "42P01", "22021", ""] {
            assert!(!is_passing_code(code), "{code}");
        }
    }

    #[test]
    fn whose_fault() {
        for code in
            ["8", "1032", "10", "778", "13", "14", "53100", "57P01", "08006", "25006", "58030"]
        {
            assert_eq!(blame_of_code(code), Blame::Database, "{code}");
        }
        for code in ["11", "267", "26", "XX001", "XX002"] {
            assert_eq!(blame_of_code(code), Blame::Damage, "{code}");
        }
        for code in ["1", "5", "517", "19", "2067", "23505", "40001", "55P03", "57014", "22021"] {
            assert_eq!(blame_of_code(code), Blame::Statement, "{code}");
        }
    }
}
