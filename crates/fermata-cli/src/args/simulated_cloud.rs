//! What `fermata simulated-cloud` takes.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Options of `simulated-cloud`.
#[derive(Debug, Args)]
pub(crate) struct SimulatedCloudArgs {
    /// Where it listens, on loopback only: whoever reaches the port may do anything to the cloud
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7500")]
    pub(crate) listen: SocketAddr,
    /// Topology file [default: the small telco site that comes with Fermata]
    #[arg(long, value_name = "FILE")]
    pub(crate) topology: Option<PathBuf>,
    /// File that keeps the cloud's state over restarts [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}
