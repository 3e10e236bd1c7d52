//! Several replicas over one PostgreSQL and one cloud, each with its own runtime, so that one can be ended like a
//! process that is killed.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fermata_server::config::CloudConfig;
use fermata_server::readiness::Check;
use fermata_server::{Config, Running, clock, start};
use fermata_simcloud::{SimCloud, Topology, remote};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use crate::harness::{LIMIT, config};
use crate::world::World;

/// A database and a cloud for several replicas.
pub struct Cluster {
    pub url: String,
    at: SocketAddr,
    directory: TempDir,
    pub lease: Duration,
    pub hints: bool,
}

/// One replica.
pub struct Member {
    runtime: Runtime,
    running: Running,
}

impl Cluster {
    /// `None`: there is no PostgreSQL to test on.
    pub async fn over(world: &World) -> Option<Self> {
        crate::shared::server()?;
        let url = crate::shared::create_database();
        let topology = Topology::parse(&world.text()).unwrap();
        let cloud = Arc::new(SimCloud::new(&topology, clock::system()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(remote::serve(cloud, listener, std::future::pending()));
        let directory = tempfile::tempdir().unwrap();
        Some(Self { url, at, directory, lease: Duration::from_secs(2), hints: true })
    }

    fn config(&self, dir: &Path) -> Config {
        let mut config = config(dir);
        config.database_url.clone_from(&self.url);
        config.cloud = CloudConfig::SimulatedAt(self.at);
        config.lease = self.lease;
        config.hints = self.hints;
        config
    }

    /// Another replica.
    pub async fn member(&self) -> Member {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let config = self.config(self.directory.path());
        let starting = runtime.spawn(async move {
            let mut running = start(config).await.unwrap();
            running.ready().await.unwrap();
            running
        });
        Member { running: starting.await.unwrap(), runtime }
    }
}

impl Cluster {
    /// Changes the database; who is connected has to come again.
    pub fn alter(&self, what: &str) {
        crate::shared::alter_database(&self.url, what);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        crate::shared::drop_database(&self.url);
    }
}

impl Member {
    pub async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.running.grpc_addr());
        Channel::from_shared(address).unwrap().connect().await.unwrap()
    }

    /// What it says of itself.
    pub fn checks(&self) -> Vec<Check> {
        self.running.checks()
    }

    /// Whether it can serve calls.
    pub fn is_ready(&self) -> bool {
        self.checks().iter().all(Check::permits)
    }

    /// Ends it at once; nothing of it is run any further.
    pub async fn kill(self) {
        let Self { runtime, running } = self;
        let kill = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(LIMIT));
        kill.await.unwrap();
        drop(running);
    }

    /// Ends it in good order.
    pub async fn stop(self) {
        let Self { runtime, running } = self;
        runtime.spawn(running.stop()).await.unwrap();
        runtime.shutdown_background();
    }
}
