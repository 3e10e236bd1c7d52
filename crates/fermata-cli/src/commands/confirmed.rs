//! Which commands ask before they do something. Nobody answers at the server: a command that goes on cannot reach it.

use std::sync::Arc;

use clap::{CommandFactory, Parser};
use fermata_client::ConnectError;

use super::carry_out;
use super::context::Context;
use crate::args::Cli;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output::Screen;
use crate::output::confirm::tests::Typist;
use crate::profile::{InForce, Who};

const ID: &str = "01a20804-4445-7666-87d5-30a16d420f95";
const PROJECT: &str = "3f6c1c52a0f44d0c9a4be1d0c6f7a101";

/// What cannot be undone, and what is asked.
fn asking() -> [(String, String); 6] {
    let of = format!("--project {PROJECT}");
    [
        (format!("session cancel {ID}"), format!("cancel session {ID}")),
        (format!("session delete {ID}"), format!("delete session {ID} and its report")),
        (
            format!("session retry-host {ID} a b --override-owners --reason x"),
            "move servers of a, b although their owners did not agree".to_owned(),
        ),
        (
            format!("owner unsubscribe vnfm {of}"),
            "delete subscription vnfm and its position".to_owned(),
        ),
        (format!("policy server delete {ID} {of}"), format!("delete the policy of server {ID}")),
        (format!("policy group delete amf {of}"), "delete group amf".to_owned()),
    ]
}

/// Carries a command out at a terminal where this is typed, or at none. Gives whether it went on, and what was asked.
async fn ran(line: &str, types: Option<&'static str>) -> (bool, Vec<String>) {
    let words = ["fermata", "--server", "http://127.0.0.1:1"];
    let cli = Cli::try_parse_from(words.into_iter().chain(line.split(' '))).unwrap();
    let screen = Screen::new(&cli.global, Clock::local());
    let person = Arc::new(Typist { types, ..Typist::default() });
    let context = Context::new(&cli.global, Who::Nobody, &screen).answered_by(person.clone());
    let failure = carry_out(cli.command, &InForce::default(), &context).await.unwrap_err();
    let went_on = matches!(failure, Failure::Connect(ConnectError::Unreachable { .. }));
    let stopped = matches!(&failure, Failure::Usage(said) if said == "nothing was done");
    assert!(went_on || stopped, "{line}: {failure}");
    let asked = person.asked.lock().unwrap().clone();
    (went_on, asked)
}

#[tokio::test]
async fn item_19_what_cannot_be_undone_is_asked_about_unless_yes_was_said() {
    for (line, question) in asking() {
        let asked = vec![format!("{question}? [y/N] ")];
        assert_eq!(ran(&line, Some("n")).await, (false, asked.clone()), "{line}");
        assert_eq!(ran(&line, Some("y")).await, (true, asked), "{line}");
        assert_eq!(ran(&format!("{line} --yes"), Some("n")).await, (true, Vec::new()), "{line}");
        assert_eq!(ran(&line, None).await, (true, Vec::new()), "a script is not asked: {line}");
    }
    let retry = format!("session retry-host {ID} a");
    assert_eq!(ran(&retry, Some("n")).await, (true, Vec::new()), "it overrides nobody");
}

#[test]
fn item_19_every_command_that_deletes_is_among_those() {
    fn look(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        if ["delete", "cancel", "unsubscribe"].contains(&command.get_name())
            || command.get_arguments().any(|argument| argument.get_id() == "override_owners")
        {
            found.push(path.trim_start().to_owned());
        }
        for sub in command.get_subcommands() {
            look(sub, &format!("{path} {}", sub.get_name()), found);
        }
    }
    let mut found = Vec::new();
    look(&Cli::command(), "", &mut found);
    assert_eq!(found.len(), asking().len(), "{found:?}");
    for path in found {
        assert!(asking().iter().any(|(line, _)| line.starts_with(&path)), "{path}");
    }
}
