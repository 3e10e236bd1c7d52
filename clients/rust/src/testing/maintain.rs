//! Sessions of a test.

use std::time::Duration;

use fermata_proto::v1::{HostSelection, MaintenanceWindow, Session, SessionReport, SessionSpec};

use crate::clock;
use crate::operator::Operator;
use crate::testing::{SimulatedFermata, TestingError};

/// How long owners have to answer each question.
const REPLY_PERIOD: prost_types::Duration = prost_types::Duration { seconds: 30, nanos: 0 };

/// A session over these hosts, for a test to change: it starts at once, and owners have 30 seconds to answer each question. A
/// shorter time shows what an owner does near the deadline.
#[must_use]
pub fn spec<H: Into<String>>(hosts: impl IntoIterator<Item = H>) -> SessionSpec {
    let day = Duration::from_secs(24 * 3600);
    let names = hosts.into_iter().map(Into::into).collect();
    SessionSpec {
        hosts: Some(HostSelection { names, ..Default::default() }),
        window: Some(MaintenanceWindow {
            end_time: Some((clock::now() + day).into()),
            ..Default::default()
        }),
        reason: "a test".to_owned(),
        announce_reply_period: Some(REPLY_PERIOD),
        drain_reply_period: Some(REPLY_PERIOD),
        ..Default::default()
    }
}

impl SimulatedFermata {
    /// Creates a session, which asks the owners of the servers on its hosts.
    ///
    /// # Errors
    /// [`TestingError::Call`].
    pub async fn ask(&self, spec: SessionSpec) -> Result<Session, TestingError> {
        Ok(Operator::new(self.channel()).create(spec).await?)
    }

    /// Creates a session, completes its hosts as soon as they are empty, and gives the report when the session has ended. An owner
    /// that does not run is one that is away.
    ///
    /// # Errors
    /// [`TestingError::Call`].
    pub async fn maintain(&self, spec: SessionSpec) -> Result<SessionReport, TestingError> {
        let operator = Operator::new(self.channel());
        let session = operator.create(spec).await?;
        let followed = operator.follow(session.id).on_host_ready(|_| async { Ok(()) });
        Ok(followed.await?)
    }
}
