//! What outlives a process: a database and a cloud.

use std::sync::Arc;
use std::time::Duration;

use fermata_simcloud::{SimCloud, Topology};
use fermata_store::Options;
use sea_orm::sqlx::{self, Connection, PgConnection};
use tempfile::TempDir;

use crate::crash::time::WorldTime;
use crate::world::World;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// How many sessions are run at once: PostgreSQL is waited for, most of the time.
    pub fn threads(self) -> usize {
        match self {
            Self::Sqlite => 2,
            Self::Postgres => 5,
        }
    }
}

/// A database and a cloud.
pub struct Place {
    kind: Kind,
    directory: TempDir,
    pub url: String,
    pub cloud: Arc<SimCloud>,
    pub time: WorldTime,
}

/// Where tests find PostgreSQL. Without one they are left out, but never in CI.
pub fn postgres_is_there() -> bool {
    crate::shared::server().is_some()
}

/// How the database is used: neither virtual time nor a busy machine makes a statement late.
pub fn patient() -> Options {
    Options { wait_timeout: Duration::from_secs(3600), max_connections: 4, ..Options::default() }
}

/// Three hosts to maintain and one to move to. One server fails to move however often it is tried.
fn cloud(time: &WorldTime) -> Arc<SimCloud> {
    let text = World::of_hosts(4)
        .server("live", "orange", "compute-1")
        .server("keep", "violet", "compute-1")
        .server("cold", "orange", "compute-2")
        .server("fails", "violet", "compute-3")
        .fault("operation = \"live_migrate\", server = \"fails\", kind = \"fails\"")
        .text();
    let topology = Topology::parse(&text).unwrap();
    let clock = time.clone();
    Arc::new(SimCloud::new(&topology, Arc::new(move || clock.now())))
}

impl Place {
    pub fn new(kind: Kind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}/fermata.db?mode=rwc", directory.path().display()),
            Kind::Postgres => crate::shared::create_database(),
        };
        let time = WorldTime::new();
        let cloud = cloud(&time);
        Self { kind, directory, url, cloud, time }
    }

    /// A new world on the same database, emptied.
    pub fn clear(&mut self) {
        self.time = WorldTime::new();
        self.cloud = cloud(&self.time);
        match self.kind {
            Kind::Sqlite => {
                for file in std::fs::read_dir(self.directory.path()).unwrap() {
                    std::fs::remove_file(file.unwrap().path()).unwrap();
                }
            }
            Kind::Postgres => clear(&self.url),
        }
    }
}

fn clear(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let there = "SELECT count(*) FROM pg_tables WHERE tablename = 'sessions'";
        let there: i64 = sqlx::query_scalar(there).fetch_one(&mut connection).await.unwrap();
        if there > 0 {
            // The connections of a process that has just ended may not have ended yet.
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND usename = current_user \
                       AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            let sql = "TRUNCATE sessions, session_hosts, session_servers, notifications, audit, audit_records, topics, \
                       events, subscriptions, requests, replicas, outages, host_states";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            let sql = "UPDATE audit_chain SET last = 0, hash = decode(repeat('00', 32), 'hex')";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            let sql = "UPDATE meta SET beat_at = NULL";
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    });
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.kind == Kind::Postgres {
            crate::shared::drop_database(&self.url);
        }
    }
}
