//! The port to a cloud: what Fermata reads from it and asks of it. Adapters implement [`Cloud`];
//! `tests/cloud-conformance` says what they must have in common.
//!
//! Actions on servers are asynchronous, as in Nova: a call that returns `Ok` was accepted, and
//! [`Cloud::progress`] tells how it ends.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{HostName, ProjectId, ServerId};
use crate::{Duration, Time};

mod site;

pub use site::{Flavor, GroupAffinity, Inventory, ServerGroup, Site, SiteHost};

/// A compute host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Name of the compute service's host.
    pub name: HostName,
    /// Whether the compute service reports (Nova os-services `state`).
    pub up: bool,
    /// Whether new servers may be scheduled on it.
    pub scheduling: Scheduling,
    /// Availability zone, if the cloud names one.
    pub zone: Option<String>,
    /// Names of the host aggregates it belongs to, sorted.
    pub aggregates: Vec<String>,
    /// What the host offers in total.
    pub capacity: Capacity,
    /// Hypervisor type, for example `QEMU`.
    pub hypervisor_type: String,
    /// Hypervisor version as the cloud reports it.
    pub hypervisor_version: String,
    /// How many servers are on it.
    pub servers: u32,
}

/// Whether a host takes new servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduling {
    /// It does.
    Enabled,
    /// It does not.
    Disabled {
        /// Why, in the words of whoever disabled it; may be empty.
        reason: String,
    },
}

/// Amounts of what servers need and hosts offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Local disk in GiB.
    pub disk_gib: u64,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The cloud's id.
    pub id: ServerId,
    /// Its name, for people.
    pub name: String,
    /// The project that owns it.
    pub project: ProjectId,
    /// The host it is on. `None` while it is on none (not scheduled yet, shelved).
    pub host: Option<HostName>,
    /// The cloud's opaque id of that host for this project (Nova `hostId`).
    pub host_id: String,
    /// What it is.
    pub status: ServerStatus,
    /// What the cloud does with it right now (Nova `OS-EXT-STS:task_state`), if anything.
    pub task: Option<String>,
    /// What it is made of.
    pub flavor: Flavor,
    /// What its owner noted on it.
    pub metadata: BTreeMap<String, String>,
    /// The availability zone it must stay in (Nova `pinned_availability_zone`). `None`: none is known, either because it
    /// is bound to none or because the cloud does not tell.
    pub pinned_zone: Option<String>,
}

/// What a server is, as far as Fermata's rules care (Nova server `status`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerStatus {
    /// Runs.
    Active,
    /// Is stopped.
    Shutoff,
    /// Was cold migrated; the move waits to be confirmed.
    VerifyResize,
    /// Is broken.
    Error,
    /// Anything else, as the cloud calls it (`PAUSED`, `MIGRATING`, `BUILD` …).
    Other(String),
}

impl ServerStatus {
    /// The cloud's own word for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Shutoff => "SHUTOFF",
            Self::VerifyResize => "VERIFY_RESIZE",
            Self::Error => "ERROR",
            Self::Other(word) => word,
        }
    }
}

/// A project, which owns servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The cloud's id.
    pub id: ProjectId,
    /// Its name, unique in its domain.
    pub name: String,
    /// The id of its domain; empty if the cloud has none.
    pub domain: String,
}

/// The projects of a cloud, as far as they can be known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Projects {
    /// Those that are known, in any order.
    pub known: Vec<Project>,
    /// Why there may be others, for people.
    pub notes: Vec<String>,
}

/// A server as a read found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "nearly every server that is looked for is there")]
pub enum ServerSeen {
    /// It is there.
    Present(Server),
    /// It does not exist (any more).
    Gone(ServerId),
}

impl ServerSeen {
    /// Which server this is about.
    pub fn id(&self) -> &ServerId {
        match self {
            Self::Present(server) => &server.id,
            Self::Gone(id) => id,
        }
    }
}

/// A move that has not changed for so long is none any more, whatever its record says.
pub const MOVE_FORGOTTEN_AFTER: Duration = Duration::days(1);

/// What a host has to do with servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostServers {
    /// Servers on it.
    pub present: Vec<Server>,
    /// Servers on their way to it, read before those on it.
    pub arriving: Vec<ServerId>,
}

/// One try of the cloud to move a server (Nova os-migrations).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// The cloud's number; later tries have higher ones.
    pub id: MigrationId,
    /// The server.
    pub server: ServerId,
    /// How it is moved.
    pub kind: MigrationKind,
    /// How far it is.
    pub status: MigrationStatus,
    /// From where.
    pub source: Option<HostName>,
    /// To where, once the cloud chose.
    pub destination: Option<HostName>,
}

/// The cloud's number of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MigrationId(pub i64);

/// How a migration moves a server (Nova `migration_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationKind {
    /// While it runs.
    Live,
    /// Stopped; ends in a server that waits for confirmation.
    Cold,
    /// Anything else (resize, evacuation).
    Other,
}

/// How far a migration is (Nova migration `status`, see the lab's table of endings).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationStatus {
    /// Under way.
    InProgress,
    /// Cold: moved, waits for confirmation (`finished`).
    AwaitsConfirmation,
    /// Ended well (`completed`, `confirmed`, `done`).
    Completed,
    /// Ended badly (`error`, `failed`, `cancelled`, `reverted`); the word of the cloud.
    Failed(String),
}

/// What [`Cloud::progress`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CloudProgress {
    /// Exactly one entry for each server that was asked for.
    pub servers: Vec<ServerSeen>,
    /// Migrations of those servers that changed since the time asked for, oldest first.
    pub migrations: Vec<Migration>,
}

/// In which way a cloud is not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageKind {
    /// No connection, or no answer in time.
    #[default]
    Unreachable,
    /// It answered that it cannot serve now, or that too much is asked of it.
    Overloaded,
    /// It did not accept Fermata's credentials, or gave no token.
    SignIn,
    /// Its answer makes no sense, for example because a proxy gave it.
    BadAnswer,
}

/// Why a call to the cloud did not succeed. The variants differ in what the caller may conclude.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CloudError {
    /// The host, server or migration does not exist. Nothing happened.
    #[error("the cloud does not know it: {detail}")]
    NotFound {
        /// What the cloud said.
        detail: String,
    },
    /// The thing is in a state that does not allow the call (HTTP 409), perhaps because of an
    /// earlier call of ours. Nothing happened by this call.
    #[error("the cloud refused, the state does not allow it: {detail}")]
    Conflict {
        /// What the cloud said.
        detail: String,
    },
    /// The cloud refuses this call and would refuse it again. Nothing happened.
    #[error("the cloud refused: {detail}")]
    Rejected {
        /// What the cloud said.
        detail: String,
    },
    /// The cloud was not reached, or said that it cannot serve now. Nothing happened; try later.
    #[error("the cloud is not available: {detail}")]
    Unavailable {
        /// What kind of outage it is.
        kind: OutageKind,
        /// What was seen.
        detail: String,
    },
    /// The call was sent and no answer came: it may or may not have happened. Read before
    /// anything else is done.
    #[error("the cloud did not answer, the call may have happened: {detail}")]
    Unknown {
        /// What was seen.
        detail: String,
    },
}

impl CloudError {
    /// Whether the cloud answered, and would answer the same again: waiting does not help, somebody has to change something.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::Conflict { .. } | Self::Rejected { .. } => true,
            Self::Unavailable { .. } | Self::Unknown { .. } => false,
        }
    }
}

/// A cloud that runs servers on hosts.
///
/// Every implementation retries nothing: only the session knows what may be repeated.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Checks that the cloud can be used: reached, credentials valid, version sufficient.
    async fn check(&self) -> Result<(), CloudError>;

    /// All compute hosts. A cloud may remember them for a while; [`Cloud::host`] is as it is now.
    async fn hosts(&self) -> Result<Vec<Host>, CloudError>;

    /// One compute host as it is now. `NotFound` if the cloud does not list it.
    async fn host(&self, name: &HostName) -> Result<Host, CloudError> {
        let hosts = self.hosts().await?;
        hosts.into_iter().find(|host| host.name == *name).ok_or_else(|| CloudError::NotFound {
            detail: format!("compute host '{name}' is not listed any more"),
        })
    }

    /// Enables or disables scheduling on a host. Idempotent.
    async fn set_scheduling(
        &self,
        host: &HostName,
        scheduling: &Scheduling,
    ) -> Result<(), CloudError>;

    /// Every server on a host, of all projects, in any status.
    async fn servers_on(&self, host: &HostName) -> Result<Vec<Server>, CloudError>;

    /// Servers on their way to a host: a move to it began and has not ended, and changed at or after `since`. Read
    /// before [`Cloud::servers_on`], so that what lands in between is seen there.
    async fn arriving(&self, host: &HostName, since: Time) -> Result<Vec<ServerId>, CloudError>;

    /// How these servers stand, and their migrations that changed at or after `since`; for all of
    /// them at once.
    async fn progress(
        &self,
        servers: &[ServerId],
        since: Time,
    ) -> Result<CloudProgress, CloudError>;

    /// Everything that a plan needs: all hosts with what they offer, all servers, all server groups.
    async fn site(&self) -> Result<Site, CloudError>;

    /// What projects are called. Nothing depends on it: where the credentials may not read it, or the cloud has no names, none
    /// is known.
    async fn projects(&self) -> Result<Projects, CloudError> {
        Ok(Projects::default())
    }

    /// Moves a running server while it runs. Target `None`: the cloud chooses.
    async fn live_migrate(
        &self,
        server: &ServerId,
        target: Option<&HostName>,
    ) -> Result<(), CloudError>;

    /// Moves a server, stopped for the time; it ends in [`ServerStatus::VerifyResize`].
    /// Target `None`: the cloud chooses.
    async fn migrate(&self, server: &ServerId, target: Option<&HostName>)
    -> Result<(), CloudError>;

    /// Confirms a cold migration.
    async fn confirm_migration(&self, server: &ServerId) -> Result<(), CloudError>;

    /// Aborts a live migration that is under way.
    async fn abort_migration(
        &self,
        server: &ServerId,
        migration: MigrationId,
    ) -> Result<(), CloudError>;

    /// Stops a server.
    async fn stop(&self, server: &ServerId) -> Result<(), CloudError>;

    /// Starts a stopped server.
    async fn start(&self, server: &ServerId) -> Result<(), CloudError>;
}
