//! The server's options, as they are typed.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Deserialize;

use super::values::{HttpListen, Listen, Origins, Span, Words};

/// The server's options, as flags and environment. The configuration file holds the same under the same
/// names, with `_` for `-`.
#[derive(Debug, Clone, Default, clap::Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeArgs {
    /// TOML file with any of these options
    #[arg(long, env = "FERMATA_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Say what would start, whether the configuration, the files it names, the database and the cloud can be used, and
    /// end: nothing is changed, and no port is opened
    #[arg(long)]
    #[serde(skip)]
    pub check: bool,
    /// Where gRPC listens: HOST:PORT, or :PORT for all addresses [default: 127.0.0.1:7400]
    #[arg(long, env = "FERMATA_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<Listen>,
    /// Where /metrics, /healthz and /readyz listen, HOST:PORT or :PORT, or "off" [default: 127.0.0.1:7401]
    #[arg(long, env = "FERMATA_HTTP_LISTEN", value_name = "ADDRESS")]
    pub http_listen: Option<HttpListen>,
    /// Listen beyond loopback although callers are not authenticated, or what they send can be read on
    /// the way [default: false]
    #[arg(long, env = "FERMATA_INSECURE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub insecure: Option<bool>,
    /// Who may call: TOML file of principals with their roles, projects, tokens, certificates and subjects of issuers
    /// [default: whoever reaches the port may do everything]
    #[arg(long, env = "FERMATA_PRINCIPALS", value_name = "FILE")]
    pub principals: Option<PathBuf>,
    /// Who may call: tokens of the OpenStack that --os-cloud or the OS_* variables name, whose user must have the
    /// right to validate them [default: false]
    #[arg(long, env = "FERMATA_KEYSTONE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub keystone: Option<bool>,
    /// Who may call: tokens of OpenID Connect issuers; TOML file of the issuers, and of what their claims mean
    #[arg(long, env = "FERMATA_OIDC", value_name = "FILE")]
    pub oidc: Option<PathBuf>,
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
    /// TLS: the lowest version that clients may speak [default: 1.2]
    #[arg(long, env = "FERMATA_TLS_MIN_VERSION", value_name = "VERSION")]
    pub tls_min_version: Option<TlsVersion>,
    /// gRPC-Web: origins of the pages that may call, such as https://console.example.org, with commas between [default:
    /// none]
    #[arg(long, env = "FERMATA_WEB_ORIGINS", value_name = "ORIGINS")]
    pub web_origins: Option<Origins>,
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
    /// Which cloud to work on. Required
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
    pub simulated_at: Option<Listen>,
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
    /// A connection that is so old is ended in good order: clients come back, perhaps to another replica; 0: it may grow as old as
    /// it likes [default: 12h]
    #[arg(long, env = "FERMATA_MAX_CONNECTION_AGE", value_name = "SPAN")]
    pub max_connection_age: Option<Span>,
    /// The streams of a connection that is too old end within this, one after the other [default: 1min]
    #[arg(long, env = "FERMATA_CONNECTION_AGE_GRACE", value_name = "SPAN")]
    pub connection_age_grace: Option<Span>,
    /// Clients reconnect spread over this after a shutdown [default: 5s]
    #[arg(long, env = "FERMATA_RECONNECT_SPREAD", value_name = "SPAN")]
    pub reconnect_spread: Option<Span>,
    /// How long events are kept for streams that resume [default: 7days]
    #[arg(long, env = "FERMATA_EVENT_RETENTION", value_name = "SPAN")]
    pub event_retention: Option<Span>,
    /// How long request ids are kept: a write that is repeated within it gets its first answer [default: 7days]
    #[arg(long, env = "FERMATA_REQUEST_RETENTION", value_name = "SPAN")]
    pub request_retention: Option<Span>,
    /// How long sessions are kept after they are over and their window has ended; their audit records stay [default: 395days]
    #[arg(long, env = "FERMATA_SESSION_RETENTION", value_name = "SPAN")]
    pub session_retention: Option<Span>,
    /// How long audit records are kept, up to a day more; 0: for ever [default: 730days]
    #[arg(long, env = "FERMATA_AUDIT_RETENTION", value_name = "SPAN")]
    pub audit_retention: Option<Span>,
    /// How long a shutdown waits for calls under way [default: 30s]
    #[arg(long, env = "FERMATA_SHUTDOWN_GRACE", value_name = "SPAN")]
    pub shutdown_grace: Option<Span>,
    /// Log lines for people or for programs [default: human]
    #[arg(long, env = "FERMATA_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormatArg>,
    /// What to log, as tracing directives [default: info,sqlx=error]
    #[arg(long, env = "FERMATA_LOG", value_name = "DIRECTIVES")]
    pub log: Option<String>,
}

impl ServeArgs {
    pub(super) fn describes_simulation(&self) -> bool {
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

impl CloudKind {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Openstack => "openstack",
        }
    }
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
pub enum TlsVersion {
    /// With forward secrecy and AEAD only, as rustls has it.
    #[default]
    #[value(name = "1.2")]
    #[serde(rename = "1.2")]
    V12,
    /// The newest.
    #[value(name = "1.3")]
    #[serde(rename = "1.3")]
    V13,
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
