//! The start and the end of a server process. It listens at once and says NOT_SERVING until migrations
//! ran; at its end it says so, lets streams go with a token to resume from, finishes calls under way, and
//! only then closes the database.

mod cloud;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fermata_openstack::Keystone;
use fermata_proto::FILE_DESCRIPTOR_SET;
use fermata_proto::server::audit_service_server::{AuditServiceServer, SERVICE_NAME as AUDIT};
use fermata_proto::server::host_service_server::{HostServiceServer, SERVICE_NAME as HOSTS};
use fermata_proto::server::notification_service_server::{
    NotificationServiceServer, SERVICE_NAME as NOTIFICATIONS,
};
use fermata_proto::server::policy_service_server::{PolicyServiceServer, SERVICE_NAME as POLICIES};
use fermata_proto::server::session_service_server::{
    SERVICE_NAME as SESSIONS, SessionServiceServer,
};
use fermata_store::{Claim, InUse, Options, Store, StoreError};
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::assembly::{Assembly, Parts};
use crate::causes::chain;
use crate::config::{Config, HttpListen, KeystoneConfig};
use crate::door::intake::IntakeLayer;
use crate::door::layer::DoorLayer;
use crate::door::{
    Authenticator, Certificates, Door, Identity, KeystoneTokens, Principals, PrincipalsError,
    Tokens as PrincipalTokens,
};
use crate::limits::Limits;
use crate::listener::Listener;
use crate::readiness::{Check, Readiness, Start};
use crate::services::{Audit, Hosts, Notifications, Policies, Sessions};
use crate::tasks::{Task, Tasks};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::rpc::RpcLayer;
use crate::telemetry::{self, Telemetry, TelemetryError};
use crate::tls::{Tls, TlsError};

pub use cloud::CloudStartError;

/// Most bytes of a call's metadata: tokens of Keystone and OIDC have a few thousand.
const LARGEST_METADATA: u32 = 32 * 1024;
/// Connections to /metrics and the like. They are apart from those of callers, so that health is shown whatever callers do.
const HTTP_CONNECTIONS: usize = 256;
const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest request; a session over 1,000 hosts by name needs a tenth of it.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024;
const RETRY_START: Duration = Duration::from_secs(1);
/// Connections that only leases and adoption use.
const LEASE_CONNECTIONS: u32 = 3;
const FLUSH: Duration = Duration::from_secs(5);

/// Why a server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A port cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] TlsError),
    /// It is not known who may call.
    #[error(transparent)]
    Principals(#[from] PrincipalsError),
    /// Keystone cannot be asked.
    #[error("Keystone cannot be asked about tokens: {}", chain(.0))]
    Keystone(fermata_openstack::ConfigError),
    /// The cloud cannot be used.
    #[error(transparent)]
    Cloud(#[from] CloudStartError),
    /// The database cannot be used.
    #[error("the database cannot be used: {}", chain(.0))]
    Store(#[from] StoreError),
    /// Telemetry cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// Reflection cannot be set up.
    #[error("reflection cannot be set up: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The lock of an SQLite database cannot be taken.
    #[error("the lock file beside the database cannot be used: {0}")]
    Claim(#[source] std::io::Error),
    /// Another process has an SQLite database.
    #[error(transparent)]
    InUse(InUse),
    /// The store's key cannot sign.
    #[error("the store's key is of no use: {0}")]
    Key(String),
}

/// What a start leaves behind: a replica at work, and its claim to the database's file.
struct Started {
    assembly: Assembly,
    _claim: Claim,
}

/// A server that listens.
pub struct Running {
    grpc: SocketAddr,
    http: Option<SocketAddr>,
    telemetry: Telemetry,
    grace: Duration,
    draining: CancellationToken,
    stopping: CancellationToken,
    closing: CancellationToken,
    health: HealthReporter,
    start: watch::Receiver<Start>,
    readiness: Readiness,
    tasks: Tasks,
    watching: JoinHandle<()>,
    /// Taken by whoever hears how it ended.
    startup: Option<JoinHandle<Result<Started, StartError>>>,
    servers: Vec<JoinHandle<()>>,
}

/// Starts a server: listens at once, and gets ready in the background. Without principals whoever reaches its port may do
/// everything.
///
/// # Errors
/// Ports, principals, TLS, cloud or telemetry cannot be set up. A database or a cloud that is away is waited for.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let principals = config.principals.as_deref().map(Principals::load).transpose()?;
    let keystone = config.keystone.as_ref().map(keystone).transpose()?;
    let clock = crate::clock::system();
    let mut kinds: Vec<Box<dyn Authenticator>> = Vec::new();
    // The tokens of principals say that they are; a call with a token and a certificate is the token's.
    if let Some(principals) = &principals {
        kinds.push(Box::new(PrincipalTokens::new(principals.clone(), Arc::clone(&clock))));
    }
    if let Some(keystone) = &keystone {
        kinds.push(Box::new(keystone.clone()));
    }
    if let Some(principals) = &principals {
        kinds.push(Box::new(Certificates::new(principals.clone(), Arc::clone(&clock))));
    }
    let identity = if kinds.is_empty() { Identity::open() } else { Identity::of(kinds) };
    let running = start_for(config, identity).await?;
    let (tasks, stop) = (&running.tasks, || running.draining.clone());
    if let Some(principals) = principals {
        let stopped = stop();
        let follow = move |turns| principals.clone().follow(stopped.clone(), turns);
        tasks.keep(Task::Principals, stop(), follow);
    }
    if let Some(keystone) = keystone {
        let stopped = stop();
        let follow = move |turns| keystone.clone().follow(stopped.clone(), turns);
        tasks.keep(Task::Keystone, stop(), follow);
    }
    Ok(running)
}

/// Starts a server as [`start`] does, for callers with these kinds of credentials.
///
/// # Errors
/// Those of [`start`].
pub async fn start_for(config: Config, identity: Identity) -> Result<Running, StartError> {
    let telemetry = telemetry::init(&config.telemetry)?;
    let tls = |protocol| config.tls.as_ref().map(|files| Tls::load(files, protocol)).transpose();
    let (grpc_tls, http_tls) = (tls(b"h2")?, tls(b"http/1.1")?);
    let limits = config.limits.within_the_system();
    let metrics = telemetry.metrics();
    let listener = listen(config.listen, grpc_tls.clone(), limits, metrics).await?;
    let grpc = listener.address();
    let warning = config
        .exposed()
        .map(|missing| format!("{grpc} can be reached from other machines, and {missing}"));
    if let Some(warning) = &warning {
        tracing::warn!("INSECURE: {warning}");
    } else if config.principals.is_none() && config.keystone.is_none() {
        tracing::warn!(
            "whoever reaches {grpc} may do everything: neither --principals nor --keystone is configured"
        );
    }
    let cloud = cloud::open(&config.cloud)?;
    let door = Door::default();
    let (draining, stopping, closing) =
        (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let tasks = Tasks::new(crate::clock::system(), telemetry.metrics().clone());
    let readiness = Readiness::new(draining.clone(), tasks.clone(), warning);
    for tls in [grpc_tls, http_tls.clone()].into_iter().flatten() {
        let stop = draining.clone();
        let follow = move |turns| tls.clone().follow(stop.clone(), turns);
        tasks.keep(Task::Tls, draining.clone(), follow);
    }
    let health = health().await;
    let mut servers = Vec::new();

    let (reporter, health_service) = health;
    let descriptors: [&[u8]; 2] = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];
    // With the types of error details, grpcurl shows them as JSON and not as bytes.
    let described = [descriptors[0], descriptors[1], tonic_types::pb::FILE_DESCRIPTOR_SET];
    let reflection = || {
        described.iter().fold(tonic_reflection::server::Builder::configure(), |builder, set| {
            builder.register_encoded_file_descriptor_set(set)
        })
    };
    let router = Server::builder()
        .layer(RpcLayer::new(telemetry.metrics().clone(), &descriptors)?)
        .layer(
            IntakeLayer::new(limits, metrics.clone(), FILE_DESCRIPTOR_SET)
                .map_err(TelemetryError::from)?,
        )
        .layer(DoorLayer::new(identity, limits, metrics.clone()))
        .max_concurrent_streams(limits.streams_per_connection)
        .http2_max_header_list_size(LARGEST_METADATA)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(
            SessionServiceServer::new(Sessions(door.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(HostServiceServer::new(Hosts(door.clone())))
        .add_service(NotificationServiceServer::new(Notifications(door.clone())))
        .add_service(PolicyServiceServer::new(Policies(door.clone())))
        .add_service(AuditServiceServer::new(Audit(door.clone())));
    let closed = closing.clone();
    servers.push(tokio::spawn(async move {
        let served = router.serve_with_incoming_shutdown(listener, closed.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "gRPC ended");
        }
    }));

    let http = match config.http_listen {
        HttpListen::Off => None,
        HttpListen::On(address) => {
            let (all, each) = (HTTP_CONNECTIONS, HTTP_CONNECTIONS / 2);
            let few = Limits { connections: all, connections_per_address: each, ..limits };
            let listener = listen(address, http_tls, few, telemetry.metrics()).await?;
            let address = listener.address();
            let readiness = readiness.clone();
            let checks = move || readiness.checks();
            let router =
                telemetry::http::router(telemetry.registry().clone(), checks, tasks.clone());
            let closed = closing.clone();
            servers.push(tokio::spawn(async move {
                let serve = axum::serve(listener, router);
                if let Err(error) = serve.with_graceful_shutdown(closed.cancelled_owned()).await {
                    tracing::error!(%error, "HTTP ended");
                }
            }));
            Some(address)
        }
    };

    let grace = config.shutdown_grace;
    let (start, watched) = (readiness.start(), readiness.clone());
    let told = reporter.clone();
    let tell = async move |ready| {
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        set_health(&told, status).await;
    };
    let (watched_door, watcher) = (door.clone(), readiness.clone());
    let watching = tasks.keep(Task::Readiness, draining.clone(), move |turns| {
        watcher.clone().watch(watched_door.clone(), tell.clone(), turns)
    });
    let setup = Setup {
        metrics: telemetry.metrics().clone(),
        config,
        cloud,
        door,
        draining: draining.clone(),
        stopping: stopping.clone(),
        health: reporter.clone(),
        readiness,
        tasks: tasks.clone(),
    };
    let startup = Some(tokio::spawn(setup.run()));
    tracing::info!(%grpc, http = ?http, version = env!("CARGO_PKG_VERSION"), "listening");
    Ok(Running {
        grpc,
        http,
        telemetry,
        grace,
        draining,
        stopping,
        closing,
        health: reporter,
        start,
        readiness: watched,
        tasks,
        watching,
        startup,
        servers,
    })
}

fn keystone(config: &KeystoneConfig) -> Result<KeystoneTokens, StartError> {
    let keystone = Keystone::new(config.openstack.clone()).map_err(StartError::Keystone)?;
    Ok(KeystoneTokens::new(Arc::new(keystone), config.roles.clone(), crate::clock::system()))
}

async fn listen(
    address: SocketAddr,
    tls: Option<Tls>,
    limits: Limits,
    metrics: &Metrics,
) -> Result<Listener, StartError> {
    let failed = |source| StartError::Listen { address, source };
    Listener::bind(address, tls, limits, metrics.clone()).await.map_err(failed)
}

async fn health() -> (
    HealthReporter,
    tonic_health::pb::health_server::HealthServer<impl tonic_health::pb::health_server::Health>,
) {
    let (reporter, service) = tonic_health::server::health_reporter();
    set_health(&reporter, ServingStatus::NotServing).await;
    (reporter, service)
}

async fn set_health(reporter: &HealthReporter, status: ServingStatus) {
    // The empty name stands for the server as a whole.
    for service in ["", SESSIONS, HOSTS, NOTIFICATIONS, POLICIES, AUDIT] {
        reporter.set_service_status(service, status).await;
    }
}

/// What has to happen before the server is ready.
struct Setup {
    config: Config,
    metrics: Metrics,
    cloud: Arc<dyn fermata_core::cloud::Cloud>,
    door: Door,
    draining: CancellationToken,
    stopping: CancellationToken,
    health: HealthReporter,
    readiness: Readiness,
    tasks: Tasks,
}

impl Setup {
    async fn run(self) -> Result<Started, StartError> {
        match self.prepare().await {
            Ok(started) => {
                set_health(&self.health, ServingStatus::Serving).await;
                self.readiness.started(Start::Done);
                tracing::info!("ready");
                Ok(started)
            }
            Err(error) => {
                let why = chain(&error);
                tracing::error!(error = why, "the server cannot start");
                self.readiness.started(Start::Failed(why));
                Err(error)
            }
        }
    }

    async fn prepare(&self) -> Result<Started, StartError> {
        let claim = self.claim().await?;
        let (store, leases) = self.open_store().await?;
        cloud::check(self.cloud.as_ref(), &self.stopping).await?;
        let assembly = self.begin(&store, &leases).await?;
        self.door.open(assembly.app.clone());
        Ok(Started { assembly, _claim: claim })
    }

    /// Begins to work; a database that goes away before it has begun is waited for.
    async fn begin(&self, store: &Store, leases: &Store) -> Result<Assembly, StartError> {
        loop {
            let parts = Parts {
                store: store.clone(),
                leases: leases.clone(),
                cloud: Arc::clone(&self.cloud),
                metrics: self.metrics.clone(),
                tasks: self.tasks.clone(),
                draining: self.draining.clone(),
                stopping: self.stopping.clone(),
            };
            match Assembly::begin(&self.config, parts).await {
                Err(StartError::Store(error))
                    if error.may_heal() && !self.stopping.is_cancelled() =>
                {
                    self.wait_for_database(&error).await;
                }
                begun => return begun,
            }
        }
    }

    /// Claims the file of an SQLite database; one that another process has is waited for.
    async fn claim(&self) -> Result<Claim, StartError> {
        fermata_store::examine(&self.config.database_url).await?;
        loop {
            match fermata_store::claim(&self.config.database_url).map_err(StartError::Claim)? {
                Ok(claim) => return Ok(claim),
                Err(error) if !self.stopping.is_cancelled() => {
                    tracing::warn!(%error, "waiting for the other one to end");
                    self.readiness.started(Start::Waiting(error.to_string()));
                    tokio::select! {
                        () = tokio::time::sleep(RETRY_START) => {}
                        () = self.stopping.cancelled() => {}
                    }
                }
                Err(error) => return Err(StartError::InUse(error)),
            }
        }
    }

    /// Opens the database, for work and for leases, and brings its tables up to date; one that is away is waited for.
    async fn open_store(&self) -> Result<(Store, Store), StartError> {
        loop {
            let opened = async {
                let quotas = self.config.quotas;
                let options =
                    |max_connections| Options { max_connections, quotas, ..Options::default() };
                let url = &self.config.database_url;
                let store = Store::connect(url, &options(self.config.database_connections)).await?;
                store.migrate().await?;
                let leases = if store.is_shared() {
                    Store::connect(url, &options(LEASE_CONNECTIONS)).await?
                } else {
                    store.clone()
                };
                Ok::<_, StoreError>((store, leases))
            };
            match opened.await {
                Ok(opened) => return Ok(opened),
                Err(error) if error.may_heal() && !self.stopping.is_cancelled() => {
                    self.wait_for_database(&error).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Pauses before the database is tried again.
    async fn wait_for_database(&self, error: &StoreError) {
        let why = chain(error);
        self.readiness.started(Start::Waiting(format!("waiting for the database: {why}")));
        tracing::warn!(error = why, "the database is not there yet");
        tokio::select! {
            () = tokio::time::sleep(RETRY_START) => {}
            () = self.stopping.cancelled() => {}
        }
    }
}

impl Running {
    /// Where gRPC listens.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.grpc
    }

    /// Where /metrics listens, if it does.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http
    }

    /// What there is to say of its readiness, as `/readyz?verbose` shows it.
    pub fn checks(&self) -> Vec<Check> {
        self.readiness.checks()
    }

    /// What works in the background.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Waits until the server is ready.
    ///
    /// # Errors
    /// It never will be.
    pub async fn ready(&mut self) -> Result<(), StartError> {
        let settled = self.start.wait_for(|start| !matches!(start, Start::Waiting(_))).await;
        match settled.map(|start| start.clone()) {
            Ok(Start::Failed(_)) | Err(_) => {
                let ended = match self.startup.take() {
                    Some(startup) => startup.await.ok(),
                    None => None,
                };
                match ended {
                    Some(Err(error)) => Err(error),
                    Some(Ok(_)) | None => {
                        Err(StartError::Key("the start was interrupted".to_owned()))
                    }
                }
            }
            Ok(Start::Waiting(_) | Start::Done) => Ok(()),
        }
    }

    /// Ends the server and loses nothing: streams get a token to resume from, calls under way in the
    /// cloud are finished and written down, then the database is closed.
    pub async fn stop(self) {
        tracing::info!("shutting down");
        self.draining.cancel();
        // Whatever it finds now, it does not say any more that this replica is ready.
        let _ = self.watching.await;
        set_health(&self.health, ServingStatus::NotServing).await;
        self.stopping.cancel();
        let work = async {
            if let Some(startup) = self.startup
                && let Ok(Ok(Started { assembly, _claim })) = startup.await
            {
                // It has written down what it could; the rest is recovered by the next replica.
                Some((assembly.end().await, _claim))
            } else {
                None
            }
        };
        let store = tokio::time::timeout(self.grace, work).await.ok().flatten();
        self.closing.cancel();
        for server in self.servers {
            let _ = tokio::time::timeout(FLUSH, server).await;
        }
        if let Some((store, _claim)) = store
            && let Err(error) = store.close().await
        {
            tracing::warn!(error = chain(&error), "the database was not closed cleanly");
        }
        tracing::info!("stopped");
        self.telemetry.shutdown(FLUSH).await;
    }
}
