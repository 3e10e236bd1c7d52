//! Whether the store can be used right now, for readiness. It costs little where all is well: nothing is written to the
//! database then, so an idle disk stays idle. Once a use failed, only a write that lasts says that it is over.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, Executor, Row};
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, TransactionTrait};

use crate::error::StoreError;
use crate::sqlite::{self, OpenedFile};
use crate::store::Store;

/// A commit may need this much.
const ROOM: usize = 64 * 1024;
/// With more than this free, there is no need to try.
const PLENTY: u64 = 16 * 1024 * 1024;
/// Changes nothing, and is written and synced by PostgreSQL like any change.
const TOUCH: &str = "UPDATE meta SET beat_at = beat_at";

impl Store {
    /// Whether reads and writes would succeed now. The caller limits how long it may take.
    ///
    /// # Errors
    /// Says what is wrong, for operators.
    pub async fn probe(&self) -> Result<(), String> {
        if let Some(file) = self.file() {
            file.check()?;
            self.probe_file(file).await
        } else if self.is_shared() {
            self.probe_server().await
        } else {
            Ok(())
        }
    }

    /// SQLite: a connection of its own sees the file as it is, and not as others remember it.
    async fn probe_file(&self, file: &OpenedFile) -> Result<(), String> {
        let path = file.path().display();
        let fails =
            |error: sqlx::Error| format!("the database file {path} cannot be used: {error}");
        let options = SqliteConnectOptions::new().filename(file.path()).disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(fails)?;
        connection.fetch_one("SELECT id FROM meta").await.map_err(fails)?;
        room_beside(file.path())?;
        if let Some(seen) = self.condition().trouble() {
            if seen.damage {
                let row = connection.fetch_one("PRAGMA quick_check(1)").await.map_err(fails)?;
                let found: String = row.try_get(0).map_err(fails)?;
                if found != "ok" {
                    return Err(format!(
                        "the database file {path} is damaged ({found}): stop the server and restore a back-up"
                    ));
                }
            }
            let turn = self.turn().await;
            touch_file(&mut connection).await.map_err(fails)?;
            drop(turn);
            self.condition().passed(&seen);
        }
        connection.close().await.map_err(fails)
    }

    /// PostgreSQL: replicas write their signs of life there all the time, so a failure to write is heard of anyway.
    async fn probe_server(&self) -> Result<(), String> {
        let fails = |error: DbErr| format!("the database does not answer: {error}");
        let db = self.db();
        let ask = sea_orm::Statement::from_string(
            self.backend(),
            "SELECT current_setting('transaction_read_only') = 'on' AS off",
        );
        let row = db.query_one_raw(ask).await.map_err(fails)?;
        let read_only = match &row {
            Some(row) => row.try_get::<bool>("", "off").map_err(fails)?,
            None => false,
        };
        if read_only {
            return Err("the database is read-only: a standby, perhaps, or default_transaction_read_only is on".to_owned());
        }
        if let Some(seen) = self.condition().trouble() {
            let touch = async {
                let writing = self.raw().begin().await?;
                writing.execute_unprepared(TOUCH).await?;
                writing.commit().await
            };
            touch.await.map_err(|error| format!("the database cannot be written to: {error}"))?;
            self.condition().passed(&seen);
        }
        Ok(())
    }

    /// Whether the file that was opened is still there; a write to another one, or to none, must not be answered OK.
    pub(crate) fn is_there(&self) -> Result<(), StoreError> {
        let Some(file) = self.file() else { return Ok(()) };
        file.check()
            .map_err(|gone| StoreError::Unavailable(DbErr::Conn(RuntimeErr::Internal(gone))))
    }
}

/// Writes and syncs something to an SQLite file, and changes nothing: a row that is set to what it is would not be
/// written, a header is.
async fn touch_file(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN IMMEDIATE").await?;
    let row = connection.fetch_one("PRAGMA user_version").await?;
    let version: i64 = row.try_get(0)?;
    let same = format!("PRAGMA user_version = {version}");
    connection.execute(sqlx::AssertSqlSafe(same)).await?;
    connection.execute("COMMIT").await?;
    Ok(())
}

/// Whether the disk has room. Where it says that there is plenty, nothing is written; else it is tried, because quotas and
/// what is reserved for some users count, too: what is written is cut off again before it ever gets to the disk.
fn room_beside(database: &Path) -> Result<(), String> {
    if let Ok(disk) = rustix::fs::statvfs(database)
        && disk.f_bavail.saturating_mul(disk.f_frsize) > PLENTY
        && !disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)
    {
        return Ok(());
    }
    let path = sqlite::lock_of(database);
    let try_it = || -> io::Result<()> {
        let mut file = File::options().create(true).truncate(false).write(true).open(&path)?;
        let written = file.write_all(&[0; ROOM]);
        file.set_len(0)?;
        written
    };
    try_it().map_err(|error| {
        format!("the disk of the database cannot be written to: {}: {error}", path.display())
    })
}
