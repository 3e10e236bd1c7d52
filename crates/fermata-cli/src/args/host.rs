//! `fermata host …`

use std::time::Duration;

use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCompleter;
use fermata_client::v1::{HostState, MaintenanceKind};

use super::moment::{Moment, parse_moment, parse_span};
use super::{Limit, RequestId, TIMES};
use crate::commands::completing;
use crate::words;

/// The calls about hosts.
#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// List hosts by name
    List(ListArgs),
    /// Show a host
    Get {
        /// The compute host's name
        #[arg(add = ArgValueCompleter::new(completing::hosts))]
        host: String,
    },
    /// List the servers on a host, and their owners
    Servers {
        /// The compute host's name
        #[arg(add = ArgValueCompleter::new(completing::hosts))]
        host: String,
    },
    /// Follow the states of all hosts
    Watch,
    /// Empty hosts now, all at once, and hold them: a session over them
    #[command(after_help = TIMES)]
    Drain(DrainArgs),
    /// Give hosts back, whether they are held after their drain or still drained
    Undrain(ReleaseArgs),
    /// Let hosts take new servers again. What Fermata disabled, in any session, it enables; what somebody else disabled only
    /// with --force
    Enable(EnableArgs),
    /// Let hosts take no more servers, outside of sessions. Servers that are on them stay
    Disable(DisableArgs),
    /// Ask for one host to be emptied now
    #[command(after_help = TIMES)]
    RequestMaintenance(RequestArgs),
    /// Give hosts back after the work
    Release(ReleaseArgs),
}

/// Options of `host list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// In this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<HostState>())]
    pub(crate) states: Vec<HostState>,
    /// In this availability zone
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) zone: String,
    /// In this host aggregate
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) aggregate: String,
    /// Whose name contains this
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// With this hypervisor version
    #[arg(long, default_value = "", hide_default_value = true, value_name = "VERSION")]
    pub(crate) hypervisor_version: String,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `host request-maintenance`.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// The compute host's name
    #[arg(add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) host: String,
    /// Why, in words; shown to owners
    #[arg(long)]
    pub(crate) reason: String,
    /// How long the host may take to become empty [unset: 1h]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) drain_timeout: Option<Duration>,
    /// Whether the host comes back [unset: temporary]
    #[arg(long, value_parser = words::parser::<MaintenanceKind>(), ignore_case = true)]
    pub(crate) kind: Option<MaintenanceKind>,
    /// When the maintenance must be over [unset: in 24h]
    #[arg(long, value_name = "TIME", value_parser = parse_moment, conflicts_with = "span")]
    pub(crate) end: Option<Moment>,
    /// How long it may take in all, instead of --end
    #[arg(long = "for", id = "span", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) span: Option<Duration>,
    /// How long owners may answer [unset: 5m, or half of --drain-timeout if that is less]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) reply_period: Option<Duration>,
    /// Go on watching the session
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `host drain`.
#[derive(Debug, Args)]
pub(crate) struct DrainArgs {
    /// The compute hosts' names
    #[arg(required = true, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) hosts: Vec<String>,
    /// Why, in words; shown to owners
    #[arg(long)]
    pub(crate) reason: String,
    /// How long a host may take to become empty [unset: 1h]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) drain_timeout: Option<Duration>,
    /// Whether the hosts come back [unset: temporary]
    #[arg(long, value_parser = words::parser::<MaintenanceKind>(), ignore_case = true)]
    pub(crate) kind: Option<MaintenanceKind>,
    /// When the maintenance must be over [unset: in 24h]
    #[arg(long, value_name = "TIME", value_parser = parse_moment, conflicts_with = "span")]
    pub(crate) end: Option<Moment>,
    /// How long it may take in all, instead of --end
    #[arg(long = "for", id = "span", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) span: Option<Duration>,
    /// How long owners may answer [unset: 5m, or half of --drain-timeout if that is less]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) reply_period: Option<Duration>,
    /// Return when every host is in maintenance; exit code 10 and their names if some are not
    #[arg(long)]
    pub(crate) wait: bool,
    /// With --wait: how long to wait at most [unset: until it happens, or cannot happen any more]
    #[arg(long, value_name = "SPAN", value_parser = parse_span, requires = "wait")]
    pub(crate) within: Option<Duration>,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `host release` and `host undrain`.
#[derive(Debug, Args)]
pub(crate) struct ReleaseArgs {
    /// The compute hosts' names. Each is given back by itself: one that is refused does not keep the others from it
    #[arg(value_name = "HOST", add = ArgValueCompleter::new(completing::hosts), required_unless_present = "all", conflicts_with = "all")]
    pub(crate) hosts: Vec<String>,
    /// Of this session: its id, or a prefix of it that no other session has
    #[arg(long, value_name = "SESSION", add = ArgValueCompleter::new(completing::sessions))]
    pub(crate) session: Option<String>,
    /// Every host of --session that can be given back
    #[arg(long, requires = "session")]
    pub(crate) all: bool,
    /// Why, in words; recorded and shown
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `host enable`.
#[derive(Debug, Args)]
pub(crate) struct EnableArgs {
    /// The compute hosts' names. Each is enabled by itself: one that is refused does not keep the others from it
    #[arg(required = true, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) hosts: Vec<String>,
    /// Why, in words; recorded
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    /// Also what somebody else than Fermata disabled
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `host disable`.
#[derive(Debug, Args)]
pub(crate) struct DisableArgs {
    /// The compute hosts' names. Each is disabled by itself: one that is refused does not keep the others from it
    #[arg(required = true, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) hosts: Vec<String>,
    /// Why, in words; recorded, and shown by the cloud
    #[arg(long)]
    pub(crate) reason: String,
    /// Also what somebody else than Fermata disabled: their reason is replaced
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}
