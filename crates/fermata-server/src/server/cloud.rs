//! Opens the cloud that the configuration names, and waits until it can be used.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fermata_core::cloud::{Cloud, CloudError};
use fermata_openstack::OpenStackCloud;
use fermata_simcloud::remote::RemoteCloud;
use fermata_simcloud::{SMALL_TELCO_SITE, SimCloud, Topology, TopologyError};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{CloudConfig, wrong_toml};

const RETRY: Duration = Duration::from_secs(3);

/// How long a call to a simulated cloud in another process may take.
const SIMULATED_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a cloud cannot be used.
#[derive(Debug, Error)]
pub enum CloudStartError {
    /// The topology cannot be read, or contradicts itself.
    #[error(transparent)]
    Topology(#[from] TopologyError),
    /// The topology is not TOML, or has other keys than it should.
    #[error("the topology {} is wrong: {problem}", file.display())]
    TopologyFile {
        /// Which.
        file: PathBuf,
        /// Why.
        problem: String,
    },
    /// The state file is wrong.
    #[error(transparent)]
    State(#[from] fermata_simcloud::StateFileError),
    /// OpenStack's configuration is wrong.
    #[error(transparent)]
    Openstack(#[from] fermata_openstack::ConfigError),
    /// The cloud refuses.
    #[error("the cloud cannot be used: {0}")]
    Refused(CloudError),
}

/// Opens a cloud.
pub(super) fn open(config: &CloudConfig) -> Result<Arc<dyn Cloud>, CloudStartError> {
    match config {
        CloudConfig::Simulated { topology, state } => {
            let topology = match topology {
                Some(file) => load(file)?,
                None => Topology::parse(SMALL_TELCO_SITE)?,
            };
            let clock = clock::system();
            Ok(match state {
                Some(file) => Arc::new(SimCloud::open(&topology, clock, file)?),
                None => Arc::new(SimCloud::new(&topology, clock)),
            })
        }
        CloudConfig::SimulatedAt(address) => {
            Ok(Arc::new(RemoteCloud::new(*address, SIMULATED_TIMEOUT)))
        }
        CloudConfig::Openstack(config) => Ok(Arc::new(OpenStackCloud::new(config.clone())?)),
    }
}

fn load(file: &Path) -> Result<Topology, CloudStartError> {
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|source| TopologyError::Read { path: file.to_owned(), source })?;
    Topology::parse(&text).map_err(|error| match error {
        TopologyError::Syntax(error) => {
            let problem = wrong_toml(&error, &text);
            CloudStartError::TopologyFile { file: file.to_owned(), problem }
        }
        other @ (TopologyError::Read { .. } | TopologyError::Invalid { .. }) => other.into(),
    })
}

/// Waits until the cloud can be used.
pub(super) async fn check(
    cloud: &dyn Cloud,
    stopping: &CancellationToken,
) -> Result<(), CloudStartError> {
    loop {
        match cloud.check().await {
            Ok(()) => return Ok(()),
            Err(error @ (CloudError::Unavailable { .. } | CloudError::Unknown { .. }))
                if !stopping.is_cancelled() =>
            {
                tracing::warn!(%error, "the cloud is not there yet");
                tokio::select! {
                    () = tokio::time::sleep(RETRY) => {}
                    () = stopping.cancelled() => {}
                }
            }
            Err(error) => return Err(CloudStartError::Refused(error)),
        }
    }
}
