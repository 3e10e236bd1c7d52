//! What is open to whoever reaches the port, told at the start.

use std::net::SocketAddr;

use crate::config::Config;

/// Says in the log who may do what without being asked who it is; what goes beyond this machine is shown for good.
pub(super) fn warn_of_exposure(config: &Config, grpc: SocketAddr) -> Option<String> {
    let warning = config
        .exposed()
        .map(|missing| format!("{grpc} can be reached from other machines, and {missing}"));
    if let Some(warning) = &warning {
        tracing::warn!("INSECURE: {warning}");
    } else if !config.knows_callers() {
        tracing::warn!(
            "whoever reaches {grpc} may do everything: none of --principals, --keystone and --oidc is configured"
        );
    }
    warning
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is shown for good, and what the log says.
    fn told(listen: &str, change: impl FnOnce(&mut Config)) -> (Option<String>, String) {
        let mut config = Config::demo(std::path::Path::new("/nowhere"));
        config.listen = listen.parse().unwrap();
        change(&mut config);
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let warning =
            tracing::subscriber::with_default(log, || warn_of_exposure(&config, config.listen));
        let written = buffer.0.lock().unwrap().clone();
        (warning, String::from_utf8(written).unwrap())
    }

    #[test]
    fn what_is_open_to_other_machines_is_told_loudly() {
        let (warning, log) = told("0.0.0.0:7400", |_| {});
        let warning = warning.unwrap();
        assert!(
            warning.starts_with("0.0.0.0:7400 can be reached from other machines"),
            "{warning}"
        );
        assert!(log.contains("WARN") && log.contains(&format!("INSECURE: {warning}")), "{log}");

        let (warning, log) = told("127.0.0.1:7400", |_| {});
        assert_eq!(warning, None);
        assert!(log.contains("WARN") && log.contains("may do everything"), "{log}");
        assert!(!log.contains("INSECURE"), "{log}");

        let (warning, log) = told("127.0.0.1:7400", |config| {
            config.principals = Some("/srv/principals.toml".into())
        });
        assert_eq!((warning, log.as_str()), (None, ""));
    }
}
