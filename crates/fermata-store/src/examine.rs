//! Whether a database URL can ever be used, before anything is made beside the file that it names.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::str::FromStr as _;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, Executor, Row};

use crate::error::StoreError;
use crate::sqlite;

/// How every file of SQLite begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
const KINDS: &str = "sqlite://FILE?mode=rwc or postgres://USER@HOST/NAME";

/// A database as people may see it: a file by its whole path, a URL without its password and options.
pub fn describe(url: &str) -> String {
    if let Some(file) = sqlite::file_of(url) {
        return std::path::absolute(&file).unwrap_or(file).display().to_string();
    }
    match PgConnectOptions::from_str(url) {
        Ok(options) if url.starts_with("postgres") => format!(
            "postgres://{}@{}:{}/{}",
            options.get_username(),
            options.get_socket().map_or(options.get_host().into(), |path| path.to_string_lossy()),
            options.get_port(),
            options.get_database().unwrap_or_default()
        ),
        // Only what comes before everything that might be secret.
        Ok(_) | Err(_) => url.split_once(':').map_or(url, |(scheme, _)| scheme).to_owned(),
    }
}

/// Finds what is wrong with a database URL, or with the file that it names, and would not get better by waiting.
/// Creates and changes nothing. A file that this process has open already must not be asked for.
///
/// # Errors
/// [`StoreError::Hopeless`].
pub async fn examine(url: &str) -> Result<(), StoreError> {
    let hopeless = |text: String| Err(StoreError::Hopeless(text));
    let Some((scheme, _)) = url.split_once(':') else {
        return hopeless(format!("the database URL has no scheme; it must be {KINDS}"));
    };
    match scheme {
        "postgres" | "postgresql" => match PgConnectOptions::from_str(url) {
            Ok(_) => Ok(()),
            Err(error) => hopeless(format!("the database URL is wrong: {error}")),
        },
        "sqlite" => match SqliteConnectOptions::from_str(url) {
            Ok(_) if url.contains("mode=ro") && !url.contains("mode=rw") => hopeless(
                "the database URL has mode=ro; Fermata has to write, use mode=rwc".to_owned(),
            ),
            Ok(options) => match sqlite::file_of(url) {
                Some(path) => examine_file(&path, url.contains("mode=rwc"), options).await,
                None => Ok(()),
            },
            Err(error) => hopeless(format!("the database URL is wrong: {error}")),
        },
        _ => hopeless(format!(
            "there is no driver for a database '{scheme}:'; the URL must be {KINDS}"
        )),
    }
}

async fn examine_file(
    path: &Path,
    may_create: bool,
    options: SqliteConnectOptions,
) -> Result<(), StoreError> {
    let hopeless = |text: String| Err(StoreError::Hopeless(text));
    let shown = path.display();
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return absent(path, may_create),
        Err(error) => {
            return hopeless(format!("the database file {shown} cannot be read: {error}"));
        }
    };
    if !found.is_file() {
        return hopeless(format!("{shown} is not a file; the database URL must name a file"));
    }
    let mut head = Vec::new();
    let open = |write| File::options().read(true).write(write).open(path);
    let file = match open(true) {
        // It may be mounted otherwise again.
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => open(false),
        opened => opened,
    };
    let read = file.and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut head));
    if let Err(error) = read {
        return hopeless(format!("the database file {shown} cannot be read and written: {error}"));
    }
    if head.is_empty() {
        return Ok(());
    }
    if head != MAGIC {
        return hopeless(format!(
            "{shown} is not an SQLite database: it may be damaged, or belong to another program"
        ));
    }
    // What cannot be read in this way may still be in the log beside the file.
    match is_foreign(options).await {
        Ok(true) => hopeless(format!(
            "{shown} is an SQLite database of another program: it has tables, but none of Fermata"
        )),
        Ok(false) | Err(_) => Ok(()),
    }
}

fn absent(path: &Path, may_create: bool) -> Result<(), StoreError> {
    let shown = path.display();
    if !may_create {
        return Err(StoreError::Hopeless(format!(
            "the database file {shown} does not exist, and is not made: that takes ?mode=rwc in its URL"
        )));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(fs::metadata) {
        None => Ok(()),
        Some(Ok(found)) if found.is_dir() => Ok(()),
        Some(Ok(_)) => Err(StoreError::Hopeless(format!(
            "the database file {shown} cannot be created: what should be its folder is none"
        ))),
        // It is made with the file.
        Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Some(Err(error)) => Err(StoreError::Hopeless(format!(
            "the database file {shown} cannot be created, because of its folder: {error}"
        ))),
    }
}

/// Whether it has tables and none of them is Fermata's. As a file that nobody changes: only so nothing is made beside
/// it.
async fn is_foreign(options: SqliteConnectOptions) -> Result<bool, sqlx::Error> {
    let options = options
        .read_only(true)
        .create_if_missing(false)
        .immutable(true)
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let sql = "SELECT count(*), count(*) FILTER (WHERE name = 'seaql_migrations') \
               FROM sqlite_master WHERE type = 'table'";
    let row = connection.fetch_one(sql).await?;
    let (tables, own): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    connection.close().await?;
    Ok(tables > 0 && own == 0)
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn item_3_a_database_is_described_without_its_password() {
        let url = "postgres://fermata:secret@db.example:5433/maintenance?sslmode=require";
        assert_eq!(describe(url), "postgres://fermata@db.example:5433/maintenance");
        assert_eq!(describe("sqlite:///var/lib/f.db?mode=rwc"), "/var/lib/f.db");
        let relative = describe("sqlite://f.db?mode=rwc");
        assert!(relative.starts_with('/') && relative.ends_with("/f.db"), "{relative}");
        assert_eq!(describe("mysql://root:secret@localhost"), "mysql");
    }
}
