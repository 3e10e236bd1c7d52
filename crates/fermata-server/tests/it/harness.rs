//! A server of its own for each test, and clients to it.

use std::path::Path;
use std::time::Duration;

use fermata_proto::v1;
use fermata_proto::v1::host_service_client::HostServiceClient;
use fermata_proto::v1::notification_service_client::NotificationServiceClient;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_server::config::CloudConfig;
use fermata_server::{Config, Running, start};
use tempfile::TempDir;
use tonic::transport::Channel;

/// No test waits longer for anything.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Three hosts, two projects; actions take some tens of milliseconds.
pub const TOPOLOGY: &str = include_str!("topology.toml");

/// A server with its database and its cloud in a directory of its own.
pub struct Site {
    pub dir: TempDir,
    running: Option<Running>,
}

impl Site {
    pub async fn start() -> Self {
        Self::with(TOPOLOGY, |_| {}).await
    }

    pub async fn with(topology: &str, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("topology.toml"), topology).unwrap();
        let mut site = Self { dir, running: None };
        site.up(change).await;
        site
    }

    /// Starts a server on the directory, as after a stop.
    pub async fn up(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = config(self.dir.path());
        change(&mut config);
        let mut running = start(config).await.unwrap();
        running.ready().await.unwrap();
        self.running = Some(running);
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub async fn channel(&self) -> Channel {
        let address = self.running.as_ref().unwrap().grpc_addr();
        Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
    }

    pub async fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel().await)
    }

    pub async fn hosts(&self) -> HostServiceClient<Channel> {
        HostServiceClient::new(self.channel().await)
    }

    pub async fn notifications(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.channel().await)
    }
}

fn config(dir: &Path) -> Config {
    let mut config = Config::demo(dir);
    config.poll_interval = Duration::from_millis(20);
    config.reconnect_spread = Duration::ZERO;
    config.cloud = CloudConfig::Simulated {
        topology: Some(dir.join("topology.toml")),
        state: Some(dir.join("cloud.json")),
    };
    config
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

/// A session over these hosts with short reply periods.
pub fn spec(hosts: &[&str]) -> v1::SessionSpec {
    v1::SessionSpec {
        hosts: Some(v1::HostSelection {
            names: hosts.iter().map(ToString::to_string).collect(),
            ..Default::default()
        }),
        window: Some(v1::Window { start_time: None, end_time: Some(from_now(3600)) }),
        reason: "new firmware".to_owned(),
        announce_reply_period: millis(0),
        drain_reply_period: millis(100),
        ..Default::default()
    }
}

pub async fn create(
    sessions: &mut SessionServiceClient<Channel>,
    spec: v1::SessionSpec,
) -> v1::Session {
    let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
    sessions.create_session(request).await.unwrap().into_inner().session.unwrap()
}

/// Reads a session until it is as wanted.
pub async fn until(
    sessions: &mut SessionServiceClient<Channel>,
    id: &str,
    wanted: impl Fn(&v1::Session) -> bool,
) -> v1::Session {
    let request = v1::WatchSessionRequest { session_id: id.to_owned(), ..Default::default() };
    let look = async {
        let mut stream = sessions.watch_session(request).await.unwrap().into_inner();
        loop {
            let request = v1::GetSessionRequest { session_id: id.to_owned() };
            let found = sessions.get_session(request).await.unwrap().into_inner().session.unwrap();
            if wanted(&found) {
                return found;
            }
            // Any event is a reason to look again.
            stream.message().await.unwrap();
        }
    };
    match tokio::time::timeout(LIMIT, look).await {
        Ok(found) => found,
        Err(_) => {
            let request = v1::GetSessionRequest { session_id: id.to_owned() };
            let found = sessions.get_session(request).await.unwrap().into_inner();
            panic!("the session did not get there: {found:#?}")
        }
    }
}

pub fn state(session: &v1::Session) -> v1::SessionState {
    session.status.as_ref().unwrap().state()
}

pub fn host_state(session: &v1::Session, host: &str) -> v1::SessionHostState {
    let status = session.status.as_ref().unwrap();
    status.hosts.iter().find(|h| h.host == host).unwrap().state()
}
