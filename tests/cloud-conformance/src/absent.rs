//! Cases about what does not exist.

use fermata_core::cloud::{Cloud, CloudError, MigrationId, Scheduling};
use fermata_core::id::{HostName, ServerId};

use crate::fixture::Fixture;
use crate::hosts::is_on;
use crate::wait::Subject;

/// The id of no server, well formed.
pub(crate) const NO_SERVER: &str = "00000000-0000-4000-8000-00000000dead";

/// Every action on a server that does not exist says so.
pub async fn unknown_server_is_not_found(cloud: &dyn Cloud, _fixture: &dyn Fixture) {
    let id = ServerId::from(NO_SERVER);
    assert_not_found(cloud.live_migrate(&id, None).await);
    assert_not_found(cloud.migrate(&id, None).await);
    assert_not_found(cloud.confirm_migration(&id).await);
    assert_not_found(cloud.abort_migration(&id, MigrationId(1)).await);
    assert_not_found(cloud.stop(&id).await);
    assert_not_found(cloud.start(&id).await);
}

/// An abort of a migration that the server does not have says so.
pub async fn unknown_migration_is_not_found(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    fixture.hang_live_migration(&subject.id).await;
    assert_eq!(cloud.live_migrate(&subject.id, None).await, Ok(()));
    let (_, migration) = subject.under_way().await;
    let unknown = MigrationId(migration.id.0 + 1_000_000);
    assert_not_found(cloud.abort_migration(&subject.id, unknown).await);
    fixture.clear_faults().await;
    subject.migration_until("ended", |_| true).await;
    subject.delete().await;
}

/// Scheduling of a host that does not exist cannot be changed.
pub async fn unknown_host_is_not_found(cloud: &dyn Cloud, _fixture: &dyn Fixture) {
    let host = HostName::from("no-such-host");
    let reason = String::new();
    assert_not_found(cloud.set_scheduling(&host, &Scheduling::Enabled).await);
    let disabled = Scheduling::Disabled { reason };
    assert_not_found(cloud.set_scheduling(&host, &disabled).await);
}

/// A server that was deleted is gone from progress and from its host.
pub async fn deleted_server_is_gone(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let (id, source) = (subject.id.clone(), subject.source.clone());
    subject.delete().await;
    assert!(!is_on(cloud, &source, &id).await);
    assert_not_found(cloud.stop(&id).await);
}

fn assert_not_found(answer: Result<(), CloudError>) {
    assert!(
        matches!(answer, Err(CloudError::NotFound { .. })),
        "expected not found, got {answer:?}"
    );
}
