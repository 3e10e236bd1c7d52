//! Asks an issuer for its keys: where they are (OpenID Connect Discovery 1.0), and for the set itself.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use serde::Deserialize;
use thiserror::Error;

use super::file::{Entry, may_be_asked};

/// How long an answer may take, with all of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Sets of keys have some KiB.
const LARGEST_ANSWER: usize = 1 << 20;

/// Why an issuer's keys are not known.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    #[error("the CA file {file} cannot be read")]
    Ca { file: String, source: std::io::Error },
    #[error("TLS to the issuer cannot be set up")]
    Tls(#[source] reqwest::Error),
    #[error("{url} does not answer")]
    Silent { url: String, source: reqwest::Error },
    #[error("{url} answers with status {status}")]
    Status { url: String, status: u16 },
    #[error("the answer of {url} is larger than {LARGEST_ANSWER} bytes")]
    TooLarge { url: String },
    #[error("the answer of {url} is not what it should be")]
    Answer { url: String, source: serde_json::Error },
    #[error("{url} is the discovery document of '{issuer}', an issuer of another name")]
    OtherIssuer { url: String, issuer: String },
    #[error("{url} has the keys at {jwks_uri}, which is no https URL")]
    NoHttps { url: String, jwks_uri: String },
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// The issuer's set of keys as it is now, with the URL that it is from.
pub(super) async fn key_set(entry: &Entry) -> Result<(String, Vec<u8>), FetchError> {
    // Made anew each time, so that another CA in the file counts at once.
    let client = client(entry)?;
    let url = match &entry.jwks_uri {
        Some(uri) => uri.clone(),
        None => discover(&client, &entry.issuer).await?,
    };
    let set = get(&client, &url).await?;
    Ok((url, set))
}

async fn discover(client: &Client, issuer: &str) -> Result<String, FetchError> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let answer = get(client, &url).await?;
    let found: Discovery = serde_json::from_slice(&answer)
        .map_err(|source| FetchError::Answer { url: url.clone(), source })?;
    if found.issuer != issuer {
        return Err(FetchError::OtherIssuer { url, issuer: found.issuer });
    }
    if !may_be_asked(&found.jwks_uri) {
        return Err(FetchError::NoHttps { url, jwks_uri: found.jwks_uri });
    }
    Ok(found.jwks_uri)
}

/// Whether the issuer's CA, if a file names one, can be used.
pub(super) fn check_ca(entry: &Entry) -> Result<(), FetchError> {
    client(entry).map(drop)
}

fn client(entry: &Entry) -> Result<Client, FetchError> {
    // Whoever redirects sends to where nobody was told to trust.
    let mut builder = Client::builder().timeout(PATIENCE).redirect(Policy::none());
    if let Some(file) = &entry.ca {
        let unreadable = |source| FetchError::Ca { file: file.display().to_string(), source };
        let pem = std::fs::read(file).map_err(unreadable)?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(FetchError::Tls)?;
        builder = builder.tls_certs_only(certificates);
    }
    builder.build().map_err(FetchError::Tls)
}

async fn get(client: &Client, url: &str) -> Result<Vec<u8>, FetchError> {
    // The error would name the URL again.
    let silent = |source: reqwest::Error| FetchError::Silent {
        url: url.to_owned(),
        source: source.without_url(),
    };
    let request = client.get(url).header(http::header::ACCEPT, "application/json");
    let mut answer = request.send().await.map_err(silent)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(FetchError::Status { url: url.to_owned(), status: status.as_u16() });
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(silent)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            return Err(FetchError::TooLarge { url: url.to_owned() });
        }
    }
    Ok(body)
}
