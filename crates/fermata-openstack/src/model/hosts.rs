//! Compute services, hypervisors and aggregates, joined into hosts.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Capacity, Host, Inventory, Scheduling};
use fermata_core::id::HostName;
use serde::Deserialize;
use serde_json::Value;

use super::{Link, has_next};
use crate::paging::{End, Page};

/// `GET /os-services`
/// (<https://docs.openstack.org/api-ref/compute/#list-compute-services>).
#[derive(Debug, Deserialize)]
pub(crate) struct Services {
    pub(crate) services: Vec<Service>,
}

/// A compute service. Of one whose cell cannot be reached only host and status are known.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) host: String,
    pub(crate) id: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    state: String,
    zone: Option<String>,
    disabled_reason: Option<String>,
}

impl Service {
    /// Whether Nova cannot reach the cell of this service, and so knows nothing of its servers.
    pub(crate) fn cell_is_down(&self) -> bool {
        self.status == "UNKNOWN"
    }

    fn scheduling(&self) -> Scheduling {
        if self.status == "disabled" {
            Scheduling::Disabled { reason: self.disabled_reason.clone().unwrap_or_default() }
        } else {
            Scheduling::Enabled
        }
    }
}

/// `GET /os-hypervisors/detail`
/// (<https://docs.openstack.org/api-ref/compute/#list-hypervisors-details>).
#[derive(Debug, Deserialize)]
pub(crate) struct Hypervisors {
    hypervisors: Vec<Hypervisor>,
    #[serde(default)]
    hypervisors_links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hypervisor {
    id: String,
    /// What its provider in Placement is called as well.
    #[serde(default)]
    hypervisor_hostname: String,
    service: HypervisorService,
    #[serde(default)]
    hypervisor_type: String,
    #[serde(default)]
    hypervisor_version: Value,
    vcpus: Option<i64>,
    memory_mb: Option<i64>,
    local_gb: Option<i64>,
    /// Left out when there are none.
    #[serde(default)]
    servers: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct HypervisorService {
    host: String,
}

impl Page for Hypervisors {
    type Entry = Hypervisor;
    const END: End = End::EmptyPage;

    fn has_next(&self) -> bool {
        has_next(&self.hypervisors_links)
    }

    fn into_entries(self) -> Vec<Hypervisor> {
        self.hypervisors
    }

    fn marker(entry: &Hypervisor) -> &str {
        &entry.id
    }
}

/// `GET /os-aggregates` (<https://docs.openstack.org/api-ref/compute/#list-aggregates>).
#[derive(Debug, Deserialize)]
pub(crate) struct Aggregates {
    aggregates: Vec<Aggregate>,
}

#[derive(Debug, Deserialize)]
struct Aggregate {
    name: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl Aggregates {
    /// The metadata of its aggregates for each host that is in one.
    pub(crate) fn offers(&self) -> BTreeMap<HostName, Inventory> {
        let mut offers: BTreeMap<HostName, Inventory> = BTreeMap::new();
        for aggregate in &self.aggregates {
            for host in &aggregate.hosts {
                let offer = offers.entry(HostName::from(host.as_str())).or_default();
                for (key, value) in &aggregate.metadata {
                    offer.add_aggregate_metadata(key, value);
                }
            }
        }
        offers
    }
}

/// Which host each hypervisor is on, by the hypervisor's name.
pub(crate) fn nodes(hypervisors: &[Hypervisor]) -> BTreeMap<String, HostName> {
    let node = |hypervisor: &Hypervisor| {
        let host = HostName::from(hypervisor.service.host.as_str());
        (hypervisor.hypervisor_hostname.clone(), host)
    };
    hypervisors.iter().map(node).collect()
}

/// One host per compute service, sorted by name. A service with several hypervisors (Ironic)
/// offers what they offer together; one that never reported a hypervisor offers nothing.
pub(crate) fn join(
    services: Services,
    hypervisors: Vec<Hypervisor>,
    aggregates: Aggregates,
) -> Vec<Host> {
    let mut hosts: BTreeMap<String, Host> = services
        .services
        .into_iter()
        .map(|service| (service.host.clone(), bare_host(service)))
        .collect();
    for hypervisor in hypervisors {
        if let Some(host) = hosts.get_mut(&hypervisor.service.host) {
            add_hypervisor(host, hypervisor);
        }
    }
    let mut memberships: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for aggregate in aggregates.aggregates {
        for host in aggregate.hosts {
            let names = memberships.entry(host).or_default();
            names.insert(aggregate.name.clone());
        }
    }
    for (name, host) in &mut hosts {
        if let Some(names) = memberships.remove(name) {
            host.aggregates = names.into_iter().collect();
        }
    }
    hosts.into_values().collect()
}

fn bare_host(service: Service) -> Host {
    Host {
        up: service.state == "up",
        scheduling: service.scheduling(),
        name: HostName(service.host),
        zone: service.zone,
        aggregates: Vec::new(),
        capacity: Capacity::default(),
        hypervisor_type: String::new(),
        hypervisor_version: String::new(),
        servers: 0,
    }
}

fn add_hypervisor(host: &mut Host, hypervisor: Hypervisor) {
    let capacity = &mut host.capacity;
    let vcpus = u32::try_from(hypervisor.vcpus.unwrap_or(0)).unwrap_or(0);
    capacity.vcpus = capacity.vcpus.saturating_add(vcpus);
    capacity.memory_mib = capacity.memory_mib.saturating_add(amount(hypervisor.memory_mb));
    capacity.disk_gib = capacity.disk_gib.saturating_add(amount(hypervisor.local_gb));
    // Servers are looked up by host, so each hypervisor of the host names all of them.
    let servers = u32::try_from(hypervisor.servers.len()).unwrap_or(u32::MAX);
    host.servers = host.servers.max(servers);
    host.hypervisor_type = hypervisor.hypervisor_type;
    host.hypervisor_version = match hypervisor.hypervisor_version {
        Value::String(version) => version,
        Value::Null => String::new(),
        version @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            version.to_string()
        }
    };
}

/// Nova has -1 or nothing for amounts it does not know.
fn amount(reported: Option<i64>) -> u64 {
    reported.and_then(|amount| u64::try_from(amount).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse<T: serde::de::DeserializeOwned>(json: Value) -> T {
        serde_json::from_value(json).unwrap()
    }

    fn services() -> Services {
        parse(json!({"services": [
            {"binary": "nova-compute", "host": "compute02", "id": "a868106d-97ac-40e0-b3cb-91a786ed7139",
             "zone": "nova", "status": "disabled", "state": "down", "forced_down": false,
             "updated_at": "2026-11-23T09:26:24.000000", "disabled_reason": "broken fan"},
            {"binary": "nova-compute", "host": "compute01", "id": "95b1a471-92da-4141-a580-98c16380646b",
             "zone": "north", "status": "enabled", "state": "up", "forced_down": false,
             "updated_at": "2026-11-23T09:26:24.000000", "disabled_reason": null}
        ]}))
    }

    fn hypervisor(host: &str, servers: usize) -> Value {
        json!({
            "id": "951fa4a9-9a76-58f0-8e6f-ae48cfb159a2", "hypervisor_hostname": host,
            "state": "up", "status": "enabled", "hypervisor_type": "QEMU",
            "hypervisor_version": 8_002_002, "host_ip": "127.0.0.1",
            "service": {"id": "a868106d-97ac-40e0-b3cb-91a786ed7139", "host": host, "disabled_reason": null},
            "vcpus": 16, "memory_mb": 32768, "local_gb": 1000, "vcpus_used": 0, "running_vms": 0,
            "disk_available_least": null,
            "servers": vec![json!({"uuid": "u", "name": "n"}); servers],
        })
    }

    #[test]
    fn a_host_is_its_service_its_hypervisor_and_its_aggregates() {
        let page: Hypervisors = parse(json!({"hypervisors": [hypervisor("compute01", 2)],
            "hypervisors_links": [{"rel": "next", "href": "http://nova/x"}]}));
        assert!(page.has_next());
        let aggregates = parse(json!({"aggregates": [
            {"id": 1, "name": "ssd", "hosts": ["compute01"], "availability_zone": null},
            {"id": 2, "name": "north", "hosts": ["compute01", "elsewhere"], "availability_zone": "north"}
        ]}));
        let hosts = join(services(), page.into_entries(), aggregates);
        assert_eq!(
            hosts,
            [
                Host {
                    name: "compute01".into(),
                    up: true,
                    scheduling: Scheduling::Enabled,
                    zone: Some("north".to_owned()),
                    aggregates: vec!["north".to_owned(), "ssd".to_owned()],
                    capacity: Capacity { vcpus: 16, memory_mib: 32768, disk_gib: 1000 },
                    hypervisor_type: "QEMU".to_owned(),
                    hypervisor_version: "8002002".to_owned(),
                    servers: 2,
                },
                Host {
                    name: "compute02".into(),
                    up: false,
                    scheduling: Scheduling::Disabled { reason: "broken fan".to_owned() },
                    zone: Some("nova".to_owned()),
                    aggregates: vec![],
                    capacity: Capacity::default(),
                    hypervisor_type: String::new(),
                    hypervisor_version: String::new(),
                    servers: 0,
                },
            ]
        );
    }

    #[test]
    fn several_hypervisors_of_a_host_add_up() {
        let mut unknown = hypervisor("compute01", 3);
        unknown["vcpus"] = json!(null);
        unknown["memory_mb"] = json!(-1);
        let page: Hypervisors = parse(json!({"hypervisors": [
            hypervisor("compute01", 3), hypervisor("compute01", 3), unknown]}));
        let hosts = join(services(), page.into_entries(), parse(json!({"aggregates": []})));
        assert_eq!(hosts[0].capacity.vcpus, 32);
        assert_eq!(hosts[0].capacity.memory_mib, 65536);
        assert_eq!(hosts[0].capacity.disk_gib, 3000);
        assert_eq!(hosts[0].servers, 3);
    }

    #[test]
    fn a_service_in_a_cell_that_is_down_is_a_host_that_is_down() {
        let services: Services = parse(json!({"services": [
            {"binary": "nova-compute", "host": "compute09", "status": "UNKNOWN"}]}));
        assert!(services.services[0].cell_is_down());
        let hosts = join(services, vec![], parse(json!({"aggregates": []})));
        assert!(!hosts[0].up);
    }
}
