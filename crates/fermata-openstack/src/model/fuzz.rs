//! Answers as no Nova, Placement or Keystone should give them: nothing may panic, and an odd record hides no other one.

use std::collections::BTreeSet;

use fermata_core::cloud::{Inventory, Migration, Server, ServerSeen};
use fermata_core::id::HostName;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::groups::ServerGroups;
use super::hosts::{Aggregates, Hypervisors, Services, join, nodes};
use super::migrations::Migrations;
use super::offers::{Inventories, Providers, Traits, add_provider, without_placement};
use super::servers::Servers;
use crate::paging::Page;

/// A site in the words of Nova and Placement.
fn site() -> Value {
    let uuid = |n: u32| format!("73313a2b-1b22-4470-9a30-{n:012}");
    json!({
        "services": [
            {"binary": "nova-compute", "disabled_reason": null, "host": "compute03", "id": uuid(1), "state": "up",
             "status": "enabled", "updated_at": "2026-11-23T09:25:50.000000", "zone": "north", "forced_down": false},
            {"binary": "nova-compute", "disabled_reason": "fermata: 1", "host": "compute04", "id": uuid(2), "state": "down",
             "status": "disabled", "zone": "south"},
            {"binary": "nova-compute", "host": "compute05", "status": "UNKNOWN"},
        ],
        "hypervisors": [
            {"id": uuid(3), "hypervisor_hostname": "compute03", "service": {"host": "compute03", "id": uuid(1)}, "state": "up",
             "hypervisor_type": "QEMU", "hypervisor_version": 7_002_000, "vcpus": 64, "memory_mb": 262_144, "local_gb": 2000, "running_vms": 1},
            {"id": uuid(4), "hypervisor_hostname": "compute04", "service": {"host": "compute04"}, "hypervisor_type": "QEMU"},
        ],
        "hypervisors_links": [{"rel": "next", "href": "http://nova/os-hypervisors?marker=4"}],
        "aggregates": [
            {"name": "fast", "hosts": ["compute03"], "metadata": {"availability_zone": "north", "filter_tenant_id": "a,b", "trait:X": "required"}},
            {"name": "all", "hosts": ["compute03", "compute04"], "metadata": {}},
        ],
        "servers": [
            {"id": uuid(5), "name": "b2", "status": "ACTIVE", "tenant_id": "d3987101de8e4125be2acb77c6b1d683", "hostId": "5d03",
             "flavor": {"vcpus": 1, "ram": 1024, "disk": 10, "ephemeral": 2, "swap": 1025, "original_name": "m1.small",
                "extra_specs": {"trait:CUSTOM_FAST": "required", "resources:CUSTOM_GPU": "2", "hw:cpu_policy": "dedicated"}},
             "image": {"id": uuid(6)}, "metadata": {"fermata:lead_time": "10m"}, "pinned_availability_zone": "north",
             "OS-EXT-SRV-ATTR:host": "compute03", "OS-EXT-STS:task_state": "migrating", "locked": false},
            {"id": uuid(7), "name": null, "status": "UNKNOWN", "tenant_id": "d3987101de8e4125be2acb77c6b1d683"},
        ],
        "servers_links": [{"rel": "next", "href": "http://nova/servers?marker=7"}],
        "migrations": [
            {"id": 42, "uuid": uuid(8), "instance_uuid": uuid(5), "migration_type": "live-migration", "status": "running",
             "source_compute": "compute03", "dest_compute": "compute04"},
            {"id": 41, "uuid": uuid(9), "instance_uuid": uuid(5), "migration_type": "migration", "status": "reverting",
             "source_compute": "compute04", "dest_compute": "compute03"},
        ],
        "server_groups": [
            {"id": uuid(10), "name": "db", "project_id": "d398", "policy": "anti-affinity", "rules": {"max_server_per_host": 2},
             "members": [uuid(5), uuid(7)]},
        ],
        "resource_providers": [
            {"uuid": uuid(11), "name": "compute03", "generation": 7, "root_provider_uuid": uuid(11), "parent_provider_uuid": null},
            {"uuid": uuid(12), "name": "compute03_PCI", "generation": 1, "root_provider_uuid": uuid(11)},
        ],
        "inventories": {"VCPU": {"total": 64, "reserved": 2, "allocation_ratio": 4.0}, "MEMORY_MB": {"total": 262_144, "reserved": 512}},
        "traits": ["CUSTOM_FAST", "HW_CPU_X86_AVX2"],
    })
}

/// What a part of the site is to Fermata, if it has the shape at all.
fn read<T: DeserializeOwned>(document: &Value) -> Option<T> {
    serde_json::from_value(document.clone()).ok()
}

fn entries<P: Page>(document: &Value) -> Vec<P::Entry> {
    let page: Option<P> = read(document);
    let pointed = page.as_ref().map(Page::has_next);
    let entries = page.map(Page::into_entries).unwrap_or_default();
    assert!(pointed.is_some() || entries.is_empty());
    entries
}

fn sites(cases: u32) {
    fuzzing::json(cases, site(), |document| {
        let (hypervisors, servers) =
            (entries::<Hypervisors>(&document), entries::<Servers>(&document));
        let seen: Vec<ServerSeen> =
            entries::<Servers>(&document).into_iter().map(Into::into).collect();
        let servers: Vec<Server> = servers.into_iter().map(Into::into).collect();
        assert_eq!(seen.len(), servers.len());
        let aggregates: Aggregates = read(&document).unwrap_or_default();
        let mut offers = aggregates.offers();
        if let Some(Services { services }) = read(&document) {
            let named = services.iter().filter(|service| !service.host.is_empty());
            let names: BTreeSet<String> = named.map(|service| service.host.clone()).collect();
            let hosts = join(services, &hypervisors, &aggregates);
            assert_eq!(hosts.len(), names.len());
            for host in &hosts {
                let _ = without_placement(host, &servers);
            }
        }
        for migration in entries::<Migrations>(&document) {
            let _ = (migration.is_of_something(), migration.ends_on(&HostName::from("compute03")));
            let _ = Migration::from(migration);
        }
        if let Some(ServerGroups { server_groups }) = read(&document) {
            server_groups.into_iter().for_each(|group| _ = group.into_group());
        }
        if let Some(providers) = read::<Providers>(&document) {
            let nodes = nodes(&hypervisors);
            let of_hosts = providers.of_hosts(&nodes);
            assert!(of_hosts.iter().all(|part| nodes.values().any(|host| *host == part.host)));
        }
        if let (Some(inventories), Some(traits)) =
            (read::<Inventories>(&document), read::<Traits>(&document))
        {
            let offer: &mut Inventory = offers.entry(HostName::from("compute03")).or_default();
            add_provider(offer, &inventories, &traits);
        }
        Ok(())
    });
}

/// One odd entry of a list leaves the others as they were.
fn neighbours(cases: u32) {
    let whole = site();
    let first: Vec<Server> = entries::<Servers>(&whole).into_iter().map(Into::into).collect();
    fuzzing::json(cases, whole["servers"][1].clone(), |odd| {
        let document = json!({"servers": [whole["servers"][0], odd]});
        let servers: Vec<Server> =
            entries::<Servers>(&document).into_iter().map(Into::into).collect();
        assert_eq!(servers.len(), 2);
        assert_eq!(servers[0], first[0]);
        Ok(())
    });
}

/// What stands in front of Nova answers with bytes of its own.
fn errors(cases: u32) {
    let corpus = [
        r#"{"itemNotFound": {"code": 404, "message": "Instance 1 could not be found."}}"#,
        r#"{"errors": [{"status": 400, "title": "Bad Request", "detail": "JSON does not validate", "request_id": "req-1"}]}"#,
        "<html><head><title>502 Bad Gateway</title></head><body>nginx/1.18</body></html>",
    ];
    fuzzing::bytes(cases, corpus.map(|text| text.as_bytes().to_vec()).to_vec(), |body| {
        let told = crate::errors::message_of(body);
        assert!(told.chars().count() <= 501);
        Ok(())
    });
}

fuzzing::targets! {
    sites: sites_for_a_moment, sites_for_long;
    neighbours: neighbours_for_a_moment, neighbours_for_long;
    errors: errors_for_a_moment, errors_for_long;
}
