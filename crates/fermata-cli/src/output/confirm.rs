//! Asks before something is done that cannot be undone. Only where somebody sits who can answer: a script means what it says.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin};

use crate::failure::Failure;

/// Whoever sits at the terminal, if anybody does.
pub(crate) trait Person: fmt::Debug + Send + Sync {
    /// Whether somebody sees questions and can answer them.
    fn is_there(&self) -> bool;

    /// Shows a question, and gives the line that is typed.
    fn answer(&self, question: &str) -> io::Result<String>;
}

/// The terminal of this process.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Person for Terminal {
    fn is_there(&self) -> bool {
        stdin().is_terminal() && stderr().is_terminal()
    }

    fn answer(&self, question: &str) -> io::Result<String> {
        let mut screen = stderr().lock();
        write!(screen, "{question}")?;
        screen.flush()?;
        let mut answer = String::new();
        stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    }
}

/// Asks whether to do this, for example `cancel session 01a2`.
pub(crate) fn confirm(what: &str, yes: bool, person: &dyn Person) -> Result<(), Failure> {
    if yes || !person.is_there() || is_yes(&person.answer(&format!("{what}? [y/N] "))?) {
        return Ok(());
    }
    Err(Failure::Usage("nothing was done".to_owned()))
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Somebody who types the same to every question, or nobody.
    #[derive(Debug, Default)]
    pub(crate) struct Typist {
        pub(crate) types: Option<&'static str>,
        pub(crate) asked: Mutex<Vec<String>>,
    }

    impl Person for Typist {
        fn is_there(&self) -> bool {
            self.types.is_some()
        }

        fn answer(&self, question: &str) -> io::Result<String> {
            self.asked.lock().unwrap().push(question.to_owned());
            Ok(format!("{}\n", self.types.unwrap()))
        }
    }

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes("Yes"));
        assert!(!is_yes("\n") && !is_yes("no") && !is_yes("yesterday"));
    }

    #[test]
    fn item_19_whoever_is_there_is_asked_unless_yes_was_said() {
        for (types, yes, is_done, questions) in [
            (Some("y"), false, true, 1),
            (Some("n"), false, false, 1),
            (Some(""), false, false, 1),
            (Some("n"), true, true, 0),
            (None, false, true, 0),
        ] {
            let person = Typist { types, ..Typist::default() };
            let done = confirm("cancel session 01a2", yes, &person);
            assert_eq!(done.is_ok(), is_done, "{types:?}, --yes {yes}");
            let asked = person.asked.into_inner().unwrap();
            assert_eq!(asked, vec!["cancel session 01a2? [y/N] "; questions], "{types:?}");
        }
    }
}
