//! What hosts offer: Placement's providers, their inventories and traits, joined with Nova's hosts.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Host, Inventory, Server};
use fermata_core::id::HostName;
use fermata_core::placement::{DISK_GB, MEMORY_MB, Need, VCPU};
use serde::Deserialize;
use serde_json::Value;

use super::record::{Fields, read_leniently};

/// `GET /resource_providers`
/// (<https://docs.openstack.org/api-ref/placement/#list-resource-providers>).
#[derive(Debug, Deserialize)]
pub(crate) struct Providers {
    pub(crate) resource_providers: Vec<Provider>,
}

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) uuid: String,
    name: String,
    /// Since 1.14; a provider that is nobody's part is its own root.
    root_provider_uuid: Option<String>,
    /// Counts the changes of all that is known of it.
    generation: u64,
    odd: Vec<String>,
}

read_leniently!(Provider, "resource provider", uuid);

impl Provider {
    fn read(mut fields: Fields) -> Self {
        Self {
            uuid: fields.needed("uuid"),
            name: fields.text("name").unwrap_or_default(),
            root_provider_uuid: fields.nullable("root_provider_uuid"),
            generation: fields.amount("generation"),
            odd: fields.odd(),
        }
    }
}

/// A provider that is a host or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OfHost {
    pub(crate) id: String,
    pub(crate) generation: u64,
    pub(crate) host: HostName,
}

impl Providers {
    /// The providers that are hosts or parts of hosts. `nodes` says which host a hypervisor is on; Nova names the
    /// provider of a compute node after it.
    pub(crate) fn of_hosts(self, nodes: &BTreeMap<String, HostName>) -> Vec<OfHost> {
        let roots: BTreeMap<String, HostName> = self
            .resource_providers
            .iter()
            .filter_map(|root| Some((root.uuid.clone(), nodes.get(&root.name)?.clone())))
            .collect();
        let of_host = |provider: Provider| {
            let root = provider.root_provider_uuid.as_ref().unwrap_or(&provider.uuid);
            let host = roots.get(root)?.clone();
            Some(OfHost { id: provider.uuid, generation: provider.generation, host })
        };
        self.resource_providers.into_iter().filter_map(of_host).collect()
    }
}

/// `GET /resource_providers/{uuid}/inventories`
/// (<https://docs.openstack.org/api-ref/placement/#list-resource-provider-inventories>).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Inventories {
    inventories: BTreeMap<String, Class>,
}

#[derive(Debug, Clone)]
struct Class {
    total: u64,
    reserved: u64,
    allocation_ratio: f64,
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::of(Value::deserialize(deserializer)?);
        Ok(Self {
            total: fields.amount("total"),
            reserved: fields.amount("reserved"),
            allocation_ratio: fields.fraction("allocation_ratio").unwrap_or(1.0),
        })
    }
}

impl Class {
    /// `int((total - reserved) * allocation_ratio)`, as Placement decides whether an allocation fits.
    fn placeable(&self) -> u64 {
        // Amounts are far below 2^53.
        (self.total.saturating_sub(self.reserved) as f64 * self.allocation_ratio) as u64
    }
}

/// `GET /resource_providers/{uuid}/traits`
/// (<https://docs.openstack.org/api-ref/placement/#list-resource-provider-traits>).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Traits {
    traits: BTreeSet<String>,
}

/// Adds what a provider offers to what its host offers: a part's classes and traits count as the host's.
pub(crate) fn add_provider(offer: &mut Inventory, inventories: &Inventories, traits: &Traits) {
    for (name, class) in &inventories.inventories {
        let sum = offer.amounts.entry(name.clone()).or_default();
        *sum = sum.saturating_add(class.placeable());
    }
    offer.traits.extend(traits.traits.iter().cloned());
}

/// What a host offers as far as Nova alone tells: what its hypervisors have, and at least what the servers on it need.
/// How much more may be placed than there is, only Placement knows.
pub(crate) fn without_placement(host: &Host, servers: &[Server]) -> BTreeMap<String, u64> {
    let capacity = host.capacity;
    let mut amounts = BTreeMap::from([
        (VCPU.to_owned(), u64::from(capacity.vcpus)),
        (MEMORY_MB.to_owned(), capacity.memory_mib),
        (DISK_GB.to_owned(), capacity.disk_gib),
    ]);
    let declared = BTreeSet::from([VCPU, MEMORY_MB, DISK_GB]);
    let mut used: BTreeMap<String, u64> = BTreeMap::new();
    for server in servers.iter().filter(|server| server.host.as_ref() == Some(&host.name)) {
        let mut need = Need::from(&server.flavor);
        need.drop_undeclared(&declared);
        for (class, amount) in need.amounts {
            let sum = used.entry(class).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    for (class, used) in used {
        let offered = amounts.entry(class).or_default();
        *offered = used.max(*offered);
    }
    amounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_of_a_host_are_the_hosts() {
        let providers: Providers = serde_json::from_value(json!({"resource_providers": [
            {"uuid": "r1", "name": "node1", "generation": 3, "parent_provider_uuid": null,
             "root_provider_uuid": "r1", "links": []},
            {"uuid": "n0", "name": "node1_numa0", "generation": 3, "parent_provider_uuid": "r1",
             "root_provider_uuid": "r1", "links": []},
            {"uuid": "s", "name": "shared-disk", "generation": 3, "parent_provider_uuid": null,
             "root_provider_uuid": "s", "links": []},
        ]}))
        .unwrap();
        let nodes = BTreeMap::from([("node1".to_owned(), HostName::from("compute01"))]);
        let of_host = |id: &str| OfHost {
            id: id.to_owned(),
            generation: 3,
            host: HostName::from("compute01"),
        };
        assert_eq!(providers.of_hosts(&nodes), [of_host("r1"), of_host("n0")]);
    }

    #[test]
    fn what_can_be_placed() {
        let recorded = |total: u64, reserved: u64, ratio: f64| {
            serde_json::from_value::<Class>(json!({
                "allocation_ratio": ratio, "max_unit": total, "min_unit": 1,
                "reserved": reserved, "step_size": 1, "total": total,
            }))
            .unwrap()
            .placeable()
        };
        assert_eq!(recorded(16, 0, 4.0), 64);
        assert_eq!(recorded(32768, 512, 1.0), 32256);
        assert_eq!(recorded(7, 0, 1.5), 10);
        assert_eq!(recorded(1, 2, 1.0), 0);
    }

    #[test]
    fn providers_of_a_host_add_up() {
        let mut offer = Inventory::default();
        for (reserved, name) in [(0, "CUSTOM_A"), (2, "CUSTOM_B")] {
            let inventories = json!({"inventories": {"PCPU": {"total": 8, "reserved": reserved}}});
            let traits = json!({"traits": [name], "resource_provider_generation": 1});
            add_provider(
                &mut offer,
                &serde_json::from_value(inventories).unwrap(),
                &serde_json::from_value(traits).unwrap(),
            );
        }
        assert_eq!(offer.amounts, BTreeMap::from([("PCPU".to_owned(), 14)]));
        assert_eq!(offer.traits.len(), 2);
    }
}
