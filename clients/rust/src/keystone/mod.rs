//! Tokens of an OpenStack's Keystone.

mod identity;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::{Certificate, Client, Response, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Mutex as AsyncMutex;
use tonic::Status;

use crate::clock;
use crate::credentials::{Credentials, TokenSource};

pub use identity::{Identity, Named, Scope};

/// A token is renewed so long before it ends.
const RENEW_BEFORE: Duration = Duration::from_secs(60);
/// How long Keystone may take to give a token.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A token of Keystone, renewed a minute before it ends, and when the server says that it has expired. It is fetched when the
/// first call needs it, and by one call at a time.
///
/// A call gets UNAUTHENTICATED if Keystone refuses to sign in, and UNAVAILABLE if it does not answer.
pub struct Keystone {
    url: String,
    body: serde_json::Value,
    http: Client,
    token: AsyncMutex<Option<Token>>,
    /// The server did not take the token that there is.
    is_expired: std::sync::atomic::AtomicBool,
}

struct Token {
    value: String,
    ends: SystemTime,
}

/// Why there are no tokens of Keystone.
#[derive(Debug, Error)]
pub enum KeystoneError {
    /// A variable is missing.
    #[error("{0} is not set")]
    Variable(&'static str),
    /// The file with the CA cannot be read.
    #[error("{} cannot be read", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The CA is no certificate, or TLS cannot be set up.
    #[error("cannot set up a connection to Keystone")]
    Http(#[source] reqwest::Error),
}

/// What Keystone answers, as far as it is read.
#[derive(Deserialize)]
struct Answer {
    token: AnswerToken,
}

#[derive(Deserialize)]
struct AnswerToken {
    expires_at: String,
}

impl Keystone {
    /// Tokens of the Keystone at `auth_url`, with or without `/v3`, whose certificate is signed by a CA of the system.
    ///
    /// # Errors
    /// [`KeystoneError::Http`].
    pub fn new(auth_url: &str, identity: &Identity) -> Result<Self, KeystoneError> {
        Self::with_ca(auth_url, identity, None)
    }

    /// As [`Keystone::new`]; `ca` is a PEM file with the CA of Keystone's certificate.
    ///
    /// # Errors
    /// [`KeystoneError::File`] if the file cannot be read, [`KeystoneError::Http`] if it has no certificate.
    pub fn with_ca(
        auth_url: &str,
        identity: &Identity,
        ca: Option<PathBuf>,
    ) -> Result<Self, KeystoneError> {
        let mut http = Client::builder().timeout(TIMEOUT);
        if let Some(file) = ca {
            let pem =
                std::fs::read(&file).map_err(|source| KeystoneError::File { file, source })?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(KeystoneError::Http)?;
            http = http.tls_certs_merge(certificates);
        }
        let root = auth_url.trim_end_matches('/');
        let root = root.strip_suffix("/v3").unwrap_or(root);
        Ok(Self {
            url: format!("{root}/v3/auth/tokens"),
            body: identity.body(),
            http: http.build().map_err(KeystoneError::Http)?,
            token: AsyncMutex::new(None),
            is_expired: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// By the `OS_*` variables, as OpenStack's clients read them: `OS_AUTH_URL` and
    ///
    /// - `OS_APPLICATION_CREDENTIAL_ID` and `OS_APPLICATION_CREDENTIAL_SECRET`, or
    /// - `OS_USERNAME` (or `OS_USER_ID`), `OS_PASSWORD`, and `OS_PROJECT_ID` or `OS_PROJECT_NAME`, or `OS_SYSTEM_SCOPE=all`; with
    ///   `OS_USER_DOMAIN_NAME`, `OS_PROJECT_DOMAIN_NAME`, or each as `…_ID`; without them the domain `default`;
    ///
    /// and `OS_CACERT`.
    ///
    /// # Errors
    /// [`KeystoneError::Variable`] names what is missing; else those of [`Keystone::with_ca`].
    #[allow(clippy::disallowed_methods, reason = "the variables are what this is about")]
    pub fn from_environment() -> Result<Self, KeystoneError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, KeystoneError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let auth_url = variable("OS_AUTH_URL").ok_or(KeystoneError::Variable("OS_AUTH_URL"))?;
        let identity = Identity::from_variables(variable)?;
        Self::with_ca(&auth_url, &identity, variable("OS_CACERT").map(PathBuf::from))
    }

    async fn current(&self) -> Result<String, Status> {
        use std::sync::atomic::Ordering::Relaxed;

        let mut token = self.token.lock().await;
        if self.is_expired.swap(false, Relaxed) {
            *token = None;
        }
        let lasts = |token: &&Token| clock::now() + RENEW_BEFORE < token.ends;
        if let Some(token) = token.as_ref().filter(lasts) {
            return Ok(token.value.clone());
        }
        let signed_in = self.sign_in().await?;
        Ok(token.insert(signed_in).value.clone())
    }

    async fn sign_in(&self) -> Result<Token, Status> {
        let sent = self.http.post(&self.url).json(&self.body).send().await;
        let silent = |error: reqwest::Error| {
            Status::unavailable(format!("Keystone does not answer: {error}"))
        };
        let answer = sent.map_err(silent)?;
        let refusals = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
        ];
        let text =
            format!("Keystone at {} gave no token: HTTP status {}", self.url, answer.status());
        if refusals.contains(&answer.status()) {
            return Err(Status::unauthenticated(text));
        }
        // Whatever else it answers is its own trouble, and may pass.
        let value = subject_token(&answer).ok_or_else(|| Status::unavailable(text))?;
        let body: Answer = answer.json().await.map_err(silent)?;
        let ends = OffsetDateTime::parse(&body.token.expires_at, &Rfc3339);
        let ends =
            ends.map_err(|_| Status::unavailable("Keystone gave a token without its end"))?;
        Ok(Token { value, ends: ends.into() })
    }
}

fn subject_token(answer: &Response) -> Option<String> {
    let header = answer.headers().get("x-subject-token")?;
    let value = header.to_str().ok().filter(|_| answer.status() == StatusCode::CREATED)?;
    Some(value.to_owned())
}

impl TokenSource for Keystone {
    fn token(&self) -> BoxFuture<'_, Result<String, Status>> {
        self.current().boxed()
    }

    fn renew(&self) -> bool {
        self.is_expired.store(true, std::sync::atomic::Ordering::Relaxed);
        true
    }
}

impl From<Keystone> for Credentials {
    fn from(keystone: Keystone) -> Self {
        Self::Source(std::sync::Arc::new(keystone))
    }
}

impl std::fmt::Debug for Keystone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keystone").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
