//! `fermata serve`: the server until it is told to stop.

use std::io;

use fermata_server::{Config, ServeArgs};
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

pub(super) async fn serve(args: ServeArgs) -> Result<(), Failure> {
    let config = Config::load(args).map_err(|error| Failure::Usage(error.to_string()))?;
    let mut running =
        fermata_server::start(config).await.map_err(|error| Failure::local(&error))?;
    let ended = tokio::select! {
        Err(never) = running.ready() => Err(Failure::local(&never)),
        stopped = stop_requested() => stopped.map_err(Failure::from),
    };
    running.stop().await;
    ended
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn stop_requested() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
