//! The server's configuration: flags over environment over file over defaults, read once at the start.
//! Every option exists in all three: `--listen`, `FERMATA_LISTEN`, `listen = …`. The only module that
//! reads the environment.
//!
//! | file | job |
//! | --- | --- |
//! | `args` | the options, as they are typed |
//! | `values` | what values of options look like |
//! | `known` | names that are no options |
//! | `database` | the database that is used when none is named |
//! | `error` | what can be wrong |
//! | `wrong_toml` | what is wrong with a file |

mod args;
mod database;
mod error;
mod known;
mod limits;
mod values;
mod wrong_toml;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fermata_core::lease::{LONGEST_LEASE, SHORTEST_LEASE};
use fermata_core::quota::Quotas;
use fermata_openstack::{CloudSource, OpenStackConfig};
use http::HeaderValue;

use crate::door::KeystoneRoles;
use crate::limits::Limits;
use crate::telemetry::{LogFormat, TelemetryOptions};
use crate::tls::TlsFiles;

pub use args::{CloudKind, LogFormatArg, ServeArgs, TlsVersion};
pub use database::existing_database;
use database::{database_url, sqlite_url};
pub use error::ConfigError;
pub use known::{nearest, refuse_unknown_variables};
pub use values::{HttpListen, Listen, ListenError, NoOrigin, Origins, Span, Words};
pub(crate) use wrong_toml::wrong_toml;

/// A year and a month: reports of the same season last year are there to compare with.
const SESSION_RETENTION: Duration = Duration::from_secs(395 * 24 * 3600);
/// Whoever finds a session finds who asked for it: longer than sessions are kept.
const AUDIT_RETENTION: Duration = Duration::from_secs(730 * 24 * 3600);
/// Every change of a host is told within this time.
const HOST_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The configuration in force.
#[derive(Clone)]
#[allow(missing_docs, reason = "the options are documented at ServeArgs")]
pub struct Config {
    pub listen: SocketAddr,
    pub http_listen: HttpListen,
    pub principals: Option<PathBuf>,
    pub keystone: Option<KeystoneConfig>,
    pub oidc: Option<PathBuf>,
    pub tls: Option<TlsFiles>,
    pub database_url: String,
    pub database_connections: u32,
    pub lease: Duration,
    pub hints: bool,
    pub cloud: CloudConfig,
    pub cloud_calls: usize,
    pub poll_interval: Duration,
    /// Pause between two looks at the cloud's hosts. No option: what changes is told within this time.
    pub host_poll_interval: Duration,
    pub heartbeat_interval: Duration,
    pub slow_reader_after: Duration,
    pub web_origins: Vec<HeaderValue>,
    pub limits: Limits,
    pub quotas: Quotas,
    pub reconnect_spread: Duration,
    pub event_retention: Duration,
    pub request_retention: Duration,
    pub session_retention: Duration,
    pub audit_retention: Duration,
    pub shutdown_grace: Duration,
    pub telemetry: TelemetryOptions,
}

/// The Keystone whose tokens are taken.
#[derive(Clone)]
pub struct KeystoneConfig {
    /// How to ask it.
    pub openstack: OpenStackConfig,
    /// Which of its roles make a caller what.
    pub roles: KeystoneRoles,
}

/// The cloud to work on.
#[derive(Clone)]
pub enum CloudConfig {
    /// A simulated one in this process.
    Simulated {
        /// Its topology; `None`: the one that comes with Fermata.
        topology: Option<PathBuf>,
        /// Where it keeps its state.
        state: Option<PathBuf>,
    },
    /// A simulated one in another process, which listens there.
    SimulatedAt(SocketAddr),
    /// OpenStack.
    Openstack(OpenStackConfig),
}

impl Config {
    /// The configuration from flags and environment (which `clap` put into `args`), the file they name,
    /// and defaults.
    ///
    /// # Errors
    /// The file is wrong, or the options do not fit together.
    pub fn load(args: ServeArgs) -> Result<Self, ConfigError> {
        let file = match &args.config {
            Some(file) => read(file)?,
            None => ServeArgs::default(),
        };
        let insecure = args.insecure.or(file.insecure).unwrap_or(false);
        let shared = [&args, &file].iter().any(|from| from.simulated_at.is_some());
        if shared && [&args, &file].iter().any(|from| from.describes_simulation()) {
            let problem = "names a cloud that another process simulates: topology and simulated_state \
                           belong there, not here";
            return Err(ConfigError::Value { option: "simulated_at", problem });
        }
        let cloud = args.cloud.or(file.cloud).ok_or(ConfigError::NoCloud)?;
        let environment = environment();
        let database_url = match args.database_url.as_ref().or(file.database_url.as_ref()) {
            Some(url) => url.clone(),
            None => database_url(&environment, "rwc")?,
        };
        tls_options(&args, &file)?;
        let config = Self::merge(args, file, cloud, database_url, environment);
        if let Some(missing) = config.exposed()
            && !insecure
        {
            return Err(ConfigError::Exposed { address: config.listen, missing });
        }
        let zero = |option, value: bool| {
            let problem = "must be more than zero";
            if value { Err(ConfigError::Value { option, problem }) } else { Ok(()) }
        };
        zero("cloud_calls", config.cloud_calls == 0)?;
        zero("database_connections", config.database_connections == 0)?;
        if !(SHORTEST_LEASE..=LONGEST_LEASE).contains(&config.lease) {
            let problem = "must be between 0.5 s and 8 s";
            return Err(ConfigError::Value { option: "lease", problem });
        }
        limits::check(&config.limits)?;
        zero("poll_interval", config.poll_interval.is_zero())?;
        zero("heartbeat_interval", config.heartbeat_interval.is_zero())?;
        Ok(config)
    }

    /// What is missing for an address that other machines reach; `None`: nothing, or it is a loopback address.
    pub fn exposed(&self) -> Option<&'static str> {
        match (self.knows_callers(), &self.tls) {
            _ if self.listen.ip().is_loopback() => None,
            (true, Some(_)) => None,
            (false, Some(_)) => {
                Some("callers are not authenticated (--principals, --keystone, --oidc)")
            }
            (true, None) => {
                Some("tokens can be read on the way without TLS (--server-cert, --server-key)")
            }
            (false, None) => Some(
                "callers are not authenticated (--principals, --keystone, --oidc), and there is no TLS (--server-cert, --server-key)",
            ),
        }
    }

    /// Whether callers are told from each other.
    pub fn knows_callers(&self) -> bool {
        self.principals.is_some() || self.keystone.is_some() || self.oidc.is_some()
    }

    /// The configuration of the demo: everything under this directory, on loopback, any free ports.
    pub fn demo(dir: &Path) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let args = ServeArgs {
            listen: Some(Listen(any)),
            http_listen: Some(HttpListen::On(any)),
            simulated_state: Some(dir.join("cloud.json")),
            poll_interval: Some(Span(Duration::from_millis(200))),
            // That anybody may call it is the point of a demo, and no news.
            log: Some("warn,fermata_server::server=error,fermata_server::about=error".to_owned()),
            ..ServeArgs::default()
        };
        let database_url = sqlite_url(&dir.join("fermata.db"), "rwc");
        let (file, cloud) = (ServeArgs::default(), CloudKind::Simulated);
        Self::merge(args, file, cloud, database_url, BTreeMap::new())
    }

    fn merge(
        args: ServeArgs,
        file: ServeArgs,
        cloud: CloudKind,
        database_url: String,
        environment: BTreeMap<String, String>,
    ) -> Self {
        macro_rules! pick {
            ($option:ident) => {
                args.$option.or(file.$option)
            };
        }
        let of_file = |of: &ServeArgs| of.principals.is_some() || of.oidc.is_some();
        let asked = args.keystone.or(file.keystone).unwrap_or(false);
        let knows_callers = asked || of_file(&args) || of_file(&file);
        let limits = limits::limits(&args, &file, knows_callers);
        let quotas = limits::quotas(&args, &file);
        let span = |value: Option<Span>, default: Duration| value.map_or(default, |s| s.0);
        let port = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = pick!(listen).map_or_else(|| port(7400), |listen| listen.0);
        let tls = match (pick!(server_cert), pick!(server_key)) {
            (Some(certificate), Some(key)) => {
                let min_version = pick!(tls_min_version).unwrap_or_default();
                Some(TlsFiles { certificate, key, client_ca: pick!(client_ca), min_version })
            }
            (None, _) | (_, None) => None,
        };
        let os = openstack(
            pick!(os_cloud),
            pick!(os_clouds_file),
            span(pick!(os_timeout), Duration::from_secs(30)),
            &environment,
        );
        let cloud = match cloud {
            CloudKind::Simulated => match pick!(simulated_at) {
                Some(Listen(address)) => CloudConfig::SimulatedAt(address),
                None => CloudConfig::Simulated {
                    topology: pick!(topology),
                    state: pick!(simulated_state),
                },
            },
            CloudKind::Openstack => CloudConfig::Openstack(os.clone()),
        };
        let words = |words: Option<Words>, default: &[&str]| {
            words.map_or_else(|| default.iter().map(|word| (*word).to_owned()).collect(), |w| w.0)
        };
        let roles = KeystoneRoles {
            operator: words(pick!(operator_roles), &["admin"]),
            owner: words(pick!(owner_roles), &["member", "manager"]),
            monitor: words(pick!(monitor_roles), &[]),
            auditor: words(pick!(auditor_roles), &[]),
        };
        let keystone = pick!(keystone)
            .unwrap_or(false)
            .then(|| KeystoneConfig { openstack: os.clone(), roles });
        let principals = pick!(principals);
        Self {
            listen,
            tls,
            principals,
            keystone,
            oidc: pick!(oidc),
            http_listen: pick!(http_listen).unwrap_or_else(|| HttpListen::On(port(7401))),
            database_url,
            database_connections: pick!(database_connections).unwrap_or(16),
            lease: span(pick!(lease), Duration::from_secs(5)),
            hints: pick!(hints).unwrap_or(true),
            cloud,
            cloud_calls: pick!(cloud_calls).unwrap_or(16),
            poll_interval: span(pick!(poll_interval), Duration::from_secs(2)),
            host_poll_interval: HOST_POLL_INTERVAL,
            heartbeat_interval: span(pick!(heartbeat_interval), Duration::from_secs(15)),
            slow_reader_after: span(pick!(slow_reader_after), Duration::from_secs(30)),
            web_origins: pick!(web_origins).unwrap_or_default().0,
            limits,
            quotas,
            reconnect_spread: span(pick!(reconnect_spread), Duration::from_secs(5)),
            event_retention: span(pick!(event_retention), Duration::from_secs(7 * 24 * 3600)),
            request_retention: span(pick!(request_retention), Duration::from_secs(7 * 24 * 3600)),
            session_retention: span(pick!(session_retention), SESSION_RETENTION),
            audit_retention: span(pick!(audit_retention), AUDIT_RETENTION),
            shutdown_grace: span(pick!(shutdown_grace), Duration::from_secs(30)),
            telemetry: TelemetryOptions {
                log_format: match pick!(log_format).unwrap_or(LogFormatArg::Human) {
                    LogFormatArg::Human => LogFormat::Human,
                    LogFormatArg::Json => LogFormat::Json,
                },
                // At INFO the SDK tells of every request, at ERROR of failures that Fermata tells of itself.
                log_filter: pick!(log).unwrap_or_else(|| "info,sqlx=error".to_owned()),
                instance_id: uuid::Uuid::now_v7().to_string(),
                environment,
            },
        }
    }
}

/// Whether what there is of TLS is all of it.
fn tls_options(args: &ServeArgs, file: &ServeArgs) -> Result<(), ConfigError> {
    let given = |of: fn(&ServeArgs) -> &Option<PathBuf>| of(args).is_some() || of(file).is_some();
    let wrong = |option, problem| Err(ConfigError::Value { option, problem });
    match (given(|a| &a.server_cert), given(|a| &a.server_key), given(|a| &a.client_ca)) {
        (true, false, _) => {
            wrong("server_cert", "needs server_key, the private key of the certificate")
        }
        (false, true, _) => wrong("server_key", "needs server_cert, the certificate of the key"),
        (false, false, true) => wrong("client_ca", "needs server_cert and server_key"),
        (true, true, _) | (false, false, false) => Ok(()),
    }
}

fn read(file: &Path) -> Result<ServeArgs, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
    let wrong = |error| {
        let problem = wrong_toml(&error, &text);
        ConfigError::Parse { file: file.to_owned(), problem }
    };
    let table: toml::Table = toml::from_str(&text).map_err(wrong)?;
    if let Some((key, nearest)) = known::unknown_key(table.keys()) {
        return Err(ConfigError::UnknownKey { file: file.to_owned(), key, nearest });
    }
    // From the text, so that an error shows the line.
    toml::from_str(&text).map_err(wrong)
}

/// The variables of this process; those that are no text are left out.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// How the OpenStack is used that a `clouds.yaml` or the `OS_*` variables of this process name. `timeout`: for one request.
pub fn openstack_of_process(
    cloud: Option<String>,
    file: Option<PathBuf>,
    timeout: Option<Duration>,
) -> OpenStackConfig {
    let timeout = timeout.unwrap_or(Duration::from_secs(30));
    openstack(cloud, file, timeout, &environment())
}

fn openstack(
    cloud: Option<String>,
    file: Option<PathBuf>,
    timeout: Duration,
    environment: &BTreeMap<String, String>,
) -> OpenStackConfig {
    let source = match cloud {
        Some(cloud) => CloudSource::CloudsYaml { cloud, file },
        None => CloudSource::from_variables(environment.clone()),
    };
    OpenStackConfig {
        request_timeout: timeout,
        headers: Some(Arc::new(crate::telemetry::trace::outgoing_headers)),
        ..OpenStackConfig::new(source)
    }
}

#[cfg(test)]
mod tests;
