//! Configuration of the adapter: which cloud, with which credentials, within which limits.
//!
//! Nothing here reads the process environment: the caller hands over the variables it read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use openstack_sdk::config as sdk;
use thiserror::Error;

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
    /// Headers to send along with each call.
    pub headers: Option<HeaderHook>,
}

impl OpenStackConfig {
    /// The defaults: 30 s for a request, 30 s of clock margin, 500 entries to a page, no headers.
    pub fn new(source: CloudSource) -> Self {
        Self {
            source,
            request_timeout: Duration::from_secs(30),
            clock_margin: Duration::from_secs(30),
            page_size: 500,
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
        let auth = self.source.resolve()?.auth.ok_or(ConfigError::NoAuthUrl)?;
        let auth_url = auth.auth_url.ok_or(ConfigError::NoAuthUrl)?;
        let credential = auth.application_credential_name.or(auth.application_credential_id);
        let credential = credential.map(|name| format!("application credential {name}"));
        let user = credential.or(auth.username).or(auth.user_id).unwrap_or_default();
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
        /// The file, with the `secure.yaml` beside it if there is one. `None`: where OpenStack's
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
    pub(crate) fn resolve(&self) -> Result<sdk::CloudConfig, ConfigError> {
        match self {
            Self::CloudsYaml { cloud, file } => from_file(cloud, file.as_deref()),
            Self::Variables(variables) => from_variables(variables),
        }
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
    /// A file is missing or is not a `clouds.yaml`.
    #[error("cannot read the clouds file {}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<sdk::ConfigFileBuilderError>,
    },
    /// The files in the standard places cannot be used.
    #[error("cannot read the clouds files in the standard places")]
    StandardFiles {
        /// Why.
        #[source]
        source: Box<sdk::ConfigError>,
    },
    /// The files were read and the cloud is not in them.
    #[error("cloud {cloud:?} is not in the clouds file; known are {known:?}")]
    NoSuchCloud {
        /// The name that was asked for.
        cloud: String,
        /// The names that are there, sorted.
        known: Vec<String>,
    },
    /// No `auth_url` (`OS_AUTH_URL`) says where Keystone is.
    #[error("auth_url (OS_AUTH_URL) is missing: it says where Keystone is")]
    NoAuthUrl,
    /// The variables do not make a configuration.
    #[error("the OS_* variables cannot be used")]
    Variables {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

fn from_file(cloud: &str, file: Option<&Path>) -> Result<sdk::CloudConfig, ConfigError> {
    let clouds = match file {
        Some(file) => explicit_file(file)?,
        None => sdk::ConfigFile::new()
            .map_err(|source| ConfigError::StandardFiles { source: Box::new(source) })?,
    };
    let config = clouds
        .get_cloud_config(cloud)
        .map_err(|source| ConfigError::StandardFiles { source: Box::new(source) })?
        .ok_or_else(|| {
            let mut known = clouds.get_available_clouds();
            known.sort();
            ConfigError::NoSuchCloud { cloud: cloud.to_owned(), known }
        })?;
    complete(config)
}

fn explicit_file(file: &Path) -> Result<sdk::ConfigFile, ConfigError> {
    let unreadable = |source| ConfigError::File { file: file.to_owned(), source: Box::new(source) };
    let mut builder = sdk::ConfigFile::builder().add_source(file).map_err(unreadable)?;
    let secure = file.with_file_name("secure.yaml");
    if secure.is_file() {
        builder = builder.add_source(secure).map_err(unreadable)?;
    }
    builder.build().map_err(unreadable)
}

fn from_variables(variables: &BTreeMap<String, String>) -> Result<sdk::CloudConfig, ConfigError> {
    let get = |name: &str| variables.get(name).cloned();
    let by_field: serde_json::Map<String, serde_json::Value> = variables
        .iter()
        .filter_map(|(name, value)| {
            let field = name.strip_prefix("OS_")?.to_lowercase();
            Some((field, value.clone().into()))
        })
        .collect();
    let auth: sdk::Auth = serde_json::from_value(by_field.into())
        .map_err(|source| ConfigError::Variables { source })?;
    let auth_type = get("OS_AUTH_TYPE").or_else(|| {
        auth.application_credential_secret.is_some().then(|| "v3applicationcredential".to_owned())
    });
    complete(sdk::CloudConfig {
        auth: Some(auth),
        auth_type,
        interface: get("OS_INTERFACE")
            .or_else(|| get("OS_ENDPOINT_TYPE"))
            .map(|interface| interface.trim_end_matches("URL").to_owned()),
        region_name: get("OS_REGION_NAME"),
        cacert: get("OS_CACERT"),
        verify: get("OS_INSECURE").map(|insecure| !is_true(&insecure)),
        ..sdk::CloudConfig::default()
    })
}

fn complete(config: sdk::CloudConfig) -> Result<sdk::CloudConfig, ConfigError> {
    match config.auth.as_ref().and_then(|auth| auth.auth_url.as_ref()) {
        Some(_) => Ok(config),
        None => Err(ConfigError::NoAuthUrl),
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "1" | "true" | "yes" | "on" | "y" | "t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> CloudSource {
        CloudSource::from_variables(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn an_openrc_file_becomes_a_configuration() {
        let config = variables(&[
            ("PATH", "/bin"),
            ("OS_AUTH_URL", "https://keystone.example/v3"),
            ("OS_USERNAME", "fermata"),
            ("OS_PASSWORD", "secret"),
            ("OS_PROJECT_NAME", "admin"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_REGION_NAME", "north"),
            ("OS_INTERFACE", "internalURL"),
            ("OS_INSECURE", "True"),
        ])
        .resolve()
        .unwrap();
        let auth = config.auth.as_ref().unwrap();
        assert_eq!(auth.username.as_deref(), Some("fermata"));
        assert_eq!(auth.user_domain_name.as_deref(), Some("Default"));
        assert!(auth.password.is_some());
        assert_eq!(config.region_name.as_deref(), Some("north"));
        assert_eq!(config.interface.as_deref(), Some("internal"));
        assert_eq!(config.verify, Some(false));
        assert_eq!(config.auth_type, None, "which is the password");
    }

    #[test]
    fn an_application_credential_is_recognised_by_its_secret() {
        let config = variables(&[
            ("OS_AUTH_URL", "https://keystone.example/v3"),
            ("OS_APPLICATION_CREDENTIAL_ID", "abc"),
            ("OS_APPLICATION_CREDENTIAL_SECRET", "secret"),
        ])
        .resolve()
        .unwrap();
        assert_eq!(config.auth_type.as_deref(), Some("v3applicationcredential"));
    }

    #[test]
    fn os_cloud_names_a_cloud_of_a_file() {
        let source = variables(&[
            ("OS_CLOUD", "north"),
            ("OS_CLIENT_CONFIG_FILE", "/etc/fermata/clouds.yaml"),
        ]);
        match source {
            CloudSource::CloudsYaml { cloud, file } => {
                assert_eq!(cloud, "north");
                assert_eq!(file, Some(PathBuf::from("/etc/fermata/clouds.yaml")));
            }
            CloudSource::Variables(_) => panic!("taken for credentials"),
        }
    }

    #[test]
    fn a_file_is_read_with_its_secrets_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clouds.yaml");
        std::fs::write(
            &file,
            "clouds: {north: {auth: {auth_url: 'https://k/v3', username: fermata}}}",
        )
        .unwrap();
        std::fs::write(
            dir.path().join("secure.yaml"),
            "clouds: {north: {auth: {password: secret}}}",
        )
        .unwrap();
        let read = |cloud: &str| {
            CloudSource::CloudsYaml { cloud: cloud.to_owned(), file: Some(file.clone()) }.resolve()
        };
        let auth = read("north").unwrap().auth.unwrap();
        assert_eq!(auth.username.as_deref(), Some("fermata"));
        assert!(auth.password.is_some());
        assert_eq!(
            read("south").unwrap_err().to_string(),
            "cloud \"south\" is not in the clouds file; known are [\"north\"]"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = CloudSource::CloudsYaml {
            cloud: "north".to_owned(),
            file: Some(PathBuf::from("/nowhere/clouds.yaml")),
        };
        assert!(matches!(missing.resolve(), Err(ConfigError::File { .. })));
        assert!(matches!(
            variables(&[("OS_USERNAME", "fermata")]).resolve(),
            Err(ConfigError::NoAuthUrl)
        ));
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let config = OpenStackConfig::new(variables(&[
            ("OS_AUTH_URL", "https://keystone.example/v3"),
            ("OS_PASSWORD", "hunter2"),
        ]));
        let text = format!("{config:?}");
        assert!(text.contains("OS_PASSWORD") && !text.contains("hunter2"));
    }
}
