//! `fermata version`.

use super::context::Context;
use crate::args::{Format, VersionArgs};
use crate::failure::Failure;
use crate::view;

pub(super) async fn version(args: &VersionArgs, context: &Context<'_>) -> Result<(), Failure> {
    let screen = context.screen;
    if args.client || screen.format == Format::Table {
        screen.line(concat!("fermata ", env!("CARGO_PKG_VERSION")))?;
    }
    if args.client {
        return Ok(());
    }
    let information = context.server_info().await?;
    screen.answer(&information, view::server_info::server_info)
}
