//! `fermata owner …`

use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCompleter;
use fermata_client::v1::{Action, NotificationState};

use super::moment::{Moment, parse_moment};
use super::{Limit, Mode, RequestId};
use crate::commands::completing;
use crate::words;

/// The calls of an owner of servers.
#[derive(Debug, Subcommand)]
pub(crate) enum OwnerCommand {
    /// Follow everything that concerns a project
    Watch(WatchArgs),
    /// Answer a notification
    Reply(ReplyArgs),
    /// Show a notification
    Get(GetArgs),
    /// List notifications, newest first
    List(ListArgs),
    /// Take part, by a subscription with a name that you choose: from now on the project's silence means what a session says
    Subscribe(SubscribeArgs),
    /// Acknowledge everything up to a sequence number
    Ack(AckArgs),
    /// List who takes part
    Subscriptions(SubscriptionsArgs),
    /// Take part no longer
    Unsubscribe(UnsubscribeArgs),
}

impl OwnerCommand {
    /// The project that the command is about, by id or name.
    pub(crate) fn project_mut(&mut self) -> &mut String {
        match self {
            Self::Watch(args) => &mut args.project.project,
            Self::Reply(args) => &mut args.project.project,
            Self::Get(args) => &mut args.project.project,
            Self::List(args) => &mut args.project.project,
            Self::Subscribe(args) => &mut args.project.project,
            Self::Ack(args) => &mut args.project.project,
            Self::Subscriptions(args) => &mut args.project,
            Self::Unsubscribe(args) => &mut args.project.project,
        }
    }
}

/// Which project.
#[derive(Debug, Args)]
pub(crate) struct Project {
    /// The project that owns the servers: its id, or its name where the cloud tells
    #[arg(long, env = "FERMATA_PROJECT", value_name = "PROJECT")]
    pub(crate) project: String,
}

/// Options of `owner watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// Only of this session
    #[arg(long, value_name = "SESSION", conflicts_with = "subscription")]
    #[arg(add = ArgValueCompleter::new(completing::sessions_of_owner))]
    pub(crate) session: Option<String>,
    /// As this subscription, with its filter
    #[arg(long, value_name = "ID")]
    pub(crate) subscription: Option<String>,
    /// Go on after what the subscription has acknowledged [unset: begin with a snapshot]
    #[arg(long, requires = "subscription")]
    pub(crate) resume: bool,
}

/// Options of `owner reply`.
#[derive(Debug, Args)]
#[group(id = "answer", required = true, multiple = true)]
#[group(args = ["accept", "reject", "own_action_done", "not_before", "after"])]
pub(crate) struct ReplyArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The notification that is answered
    pub(crate) notification: String,
    /// Go on; with this action for every server that no --decision names
    #[arg(long, value_name = "ACTION", num_args = 0..=1, ignore_case = true)]
    #[arg(conflicts_with_all = ["reject", "own_action_done", "not_before", "after", "only"])]
    #[arg(value_parser = words::parser::<Action>())]
    pub(crate) accept: Option<Option<Action>>,
    /// An action for one server, by its id or name; may be repeated
    #[arg(long = "decision", value_name = "SERVER=ACTION", requires = "accept")]
    #[arg(conflicts_with_all = ["reject", "own_action_done"])]
    #[arg(value_parser = parse_decision)]
    pub(crate) decisions: Vec<(String, Action)>,
    /// Do not go on, for this reason
    #[arg(long, value_name = "REASON")]
    #[arg(conflicts_with_all = ["own_action_done", "not_before", "after", "only"])]
    pub(crate) reject: Option<String>,
    /// The own action is done on these servers; on all that chose it if none is named. To SCALE_IN: it is done
    #[arg(long, value_name = "SERVER", num_args = 0.., value_delimiter = ',')]
    #[arg(conflicts_with_all = ["not_before", "after", "only"])]
    pub(crate) own_action_done: Option<Vec<String>>,
    /// Counter-offer: not before this time: `+2h`, `14:30` or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) not_before: Option<Moment>,
    /// Counter-offer: not before these servers are done, by id or name
    #[arg(long, value_name = "SERVER", value_delimiter = ',')]
    pub(crate) after: Vec<String>,
    /// Counter-offer: only for these servers [unset: for all that nothing has begun on]
    #[arg(long, value_name = "SERVER", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// The plan that is answered [unset: the current one]
    #[arg(long, value_name = "N")]
    pub(crate) plan_revision: Option<u64>,
    /// Own words, shown to the operator
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) comment: String,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `owner get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The notification
    pub(crate) notification: String,
}

/// Options of `owner list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// Of this session
    #[arg(long, value_name = "SESSION", default_value = "", hide_default_value = true)]
    #[arg(add = ArgValueCompleter::new(completing::sessions_of_owner))]
    pub(crate) session: String,
    /// In this state; may be repeated
    #[arg(long = "state", value_name = "STATE", ignore_case = true)]
    #[arg(value_parser = words::parser::<NotificationState>())]
    pub(crate) states: Vec<NotificationState>,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `owner subscribe`.
#[derive(Debug, Args)]
pub(crate) struct SubscribeArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The name of the subscription in the project: letters, digits, `-`, `_` and `.`. One that is there is replaced
    pub(crate) subscription: String,
    /// A name for people, for example that of the VNFM
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Only events of this session
    #[arg(long, value_name = "SESSION", add = ArgValueCompleter::new(completing::sessions_of_owner))]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// Options of `owner ack`.
#[derive(Debug, Args)]
pub(crate) struct AckArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The subscription
    pub(crate) subscription: String,
    /// The sequence number up to which everything is read
    pub(crate) sequence: u64,
}

/// Options of `owner subscriptions`.
#[derive(Debug, Args)]
pub(crate) struct SubscriptionsArgs {
    /// Only of this project
    #[arg(long, env = "FERMATA_PROJECT", value_name = "ID", default_value = "")]
    #[arg(hide_default_value = true)]
    pub(crate) project: String,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `owner unsubscribe`.
#[derive(Debug, Args)]
pub(crate) struct UnsubscribeArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The subscription
    pub(crate) subscription: String,
    /// Fail if there is no such subscription
    #[arg(long)]
    pub(crate) must_exist: bool,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

fn parse_decision(given: &str) -> Result<(String, Action), String> {
    match given.rsplit_once('=') {
        Some((server, action)) if !server.is_empty() => {
            Ok((server.to_owned(), words::parse(action)?))
        }
        _ => Err("write SERVER=ACTION".to_owned()),
    }
}
