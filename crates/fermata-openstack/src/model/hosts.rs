//! Compute services, hypervisors and aggregates, joined into hosts.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Capacity, Host, Inventory, Scheduling};
use fermata_core::id::HostName;
use serde::Deserialize;
use serde_json::Value;

use super::record::{Fields, read_leniently};
use super::{Link, has_next};
use crate::paging::{End, Page};

/// `GET /os-services`
/// (<https://docs.openstack.org/api-ref/compute/#list-compute-services>).
#[derive(Debug, Deserialize)]
pub(crate) struct Services {
    pub(crate) services: Vec<Service>,
}

/// A compute service. Of one whose cell cannot be reached only host and status are known.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) host: String,
    pub(crate) id: Option<String>,
    status: String,
    state: String,
    zone: Option<String>,
    disabled_reason: Option<String>,
    odd: Vec<String>,
}

read_leniently!(Service, "compute service", host);

impl Service {
    fn read(mut fields: Fields) -> Self {
        Self {
            host: fields.needed("host"),
            id: fields.nullable("id"),
            status: fields.text("status").unwrap_or_default(),
            state: fields.text("state").unwrap_or_default(),
            zone: fields.nullable("zone"),
            disabled_reason: fields.nullable("disabled_reason"),
            odd: fields.odd(),
        }
    }

    /// Whether it reports.
    pub(crate) fn is_up(&self) -> bool {
        self.state == "up"
    }

    /// Whether Nova cannot reach the cell of this service, and so knows nothing of its servers.
    pub(crate) fn cell_is_down(&self) -> bool {
        self.status == "UNKNOWN"
    }

    pub(crate) fn scheduling(&self) -> Scheduling {
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

#[derive(Debug, Clone)]
pub(crate) struct Hypervisor {
    id: String,
    /// What its provider in Placement is called as well.
    hypervisor_hostname: String,
    host: String,
    hypervisor_type: String,
    hypervisor_version: String,
    vcpus: u64,
    memory_mb: u64,
    local_gb: u64,
    /// How many servers it had when it last reported.
    running_vms: u64,
    odd: Vec<String>,
}

read_leniently!(Hypervisor, "hypervisor", id);

impl Hypervisor {
    /// The host it is on.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    fn read(mut fields: Fields) -> Self {
        let version = match fields.take("hypervisor_version") {
            Value::String(version) => version,
            Value::Null => String::new(),
            version @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                version.to_string()
            }
        };
        let mut service = fields.part("service");
        let host = service.needed("host");
        fields.absorb(service);
        Self {
            id: fields.needed("id"),
            hypervisor_hostname: fields.text("hypervisor_hostname").unwrap_or_default(),
            host,
            hypervisor_type: fields.nullable("hypervisor_type").unwrap_or_default(),
            hypervisor_version: version,
            vcpus: fields.amount("vcpus"),
            memory_mb: fields.amount("memory_mb"),
            local_gb: fields.amount("local_gb"),
            running_vms: fields.amount("running_vms"),
            odd: fields.odd(),
        }
    }
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
}

/// `GET /os-aggregates` (<https://docs.openstack.org/api-ref/compute/#list-aggregates>).
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Aggregates {
    pub(crate) aggregates: Vec<Aggregate>,
}

#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    name: String,
    hosts: Vec<String>,
    metadata: BTreeMap<String, String>,
    odd: Vec<String>,
}

read_leniently!(Aggregate, "aggregate", name);

impl Aggregate {
    fn read(mut fields: Fields) -> Self {
        Self {
            name: fields.text("name").unwrap_or_default(),
            hosts: fields.names("hosts"),
            metadata: fields.texts("metadata"),
            odd: fields.odd(),
        }
    }
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
        let host = HostName::from(hypervisor.host.as_str());
        (hypervisor.hypervisor_hostname.clone(), host)
    };
    hypervisors.iter().map(node).collect()
}

/// One host per compute service, sorted by name. A service with several hypervisors (Ironic)
/// offers what they offer together; one that never reported a hypervisor offers nothing.
pub(crate) fn join(
    services: Vec<Service>,
    hypervisors: &[Hypervisor],
    aggregates: &Aggregates,
) -> Vec<Host> {
    // A service that does not say where it is, is of no host.
    let mut hosts: BTreeMap<String, Host> = services
        .into_iter()
        .filter(|service| !service.host.is_empty())
        .map(|service| (service.host.clone(), bare_host(service)))
        .collect();
    for hypervisor in hypervisors {
        if let Some(host) = hosts.get_mut(&hypervisor.host) {
            add_hypervisor(host, hypervisor);
        }
    }
    let mut memberships: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for aggregate in &aggregates.aggregates {
        for host in &aggregate.hosts {
            let names = memberships.entry(host).or_default();
            names.insert(aggregate.name.clone());
        }
    }
    for (name, host) in &mut hosts {
        if let Some(names) = memberships.remove(name.as_str()) {
            host.aggregates = names.into_iter().collect();
        }
    }
    hosts.into_values().collect()
}

fn bare_host(service: Service) -> Host {
    Host {
        up: service.is_up(),
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

fn add_hypervisor(host: &mut Host, hypervisor: &Hypervisor) {
    let capacity = &mut host.capacity;
    let vcpus = u32::try_from(hypervisor.vcpus).unwrap_or(0);
    capacity.vcpus = capacity.vcpus.saturating_add(vcpus);
    capacity.memory_mib = capacity.memory_mib.saturating_add(hypervisor.memory_mb);
    capacity.disk_gib = capacity.disk_gib.saturating_add(hypervisor.local_gb);
    let servers = u32::try_from(hypervisor.running_vms).unwrap_or(u32::MAX);
    host.servers = host.servers.saturating_add(servers);
    host.hypervisor_type.clone_from(&hypervisor.hypervisor_type);
    host.hypervisor_version.clone_from(&hypervisor.hypervisor_version);
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
            "vcpus": 16, "memory_mb": 32768, "local_gb": 1000, "vcpus_used": 0, "running_vms": servers,
            "disk_available_least": null,

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
        let hosts = join(services().services, &page.into_entries(), &aggregates);
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
        let mut unknown = hypervisor("compute01", 0);
        unknown["vcpus"] = json!(null);
        unknown["memory_mb"] = json!(-1);
        let page: Hypervisors = parse(json!({"hypervisors": [
            hypervisor("compute01", 1), hypervisor("compute01", 2), unknown]}));
        let hosts = join(services().services, &page.into_entries(), &Aggregates::default());
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
        let hosts = join(services.services, &[], &Aggregates::default());
        assert!(!hosts[0].up);
    }
}
