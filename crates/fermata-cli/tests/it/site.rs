//! A server in this process over the small telco site, with a database of its own.

use std::time::Duration;

use fermata_server::{Config, Running};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;

use crate::run::{self, Ran};

/// One of the site's projects.
pub(crate) const CORE_NETWORK: &str = "3f6c1c52a0f44d0c9a4be1d0c6f7a101";

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Site {
    url: String,
    // Dropped last: the server writes there.
    _running: Running,
    directory: TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut running = fermata_server::start(Config::demo(directory.path())).await.unwrap();
        running.ready().await.unwrap();
        let url = format!("http://{}", running.grpc_addr());
        Self { url, _running: running, directory }
    }

    /// Does something to the database behind the server's back.
    pub(crate) async fn tamper(&self, sql: &str) {
        let path = self.directory.path().join("fermata.db");
        let url = format!("sqlite://{}?mode=rw", path.display());
        let database = sea_orm::Database::connect(url).await.unwrap();
        database.execute_unprepared(sql).await.unwrap();
        database.close().await.unwrap();
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Starts `fermata` against this site.
    pub(crate) fn spawn(&self, arguments: &str) -> Child {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        run::command(&arguments).env("FERMATA_SERVER", &self.url).spawn().unwrap()
    }

    /// Runs `fermata` against this site. Arguments are split at spaces.
    pub(crate) async fn run(&self, arguments: &str) -> Ran {
        run::finish(self.spawn(arguments)).await
    }

    /// The same with JSON as output.
    pub(crate) async fn json(&self, arguments: &str) -> Ran {
        self.run(&format!("{arguments} --output json")).await
    }

    /// Creates a session, and gives its id.
    pub(crate) async fn create(&self, arguments: &str) -> String {
        let session = self.json(&format!("session create --reason test {arguments}")).await.json();
        session["id"].as_str().unwrap().to_owned()
    }

    /// Asks until the answer is as it should be.
    pub(crate) async fn until(&self, arguments: &str, settled: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let answer = self.json(arguments).await.json();
                if settled(&answer) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(answer) => answer,
            Err(_) => panic!("`{arguments}` never answered as it should"),
        }
    }
}
