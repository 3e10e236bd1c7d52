//! `fermata serve`: the server until it is told to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;
use crate::output::Screen;
use crate::server::{self, Config, ServeArgs};

pub(super) async fn serve(args: ServeArgs, screen: &Screen) -> Result<(), Failure> {
    let config = Config::load(args).map_err(|error| Failure::local(&error))?;
    let running = server::start(config).await.map_err(|error| Failure::local(&error))?;
    screen.note(format_args!("gRPC on {}", running.grpc_addr()))?;
    if let Some(address) = running.http_addr() {
        screen.note(format_args!("HTTP on {address}"))?;
    }
    stop_requested().await?;
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn stop_requested() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
