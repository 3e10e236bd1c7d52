//! `fermata session …`

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use fermata_client::v1::{NotificationState, ServerState, SessionHostState, SessionState};

use super::moment::{Moment, Past, parse_moment, parse_past, parse_span};
use super::spec::{HowArgs, SpecArgs, WindowArgs, metadata_path};
use super::{Limit, RequestId, TIMES};
use crate::commands::completing;
use crate::words;

/// The operator's calls about sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Create a session, and announce it to every owner it affects
    #[command(after_help = TIMES)]
    Create(Box<CreateArgs>),
    /// Show the plan of such a session, or why there is none; creates nothing and tells nobody
    #[command(after_help = TIMES)]
    Preview(Box<PreviewArgs>),
    /// Show a session
    Get(SessionArg),
    /// List sessions, newest first
    #[command(after_help = TIMES)]
    List(ListArgs),
    /// Follow a session until its end
    Watch(WatchArgs),
    /// Wait until hosts of a session are in maintenance, or until it is completed
    Wait(WaitArgs),
    /// Start a scheduled session now
    Start(ChangeArgs),
    /// Let nothing new start; what runs is finished
    Pause(ChangeArgs),
    /// Go on with a paused session, or try the failed hosts of a failed one again
    Resume(ChangeArgs),
    /// End a session early; hosts are given back
    Cancel(ChangeArgs),
    /// Say that the work on hosts is done
    CompleteHost(HostChangeArgs),
    /// Say that the work on hosts failed, or give their drains up
    FailHost(HostChangeArgs),
    /// Leave hosts out
    SkipHost(HostChangeArgs),
    /// Try failed or skipped hosts again, or go on with those that wait for you
    RetryHost(RetryArgs),
    /// Change what a session was asked
    #[command(after_help = TIMES)]
    Update(Box<UpdateArgs>),
    /// Delete a session that is over, with its report
    Delete(DeleteArgs),
    /// Show what happened to every host and server
    Report(SessionArg),
    /// Write sessions that are over to standard output as JSON, one a line, with reports and what owners replied
    #[command(after_help = EXPORTED)]
    Export(ExportArgs),
    /// List the hosts of a session in the order of its plan
    Hosts(SessionHostsArgs),
    /// List the servers that a session affects, and where each stands
    Servers(SessionServersArgs),
    /// List what the owners were asked, and what they replied
    Owners(SessionOwnersArgs),
}

const EXPORTED: &str = "\
Each line has `report`, the contract's SessionReport with every host and server, and `notifications`, its SessionNotification \
messages. The server deletes sessions after its --session-retention.

Times: RFC 3339, or how long ago: `2h`, `7d`.";

/// Options of `session export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The sessions' ids, or prefixes of them, whatever their states [unset: every session that is over, the oldest first]
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(completing::sessions))]
    pub(crate) sessions: Vec<String>,
    /// Only those that were over before this time
    #[arg(long, value_name = "TIME", value_parser = parse_past, conflicts_with = "sessions")]
    pub(crate) until: Option<Past>,
}

/// Options of `session hosts`.
#[derive(Debug, Args)]
pub(crate) struct SessionHostsArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// In this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<SessionHostState>())]
    pub(crate) states: Vec<SessionHostState>,
}

/// Options of `session servers`.
#[derive(Debug, Args)]
pub(crate) struct SessionServersArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Affected by the drain of this host
    #[arg(long, default_value = "", hide_default_value = true)]
    #[arg(add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) host: String,
    /// Of this project
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) project: String,
    /// In this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<ServerState>())]
    pub(crate) states: Vec<ServerState>,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `session owners`.
#[derive(Debug, Args)]
pub(crate) struct SessionOwnersArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Of this project
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) project: String,
    /// Questions in this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<NotificationState>())]
    pub(crate) states: Vec<NotificationState>,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Which session.
#[derive(Debug, Args)]
pub(crate) struct SessionArg {
    /// The session's id, or a prefix of it that no other session has
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(completing::sessions))]
    pub(crate) session: String,
}

/// Guards of a write.
#[derive(Debug, Args)]
pub(crate) struct Guard {
    /// Only if the session still has this etag
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) etag: String,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `session create`.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Why, in words; shown to owners
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Go on watching the session
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `session preview`.
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// Why, in words; nobody is told
    #[arg(long, default_value = "preview", hide_default_value = true)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// In how many stages the hosts of a wave may be drained at most [unset: 4]
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    pub(crate) max_stages: u32,
    /// How many moves beyond the fewest are allowed where they save waves [unset: none]
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    pub(crate) second_moves: u32,
    /// Another seed, another plan of the same quality
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    pub(crate) seed: u64,
    /// Show every move, however many there are
    #[arg(long)]
    pub(crate) all_moves: bool,
}

/// Options of `session update`.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Why, in words; shown to owners
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) window: WindowArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    /// Set a field back to its default, or remove an entry of the metadata with metadata.KEY; may be repeated
    #[arg(long, value_name = "FIELD", value_parser = parse_unset)]
    pub(crate) unset: Vec<String>,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

fn parse_unset(given: &str) -> Result<String, String> {
    match given.strip_prefix("metadata.") {
        Some(key) if !key.is_empty() => Ok(metadata_path(key)),
        _ if UNSETTABLE.contains(&given) => Ok(given.to_owned()),
        _ => Err(format!("possible are metadata.KEY, {}", UNSETTABLE.join(", "))),
    }
}

const UNSETTABLE: [&str; 15] = [
    "metadata",
    "announce_reply_period",
    "drain_reply_period",
    "lead_time",
    "on_silence",
    "on_objection",
    "default_action",
    "on_failure",
    "start_mode",
    "max_parallel_hosts",
    "max_parallel_actions",
    "drain_timeout",
    "work_timeout",
    "action_timeout",
    "action_attempts",
];

/// Options of `session list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// In this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<SessionState>())]
    pub(crate) states: Vec<SessionState>,
    /// With this host
    #[arg(long, default_value = "", hide_default_value = true)]
    #[arg(add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) host: String,
    /// Whose window ends after this time
    #[arg(long = "ends-after", value_name = "TIME", value_parser = parse_moment)]
    pub(crate) ends_after_time: Option<Moment>,
    /// Oldest first
    #[arg(long)]
    pub(crate) oldest_first: bool,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `session watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Go on when the session is FAILED, which the operator may still mend
    #[arg(long)]
    pub(crate) past_failure: bool,
}

/// Options of the calls that change a session.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// Why, in words; recorded and shown
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Awaited {
    /// Every host, or each --host, is verified empty and held
    InMaintenance,
    /// The session is over, and every host is done
    Completed,
}

/// Options of `session wait`.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// What to wait for
    #[arg(long = "for", value_name = "WHAT", value_enum)]
    pub(crate) awaited: Awaited,
    /// Of this host only; may be repeated [unset: of every host of the session]
    #[arg(long = "host", value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) hosts: Vec<String>,
    /// How long to wait at most [unset: until it happens, or cannot happen any more]
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) within: Option<Duration>,
}

/// Options of the calls that change hosts of a session.
#[derive(Debug, Args)]
pub(crate) struct HostChangeArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    /// The compute hosts' names. Each is changed by itself: one that is refused does not keep the others from it
    #[arg(required = true, value_name = "HOST", add = ArgValueCompleter::new(completing::hosts))]
    pub(crate) hosts: Vec<String>,
    /// Why, in words; recorded and shown
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

/// Options of `session retry-host`.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) change: HostChangeArgs,
    /// Go on although owners objected or were silent; recorded and told to them
    #[arg(long, requires = "reason")]
    pub(crate) override_owners: bool,
}

/// Options of `session delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
    #[command(flatten)]
    pub(crate) guard: Guard,
}
