//! The start and the end of a server process. It listens at once and says NOT_SERVING until migrations
//! ran; at its end it says so, lets streams go with a token to resume from, finishes calls under way, and
//! only then closes the database.

mod check;
mod cloud;
mod console;
mod error;
mod exposure;
mod grpc;
mod setup;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fermata_openstack::Keystone;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::about::About;
use crate::causes::chain;
use crate::config::{Config, HttpListen, KeystoneConfig};
use crate::door::{
    Authenticator, Certificates, Door, Identity, KeystoneTokens, OidcTokens, Principals,
    Tokens as PrincipalTokens,
};
use crate::limits::Limits;
use crate::listener::Listener;
use crate::readiness::{Check, Readiness, Start};
use crate::tasks::{Task, Tasks};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::{self, Telemetry};
use crate::tls::Tls;

pub use check::{Checked, check};
pub use cloud::CloudStartError;
pub use error::StartError;
use exposure::warn_of_exposure;
use grpc::set_health;
use setup::{Setup, Started};

/// Connections to /metrics and the like. They are apart from those of callers, so that health is shown whatever callers do.
const HTTP_CONNECTIONS: usize = 256;
const FLUSH: Duration = Duration::from_secs(5);

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
    let oidc = config.oidc.as_deref().map(|file| OidcTokens::load(file, Arc::clone(&clock)));
    let oidc = oidc.transpose()?.map(|oidc| match &principals {
        Some(principals) => oidc.with(principals.clone()),
        None => oidc,
    });
    let mut kinds: Vec<Box<dyn Authenticator>> = Vec::new();
    // The tokens of principals say that they are; a call with a token and a certificate is the token's.
    if let Some(principals) = &principals {
        kinds.push(Box::new(PrincipalTokens::new(principals.clone(), Arc::clone(&clock))));
    }
    // Tokens of issuers say whose they are, too; Keystone has to be asked about all others.
    if let Some(oidc) = &oidc {
        kinds.push(Box::new(oidc.clone()));
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
        if let Some(unknown) = unknown_issuers(&principals, oidc.as_ref()) {
            tracing::warn!("{unknown}");
        }
        let stopped = stop();
        let follow = move |turns| principals.clone().follow(stopped.clone(), turns);
        tasks.keep(Task::Principals, stop(), follow);
    }
    if let Some(oidc) = oidc {
        let stopped = stop();
        let follow = move |turns| oidc.clone().follow(stopped.clone(), turns);
        tasks.keep(Task::Oidc, stop(), follow);
    }
    if let Some(keystone) = keystone {
        let stopped = stop();
        let follow = move |turns| keystone.clone().follow(stopped.clone(), turns);
        tasks.keep(Task::Keystone, stop(), follow);
    }
    Ok(running)
}

/// What is wrong with the issuers whose subjects are principals, in words.
fn unknown_issuers(principals: &Principals, oidc: Option<&OidcTokens>) -> Option<String> {
    let named = principals.issuers();
    let unknown: Vec<String> = match oidc {
        Some(oidc) => oidc.unknown(named),
        None => named.into_iter().collect(),
    };
    let what = "principals have subjects of issuers that --oidc does not name, and whose tokens are not taken";
    (!unknown.is_empty()).then(|| format!("{what}: {}", unknown.join(", ")))
}

/// Starts a server as [`start`] does, for callers with these kinds of credentials.
///
/// # Errors
/// Those of [`start`].
pub async fn start_for(config: Config, identity: Identity) -> Result<Running, StartError> {
    let telemetry = telemetry::init(&config.telemetry)?;
    let about = About::of(&config, crate::clock::system()());
    about.log();
    let tls = |protocol| config.tls.as_ref().map(|files| Tls::load(files, protocol)).transpose();
    let (grpc_tls, http_tls) = (tls(b"h2")?, tls(b"http/1.1")?);
    for warning in grpc_tls.iter().flat_map(Tls::warnings) {
        tracing::warn!("{warning}");
    }
    let limits = config.limits.within_the_system();
    let metrics = telemetry.metrics();
    let listener = listen(config.listen, grpc_tls.clone(), limits, metrics).await?;
    let grpc = listener.address();
    let warning = warn_of_exposure(&config, grpc);
    let cloud = cloud::open(&config.cloud)?;
    let door = Door::default();
    let (draining, stopping, closing) =
        (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let tasks = Tasks::new(crate::clock::system(), telemetry.metrics().clone());
    let readiness =
        Readiness::new(draining.clone(), tasks.clone(), warning, telemetry.metrics().clone());
    for tls in [grpc_tls, http_tls.clone()].into_iter().flatten() {
        let stop = draining.clone();
        let metrics = metrics.clone();
        let follow = move |turns| tls.clone().follow(stop.clone(), turns, metrics.clone());
        tasks.keep(Task::Tls, draining.clone(), follow);
    }
    let health = grpc::health().await;
    let mut servers = Vec::new();

    let (reporter, health_service) = health;
    let router =
        grpc::router(&telemetry, limits, &config.web_origins, identity, &door, health_service)?;
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
            let router = {
                let registry = telemetry.registry().clone();
                telemetry::http::router(registry, checks, tasks.clone(), about.facts())
            };
            let closed = closing.clone();
            servers.push(tokio::spawn(async move {
                // Unlike axum's own, this server gives up on heads of requests that do not arrive.
                let server = tonic::transport::Server::builder()
                    .accept_http1(true)
                    .add_routes(router.into());
                let served =
                    server.serve_with_incoming_shutdown(listener, closed.cancelled_owned());
                if let Err(error) = served.await {
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
    tracing::info!(%grpc, http = http.map(|http| http.to_string()), version = env!("CARGO_PKG_VERSION"), "listening");
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

/// Says in the log that SIGHUP was heard and what it does not do.
pub fn on_hangup() {
    tracing::info!(
        "SIGHUP is ignored: certificates, principals and issuers are read again by themselves when their files change; for \
         other options, start the server again"
    );
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
