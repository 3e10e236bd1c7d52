//! The server's configuration: flags over environment over file over defaults, read once at the start.
//! Every option exists in all three: `--listen`, `FERMATA_LISTEN`, `listen = …`. The only module that
//! reads the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use fermata_core::lease::{LONGEST_LEASE, SHORTEST_LEASE};
use fermata_core::quota::Quotas;
use fermata_openstack::{CloudSource, OpenStackConfig};
use serde::Deserialize;
use thiserror::Error;

use crate::door::KeystoneRoles;
use crate::limits::Limits;
use crate::telemetry::{LogFormat, TelemetryOptions};
use crate::tls::TlsFiles;

/// Every change of a host is told within this time.
const HOST_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The server's options, as flags and environment. The configuration file holds the same under the same
/// names, with `_` for `-`.
#[derive(Debug, Clone, Default, clap::Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeArgs {
    /// TOML file with any of these options
    #[arg(long, env = "FERMATA_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where gRPC listens [default: 127.0.0.1:7400]
    #[arg(long, env = "FERMATA_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where /metrics, /healthz and /readyz listen, or "off" [default: 127.0.0.1:7401]
    #[arg(long, env = "FERMATA_HTTP_LISTEN", value_name = "ADDRESS")]
    pub http_listen: Option<HttpListen>,
    /// Listen beyond loopback although callers are not authenticated, or what they send can be read on
    /// the way [default: false]
    #[arg(long, env = "FERMATA_INSECURE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub insecure: Option<bool>,
    /// Who may call: TOML file of principals with their roles, projects, tokens and certificates
    /// [default: whoever reaches the port may do everything]
    #[arg(long, env = "FERMATA_PRINCIPALS", value_name = "FILE")]
    pub principals: Option<PathBuf>,
    /// Who may call: tokens of the OpenStack that --os-cloud or the OS_* variables name, whose user must have the
    /// right to validate them [default: false]
    #[arg(long, env = "FERMATA_KEYSTONE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub keystone: Option<bool>,
    /// Keystone: roles of operators, for tokens of any project or of the system [default: admin]
    #[arg(long, env = "FERMATA_OPERATOR_ROLES", value_name = "ROLES")]
    pub operator_roles: Option<Words>,
    /// Keystone: roles of the owners of the servers in a token's project [default: member,manager]
    #[arg(long, env = "FERMATA_OWNER_ROLES", value_name = "ROLES")]
    pub owner_roles: Option<Words>,
    /// Keystone: roles of those who watch the infrastructure [default: none]
    #[arg(long, env = "FERMATA_MONITOR_ROLES", value_name = "ROLES")]
    pub monitor_roles: Option<Words>,
    /// Keystone: roles of those who read everything [default: none]
    #[arg(long, env = "FERMATA_AUDITOR_ROLES", value_name = "ROLES")]
    pub auditor_roles: Option<Words>,
    /// TLS: the server's certificate and those that lead to its CA, PEM; for gRPC and HTTP [default: no TLS]
    #[arg(long, env = "FERMATA_SERVER_CERT", value_name = "FILE")]
    pub server_cert: Option<PathBuf>,
    /// TLS: the private key of that certificate, PEM
    #[arg(long, env = "FERMATA_SERVER_KEY", value_name = "FILE")]
    pub server_key: Option<PathBuf>,
    /// TLS: the CA of clients' certificates, PEM [default: clients are not asked for certificates]
    #[arg(long, env = "FERMATA_CLIENT_CA", value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Database: sqlite://FILE?mode=rwc for one process, postgres://USER@HOST/NAME for one or several replicas
    /// [default: the SQLite file $XDG_STATE_HOME/fermata/fermata.db, else ~/.local/state/fermata/fermata.db]
    #[arg(long, env = "FERMATA_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Connections to the database at most [default: 16]
    #[arg(long, env = "FERMATA_DATABASE_CONNECTIONS", value_name = "N")]
    pub database_connections: Option<u32>,
    /// How long a replica that is gone keeps its sessions from others, 0.5s to 8s [default: 5s]
    #[arg(long, env = "FERMATA_LEASE", value_name = "SPAN")]
    pub lease: Option<Span>,
    /// Tell other replicas of changes by LISTEN and NOTIFY; "false" for poolers that cannot: replicas then look
    /// every 250 ms [default: true]
    #[arg(long, env = "FERMATA_HINTS", value_name = "BOOL")]
    pub hints: Option<bool>,
    /// Which cloud to work on [default: simulated]
    #[arg(long, env = "FERMATA_CLOUD", value_name = "KIND")]
    pub cloud: Option<CloudKind>,
    /// Simulated cloud: topology file [default: the small telco site that comes with Fermata]
    #[arg(long, env = "FERMATA_TOPOLOGY", value_name = "FILE")]
    pub topology: Option<PathBuf>,
    /// Simulated cloud: file that keeps its state over restarts [default: none]
    #[arg(long, env = "FERMATA_SIMULATED_STATE", value_name = "FILE")]
    pub simulated_state: Option<PathBuf>,
    /// Simulated cloud: use the one that listens there (`fermata simulated-cloud`), so that several
    /// replicas share it [default: none]
    #[arg(long, env = "FERMATA_SIMULATED_AT", value_name = "ADDRESS")]
    pub simulated_at: Option<SocketAddr>,
    /// OpenStack: name of the cloud in clouds.yaml [default: what the OS_* variables say]
    #[arg(long, env = "FERMATA_OS_CLOUD", value_name = "NAME")]
    pub os_cloud: Option<String>,
    /// OpenStack: clouds.yaml [default: where OpenStack clients look]
    #[arg(long, env = "FERMATA_OS_CLOUDS_FILE", value_name = "FILE")]
    pub os_clouds_file: Option<PathBuf>,
    /// OpenStack: how long one request may take [default: 30s]
    #[arg(long, env = "FERMATA_OS_TIMEOUT", value_name = "SPAN")]
    pub os_timeout: Option<Span>,
    /// Calls under way in the cloud at once [default: 16]
    #[arg(long, env = "FERMATA_CLOUD_CALLS", value_name = "N")]
    pub cloud_calls: Option<usize>,
    /// Pause between two looks at what runs in the cloud [default: 2s]
    #[arg(long, env = "FERMATA_POLL_INTERVAL", value_name = "SPAN")]
    pub poll_interval: Option<Span>,
    /// Pause between heartbeats on streams [default: 15s]
    #[arg(long, env = "FERMATA_HEARTBEAT_INTERVAL", value_name = "SPAN")]
    pub heartbeat_interval: Option<Span>,
    /// A live reader that is this far behind is cut off [default: 30s]
    #[arg(long, env = "FERMATA_SLOW_READER_AFTER", value_name = "SPAN")]
    pub slow_reader_after: Option<Span>,
    /// Streams of events open at once; a tenth is kept for callers who are no owners [default: 20000]
    #[arg(long, env = "FERMATA_MAX_STREAMS", value_name = "N")]
    pub max_streams: Option<usize>,
    /// Streams of events of one principal [default: half of --max-streams]
    #[arg(long, env = "FERMATA_MAX_STREAMS_PER_PRINCIPAL", value_name = "N")]
    pub max_streams_per_principal: Option<usize>,
    /// Calls and streams that one connection may have open; a client waits before it opens another [default: 10000]
    #[arg(long, env = "FERMATA_MAX_STREAMS_PER_CONNECTION", value_name = "N")]
    pub max_streams_per_connection: Option<u32>,
    /// Calls that are answered at once; more wait for a moment and are refused then [default: 512]
    #[arg(long, env = "FERMATA_MAX_CALLS", value_name = "N")]
    pub max_calls: Option<usize>,
    /// Calls of one principal or one connection that are answered at once [default: a quarter of --max-calls]
    #[arg(long, env = "FERMATA_MAX_CALLS_PER_PRINCIPAL", value_name = "N")]
    pub max_calls_per_principal: Option<usize>,
    /// Calls of one principal in a second, on average over two; 0: as many as it likes [default: 1000]
    #[arg(long, env = "FERMATA_MAX_CALL_RATE", value_name = "N")]
    pub max_call_rate: Option<u32>,
    /// Connections at once [default: 10000, and no more than file descriptors]
    #[arg(long, env = "FERMATA_MAX_CONNECTIONS", value_name = "N")]
    pub max_connections: Option<usize>,
    /// Connections from one address [default: half of --max-connections]
    #[arg(long, env = "FERMATA_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub max_connections_per_address: Option<usize>,
    /// Subscriptions of a project [default: 100]
    #[arg(long, env = "FERMATA_MAX_SUBSCRIPTIONS", value_name = "N")]
    pub max_subscriptions: Option<u64>,
    /// Policies of servers of a project [default: 10000]
    #[arg(long, env = "FERMATA_MAX_SERVER_POLICIES", value_name = "N")]
    pub max_server_policies: Option<u64>,
    /// Server groups of a project [default: 1000]
    #[arg(long, env = "FERMATA_MAX_SERVER_GROUPS", value_name = "N")]
    pub max_server_groups: Option<u64>,
    /// Sessions that are not over [default: 1000]
    #[arg(long, env = "FERMATA_MAX_SESSIONS", value_name = "N")]
    pub max_sessions: Option<u64>,
    /// The longest lead time and the longest recovery time that an owner may ask for [default: 7days]
    #[arg(long, env = "FERMATA_LONGEST_WAIT", value_name = "SPAN")]
    pub longest_wait: Option<Span>,
    /// How long a request may take to arrive [default: 15s]
    #[arg(long, env = "FERMATA_REQUEST_TIMEOUT", value_name = "SPAN")]
    pub request_timeout: Option<Span>,
    /// MiB of requests that are not answered yet; one connection may have a quarter of it [default: 64]
    #[arg(long, env = "FERMATA_MAX_REQUEST_MEMORY", value_name = "MIB")]
    pub max_request_memory: Option<usize>,
    /// A connection whose client takes nothing of what it is sent is closed after this time [default: 1min]
    #[arg(long, env = "FERMATA_STALLED_AFTER", value_name = "SPAN")]
    pub stalled_after: Option<Span>,
    /// Clients reconnect spread over this after a shutdown [default: 5s]
    #[arg(long, env = "FERMATA_RECONNECT_SPREAD", value_name = "SPAN")]
    pub reconnect_spread: Option<Span>,
    /// How long events are kept for streams that resume [default: 7days]
    #[arg(long, env = "FERMATA_EVENT_RETENTION", value_name = "SPAN")]
    pub event_retention: Option<Span>,
    /// How long request ids are kept: a write that is repeated within it gets its first answer [default: 7days]
    #[arg(long, env = "FERMATA_REQUEST_RETENTION", value_name = "SPAN")]
    pub request_retention: Option<Span>,
    /// How long a shutdown waits for calls under way [default: 30s]
    #[arg(long, env = "FERMATA_SHUTDOWN_GRACE", value_name = "SPAN")]
    pub shutdown_grace: Option<Span>,
    /// Log lines for people or for programs [default: human]
    #[arg(long, env = "FERMATA_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormatArg>,
    /// What to log, as tracing directives [default: info,openstack_sdk=off,sqlx=error]
    #[arg(long, env = "FERMATA_LOG", value_name = "DIRECTIVES")]
    pub log: Option<String>,
}

impl ServeArgs {
    fn describes_simulation(&self) -> bool {
        self.topology.is_some() || self.simulated_state.is_some()
    }
}

/// Which cloud to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloudKind {
    /// For trying and testing; in this process, unless --simulated-at says where.
    Simulated,
    /// OpenStack.
    Openstack,
}

/// Log lines for people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormatArg {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Where the HTTP side door listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpListen {
    /// Nowhere.
    Off,
    /// Here.
    On(SocketAddr),
}

impl FromStr for HttpListen {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::On) }
    }
}

/// A span as people write it: `15s`, `2min`, `7days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = humantime::DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self)
    }
}

/// Words with commas between them; none is fine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub BTreeSet<String>);

impl FromStr for Words {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self(words.map(str::to_owned).collect()))
    }
}

macro_rules! from_text {
    ($($name:ty),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

from_text!(HttpListen, Span, Words);

/// The configuration in force.
#[derive(Clone)]
#[allow(missing_docs, reason = "the options are documented at ServeArgs")]
pub struct Config {
    pub listen: SocketAddr,
    pub http_listen: HttpListen,
    pub principals: Option<PathBuf>,
    pub keystone: Option<KeystoneConfig>,
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
    pub limits: Limits,
    pub quotas: Quotas,
    pub reconnect_spread: Duration,
    pub event_retention: Duration,
    pub request_retention: Duration,
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

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not as it should be.
    #[error("the configuration file {} is wrong: {source}", file.display())]
    Parse {
        /// Which.
        file: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// Others could read, or do, what is not their business.
    #[error(
        "{address} can be reached from other machines, and {missing}: listen on a loopback address, or accept \
         that with --insecure"
    )]
    Exposed {
        /// Where it would listen.
        address: SocketAddr,
        /// What is missing.
        missing: &'static str,
    },
    /// There is no place for the default database.
    #[error(
        "neither XDG_STATE_HOME nor HOME names a folder for the database: name the database with --database-url, for \
         example sqlite:///var/lib/fermata/fermata.db?mode=rwc"
    )]
    NoStateFolder,
    /// A value that cannot be.
    #[error("{option} {problem}")]
    Value {
        /// Which option.
        option: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
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
        let environment = environment();
        let database_url = match args.database_url.as_ref().or(file.database_url.as_ref()) {
            Some(url) => url.clone(),
            None => database_url(&environment, "rwc")?,
        };
        tls_options(&args, &file)?;
        let config = Self::merge(args, file, database_url, environment);
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
        let Limits {
            connections,
            connections_per_address,
            streams_per_connection,
            streams,
            streams_per_principal,
            calls,
            calls_per_principal,
            call_rate: _,
            request_timeout,
            request_bytes,
            stalled_after,
        } = config.limits;
        zero("max_connections", connections == 0)?;
        zero("max_connections_per_address", connections_per_address == 0)?;
        zero("max_streams_per_connection", streams_per_connection == 0)?;
        zero("max_streams", streams == 0)?;
        zero("max_streams_per_principal", streams_per_principal == 0)?;
        zero("max_calls", calls == 0)?;
        zero("max_calls_per_principal", calls_per_principal == 0)?;
        zero("request_timeout", request_timeout.is_zero())?;
        zero("max_request_memory", request_bytes == 0)?;
        zero("stalled_after", stalled_after.is_zero())?;
        zero("poll_interval", config.poll_interval.is_zero())?;
        zero("heartbeat_interval", config.heartbeat_interval.is_zero())?;
        Ok(config)
    }

    /// What is missing for an address that other machines reach; `None`: nothing, or it is a loopback address.
    pub fn exposed(&self) -> Option<&'static str> {
        let callers_are_known = self.principals.is_some() || self.keystone.is_some();
        match (callers_are_known, &self.tls) {
            _ if self.listen.ip().is_loopback() => None,
            (true, Some(_)) => None,
            (false, Some(_)) => Some("callers are not authenticated (--principals, --keystone)"),
            (true, None) => {
                Some("tokens can be read on the way without TLS (--server-cert, --server-key)")
            }
            (false, None) => Some(
                "callers are not authenticated (--principals, --keystone), and there is no TLS (--server-cert, --server-key)",
            ),
        }
    }

    /// The configuration of the demo: everything under this directory, on loopback, any free ports.
    pub fn demo(dir: &Path) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let args = ServeArgs {
            listen: Some(any),
            http_listen: Some(HttpListen::On(any)),
            simulated_state: Some(dir.join("cloud.json")),
            poll_interval: Some(Span(Duration::from_millis(200))),
            // That anybody may call it is the point of a demo, and no news.
            log: Some("warn,fermata_server::server=error".to_owned()),
            ..ServeArgs::default()
        };
        let database_url = sqlite_url(&dir.join("fermata.db"), "rwc");
        Self::merge(args, ServeArgs::default(), database_url, BTreeMap::new())
    }

    fn merge(
        args: ServeArgs,
        file: ServeArgs,
        database_url: String,
        environment: BTreeMap<String, String>,
    ) -> Self {
        macro_rules! pick {
            ($option:ident) => {
                args.$option.or(file.$option)
            };
        }
        let span = |value: Option<Span>, default: Duration| value.map_or(default, |s| s.0);
        let port = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = pick!(listen).unwrap_or_else(|| port(7400));
        let tls = match (pick!(server_cert), pick!(server_key)) {
            (Some(certificate), Some(key)) => {
                Some(TlsFiles { certificate, key, client_ca: pick!(client_ca) })
            }
            (None, _) | (_, None) => None,
        };
        let os = openstack(
            pick!(os_cloud),
            pick!(os_clouds_file),
            span(pick!(os_timeout), Duration::from_secs(30)),
            &environment,
        );
        let cloud = match pick!(cloud).unwrap_or(CloudKind::Simulated) {
            CloudKind::Simulated => match pick!(simulated_at) {
                Some(address) => CloudConfig::SimulatedAt(address),
                None => CloudConfig::Simulated {
                    topology: pick!(topology),
                    state: pick!(simulated_state),
                },
            },
            CloudKind::Openstack => CloudConfig::Openstack(os.clone()),
        };
        let usual_quotas = Quotas::default();
        let quotas = Quotas {
            subscriptions: pick!(max_subscriptions).unwrap_or(usual_quotas.subscriptions),
            server_policies: pick!(max_server_policies).unwrap_or(usual_quotas.server_policies),
            server_groups: pick!(max_server_groups).unwrap_or(usual_quotas.server_groups),
            sessions: pick!(max_sessions).unwrap_or(usual_quotas.sessions),
            longest_wait: pick!(longest_wait)
                .and_then(|span| span.0.try_into().ok())
                .unwrap_or(usual_quotas.longest_wait),
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
        let knows_callers = keystone.is_some() || principals.is_some();
        let usual = Limits::default();
        let streams = pick!(max_streams).unwrap_or(usual.streams);
        let calls = pick!(max_calls).unwrap_or(usual.calls);
        let connections = pick!(max_connections).unwrap_or(usual.connections);
        let part = |part: Option<usize>, of: usize| part.unwrap_or_else(|| of.max(1));
        let limits = Limits {
            connections,
            connections_per_address: part(pick!(max_connections_per_address), connections / 2),
            streams_per_connection: pick!(max_streams_per_connection)
                .unwrap_or(usual.streams_per_connection),
            streams,
            streams_per_principal: part(
                pick!(max_streams_per_principal),
                // Where callers are not told from each other, all are one principal.
                if knows_callers { streams / 2 } else { streams },
            ),
            calls,
            calls_per_principal: part(pick!(max_calls_per_principal), calls / 4),
            call_rate: Some(pick!(max_call_rate).unwrap_or(1000)).filter(|rate| *rate > 0),
            request_timeout: span(pick!(request_timeout), usual.request_timeout),
            request_bytes: pick!(max_request_memory)
                .map_or(usual.request_bytes, |mib| mib.saturating_mul(1 << 20)),
            stalled_after: span(pick!(stalled_after), usual.stalled_after),
        };
        Self {
            listen,
            tls,
            principals,
            keystone,
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
            limits,
            quotas,
            reconnect_spread: span(pick!(reconnect_spread), Duration::from_secs(5)),
            event_retention: span(pick!(event_retention), Duration::from_secs(7 * 24 * 3600)),
            request_retention: span(pick!(request_retention), Duration::from_secs(7 * 24 * 3600)),
            shutdown_grace: span(pick!(shutdown_grace), Duration::from_secs(30)),
            telemetry: TelemetryOptions {
                log_format: match pick!(log_format).unwrap_or(LogFormatArg::Human) {
                    LogFormatArg::Human => LogFormat::Human,
                    LogFormatArg::Json => LogFormat::Json,
                },
                // At INFO the SDK tells of every request, at ERROR of failures that Fermata tells of itself.
                log_filter: pick!(log)
                    .unwrap_or_else(|| "info,openstack_sdk=off,sqlx=error".to_owned()),
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

/// The database that is meant when none is named, to be used as it is: it must be there.
///
/// # Errors
/// The environment names no folder for it.
pub fn default_database_url() -> Result<String, ConfigError> {
    database_url(&environment(), "rw")
}

/// The default database: a SQLite file where the XDG base directories say that state belongs.
fn database_url(environment: &BTreeMap<String, String>, mode: &str) -> Result<String, ConfigError> {
    // A relative folder is to be ignored, says XDG.
    let folder = |name| environment.get(name).map(Path::new).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME")
        .map(Path::to_owned)
        .or_else(|| folder("HOME").map(|home| home.join(".local/state")))
        .ok_or(ConfigError::NoStateFolder)?;
    Ok(sqlite_url(&state.join("fermata/fermata.db"), mode))
}

/// The URL of a SQLite file; what has a meaning of its own in a URL is encoded.
fn sqlite_url(file: &Path, mode: &str) -> String {
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3F");
    format!("sqlite://{path}?mode={mode}")
}

fn read(file: &Path) -> Result<ServeArgs, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
    toml::from_str(&text)
        .map_err(|source| ConfigError::Parse { file: file.to_owned(), source: Box::new(source) })
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
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
