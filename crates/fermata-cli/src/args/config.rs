//! What `fermata config` takes.

use clap::{Args, Subcommand};

/// Commands on profiles.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show what counts for a command, and whether a flag, a variable or the profile says so
    Show(ShowArgs),
    /// Show where the file of profiles is, whether there is one or not
    Path,
}

/// Options of `config show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The project, for commands that are about one
    #[arg(long, env = "FERMATA_PROJECT", value_name = "ID")]
    pub(crate) project: Option<String>,
}
