//! Configuration of the adapter: which cloud, with which credentials, within which limits.
//!
//! Nothing here reads the process environment: the caller hands over the variables it read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

mod entry;
mod files;
mod keys;
mod method;
mod node;

pub(crate) use entry::{Entry, ServiceEntry, Tls, Trust};
pub(crate) use method::{
    Client, Credential, Domain, Grant, Method, Named, Oidc, Scope, TokenEndpoint,
};
use node::Node;

/// Headers to send along with each call, asked for inside the call's span: the place to hand on a
/// W3C `traceparent`. Names or values that HTTP does not allow are left out.
pub type HeaderHook = Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// How to use one OpenStack cloud.
#[derive(Clone)]
pub struct OpenStackConfig {
    /// Where the cloud and the credentials come from.
    pub source: CloudSource,
    /// How long one request to Keystone or Nova may take, answer included.
    pub request_timeout: Duration,
    /// By how much earlier than asked Nova is asked for changes: its clock may be behind ours.
    pub clock_margin: Duration,
    /// How many entries one page of a list has at most; Nova may give fewer.
    pub page_size: u32,
    /// For how long Nova's list of compute services is taken for true where all hosts are looked at. What Fermata changes
    /// itself is seen at once, and a single host is always read.
    pub hosts_max_age: Duration,
    /// Headers to send along with each call.
    pub headers: Option<HeaderHook>,
}

impl OpenStackConfig {
    /// The defaults: 30 s for a request, 30 s of clock margin, 500 entries to a page, 4 s for the list of hosts, no
    /// headers.
    pub fn new(source: CloudSource) -> Self {
        Self {
            source,
            request_timeout: Duration::from_secs(30),
            clock_margin: Duration::from_secs(30),
            page_size: 500,
            hosts_max_age: Duration::from_secs(4),
            headers: None,
        }
    }
}

/// As whom Fermata is known to a cloud, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Where Keystone is.
    pub auth_url: String,
    /// The user, or the application credential; by name where the configuration has one.
    pub user: String,
}

impl OpenStackConfig {
    /// As whom Fermata is known to the cloud.
    ///
    /// # Errors
    /// The source cannot be read, or names no Keystone.
    pub fn account(&self) -> Result<Account, ConfigError> {
        let entry = self.source.resolve()?;
        let (auth_url, user) = (entry.auth_url.to_string(), entry.method.account());
        Ok(Account { auth_url, user })
    }
}

impl fmt::Debug for OpenStackConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStackConfig")
            .field("source", &self.source)
            .field("request_timeout", &self.request_timeout)
            .field("clock_margin", &self.clock_margin)
            .field("page_size", &self.page_size)
            .field("hosts_max_age", &self.hosts_max_age)
            .field("headers", &self.headers.is_some())
            .finish()
    }
}

/// Where the cloud and the credentials come from.
#[derive(Clone)]
pub enum CloudSource {
    /// A cloud of a `clouds.yaml`
    /// (<https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>).
    CloudsYaml {
        /// Its name there.
        cloud: String,
        /// The file, with `secure.yaml` and `clouds-public.yaml` beside it if they are there. `None`: where OpenStack's
        /// own clients look (working directory, `~/.config/openstack`, `/etc/openstack`).
        file: Option<PathBuf>,
    },
    /// `OS_*` variables by their full names, as an `openrc` file sets them.
    Variables(BTreeMap<String, String>),
}

impl CloudSource {
    /// The source that a set of variables asks for, as OpenStack's own clients read it: `OS_CLOUD`
    /// names a cloud of a `clouds.yaml` (`OS_CLIENT_CONFIG_FILE`), otherwise the variables are the
    /// credentials themselves. Variables that do not begin with `OS_` are ignored.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: BTreeMap<String, String> = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with("OS_") && !value.is_empty())
            .collect();
        match variables.get("OS_CLOUD") {
            Some(cloud) => Self::CloudsYaml {
                cloud: cloud.clone(),
                file: variables.get("OS_CLIENT_CONFIG_FILE").map(PathBuf::from),
            },
            None => Self::Variables(variables),
        }
    }

    /// Reads the file, or the variables.
    pub(crate) fn resolve(&self) -> Result<Entry, ConfigError> {
        Entry::read(match self {
            Self::CloudsYaml { cloud, file } => files::read(cloud, file.as_deref())?,
            Self::Variables(variables) => from_variables(variables),
        })
    }
}

/// Shows the names of variables only: their values hold the password.
impl fmt::Debug for CloudSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloudsYaml { cloud, file } => {
                f.debug_struct("CloudsYaml").field("cloud", cloud).field("file", file).finish()
            }
            Self::Variables(variables) => {
                f.debug_tuple("Variables").field(&variables.keys().collect::<Vec<_>>()).finish()
            }
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no YAML. What is wrong with it is not shown: it may be a secret.
    #[error("{} is no YAML{}", file.display(), place.map_or_else(String::new, |(line, column)| format!(": see line {line}, column {column}")))]
    NotYaml {
        /// Which.
        file: PathBuf,
        /// Line and column of what is wrong, counted from 1.
        place: Option<(u64, u64)>,
    },
    /// There is no clouds file where OpenStack's own clients look.
    #[error("there is no clouds.yaml in {}; name one, or set the OS_* variables", places.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    NoCloudsFile {
        /// The folders that were looked into.
        places: Vec<PathBuf>,
    },
    /// The files were read and the cloud is not in them.
    #[error("cloud {cloud:?} is not in the clouds file; known are {known:?}")]
    NoSuchCloud {
        /// The name that was asked for.
        cloud: String,
        /// The names that are there, sorted.
        known: Vec<String>,
    },
    /// The cloud has no `auth_url` of its own, and its vendor's settings are not known.
    #[error(
        "cloud {cloud:?} has the profile {profile:?}, which is not in a clouds-public.yaml beside the clouds file; \
         profiles of the network or of openstacksdk are not read: set auth.auth_url"
    )]
    NoSuchProfile {
        /// The cloud.
        cloud: String,
        /// The name of the profile.
        profile: String,
    },
    /// No `auth_url` (`OS_AUTH_URL`) says where Keystone is.
    #[error("auth_url (OS_AUTH_URL) is missing: it says where Keystone is")]
    NoAuthUrl,
    /// A setting is missing that the kind of sign-in needs.
    #[error("{setting} (OS_{}) is missing: signing in by {kind} needs it", setting.to_uppercase())]
    Missing {
        /// Which.
        setting: &'static str,
        /// The kind of sign-in (`auth_type`).
        kind: String,
    },
    /// A setting has a value that Fermata cannot do anything with.
    #[error("{setting} (OS_{}) cannot be {value:?}: {instead}", setting.to_uppercase())]
    Unsupported {
        /// Which.
        setting: String,
        /// Its value.
        value: String,
        /// What it can be.
        instead: &'static str,
    },
    /// A file with certificates or a key cannot be used.
    #[error("{setting}: {} cannot be used", file.display())]
    Certificates {
        /// Which setting names it.
        setting: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No client of HTTP can be made.
    #[error("no client of HTTP can be made")]
    Http {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// `OS_REGION_NAME` is `region_name`, and so are all others.
fn from_variables(variables: &BTreeMap<String, String>) -> Node {
    let setting = |(name, value): (&String, &String)| {
        let key = name.strip_prefix("OS_")?.to_lowercase();
        Some((key, Node::Text(value.clone())))
    };
    Node::Map(variables.iter().filter_map(setting).collect())
}

#[cfg(test)]
mod tests;
