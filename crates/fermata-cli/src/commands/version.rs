//! `fermata version`.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::context::Context;
use crate::args::{Format, VersionArgs};
use crate::failure::Failure;
use crate::view;

/// `0.1.0 (commit 3f6c1c52a0f4, contract fermata.v1 9d41c0a7b2e6)`: the release, what it was built from, and the first characters of the digest of
/// the contract. Two programs with the same digest speak the same contract. What `deploy/release` did not build knows no commit.
pub(crate) static LINE: LazyLock<String> = LazyLock::new(|| {
    let commit =
        option_env!("BUILD_COMMIT").map_or("unknown", |commit| commit.get(..12).unwrap_or(commit));
    let digest = Sha256::digest(fermata_proto::FILE_DESCRIPTOR_SET);
    let contract: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{} (commit {commit}, contract fermata.v1 {contract})", env!("CARGO_PKG_VERSION"))
});

pub(super) async fn version(args: &VersionArgs, context: &Context<'_>) -> Result<(), Failure> {
    let screen = context.screen;
    if args.client || screen.format == Format::Table {
        screen.line(format_args!("fermata {}", *LINE))?;
    }
    if args.client {
        return Ok(());
    }
    let information = context.server_info().await?;
    screen.answer(&information, view::server_info::server_info)
}
