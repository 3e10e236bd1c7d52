//! Databases on the PostgreSQL that the tests were given, one for each test.

use fermata_core::id::SessionId;
use sea_orm::sqlx::{self, Connection, PgConnection};
use uuid::Uuid;

/// The server that `DATABASE_URL` names. Without one, tests that need it are left out, but never in CI.
pub fn server() -> Option<String> {
    let url = std::env::var_os("DATABASE_URL").and_then(|url| url.into_string().ok());
    if url.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "DATABASE_URL is not set, and in CI nothing is left out"
        );
        println!("left out: DATABASE_URL is not set; tests/run sets it");
    }
    url
}

/// A new database.
pub fn create_database() -> String {
    let server = server().expect("a PostgreSQL");
    let id = SessionId(Uuid::now_v7()).to_string();
    let name = format!("fermata_test_{}", id.replace('-', ""));
    admin(&server, &format!("CREATE DATABASE {name}"));
    let (base, _) = server.rsplit_once('/').expect("a database in the URL");
    format!("{base}/{name}")
}

/// Drops a database, whoever is connected.
pub fn drop_database(url: &str) {
    let (_, name) = url.rsplit_once('/').expect("a database in the URL");
    let server = server().expect("a PostgreSQL");
    admin(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
}

/// Changes a database, and ends all connections to it.
pub fn alter_database(url: &str, what: &str) {
    let (_, name) = url.rsplit_once('/').expect("a database in the URL");
    let server = server().expect("a PostgreSQL");
    admin(&server, &format!("ALTER DATABASE {name} {what}"));
    let others = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' \
         AND backend_type = 'client backend'"
    );
    admin(&server, &others);
}

fn admin(server: &str, sql: &str) {
    let (server, sql) = (server.to_owned(), sql.to_owned());
    // On a thread of its own: a runtime may be running on this one.
    let work = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        });
    });
    work.join().unwrap();
}
