//! What a case needs from outside the port.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use fermata_core::Time;
use fermata_core::cloud::Flavor;
use fermata_core::id::{HostName, ProjectId, ServerGroupId, ServerId};

/// One of the two projects that own the servers of the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenant {
    /// The one.
    First,
    /// The other.
    Second,
}

/// Acts on the cloud as its owners and fate would. A method that cannot do what it says panics.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The time now, not ahead of the cloud's own.
    fn now(&self) -> Time;

    /// How long to wait between two looks at the cloud.
    fn poll_interval(&self) -> Duration;

    /// How long anything that is waited for may take at most.
    fn time_limit(&self) -> Duration;

    /// At least two hosts that are up and enabled, each with room for two more of the fixture's
    /// servers.
    async fn hosts(&self) -> Vec<HostName>;

    /// The id of a project.
    fn project(&self, tenant: Tenant) -> ProjectId;

    /// Creates a small server in no group on a host; returns when it is active.
    async fn create_server(&self, tenant: Tenant, host: &HostName) -> ServerId;

    /// What the servers it creates are made of.
    fn flavor(&self) -> Flavor;

    /// Creates a server group with anti-affinity, without members.
    async fn create_group(&self, tenant: Tenant) -> ServerGroupId;

    /// Creates a small server in a group of its project on a host, with this metadata; returns when it
    /// is active.
    async fn create_member(
        &self,
        tenant: Tenant,
        host: &HostName,
        group: &ServerGroupId,
        metadata: &BTreeMap<String, String>,
    ) -> ServerId;

    /// Deletes a server group.
    async fn delete_group(&self, tenant: Tenant, group: &ServerGroupId);

    /// Deletes a server; it need not be gone when this returns.
    async fn delete_server(&self, server: &ServerId);

    /// Makes the next live migration of a server fail after it was accepted, so that the server
    /// stays active at the source.
    async fn fail_next_live_migration(&self, server: &ServerId);

    /// Makes the next cold migration of a server fail after it was accepted, so that it is rolled
    /// back at the source.
    async fn fail_next_migration(&self, server: &ServerId);

    /// Makes live migrations of a server not end, though they start and can be aborted, until
    /// [`Fixture::clear_faults`].
    async fn hang_live_migration(&self, server: &ServerId);

    /// Takes back all that was made to fail or hang; what hangs goes on.
    async fn clear_faults(&self);
}
