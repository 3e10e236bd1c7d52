//! The file that describes a simulated cloud, as written. What makes one wrong is in `check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use fermata_core::cloud::{Capacity, Flavor, GroupAffinity, Inventory};
use fermata_core::placement::{DISK_GB, MEMORY_MB, VCPU};

use crate::faults::{FaultKind, Operation};
use crate::state::Condition;

/// Why a topology cannot be used.
#[derive(Debug, Error)]
pub enum TopologyError {
    /// The file cannot be read.
    #[error("cannot read the topology {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not TOML, or has wrong or unknown fields.
    #[error("the topology is not well formed")]
    Syntax(#[from] toml::de::Error),
    /// It contradicts itself.
    #[error("the topology has {} faults:\n- {}", .faults.len(), .faults.join("\n- "))]
    Invalid {
        /// Everything found, each with the entry it is about.
        faults: Vec<String>,
    },
}

/// A cloud to simulate. Only made by [`Topology::parse`] and [`Topology::load`], so it is sound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// Start of all chance.
    #[serde(default)]
    pub(crate) seed: u64,
    /// How many entries the journal keeps.
    #[serde(default = "default_journal_entries")]
    pub(crate) journal_entries: usize,
    #[serde(default)]
    pub(crate) latencies: Latencies,
    #[serde(default)]
    pub(crate) hosts: Vec<HostEntry>,
    #[serde(default)]
    pub(crate) aggregates: Vec<AggregateEntry>,
    #[serde(default)]
    pub(crate) projects: Vec<ProjectEntry>,
    #[serde(default)]
    pub(crate) flavors: Vec<FlavorEntry>,
    #[serde(default)]
    pub(crate) servers: Vec<ServerEntry>,
    #[serde(default)]
    pub(crate) groups: Vec<GroupEntry>,
    #[serde(default)]
    pub(crate) faults: Vec<FaultEntry>,
}

impl Topology {
    /// Reads a topology from TOML text.
    ///
    /// # Errors
    /// [`TopologyError::Syntax`], or [`TopologyError::Invalid`] with all faults at once.
    pub fn parse(text: &str) -> Result<Self, TopologyError> {
        let topology: Self = toml::from_str(text)?;
        let faults = topology.faults_found();
        if faults.is_empty() { Ok(topology) } else { Err(TopologyError::Invalid { faults }) }
    }

    /// Reads a topology from a TOML file.
    ///
    /// # Errors
    /// [`TopologyError::Read`], and those of [`Topology::parse`].
    pub fn load(path: &Path) -> Result<Self, TopologyError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TopologyError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    pub(crate) fn flavor(&self, name: &str) -> Option<&FlavorEntry> {
        self.flavors.iter().find(|flavor| flavor.name == name)
    }

    /// What a server is made of; `None` if the topology does not say.
    pub(crate) fn flavor_of(&self, entry: &ServerEntry) -> Option<Flavor> {
        let named = || self.flavor(entry.flavor.as_deref()?).map(FlavorEntry::flavor);
        entry.size.map(|size| flavor(size, BTreeMap::new())).or_else(named)
    }

    /// What a host offers.
    pub(crate) fn inventory_of(&self, host: &HostEntry) -> Inventory {
        let mut inventory = host.inventory();
        for aggregate in self.aggregates.iter().filter(|found| found.hosts.contains(&host.name)) {
            inventory.add_aggregate_metadata(AGGREGATE_KEY, &aggregate.name);
            for (key, value) in &aggregate.metadata {
                inventory.add_aggregate_metadata(key, value);
            }
        }
        inventory
    }

    pub(crate) fn project(&self, name: &str) -> Option<&ProjectEntry> {
        self.projects.iter().find(|project| project.name == name)
    }
}

fn default_journal_entries() -> usize {
    20_000
}

/// How long something takes, in milliseconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// At least.
    pub min_ms: u64,
    /// At most.
    pub max_ms: u64,
}

/// How long things take. Each may be left out of a topology; the defaults are what a small real
/// OpenStack took, except that calls answer at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latencies {
    /// The answer to any call.
    pub api: Span,
    /// From an accepted move until a host is chosen.
    pub schedule: Span,
    /// A live migration, from the choice of the host.
    pub live_migrate: Span,
    /// A cold migration, from the choice of the host until it awaits confirmation.
    pub migrate: Span,
    /// A confirmation.
    pub confirm_migration: Span,
    /// An abort of a live migration.
    pub abort_migration: Span,
    /// A stop.
    pub stop: Span,
    /// A start.
    pub start: Span,
}

impl Default for Latencies {
    fn default() -> Self {
        let span = |min_ms, max_ms| Span { min_ms, max_ms };
        Self {
            api: span(0, 0),
            schedule: span(50, 200),
            live_migrate: span(1_900, 4_000),
            migrate: span(2_000, 4_500),
            confirm_migration: span(800, 1_000),
            abort_migration: span(100, 500),
            stop: span(400, 1_100),
            start: span(400, 1_100),
        }
    }
}

impl Latencies {
    pub(crate) fn named(&self) -> [(&'static str, Span); 8] {
        [
            ("api", self.api),
            ("schedule", self.schedule),
            ("live_migrate", self.live_migrate),
            ("migrate", self.migrate),
            ("confirm_migration", self.confirm_migration),
            ("abort_migration", self.abort_migration),
            ("stop", self.stop),
            ("start", self.start),
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostEntry {
    pub(crate) name: String,
    pub(crate) zone: Option<String>,
    pub(crate) vcpus: u32,
    pub(crate) memory_mib: u64,
    pub(crate) disk_gib: u64,
    #[serde(default = "default_hypervisor_type")]
    pub(crate) hypervisor_type: String,
    #[serde(default = "default_hypervisor_version")]
    pub(crate) hypervisor_version: String,
    /// Scheduling is disabled from the start, for this reason.
    pub(crate) disabled_reason: Option<String>,
    /// What else can be placed on it, by resource class (`PCPU`, `CUSTOM_…`, `HUGEPAGES_MB`, `PCI:…`). `VCPU`,
    /// `MEMORY_MB` and `DISK_GB` here stand for what is above, to place more or less than there is.
    #[serde(default)]
    pub(crate) resources: BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) traits: BTreeSet<String>,
}

impl HostEntry {
    /// What it offers, but for its aggregates.
    pub(crate) fn inventory(&self) -> Inventory {
        let standard =
            [(VCPU, u64::from(self.vcpus)), (MEMORY_MB, self.memory_mib), (DISK_GB, self.disk_gib)];
        let mut amounts = BTreeMap::from(standard.map(|(class, n)| (class.to_owned(), n)));
        amounts.extend(self.resources.clone());
        Inventory { amounts, traits: self.traits.clone(), ..Inventory::default() }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        Capacity { vcpus: self.vcpus, memory_mib: self.memory_mib, disk_gib: self.disk_gib }
    }
}

fn default_hypervisor_type() -> String {
    "QEMU".to_owned()
}

fn default_hypervisor_version() -> String {
    "8002000".to_owned()
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AggregateEntry {
    pub(crate) name: String,
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectEntry {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlavorEntry {
    pub(crate) name: String,
    pub(crate) vcpus: u32,
    pub(crate) memory_mib: u64,
    pub(crate) disk_gib: u64,
    /// Servers of this flavor run only on hosts of this aggregate: short for an extra spec and its match in the
    /// aggregate's metadata, see [`AGGREGATE_KEY`].
    pub(crate) aggregate: Option<String>,
    #[serde(default)]
    pub(crate) extra_specs: BTreeMap<String, String>,
}

/// The key under which each aggregate has its own name in its metadata.
pub(crate) const AGGREGATE_KEY: &str = "aggregate";

impl FlavorEntry {
    pub(crate) fn size(&self) -> Capacity {
        Capacity { vcpus: self.vcpus, memory_mib: self.memory_mib, disk_gib: self.disk_gib }
    }

    fn flavor(&self) -> Flavor {
        let mut extra_specs = self.extra_specs.clone();
        if let Some(name) = &self.aggregate {
            let key = format!("aggregate_instance_extra_specs:{AGGREGATE_KEY}");
            extra_specs.insert(key, name.clone());
        }
        flavor(self.size(), extra_specs)
    }
}

/// A flavor of this size.
pub(crate) fn flavor(size: Capacity, extra_specs: BTreeMap<String, String>) -> Flavor {
    let Capacity { vcpus, memory_mib, disk_gib } = size;
    Flavor { vcpus, memory_mib, disk_gib, extra_specs }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerEntry {
    pub(crate) name: String,
    /// Without one, it is made from project and name.
    pub(crate) id: Option<String>,
    /// Name of its project.
    pub(crate) project: String,
    pub(crate) host: String,
    pub(crate) flavor: Option<String>,
    /// Instead of a flavor.
    pub(crate) size: Option<Capacity>,
    #[serde(default)]
    pub(crate) status: Condition,
    /// It was created for this zone and must stay in it.
    pub(crate) zone: Option<String>,
    /// What its owner noted on it.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupEntry {
    pub(crate) name: String,
    pub(crate) policy: GroupAffinity,
    /// How many members may be on one host, with anti-affinity; without it, one.
    pub(crate) max_server_per_host: Option<u32>,
    /// Name of the project that owns it; without one, its first member's.
    pub(crate) project: Option<String>,
    /// Names of servers.
    pub(crate) members: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultEntry {
    pub(crate) operation: Operation,
    /// Name of a server.
    pub(crate) server: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) times: Option<u32>,
    pub(crate) kind: FaultKind,
}
