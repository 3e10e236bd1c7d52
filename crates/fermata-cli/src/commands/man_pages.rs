//! `fermata man-pages`: a page for each command, from the same definitions as `--help`.

use std::path::Path;

use crate::args::examples;
use crate::failure::Failure;

pub(super) fn write(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(examples::command(), directory)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_19_every_command_has_its_page() {
        fn look(command: &clap::Command, name: &str, directory: &Path, pages: &mut usize) {
            let page = directory.join(format!("{name}.1"));
            let text =
                std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{name}: {text}");
            let has_commands = command.get_subcommands().next().is_some();
            assert!(has_commands || text.contains("Examples:"), "{name}: {text}");
            *pages += 1;
            for sub in command.get_subcommands() {
                look(sub, &format!("{name}-{}", sub.get_name()), directory, pages);
            }
        }
        let directory = tempfile::tempdir().unwrap();
        write(directory.path()).unwrap();
        let mut pages = 0;
        look(&examples::command(), "fermata", directory.path(), &mut pages);
        assert!(pages > 60, "{pages} pages");
    }
}
