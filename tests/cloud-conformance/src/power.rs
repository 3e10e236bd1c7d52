//! Cases about stop and start.

use fermata_core::cloud::{Cloud, ServerStatus};

use crate::fixture::Fixture;
use crate::live::assert_conflict;
use crate::wait::Subject;

/// A server stops and starts, on the same host.
pub async fn stops_and_starts(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    assert_eq!(cloud.stop(&subject.id).await, Ok(()));
    let stopped = subject.status_until(&ServerStatus::Shutoff).await;
    assert_eq!(stopped.host.as_ref(), Some(&subject.source));
    assert_eq!(cloud.start(&subject.id).await, Ok(()));
    let started = subject.status_until(&ServerStatus::Active).await;
    assert_eq!(started.host.as_ref(), Some(&subject.source));
    subject.delete().await;
}

/// A stopped server cannot be stopped.
pub async fn stop_of_a_stopped_server_is_a_conflict(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    subject.stopped().await;
    assert_conflict(cloud.stop(&subject.id).await);
    subject.delete().await;
}

/// A running server cannot be started.
pub async fn start_of_a_running_server_is_a_conflict(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    assert_conflict(cloud.start(&subject.id).await);
    subject.delete().await;
}
