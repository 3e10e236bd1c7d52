//! The contract's methods as commands: what a server says names methods, and people type commands.

/// The commands that call the methods that a server's texts and waits name.
const COMMANDS: [(&str, &str); 10] = [
    ("fermata.v1.SessionService/StartSession", "session start"),
    ("fermata.v1.SessionService/PauseSession", "session pause"),
    ("fermata.v1.SessionService/ResumeSession", "session resume"),
    ("fermata.v1.SessionService/CancelSession", "session cancel"),
    ("fermata.v1.SessionService/UpdateSession", "session update"),
    ("fermata.v1.SessionService/CompleteHost", "session complete-host"),
    ("fermata.v1.SessionService/FailHost", "session fail-host"),
    ("fermata.v1.SessionService/SkipHost", "session skip-host"),
    ("fermata.v1.SessionService/RetryHost", "session retry-host"),
    ("fermata.v1.NotificationService/Reply", "owner reply"),
];

/// The command that calls a method.
pub(crate) fn command_of(method: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(known, _)| *known == method).map(|(_, command)| *command)
}

/// A server's text with commands in place of methods. Whole words only, and of `Reply`, which people write as well, none.
pub(crate) fn spoken(text: &str) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        let method = COMMANDS.iter().find(|(method, _)| {
            method.rsplit('/').next() == Some(word)
                && word.chars().filter(|c| c.is_uppercase()).count() > 1
        });
        match method {
            Some((_, command)) => spoken += &format!("`fermata {command}`"),
            None => spoken += word,
        }
        let between = after.find(is_of_word).unwrap_or(after.len());
        let (between, after) = after.split_at(between);
        spoken += between;
        rest = after;
    }
    spoken
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_exists() {
        let cli = crate::args::Cli::command();
        for (method, command) in COMMANDS {
            let mut at = &cli;
            for word in command.split(' ') {
                let found = at.find_subcommand(word);
                at = found.unwrap_or_else(|| panic!("{method}: no command {word}"));
            }
        }
    }

    #[test]
    fn item_15_texts_speak_of_commands() {
        assert_eq!(
            spoken("verified empty and held; CompleteHost or FailHost when the work is over"),
            "verified empty and held; `fermata session complete-host` or `fermata session fail-host` when the work is over"
        );
        let same = "Reply by 14:00; CompleteHosts, a_FailHost; é, 日本";
        assert_eq!(spoken(same), same);
        assert_eq!(spoken(""), "");
    }
}
