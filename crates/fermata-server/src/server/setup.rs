//! What has to happen before a server is ready: its database, its cloud, then its work. What may heal is waited for.

use std::sync::Arc;
use std::time::Duration;

use fermata_store::{Claim, Options, Store, StoreError};
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::{StartError, cloud, grpc};
use crate::assembly::{Assembly, Parts};
use crate::causes::chain;
use crate::config::Config;
use crate::door::Door;
use crate::readiness::{Readiness, Start};
use crate::tasks::Tasks;
use crate::telemetry;

const RETRY_START: Duration = Duration::from_secs(1);
/// Connections that only leases and adoption use.
const LEASE_CONNECTIONS: u32 = 3;

/// What a start leaves behind: a replica at work, and its claim to the database's file.
pub(super) struct Started {
    pub(super) assembly: Assembly,
    pub(super) _claim: Claim,
}

/// What has to happen before the server is ready.
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) metrics: telemetry::metrics::Metrics,
    pub(super) cloud: Arc<dyn fermata_core::cloud::Cloud>,
    pub(super) door: Door,
    pub(super) draining: CancellationToken,
    pub(super) stopping: CancellationToken,
    pub(super) health: HealthReporter,
    pub(super) readiness: Readiness,
    pub(super) tasks: Tasks,
}

impl Setup {
    pub(super) async fn run(self) -> Result<Started, StartError> {
        match self.prepare().await {
            Ok(started) => {
                grpc::set_health(&self.health, ServingStatus::Serving).await;
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

    /// Claims the file of an SQLite database; one that another process has is waited for, and so is a disk that takes
    /// nothing.
    async fn claim(&self) -> Result<Claim, StartError> {
        fermata_store::examine(&self.config.database_url).await?;
        loop {
            let error = match fermata_store::claim(&self.config.database_url) {
                Ok(Ok(claim)) => return Ok(claim),
                Ok(Err(error)) => StartError::InUse(error),
                Err(error) => {
                    let may_heal = is_of_the_disk(&error);
                    let error = StartError::Claim(error);
                    if !may_heal {
                        return Err(error);
                    }
                    error
                }
            };
            if self.stopping.is_cancelled() {
                return Err(error);
            }
            tracing::warn!(%error, "waiting for the file of the database");
            self.readiness.started(Start::Waiting(error.to_string()));
            tokio::select! {
                () = tokio::time::sleep(RETRY_START) => {}
                () = self.stopping.cancelled() => {}
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

/// It takes nothing now, and may again.
fn is_of_the_disk(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), ReadOnlyFilesystem | StorageFull | QuotaExceeded)
}
