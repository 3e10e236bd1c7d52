//! Passwords and tokens show up nowhere, however much is logged.

use std::io::Write;
use std::sync::{Arc, Mutex};

use fermata_core::cloud::Cloud;
use tracing::instrument::WithSubscriber;
use tracing::{Level, Subscriber};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::fake::{Fake, PASSWORD, SERVER, fault, post_action};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Writes events and ends of spans here.
    pub(crate) fn subscriber(&self, level: Level) -> impl Subscriber + Send + Sync + use<> {
        let sink = self.clone();
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || sink.clone())
            .finish()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_or_reported() {
    let fake = Fake::start().await;
    fake.nova(post_action(), fault(401, "error", "no"), 2).await;
    let captured = Captured::default();
    let subscriber = captured.subscriber(Level::TRACE);
    let cloud = fake.cloud();
    let error =
        async { cloud.stop(&SERVER.into()).await }.with_subscriber(subscriber).await.unwrap_err();

    let log = captured.text();
    for line in log.lines() {
        for secret in [PASSWORD, "token-1", "token-2"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    assert!(!error.to_string().contains("token-"), "{error}");
    assert!(
        log.contains("nova.request")
            && log.contains("operation=\"stop\"")
            && log.contains(SERVER)
            && log.contains("http.status=401")
            && log.contains("nova.request_id=\"req-42\""),
        "{log}"
    );
}
