//! What `fermata database` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands on a database that no server uses.
#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Say that the database was restored from a back-up, before a server uses it again. Clients then begin with a
    /// snapshot: their positions may be ahead of the back-up, and would miss what is told from now on
    Restored(DatabaseArgs),
    /// Make the file of an SQLite database anew, without free space. Files that an older release made become smaller by
    /// themselves only after that. It needs as much space again as the database has
    Vacuum(DatabaseArgs),
}

impl DatabaseCommand {
    /// Which database.
    pub(crate) fn of(&self) -> &DatabaseArgs {
        match self {
            Self::Restored(args) | Self::Vacuum(args) => args,
        }
    }
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The database's URL, as for `serve` [default: that of --config, or the default of `serve`]
    #[arg(long, env = "FERMATA_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// The server's configuration file, for the database that it names
    #[arg(long, env = "FERMATA_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
