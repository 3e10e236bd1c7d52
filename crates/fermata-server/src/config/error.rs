//! What can be wrong with the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

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
    #[error("the configuration file {} is wrong: {problem}", file.display())]
    Parse {
        /// Which.
        file: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file has an option that there is not.
    #[error(
        "the configuration file {} has an option '{key}', which Fermata does not know{}", file.display(), meant(nearest.as_deref())
    )]
    UnknownKey {
        /// Which file.
        file: PathBuf,
        /// The option.
        key: String,
        /// What was meant, perhaps.
        nearest: Option<String>,
    },
    /// The environment has a variable of Fermata that there is not.
    #[error(
        "the environment has {variable}, which Fermata does not know{}; unset it if it is not for Fermata",
        meant(nearest.as_deref())
    )]
    UnknownVariable {
        /// The variable.
        variable: String,
        /// What was meant, perhaps.
        nearest: Option<String>,
    },
    /// Nobody said which cloud to work on.
    #[error(
        "no cloud is named: --cloud openstack works on an OpenStack (see --os-cloud), --cloud simulated on a site that \
         exists only in this process, to try Fermata (FERMATA_CLOUD, or cloud = \"…\" in the file, say the same)"
    )]
    NoCloud,
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

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}
