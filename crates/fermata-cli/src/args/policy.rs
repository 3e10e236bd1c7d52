//! `fermata policy …`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use fermata_client::v1::{
    Action, MaxImpacted, MigrationType, MinPreserved, Policy, UnexpectedAction,
};

use super::moment::parse_span;
use super::owner::Project;
use super::{Limit, Mode, RequestId};
use crate::words;

/// What owners store.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Policies of single servers
    #[command(subcommand)]
    Server(ServerCommand),
    /// Groups of servers, and how much of them may be impacted at once
    #[command(subcommand)]
    Group(GroupCommand),
    /// Make groups from a VNF descriptor (ETSI SOL001, nfvi_maintenance_info of its VDUs)
    Import(ImportArgs),
}

impl PolicyCommand {
    /// The project that the command is about, by id or name.
    pub(crate) fn project_mut(&mut self) -> &mut String {
        match self {
            Self::Server(ServerCommand::Get(args)) => &mut args.project.project,
            Self::Server(ServerCommand::Put(args)) => &mut args.server.project.project,
            Self::Group(GroupCommand::Get(args)) => &mut args.project.project,
            Self::Group(GroupCommand::Put(args)) => &mut args.group.project.project,
            Self::Server(ServerCommand::List(args)) | Self::Group(GroupCommand::List(args)) => {
                &mut args.project
            }
            Self::Server(ServerCommand::Delete(args)) | Self::Group(GroupCommand::Delete(args)) => {
                &mut args.project.project
            }
            Self::Import(args) => &mut args.project.project,
        }
    }
}

/// The calls about policies of servers.
#[derive(Debug, Subcommand)]
pub(crate) enum ServerCommand {
    /// Show what is stored for a server, and what counts for it
    Get(ServerArgs),
    /// List policies of servers
    List(ListArgs),
    /// Store the policy of a server; what was stored before is replaced as a whole
    Put(PutServerArgs),
    /// Delete the policy of a server
    Delete(DeleteArgs),
}

/// The calls about groups.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Show a group
    Get(GroupArgs),
    /// List groups
    List(ListArgs),
    /// Store a group; what was stored before is replaced as a whole
    Put(Box<PutGroupArgs>),
    /// Delete a group; its servers stay
    Delete(DeleteArgs),
}

/// Which server.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The server, by the cloud's id
    #[arg(value_name = "SERVER")]
    pub(crate) server_id: String,
}

/// Which group.
#[derive(Debug, Args)]
pub(crate) struct GroupArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The group
    pub(crate) group: String,
}

/// Options of `policy server list` and `policy group list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only of this project
    #[arg(long, env = "FERMATA_PROJECT", value_name = "ID", default_value = "")]
    #[arg(hide_default_value = true)]
    pub(crate) project: String,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

/// Options of `policy server delete` and `policy group delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The server or the group
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) etag: Etag,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// What must not have changed.
#[derive(Debug, Args)]
pub(crate) struct Etag {
    /// Only if this is still its etag
    #[arg(long, value_name = "ETAG", default_value = "", hide_default_value = true)]
    pub(crate) etag: String,
}

/// Options of `policy server put`.
#[derive(Debug, Args)]
pub(crate) struct PutServerArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) says: Says,
    #[command(flatten)]
    pub(crate) etag: Etag,
    #[command(flatten)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

/// What a policy says.
#[derive(Debug, Args)]
#[command(next_help_heading = "What it says")]
pub(crate) struct Says {
    /// Without a reply, when the host is maintained and comes back
    #[arg(long, value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<Action>())]
    controlled_temporary: Option<Action>,
    /// Without a reply, when the host leaves for good
    #[arg(long, value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<Action>())]
    controlled_permanent: Option<Action>,
    /// When the host fails and is expected back
    #[arg(long, value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<UnexpectedAction>())]
    unexpected_temporary: Option<UnexpectedAction>,
    /// When the host fails for good
    #[arg(long, value_name = "ACTION", ignore_case = true)]
    #[arg(value_parser = words::parser::<UnexpectedAction>())]
    unexpected_permanent: Option<UnexpectedAction>,
    /// Least time between telling the owner and touching the server
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    lead_time: Option<Duration>,
    /// Longest interruption by a live migration that nobody notices
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    max_interruption: Option<Duration>,
    /// How it may be moved, the most preferred first
    #[arg(long, value_name = "WAYS", value_delimiter = ',', ignore_case = true)]
    #[arg(value_parser = words::parser::<MigrationType>())]
    migrations: Vec<MigrationType>,
    /// Whether an equivalent resource is wanted at the time of the notification
    #[arg(long, value_name = "BOOL")]
    mitigation_requested: Option<bool>,
}

impl Says {
    pub(crate) fn policy(&self) -> Policy {
        let span = |span: Option<Duration>| span.and_then(|span| span.try_into().ok());
        Policy {
            controlled_temporary: self.controlled_temporary.map(Into::into).unwrap_or_default(),
            controlled_permanent: self.controlled_permanent.map(Into::into).unwrap_or_default(),
            unexpected_temporary: self.unexpected_temporary.map(Into::into).unwrap_or_default(),
            unexpected_permanent: self.unexpected_permanent.map(Into::into).unwrap_or_default(),
            lead_time: span(self.lead_time),
            max_interruption: span(self.max_interruption),
            migration_types: self.migrations.iter().map(|&way| way.into()).collect(),
            mitigation_requested: self.mitigation_requested,
        }
    }
}

/// Options of `policy group put`.
#[derive(Debug, Args)]
pub(crate) struct PutGroupArgs {
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    /// A name for people
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Members by their server ids
    #[arg(long = "member", value_name = "SERVER", value_delimiter = ',')]
    pub(crate) members: Vec<String>,
    /// A server group of the cloud, whose members are members as well
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) server_group: String,
    /// How many members may be impacted at once; for groups of a size and more with SIZE: before
    #[arg(long, value_name = "[SIZE:]N", value_delimiter = ',', value_parser = parse_sized)]
    max_impacted: Vec<(u32, u32)>,
    /// How many members must be left alone; for groups of a size and more with SIZE: before
    #[arg(long, value_name = "[SIZE:]N", value_delimiter = ',', value_parser = parse_sized)]
    min_preserved: Vec<(u32, u32)>,
    /// Least time between two impacts on the group
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) recovery_time: Option<Duration>,
    /// No two members on one host
    #[arg(long)]
    pub(crate) anti_affinity: bool,
    /// How many members may be on one host
    #[arg(long, value_name = "N")]
    pub(crate) max_per_host: Option<u32>,
    /// Least size down to which the owner may be asked to scale in
    #[arg(long, value_name = "N")]
    pub(crate) min_size_for_scale_in: Option<u32>,
    #[command(flatten)]
    pub(crate) says: Says,
    #[command(flatten)]
    pub(crate) etag: Etag,
    #[command(flatten)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) request_id: RequestId,
}

impl PutGroupArgs {
    pub(crate) fn max_impacted(&self) -> Vec<MaxImpacted> {
        let entries = self.max_impacted.iter();
        entries.map(|&(group_size, max)| MaxImpacted { group_size, max }).collect()
    }

    pub(crate) fn min_preserved(&self) -> Vec<MinPreserved> {
        let entries = self.min_preserved.iter();
        entries.map(|&(group_size, min)| MinPreserved { group_size, min }).collect()
    }
}

/// Options of `policy import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The descriptor: a CSAR, or a YAML file of a VNF package, usually that of its deployment flavour. Files that it imports
    /// are read, too
    pub(crate) vnfd: PathBuf,
    /// The servers of a VDU or placement group; may be repeated
    #[arg(long, value_name = "VDU=SERVER,SERVER", value_parser = parse_members)]
    pub(crate) members: Vec<(String, Vec<String>)>,
    /// The server group of the cloud that holds the servers of a VDU or placement group; may be repeated
    #[arg(long, value_name = "VDU=ID", value_parser = parse_named)]
    pub(crate) server_group: Vec<(String, String)>,
    /// The value of an input of the descriptor, in YAML; may be repeated [unset: the descriptor's default]
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = parse_input)]
    pub(crate) inputs: Vec<(String, serde_json::Value)>,
    /// Store the rest where a part of the descriptor cannot be
    #[arg(long)]
    pub(crate) allow_partial: bool,
    /// Only show what would be stored
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn parse_input(given: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = given.split_once('=').ok_or("write NAME=VALUE")?;
    let value = serde_saphyr::from_str(value).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value))
}

fn parse_sized(given: &str) -> Result<(u32, u32), String> {
    let (size, number) = given.split_once(':').unwrap_or(("0", given));
    match (size.parse(), number.parse()) {
        (Ok(size), Ok(number)) => Ok((size, number)),
        _ => Err("write N, or SIZE:N".to_owned()),
    }
}

fn parse_named(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((vdu, id)) if !vdu.is_empty() && !id.is_empty() => Ok((vdu.to_owned(), id.to_owned())),
        _ => Err("write VDU=ID".to_owned()),
    }
}

fn parse_members(given: &str) -> Result<(String, Vec<String>), String> {
    let (vdu, servers) = parse_named(given).map_err(|_| "write VDU=SERVER,SERVER".to_owned())?;
    let servers = servers.split(',').map(str::trim).filter(|s| !s.is_empty());
    Ok((vdu, servers.map(str::to_owned).collect()))
}
