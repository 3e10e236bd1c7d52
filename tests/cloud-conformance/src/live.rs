//! Cases about live migrations.

use fermata_core::cloud::{
    Cloud, CloudError, Migration, MigrationKind, MigrationStatus, Server, ServerStatus,
};
use fermata_core::id::HostName;

use crate::fixture::Fixture;
use crate::hosts::is_on;
use crate::wait::{Subject, disable, disable_all_but, enable};

/// A running server moves to the host that is named.
pub async fn moves_to_the_named_host(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let answer = cloud.live_migrate(&subject.id, Some(&subject.other)).await;
    assert_eq!(answer, Ok(()));
    let (server, migration) = completed(&subject).await;
    assert_eq!(server.host.as_ref(), Some(&subject.other));
    assert_eq!(migration.destination.as_ref(), Some(&subject.other));
    assert!(is_on(cloud, &subject.other, &subject.id).await);
    assert!(!is_on(cloud, &subject.source, &subject.id).await);
    subject.delete().await;
}

async fn arrives(subject: &Subject<'_>, host: &HostName) -> bool {
    let arriving = subject.cloud.arriving(host, subject.since).await.expect("what arrives");
    arriving.contains(&subject.id)
}

/// A running server moves to a host that the cloud chooses.
pub async fn moves_to_a_host_of_the_clouds_choice(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    assert_eq!(cloud.live_migrate(&subject.id, None).await, Ok(()));
    let (server, migration) = completed(&subject).await;
    assert_ne!(server.host.as_ref(), Some(&subject.source));
    assert_eq!(server.host, migration.destination);
    subject.delete().await;
}

async fn completed(subject: &Subject<'_>) -> (Server, Migration) {
    let done = |status: &MigrationStatus| *status == MigrationStatus::Completed;
    let (server, migration) = subject.migration_until("completed", done).await;
    assert_eq!(server.status, ServerStatus::Active);
    assert_eq!(migration.kind, MigrationKind::Live);
    assert_eq!(migration.server, subject.id);
    assert_eq!(migration.source.as_ref(), Some(&subject.source));
    (server, migration)
}

/// While it is under way, progress shows a task, and the migration with both ends, and it arrives at one of them.
pub async fn is_seen_under_way(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    fixture.hang_live_migration(&subject.id).await;
    let answer = cloud.live_migrate(&subject.id, Some(&subject.other)).await;
    assert_eq!(answer, Ok(()));
    let (server, migration) = subject.under_way().await;
    assert!(server.task.is_some(), "{server:?}");
    assert_eq!(server.host.as_ref(), Some(&subject.source));
    assert_eq!(migration.kind, MigrationKind::Live);
    assert_eq!(migration.source.as_ref(), Some(&subject.source));
    assert_eq!(migration.destination.as_ref(), Some(&subject.other));
    assert!(arrives(&subject, &subject.other).await);
    assert!(!arrives(&subject, &subject.source).await);
    fixture.clear_faults().await;
    let (_, ended) = completed(&subject).await;
    assert_eq!(ended.id, migration.id);
    assert!(!arrives(&subject, &subject.other).await, "it is there");
    subject.delete().await;
}

/// While a server has a task in flight, every other action on it is a conflict and does nothing.
pub async fn second_action_is_a_conflict(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let (id, other) = (&subject.id, &subject.other);
    fixture.hang_live_migration(id).await;
    assert_eq!(cloud.live_migrate(id, Some(other)).await, Ok(()));
    assert_conflict(cloud.live_migrate(id, Some(other)).await);
    let (_, migration) = subject.under_way().await;
    assert_conflict(cloud.live_migrate(id, None).await);
    assert_conflict(cloud.migrate(id, None).await);
    assert_conflict(cloud.stop(id).await);
    assert_conflict(cloud.start(id).await);
    assert_conflict(cloud.confirm_migration(id).await);
    fixture.clear_faults().await;
    let (_, last) = completed(&subject).await;
    assert_eq!(last.id, migration.id, "the conflicts started nothing");
    subject.delete().await;
}

/// A live migration that fails on the way leaves the server active where it was.
pub async fn failure_leaves_the_server_at_the_source(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    fixture.fail_next_live_migration(&subject.id).await;
    let answer = cloud.live_migrate(&subject.id, Some(&subject.other)).await;
    assert_eq!(answer, Ok(()));
    failed(&subject).await;
    fixture.clear_faults().await;
    subject.delete().await;
}

/// A live migration that is aborted leaves the server active where it was.
pub async fn abort_leaves_the_server_at_the_source(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    fixture.hang_live_migration(&subject.id).await;
    assert_eq!(cloud.live_migrate(&subject.id, None).await, Ok(()));
    let (_, migration) = subject.under_way().await;
    // Nova takes an abort only once the transfer itself runs, a little after it chose a host.
    crate::wait::until(fixture, "the abort is accepted", async || {
        let answer = cloud.abort_migration(&subject.id, migration.id).await;
        match answer {
            Ok(()) => Some(()),
            Err(CloudError::Conflict { .. } | CloudError::Rejected { .. }) => None,
            Err(error) => panic!("abort: {error}"),
        }
    })
    .await;
    failed(&subject).await;
    fixture.clear_faults().await;
    subject.delete().await;
}

/// A stopped server cannot be live migrated.
pub async fn stopped_server_is_a_conflict(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    subject.stopped().await;
    assert_conflict(cloud.live_migrate(&subject.id, None).await);
    subject.delete().await;
}

/// A named host that is disabled does not get the server.
pub async fn disabled_target_fails(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    disable(cloud, &subject.other).await;
    let answer = cloud.live_migrate(&subject.id, Some(&subject.other)).await;
    not_moved(&subject, answer).await;
    enable(cloud, &subject.other).await;
    subject.delete().await;
}

/// With every other host disabled, the server stays.
pub async fn no_valid_host_fails(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    let subject = Subject::create(cloud, fixture).await;
    let disabled = disable_all_but(cloud, &subject.source).await;
    let answer = cloud.live_migrate(&subject.id, None).await;
    not_moved(&subject, answer).await;
    for host in &disabled {
        enable(cloud, host).await;
    }
    subject.delete().await;
}

pub(crate) async fn not_moved(subject: &Subject<'_>, answer: Result<(), CloudError>) {
    match answer {
        Ok(()) => failed(subject).await,
        // Nova's older versions look for a host before they answer.
        Err(CloudError::Rejected { .. } | CloudError::Conflict { .. }) => {
            still_at_source(subject, &subject.look().await.0);
        }
        Err(
            error @ (CloudError::NotFound { .. }
            | CloudError::Unavailable { .. }
            | CloudError::Unknown { .. }),
        ) => panic!("no way to say that there is no host: {error}"),
    }
}

async fn failed(subject: &Subject<'_>) {
    let bad = |status: &MigrationStatus| matches!(status, MigrationStatus::Failed(_));
    let (server, migration) = subject.migration_until("failed", bad).await;
    assert_eq!(migration.kind, MigrationKind::Live);
    still_at_source(subject, &server);
}

fn still_at_source(subject: &Subject<'_>, server: &Server) {
    assert_eq!(server.status, ServerStatus::Active);
    assert_eq!(server.task, None);
    assert_eq!(server.host.as_ref(), Some(&subject.source));
}

pub(crate) fn assert_conflict(answer: Result<(), CloudError>) {
    assert!(
        matches!(answer, Err(CloudError::Conflict { .. })),
        "expected a conflict, got {answer:?}"
    );
}
