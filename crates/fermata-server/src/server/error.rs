//! Why a server does not start.

use std::net::SocketAddr;

use fermata_store::{InUse, StoreError};
use thiserror::Error;

use super::CloudStartError;
use crate::causes::chain;
use crate::door::{IssuersError, PrincipalsError};
use crate::telemetry::TelemetryError;
use crate::tls::TlsError;

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
    /// It is not known whose tokens are taken.
    #[error(transparent)]
    Issuers(#[from] IssuersError),
    /// Keystone cannot be asked.
    #[error("Keystone cannot be asked about tokens: {}", chain(.0))]
    Keystone(fermata_openstack::ConfigError),
    /// The cloud cannot be used.
    #[error(transparent)]
    Cloud(#[from] CloudStartError),
    /// The cloud does not answer.
    #[error("the cloud does not answer within {} s", .0.as_secs())]
    CloudSilent(std::time::Duration),
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
