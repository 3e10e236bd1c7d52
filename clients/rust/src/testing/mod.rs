//! A Fermata on a simulated cloud, for the tests of owners and operators.
//!
//! ```no_run
//! use fermata_client::testing::{CORE_NETWORK, SimulatedFermata, spec};
//! use fermata_client::{Answer, Owner};
//!
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let server = SimulatedFermata::start().await?;
//! let owner = Owner::new(CORE_NETWORK, "test").on_planned(|_| async { Ok(Answer::accept()) });
//! let running = server.run(owner).await?;
//! let report = server.maintain(spec(["compute-a2"])).await?;
//! assert_eq!(report.hosts.len(), 1);
//! running.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The program of the server is that of the variable `FERMATA_BIN`, else `fermata` on the PATH.

mod maintain;
mod process;
mod running;
mod server;
mod waiting;

use std::time::Duration;

use thiserror::Error;
use tonic::Status;

pub use maintain::spec;
pub use process::{Line, Process};
pub use running::RunningOwner;
pub use server::{Options, SimulatedFermata};
pub use waiting::until;

/// The project `core-network` of [`SITE`]: amf, smf, upf and mme-db.
pub const CORE_NETWORK: &str = "3f6c1c52a0f44d0c9a4be1d0c6f7a101";
/// The project `ims` of [`SITE`]: pcscf, cscf and hss-lab.
pub const IMS: &str = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";
/// The site that is simulated where none is given, in TOML: six hosts in two zones (compute-a1 … compute-b3), and fourteen servers
/// of two projects. A maintenance of one host takes a second or two.
pub const SITE: &str = include_str!("site.toml");
/// Whatever is waited for comes within so long, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Why a test cannot go on.
#[derive(Debug, Error)]
pub enum TestingError {
    /// The program cannot be started.
    #[error("there is no program {program:?}; set FERMATA_BIN, or put fermata on the PATH")]
    Program {
        /// Which.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The program did not become ready.
    #[error("the server did not start:\n{log}")]
    NotReady {
        /// What it wrote.
        log: String,
    },
    /// Something did not happen within [`PATIENCE`].
    #[error("not within {} s: {what}", PATIENCE.as_secs())]
    Late {
        /// What was waited for.
        what: String,
    },
    /// The owner ended before it was told to.
    #[error("the owner has ended: {}", .0.message())]
    OwnerEnded(#[source] Status),
    /// A call failed.
    #[error("a call failed: {}", .0.message())]
    Call(#[from] Status),
    /// A file or a process of the test is not what it should be.
    #[error("cannot read, write or signal")]
    Io(#[from] std::io::Error),
}
