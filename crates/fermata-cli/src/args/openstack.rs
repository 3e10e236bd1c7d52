//! What `fermata openstack` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::moment;

/// Commands on the OpenStack that Fermata would work on.
#[derive(Debug, Subcommand)]
pub(crate) enum OpenstackCommand {
    /// Sign in, and say which endpoints, versions, roles and policy rules there are, and which are missing. Changes nothing,
    /// and no Fermata needs to run. Exit code 1: Fermata could not work like this
    Check(CheckArgs),
}

/// Which OpenStack.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Name of the cloud in clouds.yaml [default: what the OS_* variables say]
    #[arg(long, env = "FERMATA_OS_CLOUD", value_name = "NAME")]
    pub(crate) os_cloud: Option<String>,
    /// clouds.yaml [default: where OpenStack clients look]
    #[arg(long, env = "FERMATA_OS_CLOUDS_FILE", value_name = "FILE")]
    pub(crate) os_clouds_file: Option<PathBuf>,
    /// How long one request may take [default: 30s]
    #[arg(long, env = "FERMATA_OS_TIMEOUT", value_name = "SPAN", value_parser = moment::parse_span)]
    pub(crate) os_timeout: Option<Duration>,
}
