//! What a shell is offered for an argument that names something on the server. It is asked at each key, so that whoever does
//! not answer at once gets no answer.

use std::ffi::OsStr;
use std::time::Duration;

use clap_complete::Shell;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;
use fermata_client::v1::{ListHostsRequest, ListNotificationsRequest, ListSessionsRequest};

use super::context::Context;
use crate::args::Command;
use crate::args::owner::OwnerCommand;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output::Screen;
use crate::profile::{self, Line};

/// How long a shell waits.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many are offered.
const MOST: i32 = 100;

/// Sessions, the newest first, each with its state and reason.
pub(crate) fn sessions(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, async |context| {
        let mut client = context.sessions().await?;
        let request = ListSessionsRequest { page_size: MOST, ..Default::default() };
        let found = context.ask(client.list_sessions(request)).await?.sessions;
        let offered = found.into_iter().map(|session| {
            let state =
                session.status.as_ref().map(|s| s.state().as_str_name()).unwrap_or_default();
            let reason = session.spec.map(|spec| spec.reason).unwrap_or_default();
            let state = state.trim_start_matches("SESSION_STATE_");
            (session.id, format!("{state}: {reason}"))
        });
        Ok(offered.collect())
    })
}

/// Sessions that the owner of the environment's project was asked about, each with its reason: owners may not list others.
pub(crate) fn sessions_of_owner(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(line) = profile::of(&["fermata", "owner", "list"]) else { return sessions(typed) };
    let Command::Owner(OwnerCommand::List(of_project)) = line.cli.command else {
        return Vec::new();
    };
    offered(typed, async |context| {
        let mut client = context.notifications().await?;
        let project_id = context.project(&of_project.project.project).await?;
        let request =
            ListNotificationsRequest { project_id, page_size: MOST, ..Default::default() };
        let found = context.ask(client.list_notifications(request)).await?.notifications;
        let mut offered: Vec<_> =
            found.into_iter().map(|asked| (asked.session_id, asked.reason)).collect();
        offered.dedup_by(|one, other| one.0 == other.0);
        Ok(offered)
    })
}

/// Compute hosts, each with its state.
pub(crate) fn hosts(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered(typed, async |context| {
        let mut client = context.hosts().await?;
        let request = ListHostsRequest { page_size: MOST, ..Default::default() };
        let found = context.ask(client.list_hosts(request)).await?.hosts;
        let offered = found.into_iter().map(|host| {
            let state = host.state().as_str_name().trim_start_matches("HOST_STATE_").to_owned();
            (host.name, state)
        });
        Ok(offered.collect())
    })
}

/// Writes what a shell reads at its start. It calls this command by its name, so that it is found where it is installed.
pub(super) fn script(shell: Shell) -> Result<(), Failure> {
    let shells = Shells::builtins();
    let name = shell.to_string();
    let Some(completer) = shells.completer(&name) else {
        return Err(Failure::Usage(format!("{name} cannot be completed")));
    };
    let mut script = Vec::new();
    completer.write_registration("COMPLETE", "fermata", "fermata", "fermata", &mut script)?;
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(())
}

/// What begins with what was typed. The server is that of the environment, or of its profile: a shell
/// tells nothing of the other flags.
fn offered(
    typed: &OsStr,
    ask: impl AsyncFnOnce(&Context<'_>) -> Result<Vec<(String, String)>, Failure>,
) -> Vec<CompletionCandidate> {
    let found = || {
        let Line { cli, in_force } = profile::of(&["fermata", "host", "list"])?;
        let screen = Screen::new(&cli.global, Clock::local());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let asking = async {
            let context = Context::new(&cli.global, in_force.who, &screen);
            tokio::time::timeout(PATIENCE, ask(&context)).await.ok()?.ok()
        };
        runtime.block_on(asking)
    };
    let typed = typed.to_string_lossy();
    let fitting =
        found().unwrap_or_default().into_iter().filter(|(name, _)| name.starts_with(&*typed));
    fitting.map(|(name, help)| CompletionCandidate::new(name).help(Some(help.into()))).collect()
}
