//! The contract's methods as commands: what a server says names methods, and people type commands.

/// The commands that call the methods that a server's texts and waits name.
const COMMANDS: &[(&str, &str)] = &[
    ("fermata.v1.AuditService/ListAuditRecords", "audit list"),
    ("fermata.v1.HostService/GetHost", "host get"),
    ("fermata.v1.HostService/ListHosts", "host list"),
    ("fermata.v1.HostService/ListHostServers", "host servers"),
    ("fermata.v1.HostService/ReleaseHost", "host release"),
    ("fermata.v1.HostService/RequestHostMaintenance", "host request-maintenance"),
    ("fermata.v1.HostService/WatchHosts", "host watch"),
    ("fermata.v1.NotificationService/AcknowledgePosition", "owner ack"),
    ("fermata.v1.NotificationService/DeleteSubscription", "owner unsubscribe"),
    ("fermata.v1.NotificationService/GetNotification", "owner get"),
    ("fermata.v1.NotificationService/GetSubscription", "owner subscriptions"),
    ("fermata.v1.NotificationService/ListNotifications", "owner list"),
    ("fermata.v1.NotificationService/ListNotificationServers", "owner get"),
    ("fermata.v1.NotificationService/ListSubscriptions", "owner subscriptions"),
    ("fermata.v1.NotificationService/PutSubscription", "owner subscribe"),
    ("fermata.v1.NotificationService/Reply", "owner reply"),
    ("fermata.v1.NotificationService/Subscribe", "owner watch"),
    ("fermata.v1.PolicyService/DeleteServerGroup", "policy group delete"),
    ("fermata.v1.PolicyService/DeleteServerPolicy", "policy server delete"),
    ("fermata.v1.PolicyService/GetServerGroup", "policy group get"),
    ("fermata.v1.PolicyService/GetServerPolicy", "policy server get"),
    ("fermata.v1.PolicyService/ListServerGroups", "policy group list"),
    ("fermata.v1.PolicyService/ListServerPolicies", "policy server list"),
    ("fermata.v1.PolicyService/PutServerGroup", "policy group put"),
    ("fermata.v1.PolicyService/PutServerPolicy", "policy server put"),
    ("fermata.v1.ServerService/GetServerInfo", "version"),
    ("fermata.v1.SessionService/CancelSession", "session cancel"),
    ("fermata.v1.SessionService/CompleteHost", "session complete-host"),
    ("fermata.v1.SessionService/CreateSession", "session create"),
    ("fermata.v1.SessionService/DeleteSession", "session delete"),
    ("fermata.v1.SessionService/FailHost", "session fail-host"),
    ("fermata.v1.SessionService/GetSession", "session get"),
    ("fermata.v1.SessionService/GetSessionReport", "session report"),
    ("fermata.v1.SessionService/ListSessionHosts", "session hosts"),
    ("fermata.v1.SessionService/ListSessionNotifications", "session owners"),
    ("fermata.v1.SessionService/ListSessionServers", "session servers"),
    ("fermata.v1.SessionService/ListSessions", "session list"),
    ("fermata.v1.SessionService/PauseSession", "session pause"),
    ("fermata.v1.SessionService/PreviewSession", "session preview"),
    ("fermata.v1.SessionService/ResumeSession", "session resume"),
    ("fermata.v1.SessionService/RetryHost", "session retry-host"),
    ("fermata.v1.SessionService/SkipHost", "session skip-host"),
    ("fermata.v1.SessionService/StartSession", "session start"),
    ("fermata.v1.SessionService/UpdateSession", "session update"),
    ("fermata.v1.SessionService/WatchSession", "session watch"),
];

/// The command that calls a method.
pub(crate) fn command_of(method: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(known, _)| *known == method).map(|(_, command)| *command)
}

/// A server's text with commands in place of methods. Whole words only. `Reply` and `Subscribe`, with which people begin
/// sentences, are methods only inside of one.
pub(crate) fn spoken(text: &str) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        let is_certain = word.chars().filter(|c| c.is_uppercase()).count() > 1
            || spoken.ends_with(' ') && spoken.trim_end().ends_with(is_of_word);
        let method = COMMANDS
            .iter()
            .find(|(method, _)| is_certain && method.rsplit('/').next() == Some(word));
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
    use std::collections::BTreeSet;
    use std::path::Path;

    use clap::CommandFactory;
    use prost_reflect::DescriptorPool;

    use super::*;

    /// Methods that no single command calls, and that no text names.
    const WITHOUT: [&str; 2] = [
        // `host enable` and `host disable`.
        "fermata.v1.HostService/SetHostScheduling",
        // Every command that shows projects.
        "fermata.v1.ServerService/ListProjects",
    ];

    fn methods() -> BTreeSet<String> {
        let contract = DescriptorPool::decode(fermata_proto::FILE_DESCRIPTOR_SET).unwrap();
        let of = |service: prost_reflect::ServiceDescriptor| {
            let name = service.full_name().to_owned();
            service
                .methods()
                .map(move |method| format!("{name}/{}", method.name()))
                .collect::<Vec<_>>()
        };
        contract.services().flat_map(of).filter(|name| name.starts_with("fermata.v1.")).collect()
    }

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
    fn item_15_every_method_has_its_command() {
        let methods = methods();
        assert!(methods.len() > 40, "{methods:?}");
        for (method, _) in COMMANDS {
            assert!(methods.contains(*method), "{method} is not in the contract");
        }
        let unknown: Vec<_> = methods
            .iter()
            .filter(|method| command_of(method).is_none() && !WITHOUT.contains(&method.as_str()))
            .collect();
        assert!(unknown.is_empty(), "texts that name them would speak of methods: {unknown:?}");
    }

    /// The texts of the server, wherever they are: what is between quotation marks on a line that is no comment.
    fn texts(directory: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(
                    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned),
                );
            }
        }
    }

    #[test]
    fn item_15_no_text_of_the_server_names_a_method_that_has_no_command() {
        let mut found = Vec::new();
        for of in ["fermata-core", "fermata-server", "fermata-store"] {
            let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of).join("src");
            texts(&sources, &mut found);
        }
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
        };
        let named = found.iter().filter(|text| {
            words(text)
                .iter()
                .any(|word| COMMANDS.iter().any(|(of, _)| of.ends_with(&format!("/{word}"))))
        });
        assert!(named.count() > 10, "the texts are not found any more");
        for method in WITHOUT {
            let name = method.rsplit('/').next().unwrap();
            // The keys of lists are made of it; nobody sees them.
            let named = |text: &&String| {
                text.contains(' ')
                    && !text.contains("{:?}")
                    && words(text).iter().any(|word| word == name)
            };
            let text = found.iter().find(named);
            assert_eq!(text, None, "{name} has no command, and people would read it");
        }
    }

    #[test]
    fn item_15_texts_speak_of_commands() {
        for (said, heard) in [
            (
                "verified empty and held; CompleteHost or FailHost when the work is over",
                "verified empty and held; `fermata session complete-host` or `fermata session fail-host` when the work is over",
            ),
            (
                "the cloud has no such host; ListHosts lists them",
                "the cloud has no such host; `fermata host list` lists them",
            ),
            ("GetSession lists its hosts", "`fermata session get` lists its hosts"),
            (
                "leave it out, or store it with PutSubscription",
                "leave it out, or store it with `fermata owner subscribe`",
            ),
            (
                "ACKNOWLEDGED is only for Subscribe with an id",
                "ACKNOWLEDGED is only for `fermata owner watch` with an id",
            ),
        ] {
            assert_eq!(spoken(said), heard);
        }
        let same = "Reply by 14:00; CompleteHosts, a_FailHost; é, 日本. Subscribe first";
        assert_eq!(spoken(same), same);
        assert_eq!(spoken(""), "");
    }
}
