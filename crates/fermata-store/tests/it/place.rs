//! A database for one test.

use std::io::Write as _;

use fermata_store::{Options, Store};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbErr};
use tempfile::TempDir;
use uuid::Uuid;

/// A database that ends with the test.
pub(crate) struct Place {
    pub(crate) url: String,
    _directory: Option<TempDir>,
    _database: Option<OwnDatabase>,
}

impl Place {
    /// A new SQLite file.
    pub(crate) async fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}/store.db?mode=rwc", directory.path().display());
        Self { url, _directory: Some(directory), _database: None }
    }

    /// A new database on the PostgreSQL server that `DATABASE_URL` names; `None` if it names none.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = postgres_server()?;
        let name = format!("fermata_test_{}", Uuid::now_v7().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await.unwrap();
        let options: PgConnectOptions = server.parse().unwrap();
        let url = options.database(&name).to_url_lossy().to_string();
        Some(Self { url, _directory: None, _database: Some(OwnDatabase { server, name }) })
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// The store, with its tables.
    pub(crate) async fn open(&self) -> Store {
        let store = Store::connect(&self.url, &Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// The database itself, past the store.
    pub(crate) async fn raw(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.unwrap()
    }
}

/// A database on a PostgreSQL server, dropped with this.
struct OwnDatabase {
    server: String,
    name: String,
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let server = self.server.clone();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A runtime cannot wait inside another one. What cannot be dropped stays: the test has its result.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(execute(&server, &sql)))
        });
        let _ = dropping.join();
    }
}

/// The PostgreSQL server to use; `None` if there is none and none is demanded.
fn postgres_server() -> Option<String> {
    let url = std::env::var_os("DATABASE_URL").filter(|url| !url.is_empty());
    if let Some(url) = url {
        return Some(url.into_string().unwrap());
    }
    let demanded = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!demanded, "DATABASE_URL is not set: in CI the tests on PostgreSQL must run");
    // The print macros only show for tests that fail.
    let note = "skipped: DATABASE_URL is not set; tests/run sets it\n";
    std::io::stderr().write_all(note.as_bytes()).unwrap();
    None
}

/// Runs a statement that concerns a server as a whole.
async fn execute(server: &str, sql: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(server);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    db.execute_unprepared(sql).await?;
    db.close().await
}
