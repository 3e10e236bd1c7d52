//! `fermata serve`: the server until it is told to stop.

use std::io;

use fermata_server::server::Checked;
use fermata_server::{Config, ServeArgs};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;
use crate::output::Screen;
use crate::output::facts::facts;

pub(super) async fn serve(args: ServeArgs, screen: &Screen) -> Result<(), Failure> {
    let only_check = args.check;
    let config = Config::load(args).map_err(|error| Failure::Usage(error.to_string()))?;
    if only_check {
        return check(&config, screen).await;
    }
    let mut running =
        fermata_server::start(config).await.map_err(|error| Failure::local(&error))?;
    let ended = tokio::select! {
        Err(never) = ready(&mut running) => Err(Failure::local(&never)),
        stopped = stop_requested() => stopped.map_err(Failure::from),
        unheard = outlive_terminals() => unheard.map_err(Failure::from),
    };
    tell(NotifyState::Stopping);
    running.stop().await;
    ended
}

async fn check(config: &Config, screen: &Screen) -> Result<(), Failure> {
    let checked = fermata_server::check(config).await;
    let Checked { about, warnings } = checked.map_err(|error| Failure::local(&error))?;
    let known = about.facts().into_iter().filter(|(_, fact)| !fact.is_empty());
    screen.line(facts(known.collect::<Vec<_>>()))?;
    for warning in warnings {
        screen.note(format!("warning: {warning}"))?;
    }
    screen.line("the server can start")?;
    Ok(())
}

async fn ready(running: &mut fermata_server::Running) -> Result<(), fermata_server::StartError> {
    running.ready().await?;
    tell(NotifyState::Ready);
    Ok(())
}

/// Tells systemd, if it started this process with `Type=notify`.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(false, &[state]) {
        // The service manager then waits until its own time-out, and says so.
        eprintln!("systemd could not be told: {error}");
    }
}

/// Takes SIGHUP, which would end the process, for as long as it lives: it comes when a terminal closes, and from those who
/// expect that a server reads its files again. Fermata reads certificates and principals again by itself.
async fn outlive_terminals() -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    while hangup.recv().await.is_some() {
        fermata_server::server::on_hangup();
    }
    std::future::pending().await
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn stop_requested() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
