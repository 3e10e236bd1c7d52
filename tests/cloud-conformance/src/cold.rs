//! Cases about cold migrations.

use fermata_core::cloud::{Cloud, Migration, MigrationKind, MigrationStatus, Server, ServerStatus};

use crate::fixture::Fixture;
use crate::hosts::is_on;
use crate::live::assert_conflict;
use crate::wait::Subject;

/// A running server moves, waits for confirmation on the other host, and then runs there.
pub async fn awaits_confirmation_and_is_confirmed(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let answer = cloud.migrate(&subject.id, Some(&subject.other)).await;
    assert_eq!(answer, Ok(()));
    let (server, migration) = moved(&subject).await;
    assert_eq!(server.host.as_ref(), Some(&subject.other));
    assert!(is_on(cloud, &subject.other, &subject.id).await);
    assert_conflict(cloud.migrate(&subject.id, None).await);
    assert_conflict(cloud.live_migrate(&subject.id, None).await);
    assert_conflict(cloud.stop(&subject.id).await);

    let (server, confirmed) = confirmed(&subject).await;
    assert_eq!(confirmed.id, migration.id);
    assert_eq!(server.status, ServerStatus::Active);
    assert_eq!(server.host.as_ref(), Some(&subject.other));
    subject.delete().await;
}

/// A stopped server moves to a host of the cloud's choice and is stopped there.
pub async fn moves_a_stopped_server(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    subject.stopped().await;
    assert_eq!(cloud.migrate(&subject.id, None).await, Ok(()));
    let (_, migration) = moved(&subject).await;
    let (server, _) = confirmed(&subject).await;
    assert_eq!(server.status, ServerStatus::Shutoff);
    assert_eq!(server.host, migration.destination);
    assert_ne!(server.host.as_ref(), Some(&subject.source));
    subject.delete().await;
}

async fn moved(subject: &Subject<'_>) -> (Server, Migration) {
    let moved = |status: &MigrationStatus| *status == MigrationStatus::AwaitsConfirmation;
    let (server, migration) = subject.migration_until("moved", moved).await;
    assert_eq!(server.status, ServerStatus::VerifyResize);
    assert_eq!(migration.kind, MigrationKind::Cold);
    assert_eq!(migration.server, subject.id);
    assert_eq!(migration.source.as_ref(), Some(&subject.source));
    assert_eq!(migration.destination, server.host);
    (server, migration)
}

async fn confirmed(subject: &Subject<'_>) -> (Server, Migration) {
    let answer = subject.cloud.confirm_migration(&subject.id).await;
    assert_eq!(answer, Ok(()));
    // Nova ends the record and the server in two steps, in either order.
    crate::wait::until(subject.fixture, "confirmed", async || {
        let (server, migration) = subject.look().await;
        let migration = migration.filter(|found| found.status == MigrationStatus::Completed)?;
        let settled = server.task.is_none() && server.status != ServerStatus::VerifyResize;
        settled.then_some((server, migration))
    })
    .await
}

/// A cold migration that is rolled back leaves the server active where it was.
pub async fn failure_leaves_the_server_at_the_source(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    fixture.fail_next_migration(&subject.id).await;
    let answer = cloud.migrate(&subject.id, Some(&subject.other)).await;
    assert_eq!(answer, Ok(()));
    let bad = |status: &MigrationStatus| matches!(status, MigrationStatus::Failed(_));
    let (server, migration) = subject.migration_until("failed", bad).await;
    assert_eq!(migration.kind, MigrationKind::Cold);
    assert_eq!(server.status, ServerStatus::Active);
    assert_eq!(server.host.as_ref(), Some(&subject.source));
    fixture.clear_faults().await;
    subject.delete().await;
}

/// What was not migrated cannot be confirmed.
pub async fn confirmation_without_migration_is_a_conflict(
    cloud: &dyn Cloud,
    fixture: &dyn Fixture,
) {
    let subject = Subject::create(cloud, fixture).await;
    assert_conflict(cloud.confirm_migration(&subject.id).await);
    subject.delete().await;
}
