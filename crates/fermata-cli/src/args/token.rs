//! What `fermata token` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands on tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token, and add its holder to the server's file of principals. The token is shown once; the file has only
    /// its digest, and servers read it within seconds
    Create(CreateArgs),
}

/// For whom.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The file of principals that the server uses (`fermata serve --principals`); made if it is not there
    #[arg(long, env = "FERMATA_PRINCIPALS", value_name = "FILE")]
    pub(crate) principals: PathBuf,
    /// The holder's name, for logs and the audit trail
    pub(crate) name: String,
    /// What the holder may be: operator, owner, monitor, auditor, administrator; may be given several times
    #[arg(long = "role", required = true, value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// The projects of an owner; \"*\" stands for all; may be given several times
    #[arg(long = "project", value_name = "ID")]
    pub(crate) projects: Vec<String>,
    /// When the token expires, as 2027-01-31T12:00:00Z [default: never]
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<String>,
}
