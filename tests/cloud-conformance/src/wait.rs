//! Waiting for conditions, and the shorthands of the cases.

use fermata_core::Time;
use fermata_core::cloud::{
    Cloud, CloudProgress, Migration, MigrationStatus, Scheduling, Server, ServerSeen, ServerStatus,
};
use fermata_core::id::{HostName, ServerId};

use crate::fixture::{Fixture, Tenant};

/// Looks until `look` answers something; panics with `what` at the fixture's time limit.
pub(crate) async fn until<T>(
    fixture: &dyn Fixture,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(fixture.poll_interval()).await;
        }
    };
    match tokio::time::timeout(fixture.time_limit(), looking).await {
        Ok(found) => found,
        Err(_) => panic!("not seen within {:?}: {what}", fixture.time_limit()),
    }
}

/// A server made for one case.
pub(crate) struct Subject<'a> {
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) fixture: &'a dyn Fixture,
    pub(crate) id: ServerId,
    /// Where it was made.
    pub(crate) source: HostName,
    /// Another host that can take it.
    pub(crate) other: HostName,
    /// Before anything was done with it.
    pub(crate) since: Time,
}

impl<'a> Subject<'a> {
    pub(crate) async fn create(cloud: &'a dyn Cloud, fixture: &'a dyn Fixture) -> Self {
        let (source, other) = two_hosts(fixture).await;
        let since = fixture.now();
        let id = fixture.create_server(Tenant::First, &source).await;
        Self { cloud, fixture, id, source, other, since }
    }

    pub(crate) async fn delete(self) {
        self.fixture.delete_server(&self.id).await;
        until(self.fixture, "the server is gone", async || {
            let progress = self.progress().await;
            matches!(progress.servers.as_slice(), [ServerSeen::Gone(_)]).then_some(())
        })
        .await;
    }

    async fn progress(&self) -> CloudProgress {
        let asked = std::slice::from_ref(&self.id);
        self.cloud.progress(asked, self.since).await.expect("progress")
    }

    /// The server and its last migration, if it had any.
    pub(crate) async fn look(&self) -> (Server, Option<Migration>) {
        let progress = self.progress().await;
        assert!(
            progress.migrations.is_sorted_by_key(|found| found.id),
            "migrations come oldest first: {:?}",
            progress.migrations
        );
        let last = progress.migrations.into_iter().next_back();
        match <[ServerSeen; 1]>::try_from(progress.servers) {
            Ok([ServerSeen::Present(server)]) => (server, last),
            other => panic!("expected the one server asked for, got {other:?}"),
        }
    }

    /// Waits until nothing is done with the server and its last migration is in a state that
    /// `wanted` accepts.
    pub(crate) async fn migration_until(
        &self,
        what: &str,
        wanted: impl Fn(&MigrationStatus) -> bool,
    ) -> (Server, Migration) {
        until(self.fixture, what, async || {
            let (server, migration) = self.look().await;
            let migration = migration.filter(|found| wanted(&found.status))?;
            server.task.is_none().then_some((server, migration))
        })
        .await
    }

    /// Waits until a live migration is seen to transfer the server.
    pub(crate) async fn under_way(&self) -> (Server, Migration) {
        until(self.fixture, "a migration under way", async || {
            let (server, migration) = self.look().await;
            let migration = migration?;
            match migration.status {
                // Nova has a record before it knows where to.
                MigrationStatus::InProgress if migration.destination.is_some() => {
                    Some((server, migration))
                }
                MigrationStatus::InProgress => None,
                MigrationStatus::AwaitsConfirmation
                | MigrationStatus::Completed
                | MigrationStatus::Failed(_) => panic!("it ended: {migration:?}"),
            }
        })
        .await
    }

    /// Waits until nothing is done with the server and it has this status.
    pub(crate) async fn status_until(&self, wanted: &ServerStatus) -> Server {
        until(self.fixture, &format!("{wanted:?}"), async || {
            let (server, _) = self.look().await;
            (server.task.is_none() && server.status == *wanted).then_some(server)
        })
        .await
    }

    pub(crate) async fn stopped(&self) {
        self.cloud.stop(&self.id).await.expect("stop");
        self.status_until(&ServerStatus::Shutoff).await;
    }
}

pub(crate) async fn two_hosts(fixture: &dyn Fixture) -> (HostName, HostName) {
    let mut hosts = fixture.hosts().await.into_iter();
    match (hosts.next(), hosts.next()) {
        (Some(first), Some(second)) => (first, second),
        (_, None) | (None, Some(_)) => panic!("the fixture must name two hosts"),
    }
}

/// Disables scheduling of every enabled host but one, for as long as no one calls
/// [`enable`] with the result.
pub(crate) async fn disable_all_but(cloud: &dyn Cloud, kept: &HostName) -> Vec<HostName> {
    let hosts = cloud.hosts().await.expect("hosts");
    let mut disabled = Vec::new();
    for host in hosts {
        if host.name != *kept && host.scheduling == Scheduling::Enabled {
            disable(cloud, &host.name).await;
            disabled.push(host.name);
        }
    }
    disabled
}

pub(crate) async fn disable(cloud: &dyn Cloud, host: &HostName) {
    let reason = "cloud-conformance".to_owned();
    cloud.set_scheduling(host, &Scheduling::Disabled { reason }).await.expect("disable scheduling");
}

pub(crate) async fn enable(cloud: &dyn Cloud, host: &HostName) {
    cloud.set_scheduling(host, &Scheduling::Enabled).await.expect("enable scheduling");
}
