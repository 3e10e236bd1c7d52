//! The command line.

pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod database;
pub(crate) mod examples;
pub(crate) mod host;
pub(crate) mod moment;
pub(crate) mod openstack;
pub(crate) mod owner;
pub(crate) mod policy;
pub(crate) mod session;
pub(crate) mod simulated_cloud;
pub(crate) mod spec;
pub(crate) mod token;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anstream::ColorChoice;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use clap_complete::engine::ArgValueCompleter;
use fermata_client::v1::PutMode;
use fermata_server::ServeArgs;
use fermata_server::config::{HttpListen, Listen};

use audit::AuditCommand;
use config::ConfigCommand;
use database::DatabaseCommand;
use host::HostCommand;
use openstack::OpenstackCommand;
use owner::OwnerCommand;
use policy::PolicyCommand;
use session::SessionCommand;
use simulated_cloud::SimulatedCloudArgs;
use token::TokenCommand;

use crate::commands::{completing, version};

/// How times are typed.
const TIMES: &str = "\
Times: RFC 3339, `now`, `+2h`, or `14:30` (the next such time). Spans: `90s`, `10m`, `1h30m`.";

const EXIT_CODES: &str = "\
JSON and YAML output is the proto JSON mapping of the contract's messages, with the contract's own field \
names: one document for a call, one line (one YAML document) per message for a watch.

Exit codes:
  0  done
  1  failed
  2  the command line or a field is wrong
  3  not found
  4  refused: the state does not allow it
  5  the server cannot be reached, is overloaded, or did not answer in time
  6  conflict: changed meanwhile, or the request id was used before
  7  the watched session ended FAILED or CANCELLED
  8  there is no plan for what was previewed
  9  the audit trail was tampered with
  10  what was waited for did not happen, or not in time
  11  the watched session is COMPLETED, but hosts were skipped";

/// Coordinates the maintenance of compute hosts with the owners of the servers on them.
#[derive(Debug, Parser)]
#[command(name = "fermata", version = version::LINE.as_str(), after_help = EXIT_CODES)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Global {
    /// Options under a name, from the file that `fermata config path` names [default: the profile `default`, if there is one]
    #[arg(long, global = true, env = "FERMATA_PROFILE", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The server to ask: a URL, or HOST:PORT, which is https with any TLS option and http without
    #[arg(long, global = true, env = "FERMATA_SERVER", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:7400")]
    pub(crate) server: String,
    /// Who calls: a bearer token. Others on this machine can see a flag: rather use the variable or --token-file
    #[arg(
        long,
        global = true,
        env = "FERMATA_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    #[arg(conflicts_with = "token_file")]
    pub(crate) token: Option<String>,
    /// Who calls: a file with a bearer token
    #[arg(long, global = true, env = "FERMATA_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Who calls: tokens of an OpenStack, for its user in a cloud of clouds.yaml; `envvars` stands for the OS_* variables
    #[arg(long, global = true, env = "FERMATA_OS_CLOUD", value_name = "NAME")]
    pub(crate) os_cloud: Option<String>,
    /// TLS: the CA that signed the server's certificate, PEM [default: those of the system]
    #[arg(long, global = true, env = "FERMATA_TLS_CA", value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// TLS: your own certificate, PEM
    #[arg(
        long,
        global = true,
        env = "FERMATA_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// TLS: the private key of your certificate, PEM
    #[arg(
        long,
        global = true,
        env = "FERMATA_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// How to write answers
    #[arg(long, short, global = true, env = "FERMATA_OUTPUT", value_name = "FORMAT")]
    #[arg(value_enum, default_value_t)]
    pub(crate) output: Output,
    /// Of a list: only these columns, by their headers, in this order; with commas, or repeated
    #[arg(
        long = "column",
        short = 'c',
        global = true,
        value_name = "COLUMN",
        value_delimiter = ','
    )]
    pub(crate) columns: Vec<String>,
    /// Of a list: without the line of headers
    #[arg(long, global = true)]
    pub(crate) no_headers: bool,
    /// When to use colours; `auto` also heeds NO_COLOR
    #[arg(long, global = true, env = "FERMATA_COLOR", value_name = "WHEN")]
    #[arg(value_enum, default_value_t)]
    pub(crate) color: Color,
    /// Do what cannot be undone without asking; only terminals are asked
    #[arg(long, short = 'y', global = true)]
    pub(crate) yes: bool,
    /// How long a call may take; watches have no limit
    #[arg(long, global = true, env = "FERMATA_TIMEOUT", value_name = "SPAN")]
    #[arg(value_parser = moment::parse_span, default_value = "30s")]
    pub(crate) timeout: Duration,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people; lists leave columns out where the terminal is narrow
    #[default]
    Table,
    /// For people, with all columns of lists
    Wide,
    /// Of lists only the first column: ids or names, a line each
    Name,
    /// For programs
    Json,
    /// For programs
    Yaml,
}

/// For whom answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    /// Where somebody sees them
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(Box<ServeArgs>),
    /// Watch a whole maintenance on a simulated cloud, in less than a minute
    Demo(DemoArgs),
    /// Run a simulated cloud that several servers share (`fermata serve --simulated-at`)
    SimulatedCloud(SimulatedCloudArgs),
    /// A database that no server uses: what to do after a restore
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// The OpenStack that Fermata would work on: whether it can be used
    #[command(subcommand)]
    Openstack(OpenstackCommand),
    /// What this command is, and what the server is and works on
    Version(VersionArgs),
    /// Whether a server serves: its gRPC health, and its readiness; for health checks of containers
    Health(HealthArgs),
    /// What counts for a command, and profiles of options
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tokens for callers
    #[command(subcommand)]
    Token(TokenCommand),
    /// Maintenance sessions (operator)
    #[command(subcommand)]
    Session(SessionCommand),
    /// Sessions, hosts and who is waited for, live in this terminal; keys complete, retry, skip, pause … (operator)
    Top(TopArgs),
    /// Compute hosts (operator, infrastructure)
    #[command(subcommand)]
    Host(HostCommand),
    /// Notifications and replies (owner of servers)
    #[command(subcommand)]
    Owner(OwnerCommand),
    /// Policies of servers and groups (owner of servers)
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Who changed what, when and why (operator, auditor, administrator)
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Write a completion script for a shell. It asks this command, and this command the server of FERMATA_SERVER for
    /// sessions and hosts
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write manual pages, one for each command
    ManPages {
        /// Where to
        directory: PathBuf,
    },
}

/// Options of `top`.
#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// Begin with this session: its id, or a prefix of it that no other session has [unset: the newest]
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(completing::sessions))]
    pub(crate) session: Option<String>,
}

/// Options of `health`.
#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// A server on this machine that listens here for gRPC, as `fermata serve` was told [unset: the one of --server]
    #[arg(long, env = "FERMATA_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<Listen>,
    /// Its /metrics, /healthz and /readyz listen here, as `fermata serve` was told: /readyz is asked as well
    #[arg(long, env = "FERMATA_HTTP_LISTEN", value_name = "ADDRESS")]
    pub(crate) http_listen: Option<HttpListen>,
}

/// Options of `version`.
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    /// This command only: ask no server
    #[arg(long)]
    pub(crate) client: bool,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Keep the server up afterwards, and show what to try on it
    #[arg(long)]
    pub(crate) hold: bool,
    /// With TLS, and a token of its own for each who takes part
    #[arg(long)]
    pub(crate) secure: bool,
}

/// Whether a put may create or replace.
#[derive(Debug, Clone, Copy, Default, Args)]
#[group(multiple = false)]
pub(crate) struct Mode {
    /// Only create it: refused if it exists
    #[arg(long)]
    create_only: bool,
    /// Only replace it: refused if it does not exist
    #[arg(long)]
    replace_only: bool,
}

impl Mode {
    pub(crate) fn mode(self) -> PutMode {
        match (self.create_only, self.replace_only) {
            (true, _) => PutMode::CreateOnly,
            (false, true) => PutMode::ReplaceOnly,
            (false, false) => PutMode::CreateOrReplace,
        }
    }
}

/// What every write takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RequestId {
    /// Repeating a command with the same id does nothing twice; made up if not given
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
}

impl RequestId {
    pub(crate) fn or_new(&self) -> String {
        self.request_id.clone().unwrap_or_else(|| uuid::Uuid::now_v7().to_string())
    }

    /// The id of the request about one of so many hosts: each request has its own, and the same again if the command is
    /// repeated.
    pub(crate) fn for_one_of(&self, hosts: usize, host: &str) -> String {
        match &self.request_id {
            Some(id) if hosts > 1 => format!("{id}/{host}"),
            Some(_) | None => self.or_new(),
        }
    }
}

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Limit {
    /// At most this many; all if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

impl Limit {
    pub(crate) fn entries(self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit as usize)
    }
}

/// The variables of the environment that options read.
pub(crate) fn variables() -> BTreeSet<String> {
    fn gather(command: &clap::Command, found: &mut BTreeSet<String>) {
        let names = command.get_arguments().filter_map(clap::Arg::get_env);
        found.extend(names.map(|name| name.to_string_lossy().into_owned()));
        command.get_subcommands().for_each(|command| gather(command, found));
    }
    let mut found = BTreeSet::new();
    gather(&Cli::command(), &mut found);
    found
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap_complete::engine::ArgValueCompleter;

    use super::{Cli, variables};

    #[test]
    fn item_13_every_variable_of_an_option_is_known() {
        let known = variables();
        for name in ["FERMATA_SERVER", "FERMATA_LISTEN", "FERMATA_DATABASE_URL", "FERMATA_OUTPUT"] {
            assert!(known.contains(name), "{name}: {known:?}");
        }
    }

    #[test]
    fn item_19_shells_are_offered_hosts_and_sessions_wherever_one_is_named() {
        fn look(command: &clap::Command, path: &str, found: &mut Vec<(String, bool)>) {
            for argument in command.get_arguments() {
                let names = argument.get_value_names().unwrap_or_default();
                if names.iter().any(|name| matches!(name.as_str(), "HOST" | "SESSION")) {
                    let is_completed = argument.get::<ArgValueCompleter>().is_some();
                    found.push((format!("{path}: {}", argument.get_id()), is_completed));
                }
                // A session or a host by another name of its value would go unseen.
                let id = argument.get_id().as_str();
                let is_one = ["host", "hosts", "session", "sessions"].contains(&id);
                assert!(
                    !is_one || names.iter().any(|n| matches!(n.as_str(), "HOST" | "SESSION")),
                    "{path}: {id} is a value of {names:?}"
                );
            }
            for sub in command.get_subcommands() {
                look(sub, &format!("{path} {}", sub.get_name()), found);
            }
        }
        let mut found = Vec::new();
        look(&Cli::command(), "fermata", &mut found);
        assert!(found.len() > 20, "{found:?}");
        let without: Vec<_> = found.iter().filter(|(_, is_completed)| !is_completed).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
