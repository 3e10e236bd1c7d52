//! Help, completions, and command lines that cannot be carried out.

use crate::run::{command, finish, run};
use crate::site::Site;

/// Nobody answers there: what fails with 2 here failed before anything was asked.
const NOBODY: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn help_documents_exit_codes_and_commands() {
    let help = run(&["--help"]).await.text();
    for expected in ["serve", "demo", "session", "host", "owner", "Exit codes:", "  7  ", "  8  "] {
        assert!(help.contains(expected), "{expected} is not in\n{help}");
    }
    assert!(run(&["session", "create", "--help"]).await.text().contains("`14:30`"));
    assert!(run(&["--version"]).await.text().starts_with("fermata "));
}

#[tokio::test]
async fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).await.text();
        assert!(script.contains("COMPLETE") && script.contains("fermata"), "{shell}: {script}");
    }
}

#[tokio::test]
async fn wrong_command_lines_are_told_so() {
    for wrong in [
        "",
        "sesion list",
        "session create --for 1h --reason x",
        "session create --host a --for 1h",
        "session create --host a --reason x",
        "session create --host a --reason x --for 1h --end 14:30",
        "session create --host a --reason x --for tomorrow",
        "session create --host a --reason x --for 1h --default-action teleport",
        "session create --host a --reason x --for 1h --manual-start --start-mode automatic",
        "session preview --host a",
        "session preview --for 1h",
        "session preview --host a --for 1h --max-stages many",
        "session update 0193 --lead-time",
        "session list --state asleep",
        "session list --limit 0",
        "session retry-host 0193 a --override-owners",
        "owner list",
        "owner reply --project p note",
        "owner reply --project p note --accept --reject no",
        "owner reply --project p note --reject no --decision a=keep",
        "owner reply --project p note --accept --decision a",
        "owner reply --project p note --accept --not-before 14:30",
        "owner reply --project p note --reject no --after a",
        "owner reply --project p note --only a",
        "owner reply --project p note --not-before whenever",
        "--timeout 5 host list",
        "--server nonsense host list",
        "serve --cloud simulated --listen 0.0.0.0:0",
        "serve --cloud simulated --listen 7400",
        "serve --cloud imaginary",
    ] {
        let mut arguments = vec!["--server", NOBODY];
        arguments.extend(wrong.split_whitespace());
        if wrong.starts_with("--server") {
            arguments.drain(..2);
        }
        let ran = run(&arguments).await;
        assert_eq!(ran.exit, 2, "{wrong}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "{wrong}");
        assert_eq!(ran.stdout, "", "{wrong}");
    }
}

#[tokio::test]
async fn item_19_shells_are_offered_what_is_there() {
    let site = Site::start().await;
    let session = site.create("--host compute-a2 --for 4h --manual-start").await;
    for (typed, wanted) in
        [("session get ", session.as_str()), ("host get compute-a", "compute-a1")]
    {
        let words: Vec<&str> = typed.split(' ').collect();
        let index = words.len().to_string();
        let mut command = command(&["--", "fermata"]);
        command.args(&words).env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index);
        command.env("_CLAP_IFS", "\n").env("FERMATA_SERVER", site.url());
        let offered = finish(command.spawn().unwrap()).await.text();
        assert!(offered.lines().any(|line| line == wanted), "{typed}: {offered}");
    }
    let script = site.run("completions bash").await.text();
    assert!(script.contains("COMPLETE=\"bash\""), "{script}");
}

#[tokio::test]
async fn item_19_manual_pages_are_written_for_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display().to_string();
    assert_eq!(run(&["man-pages", &path]).await.exit, 0);
    for page in ["fermata.1", "fermata-session-create.1", "fermata-policy-group-put.1"] {
        let text = std::fs::read_to_string(directory.path().join(page)).unwrap();
        assert!(text.contains(".SH"), "{page}");
    }
    let help = run(&["help", "session", "create"]).await.text();
    assert!(help.contains("Examples:"), "{help}");
}
