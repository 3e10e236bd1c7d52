//! Examples for `--help`: at least one for each command. A test reads each as the command line does.

use clap::{Command, CommandFactory};

use super::Cli;

/// The definition of the command line, with its examples.
pub(crate) fn command() -> Command {
    with_examples(Cli::command(), "fermata")
}

fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |sub| with_examples(sub, &path))
    });
    let own = EXAMPLES.iter().filter(|(of, _)| *of == path);
    let lines: String = own.map(|(_, example)| format!("\n  {example}")).collect();
    if lines.is_empty() {
        return command;
    }
    let more = command.get_after_help().map(|help| format!("\n\n{help}")).unwrap_or_default();
    command.after_help(format!("Examples:{lines}{more}"))
}

/// Commands, and how each may be used.
const EXAMPLES: &[(&str, &str)] = &[
    ("fermata serve", "fermata serve --cloud simulated"),
    (
        "fermata serve",
        "fermata serve --cloud openstack --os-cloud mycloud --database-url postgres://fermata@db/fermata",
    ),
    ("fermata serve", "fermata serve --check --config /etc/fermata/fermata.toml"),
    ("fermata demo", "fermata demo --hold"),
    ("fermata demo", "fermata demo --secure"),
    ("fermata config show", "fermata config show --profile prod"),
    ("fermata config path", "fermata config path"),
    (
        "fermata simulated-cloud",
        "fermata simulated-cloud --listen 127.0.0.1:7500 --state cloud.json",
    ),
    (
        "fermata database restored",
        "fermata database restored --database-url sqlite:///var/lib/fermata/fermata.db",
    ),
    ("fermata database vacuum", "fermata database vacuum"),
    ("fermata health", "fermata health --listen :7400 --http-listen :7401"),
    ("fermata version", "fermata version --server https://fermata.example.net:7400"),
    (
        "fermata token create",
        "fermata token create alice --role operator --principals /etc/fermata/principals.toml",
    ),
    (
        "fermata token create",
        "fermata token create vnfm-1 --role owner --project 3f6c1c52a0f44d0c9a4be1d0c6f7a101 --principals principals.toml",
    ),
    ("fermata openstack check", "fermata openstack check --os-cloud mycloud"),
    (
        "fermata session create",
        "fermata session create --host compute-1 --host compute-2 --for 4h --reason \"new firmware\" --watch",
    ),
    (
        "fermata session create",
        "fermata session create --zone rack-7 --exclude compute-9 --start 22:00 --end 05:00 --reason \"power work\"",
    ),
    (
        "fermata session create",
        "fermata session create --host compute-1 --kind retirement --for 3d --reason \"end of life\"",
    ),
    (
        "fermata session preview",
        "fermata session preview --all-hosts --for 48h --work-timeout 30m --max-parallel-hosts 10",
    ),
    ("fermata session get", "fermata session get 01a2"),
    ("fermata session list", "fermata session list --state running --state paused"),
    ("fermata session watch", "fermata session watch 01a2"),
    (
        "fermata session wait",
        "fermata session wait 01a2 --for in-maintenance --host compute-1 --within 2h && flash compute-1",
    ),
    ("fermata top", "fermata top"),
    ("fermata top", "fermata top 01a2"),
    ("fermata session start", "fermata session start 01a2"),
    ("fermata session pause", "fermata session pause 01a2 --reason \"incident 4711\""),
    ("fermata session resume", "fermata session resume 01a2"),
    ("fermata session cancel", "fermata session cancel 01a2 --reason \"put off to next week\""),
    ("fermata session complete-host", "fermata session complete-host 01a2 compute-1 compute-2"),
    (
        "fermata session fail-host",
        "fermata session fail-host 01a2 compute-1 --reason \"does not boot\"",
    ),
    (
        "fermata session skip-host",
        "fermata session skip-host 01a2 compute-1 --reason \"not this time\"",
    ),
    ("fermata session retry-host", "fermata session retry-host 01a2 compute-1"),
    (
        "fermata session retry-host",
        "fermata session retry-host 01a2 compute-1 --override-owners --reason \"the disk is failing\"",
    ),
    ("fermata session update", "fermata session update 01a2 --end +6h"),
    ("fermata session delete", "fermata session delete 01a2"),
    ("fermata session report", "fermata session report 01a2"),
    ("fermata session export", "fermata session export --until 365d"),
    ("fermata session hosts", "fermata session hosts 01a2 --state waiting"),
    ("fermata session servers", "fermata session servers 01a2 --state failed"),
    ("fermata session owners", "fermata session owners 01a2 --state pending"),
    ("fermata host list", "fermata host list --zone rack-7 --state in-maintenance"),
    ("fermata host get", "fermata host get compute-1"),
    ("fermata host servers", "fermata host servers compute-1"),
    ("fermata host watch", "fermata host watch"),
    (
        "fermata host drain",
        "fermata host drain compute-1 compute-2 --reason \"new firmware\" --wait --within 2h",
    ),
    ("fermata host undrain", "fermata host undrain compute-1"),
    ("fermata host enable", "fermata host enable compute-1 --reason \"a new board\""),
    ("fermata host disable", "fermata host disable compute-1 --reason \"a broken fan\""),
    (
        "fermata host request-maintenance",
        "fermata host request-maintenance compute-1 --reason \"memory errors\" --watch",
    ),
    ("fermata host release", "fermata host release --session 01a2 --all"),
    (
        "fermata owner watch",
        "fermata owner watch --project PROJECT --subscription my-vnfm --resume",
    ),
    ("fermata owner reply", "fermata owner reply 01a3 --project PROJECT --accept"),
    (
        "fermata owner reply",
        "fermata owner reply 01a3 --project PROJECT --accept live-migrate --decision db-1=keep",
    ),
    (
        "fermata owner reply",
        "fermata owner reply 01a3 --project PROJECT --reject \"not in the busy hour\"",
    ),
    ("fermata owner reply", "fermata owner reply 01a3 --project PROJECT --not-before +3h"),
    ("fermata owner get", "fermata owner get 01a3 --project PROJECT"),
    ("fermata owner list", "fermata owner list --project PROJECT --state pending"),
    (
        "fermata owner subscribe",
        "fermata owner subscribe my-vnfm --project PROJECT --name \"our VNFM\"",
    ),
    ("fermata owner ack", "fermata owner ack my-vnfm 117 --project PROJECT"),
    ("fermata owner subscriptions", "fermata owner subscriptions"),
    ("fermata owner unsubscribe", "fermata owner unsubscribe my-vnfm --project PROJECT"),
    ("fermata policy server get", "fermata policy server get SERVER --project PROJECT"),
    ("fermata policy server list", "fermata policy server list --project PROJECT"),
    (
        "fermata policy server put",
        "fermata policy server put SERVER --project PROJECT --controlled-temporary keep --lead-time 10m",
    ),
    ("fermata policy server delete", "fermata policy server delete SERVER --project PROJECT"),
    ("fermata policy group get", "fermata policy group get amf --project PROJECT"),
    ("fermata policy group list", "fermata policy group list --project PROJECT"),
    (
        "fermata policy group put",
        "fermata policy group put amf --project PROJECT --member SERVER --member SERVER2 --max-impacted 1 --recovery-time 5m",
    ),
    ("fermata policy group delete", "fermata policy group delete amf --project PROJECT"),
    (
        "fermata policy import",
        "fermata policy import vnfd.yaml --project PROJECT --members amf=SERVER,SERVER2 --dry-run",
    ),
    ("fermata audit list", "fermata audit list --principal alice --since 7d"),
    ("fermata audit verify", "fermata audit verify"),
    ("fermata audit export", "fermata audit export --until 365d"),
    ("fermata completions", "source <(fermata completions bash)"),
    ("fermata man-pages", "fermata man-pages /usr/local/share/man/man1"),
];

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// The words of an example, as a shell would split them; what comes before and after the command itself is the shell's.
    fn words(example: &str) -> Vec<String> {
        let own = example.split(" && ").next().unwrap();
        let own = own.trim_start_matches("source <(").trim_end_matches(')');
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in own.chars() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().unwrap().push(c),
            }
        }
        words
    }

    #[test]
    fn item_19_every_example_is_a_command() {
        for (path, example) in EXAMPLES {
            let words = words(example);
            assert!(words.join(" ").starts_with(path), "{example}");
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{example}\n{error}");
            }
        }
    }

    #[test]
    fn item_19_every_command_has_an_example() {
        fn look(command: &Command, path: &str, without: &mut Vec<String>) {
            let mut subcommands = command.get_subcommands().peekable();
            if subcommands.peek().is_none() && !EXAMPLES.iter().any(|(of, _)| *of == path) {
                without.push(path.to_owned());
            }
            for sub in subcommands {
                look(sub, &format!("{path} {}", sub.get_name()), without);
            }
        }
        let mut without = Vec::new();
        look(&Cli::command(), "fermata", &mut without);
        assert_eq!(without, Vec::<String>::new());
        let mut shown = command();
        let shown = shown.find_subcommand_mut("session").unwrap();
        let help = shown.find_subcommand_mut("create").unwrap().render_long_help().to_string();
        assert!(help.contains("Examples:\n  fermata session create --host compute-1"), "{help}");
        assert!(help.contains("Times: RFC 3339"), "what else there is to say stays:\n{help}");
    }
}
