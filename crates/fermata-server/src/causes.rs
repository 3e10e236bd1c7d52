//! An error with all its causes, for logs. Callers are told less.

use std::error::Error;

/// What went wrong, and why, down to the first cause; each once, although many errors repeat theirs.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::chain;

    #[derive(Debug, thiserror::Error)]
    enum Layered {
        #[error("the call failed")]
        Silent(#[source] Box<Layered>),
        #[error("the driver failed: {0}")]
        Repeats(#[source] io::Error),
    }

    #[test]
    fn every_cause_once() {
        let disk = Layered::Repeats(io::Error::other("the disk is full"));
        let error = Layered::Silent(Box::new(disk));
        assert_eq!(chain(&error), "the call failed: the driver failed: the disk is full");
    }
}
