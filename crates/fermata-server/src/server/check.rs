//! `fermata serve --check`: whether a server could start with a configuration. Nothing is changed and no port is opened, so
//! it may be asked beside a server that runs.

use std::time::Duration;

use fermata_store::{Options, Store};

use super::{CloudStartError, FLUSH, StartError, cloud, keystone, unknown_issuers};
use crate::about::About;
use crate::config::{CloudConfig, Config};
use crate::door::{OidcTokens, Principals};
use crate::telemetry;
use crate::tls::Tls;

/// How long the cloud may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What would start.
#[derive(Debug)]
pub struct Checked {
    /// What the process would be.
    pub about: About,
    /// What everybody should know of it, if there is something.
    pub warnings: Vec<String>,
}

/// Finds out whether a server could start with this configuration: whether the files that it names can be used, the database
/// answers, and the cloud is one that Fermata can work on.
///
/// # Errors
/// Why it could not.
pub async fn check(config: &Config) -> Result<Checked, StartError> {
    telemetry::build(&config.telemetry)?.0.shutdown(FLUSH).await;
    let principals = config.principals.as_deref().map(Principals::load).transpose()?;
    let oidc = config.oidc.as_deref().map(|file| OidcTokens::load(file, crate::clock::system()));
    let oidc = oidc.transpose()?;
    config.keystone.as_ref().map(keystone).transpose()?;
    let tls = config.tls.as_ref().map(|files| Tls::load(files, b"h2")).transpose()?;
    // Without its state file, which belongs to the server that runs.
    let cloud = match &config.cloud {
        CloudConfig::Simulated { topology, state: _ } => {
            cloud::open(&CloudConfig::Simulated { topology: topology.clone(), state: None })?
        }
        other @ (CloudConfig::SimulatedAt(_) | CloudConfig::Openstack(_)) => cloud::open(other)?,
    };
    fermata_store::examine(&config.database_url).await?;
    // SQLite makes files beside its database when it is opened; whether that can be used is known by now.
    if config.database_url.starts_with("postgres") {
        let options = Options { max_connections: 1, ..Options::default() };
        Store::connect(&config.database_url, &options).await?.close().await?;
    }
    let asked = tokio::time::timeout(PATIENCE, cloud.check()).await;
    asked.map_err(|_| StartError::CloudSilent(PATIENCE))?.map_err(CloudStartError::Refused)?;
    let about = About::of(config, crate::clock::system()());
    let mut warnings = Vec::new();
    if matches!(config.cloud, CloudConfig::Simulated { .. } | CloudConfig::SimulatedAt(_)) {
        warnings.push("the cloud is simulated: no host is real".to_owned());
    }
    warnings.extend(config.exposed().map(|missing| {
        format!("{} can be reached from other machines, and {missing}", config.listen)
    }));
    warnings.extend(principals.and_then(|named| unknown_issuers(&named, oidc.as_ref())));
    warnings.extend(tls.iter().flat_map(Tls::warnings));
    Ok(Checked { about, warnings })
}
