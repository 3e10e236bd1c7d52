//! Tokens of an OpenStack, for a command's calls: signs in as `--os-cloud` says, and again before the token ends.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use fermata_client::Credentials;
use fermata_core::cloud::CloudError;
use fermata_openstack::{CloudSource, Keystone, OpenStackConfig};
use fermata_server::config::environment;
use rustix::fs::{MemfdFlags, memfd_create};
use tonic::Status;

use crate::failure::Failure;

/// The cloud of OpenStack's own clients that stands for the `OS_*` variables.
const VARIABLES: &str = "envvars";
/// So long before its end a token is replaced.
const BEFORE_ITS_END: Duration = Duration::from_secs(60);
/// Pause before Keystone is asked again when it gave no token.
const PAUSE: Duration = Duration::from_secs(10);

/// Signs in, and keeps the credentials good for as long as this process lives.
///
/// # Errors
/// The cloud is not configured, or Keystone gives no token.
pub(super) async fn sign_in(cloud: &str, timeout: Duration) -> Result<Credentials, Failure> {
    let source = source(cloud);
    let config = OpenStackConfig { request_timeout: timeout, ..OpenStackConfig::new(source) };
    let first = Token::fetch(&config).await?;
    let kept = Kept::new(&first)?;
    let credentials = kept.credentials();
    tokio::spawn(renew(config, first, kept));
    Ok(credentials)
}

fn source(cloud: &str) -> CloudSource {
    let variables = environment();
    match cloud {
        VARIABLES => CloudSource::from_variables(variables),
        name => CloudSource::CloudsYaml {
            cloud: name.to_owned(),
            file: variables.get("OS_CLIENT_CONFIG_FILE").map(Into::into),
        },
    }
}

struct Token {
    text: String,
    /// How long it holds.
    lasts: Duration,
}

impl Token {
    async fn fetch(config: &OpenStackConfig) -> Result<Self, Failure> {
        // A client of its own signs in anew.
        let keystone = Keystone::new(config.clone()).map_err(|error| Failure::local(&error))?;
        let text = keystone.own_token().await.map_err(failure)?;
        let facts = keystone.validate(&text).await.map_err(failure)?;
        let facts = facts
            .ok_or_else(|| Status::unauthenticated("Keystone gave a token that does not hold"))?;
        let left = facts.expires_at - crate::clock::utc();
        Ok(Self { text, lasts: left.try_into().unwrap_or_default() })
    }
}

/// What Keystone's answer means, as if the server had given it.
fn failure(error: CloudError) -> Failure {
    let text = error.to_string();
    Failure::from(match error {
        CloudError::Rejected { .. } | CloudError::NotFound { .. } | CloudError::Conflict { .. } => {
            Status::unauthenticated(text)
        }
        CloudError::Unavailable { .. } | CloudError::Unknown { .. } => Status::unavailable(text),
    })
}

/// The token in force, as a file that only this process has, in memory: credentials read it for each call.
struct Kept {
    file: File,
    /// How much of it was written once.
    length: usize,
}

impl Kept {
    fn new(token: &Token) -> Result<Self, Failure> {
        let file = memfd_create("fermata-token", MemfdFlags::CLOEXEC).map_err(io::Error::from)?;
        let mut kept = Self { file: file.into(), length: 0 };
        kept.write(token)?;
        Ok(kept)
    }

    fn credentials(&self) -> Credentials {
        Credentials::TokenFile(format!("/proc/self/fd/{}", self.file.as_raw_fd()).into())
    }

    /// In one write, over all of the one before: who reads meanwhile sees the one or the other.
    fn write(&mut self, token: &Token) -> io::Result<()> {
        let padded = format!("{:<1$}", token.text, self.length);
        self.length = padded.len();
        self.file.write_all_at(padded.as_bytes(), 0)
    }
}

/// Replaces the token before it ends, for as long as there is somebody who uses it.
async fn renew(config: OpenStackConfig, first: Token, mut kept: Kept) {
    let mut lasts = first.lasts;
    loop {
        tokio::time::sleep(lasts.saturating_sub(BEFORE_ITS_END).max(PAUSE)).await;
        // Without a new one the old one is used on; it is the server that refuses it then.
        let renewed = Token::fetch(&config).await.and_then(|token| {
            kept.write(&token)?;
            Ok(token.lasts)
        });
        lasts = renewed.unwrap_or_default();
    }
}
