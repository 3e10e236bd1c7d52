//! A server of its own for each test, and clients to it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fermata_proto::v1::audit_service_client::AuditServiceClient;
use fermata_proto::v1::host_service_client::HostServiceClient;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::policy_service_client::PolicyServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_server::config::CloudConfig;
use fermata_server::door::Identity;
use fermata_server::tasks::Tasks;
use fermata_server::{Config, Running, clock, start, start_for};
use fermata_simcloud::{SimCloud, Topology, remote};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::transport::{Channel, Endpoint};

use crate::world::World;

/// No test waits longer for anything.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A client of SessionService.
pub type Sessions = SessionServiceClient<Channel>;
/// A client of HostService.
pub type Hosts = HostServiceClient<Channel>;
/// A client of NotificationService.
pub type Notifications = NotificationServiceClient<Channel>;
/// A client of PolicyService.
pub type Policies = PolicyServiceClient<Channel>;

/// A client of AuditService.
pub type Audit = AuditServiceClient<Channel>;

/// A server with its database and its cloud in a directory of its own.
pub struct Site {
    pub dir: TempDir,
    running: Option<Running>,
}

impl Site {
    /// A server over this cloud.
    pub async fn start(world: &World) -> Self {
        Self::with(world, |_| {}).await
    }

    /// A server over the cloud of this topology file.
    pub async fn start_from_text(topology: &str) -> Self {
        let mut site = Self { dir: directory(topology), running: None };
        site.up(|_| {}).await;
        site
    }

    /// A server over this cloud, with another configuration.
    pub async fn with(world: &World, change: impl FnOnce(&mut Config)) -> Self {
        let mut site = Self::launch(world, change).await;
        site.ready().await;
        site
    }

    /// A server over a cloud in which the test does what others do.
    pub async fn over_open_cloud(world: &World) -> (Self, Arc<SimCloud>) {
        Self::over_open_cloud_with(world, |_| {}).await
    }

    /// The same, with another configuration.
    pub async fn over_open_cloud_with(
        world: &World,
        change: impl FnOnce(&mut Config),
    ) -> (Self, Arc<SimCloud>) {
        let topology = Topology::parse(&world.text()).unwrap();
        let cloud = Arc::new(SimCloud::new(&topology, clock::system()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(remote::serve(Arc::clone(&cloud), listener, std::future::pending()));
        let with_cloud = |config: &mut Config| {
            config.cloud = CloudConfig::SimulatedAt(at);
            change(config);
        };
        (Self::with(world, with_cloud).await, cloud)
    }

    /// A server for callers with credentials of these kinds.
    pub async fn for_callers(world: &World, identity: Identity) -> Self {
        let dir = directory(&world.text());
        let running = start_for(config(dir.path()), identity).await.unwrap();
        let mut site = Self { dir, running: Some(running) };
        site.ready().await;
        site
    }

    /// A server that may not be ready yet.
    pub async fn launch(world: &World, change: impl FnOnce(&mut Config)) -> Self {
        let mut site = Self { dir: directory(&world.text()), running: None };
        site.start_again(change).await;
        site
    }

    /// Starts a server on the directory, as after a stop.
    pub async fn up(&mut self, change: impl FnOnce(&mut Config)) {
        self.start_again(change).await;
        self.ready().await;
    }

    async fn start_again(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = config(self.dir.path());
        change(&mut config);
        self.running = Some(start(config).await.unwrap());
    }

    /// Waits until the server is ready.
    pub async fn ready(&mut self) {
        self.running.as_mut().unwrap().ready().await.unwrap();
    }

    /// The server, to be stopped by the caller.
    pub fn take(&mut self) -> Running {
        self.running.take().unwrap()
    }

    pub async fn stop(&mut self) {
        self.take().stop().await;
    }

    /// One of its pages, with the status line.
    pub async fn page(&self, path: &str) -> String {
        let address = self.running.as_ref().unwrap().http_addr().unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Waits until it has counted that somebody got nothing because of this limit.
    pub async fn counts(&self, limit: &str) {
        let series = format!("fermata_refused_total{{limit=\"{limit}\"}} ");
        eventually(&format!("a refusal because of {limit}"), async || {
            let page = self.page("/metrics").await;
            let count = page.lines().find_map(|line| line.strip_prefix(&series))?;
            (count.parse::<f64>().unwrap() > 0.0).then_some(())
        })
        .await;
    }

    /// What works in it in the background.
    pub fn tasks(&self) -> &Tasks {
        self.running.as_ref().unwrap().tasks()
    }

    pub fn endpoint(&self) -> Endpoint {
        let address = self.running.as_ref().unwrap().grpc_addr();
        Channel::from_shared(format!("http://{address}")).unwrap()
    }

    /// A connection of its own.
    pub async fn channel(&self) -> Channel {
        self.endpoint().connect().await.unwrap()
    }

    pub async fn sessions(&self) -> Sessions {
        Sessions::new(self.channel().await)
    }

    pub async fn hosts(&self) -> Hosts {
        Hosts::new(self.channel().await)
    }

    pub async fn notifications(&self) -> Notifications {
        Notifications::new(self.channel().await)
    }

    pub async fn audit(&self) -> Audit {
        Audit::new(self.channel().await)
    }

    pub async fn policies(&self) -> Policies {
        Policies::new(self.channel().await)
    }
}

/// A directory with a cloud.
pub fn directory(topology: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("topology.toml"), topology).unwrap();
    dir
}

/// The configuration of a server on a directory.
pub fn config(dir: &Path) -> Config {
    let mut config = Config::demo(dir);
    config.poll_interval = Duration::from_millis(20);
    config.reconnect_spread = Duration::ZERO;
    config.cloud = CloudConfig::Simulated {
        topology: Some(dir.join("topology.toml")),
        state: Some(dir.join("cloud.json")),
    };
    config
}

/// The database of a server on a directory.
pub fn database_url(dir: &Path) -> String {
    format!("sqlite://{}?mode=rwc", dir.join("fermata.db").display())
}

/// Waits for something, but not for ever.
pub async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(LIMIT, wait).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// Looks until there is something to be seen.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(what, looking).await
}

/// A time from now, in seconds.
pub fn from_now(seconds: i64) -> prost_types::Timestamp {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    prost_types::Timestamp { seconds: i64::try_from(now).unwrap() + seconds, nanos: 0 }
}

/// A span in milliseconds.
pub fn millis(millis: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration {
        seconds: millis / 1000,
        nanos: i32::try_from(millis % 1000).unwrap() * 1_000_000,
    })
}

/// A time that must be there, in nanoseconds.
pub fn nanos(at: Option<prost_types::Timestamp>) -> i128 {
    let at = at.expect("a time");
    i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos)
}
