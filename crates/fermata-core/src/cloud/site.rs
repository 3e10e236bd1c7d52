//! Everything a plan needs to know of a cloud at one moment: what hosts offer, what servers are made of, and
//! which of them belong together. What servers need of it is computed in [`crate::placement`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Host, Server};
use crate::id::{ProjectId, ServerGroupId, ServerId};

/// All of a cloud that a plan needs.
///
/// It is read piece by piece: a server that moves meanwhile may be told where it was or where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Site {
    /// All compute hosts, by name.
    pub hosts: Vec<SiteHost>,
    /// All servers of all projects, in any status, those on no host too.
    pub servers: Vec<Server>,
    /// All server groups of all projects.
    pub groups: Vec<ServerGroup>,
    /// What could not be known of the cloud, and so is not part of a plan, for people: a cell that cannot be reached, a list
    /// that the role may not read, a record that makes no sense.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A host and what it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHost {
    /// The host.
    pub host: Host,
    /// What it offers.
    pub inventory: Inventory,
}

/// What a host offers to servers, those that are on it included.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inventory {
    /// What can be placed on it by resource class, in Placement's names (`VCPU`, `PCPU`, `MEMORY_MB`, `DISK_GB`,
    /// `CUSTOM_…`): `floor((total - reserved) * allocation_ratio)`, as Placement computes the capacity of an
    /// inventory (<https://docs.openstack.org/placement/latest/user/index.html>).
    pub amounts: BTreeMap<String, u64>,
    /// Its traits (`HW_CPU_…`, `CUSTOM_…`).
    pub traits: BTreeSet<String>,
    /// The metadata of all aggregates it belongs to: for each key all values. Nova splits values at commas before it
    /// compares (`aggregate_metadata_get_by_host` in `nova/scheduler/filters/utils.py`).
    pub aggregate_metadata: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Adds a key of an aggregate's metadata, as Nova merges them.
    pub fn add_aggregate_metadata(&mut self, key: &str, value: &str) {
        let values = self.aggregate_metadata.entry(key.to_owned()).or_default();
        values.extend(value.split(',').map(|part| part.trim().to_owned()));
    }
}

/// What a server is made of: the flavor as it was when the server was created or last resized.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flavor {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// What the host's own disks must give, in GiB: root, unless the server is known to boot from a volume, ephemeral
    /// and swap, rounded up.
    pub disk_gib: u64,
    /// What else it asks for (<https://docs.openstack.org/nova/latest/configuration/extra-specs.html>). Empty when
    /// the cloud does not tell.
    pub extra_specs: BTreeMap<String, String>,
}

/// Servers that shall be together or apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerGroup {
    /// The cloud's id.
    pub id: ServerGroupId,
    /// Its name, for people.
    pub name: String,
    /// The project that owns it.
    pub project: ProjectId,
    /// What it demands.
    pub policy: GroupAffinity,
    /// How many members may be on one host with [`GroupAffinity::AntiAffinity`] (Nova's rule `max_server_per_host`).
    /// `None`: one.
    pub max_per_host: Option<u32>,
    /// Its members, sorted. Servers that do not exist any more may be among them.
    pub members: Vec<ServerId>,
}

/// What a server group demands (Nova's server group `policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupAffinity {
    /// All members on one host.
    Affinity,
    /// No more members on one host than the group allows.
    AntiAffinity,
    /// Members on one host, if possible.
    SoftAffinity,
    /// Members on different hosts, if possible.
    SoftAntiAffinity,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_several_aggregates_is_merged() {
        let mut inventory = Inventory::default();
        inventory.add_aggregate_metadata("disk", "ssd, nvme");
        inventory.add_aggregate_metadata("disk", "hdd");
        inventory.add_aggregate_metadata("gpu", "no");
        let disk = ["hdd", "nvme", "ssd"].map(str::to_owned);
        assert_eq!(inventory.aggregate_metadata["disk"], BTreeSet::from(disk));
        assert_eq!(inventory.aggregate_metadata.len(), 2);
    }
}
