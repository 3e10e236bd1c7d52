//! A connection that notices when its peer is gone.

use std::time::Duration;

use thiserror::Error;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the peer is asked whether it is still there.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long the peer may take to answer that.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a unary answer, or the beginning of a stream, may take. Streams themselves have no limit.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The address is not a URL, or not one of `http` or `https`.
    #[error("{endpoint:?} is not the address of a server; write it as http://host:port")]
    Address {
        /// As given.
        endpoint: String,
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

/// Connects to a server at once.
///
/// The channel sends HTTP/2 keepalives, also while idle, and reconnects by itself when it is used
/// after a connection broke. `https` checks the server against the system's certificates.
///
/// # Errors
/// [`ConnectError::Address`] where `endpoint` is no URL, [`ConnectError::Unreachable`] where nobody
/// answers within five seconds.
pub async fn connect(endpoint: &str) -> Result<Channel, ConnectError> {
    configured(endpoint)?.connect().await.map_err(|source| unreachable(endpoint, source))
}

/// As [`connect`], but connects when the channel is first used: for a client that may start before
/// its server.
///
/// # Errors
/// [`ConnectError::Address`] where `endpoint` is no URL, [`ConnectError::Unreachable`] where TLS
/// cannot be set up.
pub fn connect_lazy(endpoint: &str) -> Result<Channel, ConnectError> {
    Ok(configured(endpoint)?.connect_lazy())
}

fn configured(endpoint: &str) -> Result<Endpoint, ConnectError> {
    let address = || ConnectError::Address { endpoint: endpoint.to_owned() };
    let made = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| address())?;
    let made = match made.uri().scheme_str() {
        Some("http") => made,
        Some("https") => made
            .tls_config(ClientTlsConfig::new().with_native_roots())
            .map_err(|source| unreachable(endpoint, source))?,
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
