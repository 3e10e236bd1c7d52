//! `fermata man-pages`: a page for each command, from the same definitions as `--help`.

use std::path::Path;

use crate::args::examples;
use crate::failure::Failure;

pub(super) fn write(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(examples::command(), directory)?;
    Ok(())
}
