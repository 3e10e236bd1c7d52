//! HTTP: one request, its answer, and whom to trust. Knows nothing of OpenStack.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect::Policy;
use url::Url;

use crate::config::{ConfigError, Tls, Trust};

/// How often an answer may point elsewhere before it is taken as it is.
const REDIRECTS: usize = 3;

/// A client of HTTP.
pub(crate) struct Transport {
    http: reqwest::Client,
}

/// What is sent.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What came back, of whatever status.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Where it came from at last.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The id that OpenStack's services give each request, to look for in their logs.
    pub(crate) fn request_id(&self) -> Option<&str> {
        let header = |name: &str| self.headers.get(name).and_then(|id| id.to_str().ok());
        header("x-openstack-request-id").or_else(|| header("x-compute-request-id"))
    }
}

impl Transport {
    /// A client that gives a request so long, answer included. Reads the files that the configuration names.
    pub(crate) fn new(tls: &Tls, timeout: Duration) -> Result<Self, ConfigError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("fermata/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            // Done here: a token must not go to another host.
            .redirect(Policy::none());
        builder = match &tls.trust {
            Trust::System => builder,
            Trust::Everybody => builder.tls_danger_accept_invalid_certs(true),
            Trust::File(file) => {
                let pem = read("cacert", file)?;
                let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                    .map_err(|error| unusable("cacert", file, error))?;
                if certificates.is_empty() {
                    return Err(unusable("cacert", file, "there is no certificate in it"));
                }
                builder.tls_certs_only(certificates)
            }
        };
        if let Some((certificate, key)) = &tls.identity {
            let mut pem = read("cert", certificate)?;
            if let Some(key) = key {
                pem.push(b'\n');
                pem.extend(read("key", key)?);
            }
            let identity = reqwest::Identity::from_pem(&pem)
                .map_err(|error| unusable("cert", certificate, error))?;
            builder = builder.identity(identity);
        }
        let http = builder.build().map_err(|error| ConfigError::Http { source: error.into() })?;
        Ok(Self { http })
    }

    /// Sends a message. Follows the server to another path of the same host with the same method, as keystoneauth does.
    pub(crate) async fn send(&self, message: &Message) -> Result<Answer, reqwest::Error> {
        let mut url = message.url.clone();
        for _ in 0..REDIRECTS {
            let answer = self.send_once(message, url.clone()).await?;
            match elsewhere(&answer) {
                Some(next) => url = next,
                None => return Ok(answer),
            }
        }
        self.send_once(message, url).await
    }

    async fn send_once(&self, message: &Message, url: Url) -> Result<Answer, reqwest::Error> {
        let request = self
            .http
            .request(message.method.clone(), url)
            .headers(message.headers.clone())
            .body(message.body.clone());
        let answer = request.send().await?;
        Ok(Answer {
            url: answer.url().clone(),
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.bytes().await?.to_vec(),
        })
    }
}

/// Where an answer points to, if that is on the same host, and not from TLS to none.
fn elsewhere(answer: &Answer) -> Option<Url> {
    let redirects = matches!(answer.status.as_u16(), 301 | 302 | 305 | 307 | 308);
    let to = answer.headers.get(http::header::LOCATION).filter(|_| redirects)?;
    let to = answer.url.join(to.to_str().ok()?).ok()?;
    let is_safe = to.host_str() == answer.url.host_str()
        && (to.scheme() == "https" || to.scheme() == answer.url.scheme());
    is_safe.then_some(to)
}

fn read(setting: &'static str, file: &Path) -> Result<Vec<u8>, ConfigError> {
    fs::read(file).map_err(|error| unusable(setting, file, error))
}

fn unusable(
    setting: &'static str,
    file: &Path,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> ConfigError {
    ConfigError::Certificates { setting, file: file.to_owned(), source: source.into() }
}
