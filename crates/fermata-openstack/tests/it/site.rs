//! A whole site: what is joined, and what is done where a cloud tells less.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Cloud, GroupAffinity, Site};
use fermata_core::id::ServerId;
use fermata_openstack::OpenStackCloud;
use serde_json::{Value, json};
use tracing::Level;
use tracing::instrument::WithSubscriber;
use wiremock::matchers::{header, query_param};

use crate::fake::{Fake, fault, get, get_placement, kind, ok, server};
use crate::secrets::Captured;

const PROVIDER: &str = "aa1b2c3d-0000-4000-8000-000000000001";
const NUMA: &str = "aa1b2c3d-0000-4000-8000-000000000002";

/// One host that overcommits its CPUs, in an aggregate, with a server in a group of its own.
async fn nova(fake: &Fake, list: Value) {
    fake.has_service("h1").await;
    let hypervisor = json!({"id": "1", "hypervisor_hostname": "node1", "service": {"host": "h1"},
        "hypervisor_type": "QEMU", "hypervisor_version": 1, "vcpus": 2, "memory_mb": 4096, "local_gb": 100});
    let last = query_param("marker", "1");
    let hypervisors = || get("/os-hypervisors/detail");
    fake.nova(hypervisors().and(last), ok(json!({"hypervisors": []})), 1).await;
    fake.nova(hypervisors(), ok(json!({"hypervisors": [hypervisor]})), 1).await;
    let aggregate = |name: &str, disk: &str| json!({"name": name, "hosts": ["h1"], "metadata": {"disk": disk, "availability_zone": "nova"}});
    let aggregates = json!({"aggregates": [aggregate("a", "ssd"), aggregate("b", "nvme,hdd")]});
    fake.nova(get("/os-aggregates"), ok(aggregates), 1).await;
    let servers = get("/servers/detail").and(query_param("all_tenants", "1"));
    let newer = header("openstack-api-version", "compute 2.96");
    fake.nova(servers.and(newer), ok(list), 1).await;
    groups(fake).await;
}

async fn groups(fake: &Fake) {
    let group = |id: &str, policy: &str| {
        json!({"id": id, "name": id, "policy": policy, "rules": {}, "members": ["s1"],
            "project_id": "project-1", "user_id": "u"})
    };
    for (offset, groups) in [
        ("0", json!([group("g2", "anti-affinity"), group("g1", "soft-affinity")])),
        ("2", json!([group("g3", "affinity")])),
        ("3", json!([])),
    ] {
        let page = get("/os-server-groups")
            .and(header("openstack-api-version", "compute 2.64"))
            .and(query_param("all_projects", "True"))
            .and(query_param("offset", offset));
        fake.nova(page, ok(json!({"server_groups": groups})), 1).await;
    }
}

fn servers() -> Value {
    let mut placed = server("s1", "h1", "ACTIVE");
    placed["flavor"] =
        json!({"vcpus": 4, "ram": 2048, "disk": 10, "ephemeral": 0, "swap": 0, "extra_specs": {}});
    placed["metadata"] = json!({"fermata:lead_time": "10m"});
    placed["pinned_availability_zone"] = json!("nova");
    let mut nowhere = server("s2", "", "SHELVED_OFFLOADED");
    nowhere["OS-EXT-SRV-ATTR:host"] = json!(null);
    json!({"servers": [placed, nowhere]})
}

async fn placement(fake: &Fake) {
    let version = || header("openstack-api-version", "placement 1.14");
    let provider = |id: &str, name: &str, root: &str| json!({"uuid": id, "name": name, "generation": 1, "root_provider_uuid": root});
    let providers = json!({"resource_providers": [
        provider(PROVIDER, "node1", PROVIDER), provider(NUMA, "node1_numa0", PROVIDER),
        provider("aa1b2c3d-0000-4000-8000-000000000003", "elsewhere", "aa1b2c3d-0000-4000-8000-000000000003"),
    ]});
    fake.nova(get_placement("/resource_providers").and(version()), ok(providers), 1).await;
    let class = |total: u64, reserved: u64, ratio: f64| json!({"total": total, "reserved": reserved, "min_unit": 1, "max_unit": total, "step_size": 1, "allocation_ratio": ratio});
    for (id, inventories, traits) in [
        (
            PROVIDER,
            json!({"VCPU": class(2, 0, 4.0), "MEMORY_MB": class(4096, 512, 1.0), "DISK_GB": class(100, 0, 1.0)}),
            json!(["HW_CPU_X86_VMX"]),
        ),
        (NUMA, json!({"CUSTOM_FPGA": class(2, 0, 1.0)}), json!(["CUSTOM_FAST"])),
    ] {
        let path = format!("/resource_providers/{id}");
        let inventories = json!({"inventories": inventories, "resource_provider_generation": 1});
        let of = |what: &str| get_placement(&format!("{path}/{what}")).and(version());
        fake.nova(of("inventories"), ok(inventories), 1).await;
        let traits = json!({"traits": traits, "resource_provider_generation": 1});
        fake.nova(of("traits"), ok(traits), 1).await;
    }
}

fn amounts(site: &Site) -> BTreeMap<&str, u64> {
    let amounts = &site.hosts[0].inventory.amounts;
    amounts.iter().map(|(class, amount)| (class.as_str(), *amount)).collect()
}

#[tokio::test]
async fn everything_is_joined() {
    let fake = Fake::start().await;
    nova(&fake, servers()).await;
    placement(&fake).await;
    let mut config = fake.config();
    config.page_size = 2;
    let site = OpenStackCloud::new(config).unwrap().site().await.unwrap();

    let [host] = site.hosts.as_slice() else { panic!("{:?}", site.hosts) };
    assert_eq!(host.host.name, "h1".into());
    assert_eq!(host.host.capacity.vcpus, 2);
    let expected = [("CUSTOM_FPGA", 2), ("DISK_GB", 100), ("MEMORY_MB", 3584), ("VCPU", 8)];
    assert_eq!(amounts(&site), BTreeMap::from(expected));
    let traits = ["CUSTOM_FAST", "HW_CPU_X86_VMX"].map(str::to_owned);
    assert_eq!(host.inventory.traits, BTreeSet::from(traits));
    let disks = ["hdd", "nvme", "ssd"].map(str::to_owned);
    assert_eq!(host.inventory.aggregate_metadata["disk"], BTreeSet::from(disks));

    let [placed, nowhere] = site.servers.as_slice() else { panic!("{:?}", site.servers) };
    assert_eq!(
        (placed.flavor.vcpus, placed.flavor.memory_mib, placed.flavor.disk_gib),
        (4, 2048, 10)
    );
    assert_eq!(placed.metadata["fermata:lead_time"], "10m");
    assert_eq!(placed.pinned_zone.as_deref(), Some("nova"));
    assert_eq!(nowhere.host, None);

    let groups: Vec<_> = site.groups.iter().map(|g| (g.id.as_str(), g.policy)).collect();
    assert_eq!(
        groups,
        [
            ("g1", GroupAffinity::SoftAffinity),
            ("g2", GroupAffinity::AntiAffinity),
            ("g3", GroupAffinity::Affinity)
        ]
    );
    assert_eq!(site.groups[0].members, [ServerId::from("s1")]);
}

#[tokio::test]
async fn without_placement_there_is_what_hypervisors_have_and_what_is_in_use() {
    let fake = Fake::without_placement().await;
    nova(&fake, servers()).await;
    let captured = Captured::default();
    let subscriber = captured.subscriber(Level::WARN);
    let cloud = fake.cloud();
    let site = async { cloud.site().await }.with_subscriber(subscriber).await.unwrap();
    let expected = [("DISK_GB", 100), ("MEMORY_MB", 4096), ("VCPU", 4)];
    assert_eq!(amounts(&site), BTreeMap::from(expected));
    assert_eq!(site.hosts[0].inventory.aggregate_metadata.len(), 2);
    assert!(
        captured.text().contains("Placement's inventories cannot be known"),
        "{}",
        captured.text()
    );
}

#[tokio::test]
async fn a_placement_that_is_forbidden_is_none() {
    let fake = Fake::start().await;
    nova(&fake, servers()).await;
    let forbidden = wiremock::ResponseTemplate::new(403).set_body_json(json!({"errors": [
        {"status": 403, "title": "Forbidden", "detail": "Access was denied to this resource."}]}));
    fake.nova(get_placement("/resource_providers"), forbidden, 1).await;
    let site = fake.cloud().site().await.unwrap();
    assert_eq!(amounts(&site)["VCPU"], 4);
}

#[tokio::test]
async fn a_placement_that_is_away_is_waited_for() {
    let fake = Fake::start().await;
    nova(&fake, servers()).await;
    let away = wiremock::ResponseTemplate::new(503);
    fake.nova(get_placement("/resource_providers"), away, 1).await;
    let error = fake.cloud().site().await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn servers_whose_hosts_may_not_be_seen_are_no_site() {
    let fake = Fake::without_placement().await;
    let mut hidden = servers();
    hidden["servers"][0]["OS-EXT-SRV-ATTR:host"] = json!(null);
    nova(&fake, hidden).await;
    let error = fake.cloud().site().await.unwrap_err();
    assert_eq!(kind(&error), "rejected", "{error}");
}

#[tokio::test]
async fn an_older_nova_tells_of_no_pinned_zone_and_is_asked_once() {
    let fake = Fake::start().await;
    let list = || get("/servers/detail");
    let version =
        |version: &str| header("openstack-api-version", format!("compute {version}").as_str());
    let too_old = fault(406, "computeFault", "Version 2.96 is not supported by the API.");
    fake.nova(list().and(version("2.96")), too_old, 1).await;
    let page = json!({"servers": [server("a", "h1", "ACTIVE")]});
    fake.nova(list().and(version("2.69")), ok(page), 2).await;
    let service = json!({"binary": "nova-compute", "host": "h1", "id": "i", "status": "enabled", "state": "up"});
    fake.nova(get("/os-services"), ok(json!({"services": [service]})), 2).await;
    let cloud = fake.cloud();
    for _ in 0..2 {
        let servers = cloud.servers_on(&"h1".into()).await.unwrap();
        assert_eq!(servers[0].pinned_zone, None);
    }
}
