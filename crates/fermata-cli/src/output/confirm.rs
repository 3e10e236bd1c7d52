//! Asks before something is done that cannot be undone. Only where somebody sits who can answer: a script means what it says.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use crate::failure::Failure;

/// Asks whether to do this, for example `cancel session 01a2`.
pub(crate) fn confirm(what: &str, yes: bool) -> Result<(), Failure> {
    if yes || !stdin().is_terminal() || !stderr().is_terminal() {
        return Ok(());
    }
    let mut screen = stderr().lock();
    write!(screen, "{what}? [y/N] ")?;
    screen.flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    if is_yes(&answer) { Ok(()) } else { Err(Failure::Usage("nothing was done".to_owned())) }
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes("Yes"));
        assert!(!is_yes("\n") && !is_yes("no") && !is_yes("yesterday"));
    }
}
