//! A connection that notices when its peer is gone, sends along who calls, and sends a call again where that is safe.
//!
//! | file | job |
//! | --- | --- |
//! | `service` | what is added to each call |
//! | `method` | which calls may be sent again |

mod method;
mod service;

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use crate::credentials::Credentials;

pub use service::Channel;

/// How this SDK names itself to servers.
const USER_AGENT: &str = concat!("fermata-rust/", env!("CARGO_PKG_VERSION"));
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the peer is asked whether it is still there.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long the peer may take to answer that.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a unary answer, or the beginning of a stream, may take. Streams themselves have no limit.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest message that is received, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// How to connect, and as whom.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// What every call sends along.
    pub credentials: Credentials,
    /// For `https`: the CA that signed the server's certificate, in a PEM file. Unset: those of the system.
    pub tls_ca: Option<PathBuf>,
    /// For `https`: the client's own certificate and its private key, in PEM files.
    pub tls_identity: Option<(PathBuf, PathBuf)>,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The address is not a URL, or not one of `http` or `https`.
    #[error("{endpoint:?} is not the address of a server; write it as http://host:port")]
    Address {
        /// As given.
        endpoint: String,
    },
    /// A file with a certificate or a key cannot be read.
    #[error("{} cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nobody answers there, or TLS cannot be set up.
    #[error("cannot reach {endpoint}")]
    Unreachable {
        /// As given.
        endpoint: String,
        /// What the transport said.
        source: tonic::transport::Error,
    },
}

/// Connects to a server at once, as nobody in particular: [`connect_as`] with what [`ConnectOptions`] says by itself.
///
/// # Errors
/// Those of [`connect_as`].
pub async fn connect(endpoint: &str) -> Result<Channel, ConnectError> {
    connect_as(endpoint, &ConnectOptions::default()).await
}

/// As [`connect`], but connects when the channel is first used: for a client that may start before
/// its server.
///
/// # Errors
/// Those of [`connect_lazy_as`].
pub fn connect_lazy(endpoint: &str) -> Result<Channel, ConnectError> {
    connect_lazy_as(endpoint, &ConnectOptions::default())
}

/// Connects to a server at once.
///
/// The channel sends HTTP/2 keepalives, also while idle, and reconnects by itself when it is used
/// after a connection broke. `https` checks the server's certificate.
///
/// # Errors
/// [`ConnectError::Address`] where `endpoint` is no URL, [`ConnectError::File`] where a file of the options
/// cannot be read, [`ConnectError::Unreachable`] where nobody answers within five seconds.
pub async fn connect_as(endpoint: &str, options: &ConnectOptions) -> Result<Channel, ConnectError> {
    let connected = configured(endpoint, options)?.connect().await;
    let channel = connected.map_err(|source| unreachable(endpoint, source))?;
    Ok(Channel::new(channel, options.credentials.clone()))
}

/// As [`connect_as`], but connects when the channel is first used.
///
/// # Errors
/// [`ConnectError::Address`] where `endpoint` is no URL, [`ConnectError::File`] where a file of the options
/// cannot be read, [`ConnectError::Unreachable`] where TLS cannot be set up.
pub fn connect_lazy_as(endpoint: &str, options: &ConnectOptions) -> Result<Channel, ConnectError> {
    let channel = configured(endpoint, options)?.connect_lazy();
    Ok(Channel::new(channel, options.credentials.clone()))
}

fn configured(endpoint: &str, options: &ConnectOptions) -> Result<Endpoint, ConnectError> {
    let address = || ConnectError::Address { endpoint: endpoint.to_owned() };
    let made = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| address())?;
    let made = made.user_agent(USER_AGENT).map_err(|_| address())?;
    let made = match made.uri().scheme_str() {
        Some("http") => made,
        Some("https") => {
            let tls = tls(options)?;
            made.tls_config(tls).map_err(|source| unreachable(endpoint, source))?
        }
        Some(_) | None => return Err(address()),
    };
    Ok(made
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        // Without it a client whose calls are rare never learns that a partition cut it off.
        .keep_alive_while_idle(true))
}

fn tls(options: &ConnectOptions) -> Result<ClientTlsConfig, ConnectError> {
    let read = |file: &PathBuf| {
        std::fs::read(file).map_err(|source| ConnectError::File { file: file.clone(), source })
    };
    let tls = match &options.tls_ca {
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(ca)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    Ok(match &options.tls_identity {
        Some((certificate, key)) => {
            tls.identity(Identity::from_pem(read(certificate)?, read(key)?))
        }
        None => tls,
    })
}

fn unreachable(endpoint: &str, source: tonic::transport::Error) -> ConnectError {
    ConnectError::Unreachable { endpoint: endpoint.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_urls_are_addresses() {
        assert!(connect_lazy("http://127.0.0.1:7400").is_ok());
        for wrong in ["", "127.0.0.1:7400", "fermata", "ftp://fermata:7400"] {
            let error = connect_lazy(wrong).unwrap_err();
            assert!(matches!(error, ConnectError::Address { .. }), "{wrong}: {error}");
        }
    }
}
