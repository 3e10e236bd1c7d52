//! What a server needs of a host, and which hosts may have it: Nova's rules for flavors, as far as a plan can apply
//! them beforehand. The last word is the cloud's; what is not known here is left to it. Pure, and without amounts in
//! use: those are the planner's.
//!
//! Sources: `ResourceRequest` in `nova/scheduler/utils.py`;
//! <https://docs.openstack.org/nova/latest/configuration/extra-specs.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cloud::{Flavor, Inventory, SiteHost};

mod operators;
#[cfg(test)]
mod tests;

/// Placement's class of shared CPUs.
pub const VCPU: &str = "VCPU";
/// Placement's class of CPUs that belong to one server.
pub const PCPU: &str = "PCPU";
/// Placement's class of memory, in MiB.
pub const MEMORY_MB: &str = "MEMORY_MB";
/// Placement's class of local disk, in GiB.
pub const DISK_GB: &str = "DISK_GB";
/// Memory in large pages, in MiB. A class of ours: Nova counts pages within NUMA cells, not in Placement.
pub const HUGEPAGES_MB: &str = "HUGEPAGES_MB";
/// Before the alias of a PCI device. Classes of ours: by default Nova counts devices itself, not in Placement.
pub const PCI_PREFIX: &str = "PCI:";

/// What a server needs of the host it is on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Need {
    /// How much of each resource class; none is 0.
    pub amounts: BTreeMap<String, u64>,
    /// Traits that its host must have.
    pub required_traits: BTreeSet<String>,
    /// Traits that its host must not have.
    pub forbidden_traits: BTreeSet<String>,
    /// What the metadata of its host's aggregates must match, by key; values may have Nova's operators.
    pub aggregate_specs: BTreeMap<String, String>,
}

/// Why a host may not have a server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Why {
    /// The server is bound to another availability zone.
    #[error("it is bound to zone {wanted}, which the host is not in")]
    Zone {
        /// The server's.
        wanted: String,
        /// The host's.
        found: Option<String>,
    },
    /// The host lacks a trait.
    #[error("the host lacks the trait {0}")]
    TraitMissing(String),
    /// The host has a trait that it must not have.
    #[error("the host has the trait {0}, which is forbidden")]
    TraitForbidden(String),
    /// No aggregate of the host has what the flavor asks for.
    #[error("no aggregate of the host has {key} as the flavor asks for: {wanted}")]
    Aggregate {
        /// The key of the metadata.
        key: String,
        /// What the flavor asks for.
        wanted: String,
    },
}

impl From<&Flavor> for Need {
    fn from(flavor: &Flavor) -> Self {
        let mut need = Self::default();
        for (key, value) in &flavor.extra_specs {
            need.add_spec(key, value);
        }
        need.add_cpus(flavor);
        need.add_standard(MEMORY_MB, flavor.memory_mib);
        need.add_standard(DISK_GB, flavor.disk_gib);
        need.add_large_pages(flavor);
        // An amount of 0 says that the standard one does not count either.
        need.amounts.retain(|_, amount| *amount > 0);
        need
    }
}

impl Need {
    /// One extra spec. Nova ignores what it cannot read in them, and so does this.
    fn add_spec(&mut self, key: &str, value: &str) {
        if key == "pci_passthrough:alias" {
            return self.add_devices(value);
        }
        let Some((scope, name)) = key.split_once(':') else {
            return;
        };
        if scope == "aggregate_instance_extra_specs" {
            // Keys without a scope are left to the cloud: other filters read them as well.
            self.aggregate_specs.insert(name.to_owned(), value.to_owned());
        } else if is_group(scope, "resources") {
            // Of the same class in several groups the sum: a plan does not look into the host.
            if let Ok(amount) = value.parse::<u64>() {
                self.add(name, amount);
            }
        } else if is_group(scope, "trait") {
            match value {
                "required" => self.required_traits.insert(name.to_owned()),
                // In a numbered group a trait is forbidden to one provider within the host, which another provider of
                // the host may well have.
                "forbidden" if scope == "trait" => self.forbidden_traits.insert(name.to_owned()),
                _ => false,
            };
        }
    }

    fn add(&mut self, class: &str, amount: u64) {
        let sum = self.amounts.entry(class.to_owned()).or_default();
        *sum = sum.saturating_add(amount);
    }

    /// The flavor's own amount counts unless an extra spec names the class, with whatever amount
    /// (<https://docs.openstack.org/nova/latest/user/flavors.html>, "custom resource classes and standard resource
    /// classes to override").
    fn add_standard(&mut self, class: &str, amount: u64) {
        self.amounts.entry(class.to_owned()).or_insert(amount);
    }

    /// `hw:cpu_policy=dedicated` takes CPUs of its own, one more with `hw:emulator_threads_policy=isolate`, and may
    /// ask for or against hyperthreads (<https://docs.openstack.org/nova/latest/admin/cpu-topologies.html>). With
    /// `mixed` all count as shared: which ones are dedicated does not matter to a plan as much as their number does.
    fn add_cpus(&mut self, flavor: &Flavor) {
        if self.amounts.contains_key(VCPU) || self.amounts.contains_key(PCPU) {
            return;
        }
        let spec = |key: &str| flavor.extra_specs.get(key).map(String::as_str);
        let vcpus = u64::from(flavor.vcpus);
        if spec("hw:cpu_policy") != Some("dedicated") {
            return self.add_standard(VCPU, vcpus);
        }
        let isolated = spec("hw:emulator_threads_policy") == Some("isolate");
        self.add_standard(PCPU, vcpus.saturating_add(u64::from(isolated)));
        let hyperthreads = "HW_CPU_HYPERTHREADING".to_owned();
        match spec("hw:cpu_thread_policy") {
            Some("require") => self.required_traits.insert(hyperthreads),
            Some("isolate") => self.forbidden_traits.insert(hyperthreads),
            _ => false,
        };
    }

    /// `hw:mem_page_size` other than `small` or `any` takes the memory from a host's large pages
    /// (<https://docs.openstack.org/nova/latest/admin/huge-pages.html>).
    fn add_large_pages(&mut self, flavor: &Flavor) {
        match flavor.extra_specs.get("hw:mem_page_size").map(String::as_str) {
            None | Some("small" | "any") => {}
            Some(_) => self.add(HUGEPAGES_MB, flavor.memory_mib),
        }
    }

    /// `pci_passthrough:alias`: `a:2,b:1` is two devices of the alias `a` and one of `b`
    /// (<https://docs.openstack.org/nova/latest/admin/pci-passthrough.html>).
    fn add_devices(&mut self, value: &str) {
        for request in value.split(',') {
            let (alias, count) = request.trim().split_once(':').unwrap_or((request.trim(), "1"));
            if let Ok(count) = count.trim().parse::<u64>() {
                self.add(&format!("{PCI_PREFIX}{}", alias.trim()), count);
            }
        }
    }

    /// Drops the amounts of classes that no host declares, and answers them: only the cloud can tell whether a host
    /// has room in them. CPUs of a server's own count as shared ones where no host declares them: Nova falls back to
    /// the same (`[workarounds] disable_fallback_pcpu_query`).
    pub fn drop_undeclared(&mut self, declared: &BTreeSet<&str>) -> BTreeMap<String, u64> {
        if !declared.contains(PCPU)
            && declared.contains(VCPU)
            && let Some(amount) = self.amounts.remove(PCPU)
        {
            self.add(VCPU, amount);
        }
        let is_declared = |class: &String| declared.contains(class.as_str());
        let (kept, dropped) = std::mem::take(&mut self.amounts)
            .into_iter()
            .partition(|(class, _)| is_declared(class));
        self.amounts = kept;
        dropped
    }
}

/// The classes that some host declares.
pub fn declared(hosts: &[SiteHost]) -> BTreeSet<&str> {
    hosts.iter().flat_map(|host| host.inventory.amounts.keys().map(String::as_str)).collect()
}

/// Whether a host may have a server with this need that is bound to this zone, if it had room: traits, aggregates and
/// zone, not amounts.
///
/// # Errors
/// [`Why`] not, the first reason found.
pub fn permits(host: &SiteHost, need: &Need, pinned_zone: Option<&str>) -> Result<(), Why> {
    suits(host.host.zone.as_deref(), &host.inventory, need, pinned_zone)
}

/// The same of a host of which only the zone and the inventory are known.
///
/// # Errors
/// Those of [`permits`].
pub fn suits(
    zone: Option<&str>,
    inventory: &Inventory,
    need: &Need,
    pinned_zone: Option<&str>,
) -> Result<(), Why> {
    if let Some(wanted) = pinned_zone
        && zone != Some(wanted)
    {
        return Err(Why::Zone { wanted: wanted.to_owned(), found: zone.map(str::to_owned) });
    }
    let traits = &inventory.traits;
    if let Some(missing) = need.required_traits.difference(traits).next() {
        return Err(Why::TraitMissing(missing.clone()));
    }
    if let Some(found) = need.forbidden_traits.intersection(traits).next() {
        return Err(Why::TraitForbidden(found.clone()));
    }
    // AggregateInstanceExtraSpecsFilter: a key that no aggregate has does not match.
    for (key, wanted) in &need.aggregate_specs {
        let values = inventory.aggregate_metadata.get(key);
        let matches = |value: &String| operators::matches(value, wanted);
        if !values.is_some_and(|values| values.iter().any(matches)) {
            return Err(Why::Aggregate { key: key.clone(), wanted: wanted.clone() });
        }
    }
    Ok(())
}

/// Whether a scope is `prefix` or a granular group of it: `resources`, `resources1`, `resources_GPU`
/// (<https://docs.openstack.org/nova/latest/configuration/extra-specs.html#resources>).
fn is_group(scope: &str, prefix: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    scope.strip_prefix(prefix).is_some_and(|suffix| suffix.chars().all(plain))
}
