//! The signals that end a program in good order.

use std::io;

/// Until SIGTERM, or Ctrl-C: a program that does nothing else gives it to [`crate::Owner::run_until`].
///
/// # Errors
/// Where the system takes no handler of signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
