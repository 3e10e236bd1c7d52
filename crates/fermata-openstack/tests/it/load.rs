//! How much is asked of Nova and Placement: seldom what changes seldom, nothing while they ask to wait.

use fermata_core::cloud::CloudError;
use fermata_core::cloud::{Cloud, OutageKind, Scheduling};
use fermata_openstack::OpenStackCloud;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{method, path_regex, query_param, query_param_is_missing};
use wiremock::{Mock, ResponseTemplate};

use crate::fake::{Fake, get, get_placement, kind, ok, server};

/// How often the server looks at all hosts in a minute, and at one that is held.
const LOOKS: usize = 12;
const LOOKS_AT_ONE: usize = 6;

/// Two hosts that are up and one that is down, with two servers on it.
async fn nova(fake: &Fake) {
    let service = |host: &str, state: &str| {
        json!({"binary": "nova-compute", "host": host, "id": host, "zone": "nova",
        "status": "enabled", "state": state, "disabled_reason": null})
    };
    let all =
        json!({"services": [service("h1", "up"), service("h2", "up"), service("h3", "down")]});
    let services = || get("/os-services");
    let mount = |request: wiremock::MockBuilder, answer: Value| {
        request.respond_with(ok(answer)).mount(&fake.server)
    };
    mount(services().and(query_param_is_missing("host")), all).await;
    mount(services().and(query_param("host", "h1")), json!({"services": [service("h1", "up")]}))
        .await;
    let hypervisor = |id: &str, servers: u32| {
        json!({"id": id, "hypervisor_hostname": id, "service": {"host": id},
        "vcpus": 8, "memory_mb": 1024, "local_gb": 10, "hypervisor_type": "QEMU", "running_vms": servers})
    };
    let hypervisors = || get("/os-hypervisors/detail");
    mount(hypervisors().and(query_param("marker", "h3")), json!({"hypervisors": []})).await;
    let all =
        json!({"hypervisors": [hypervisor("h1", 3), hypervisor("h2", 0), hypervisor("h3", 9)]});
    mount(hypervisors().and(query_param_is_missing("marker")), all).await;
    mount(get("/os-aggregates"), json!({"aggregates": [{"name": "ssd", "hosts": ["h1"]}]})).await;
    let on_h3 = json!({"servers": [server("a", "h3", "ACTIVE"), server("b", "h3", "SHUTOFF")]});
    mount(get("/servers/detail").and(query_param("host", "h3")), on_h3).await;
    let everywhere =
        json!({"servers": [server("a", "h3", "ACTIVE"), server("b", "h3", "SHUTOFF")]});
    mount(get("/servers/detail").and(query_param_is_missing("host")), everywhere).await;
    mount(get("/os-server-groups"), json!({"server_groups": []})).await;
    Mock::given(method("PUT"))
        .and(path_regex("^/compute/v2.1/os-services/"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&fake.server)
        .await;
}

/// How often each path of Nova and Placement was asked for.
async fn calls(fake: &Fake) -> Vec<String> {
    let all = fake.server.received_requests().await.unwrap();
    let paths = all.iter().map(|request| request.url.path().to_owned());
    paths.filter(|path| path.starts_with("/compute") || path.starts_with("/placement")).collect()
}

#[tokio::test]
async fn a_minute_of_an_idle_site_is_a_look_at_the_services() {
    let fake = Fake::start().await;
    nova(&fake).await;
    let mut config = fake.config();
    config.hosts_max_age = Duration::from_secs(3600);
    let cloud = OpenStackCloud::new(config).unwrap();
    let hosts = cloud.hosts().await.unwrap();
    let counts: Vec<u32> = hosts.iter().map(|host| host.servers).collect();
    assert_eq!(counts, [3, 0, 2], "of the host that is down they were counted");
    assert_eq!(hosts[0].aggregates, ["ssd"]);
    // Services, two pages of hypervisors, aggregates, the servers on h3.
    assert_eq!(calls(&fake).await.len(), 5);
    for _ in 1..LOOKS {
        assert_eq!(cloud.hosts().await.unwrap(), hosts);
    }
    assert_eq!(calls(&fake).await.len(), 5, "the services are not too old");

    // As if the services were too old each time.
    let fake = Fake::start().await;
    nova(&fake).await;
    let mut config = fake.config();
    config.hosts_max_age = Duration::ZERO;
    let cloud = OpenStackCloud::new(config).unwrap();
    for _ in 0..LOOKS {
        cloud.hosts().await.unwrap();
    }
    let calls = calls(&fake).await;
    let services = calls.iter().filter(|path| path.ends_with("/os-services")).count();
    assert_eq!((services, calls.len()), (LOOKS, LOOKS + 4), "nothing else is read again");
    let all = fake.server.received_requests().await.unwrap();
    let with_servers = |request: &wiremock::Request| {
        request.url.query().is_some_and(|q| q.contains("with_servers"))
    };
    assert!(
        !all.iter().any(with_servers),
        "Nova looks servers up for one hypervisor after the other"
    );
}

#[tokio::test]
async fn a_host_that_is_held_costs_one_call_each_time() {
    let fake = Fake::start().await;
    nova(&fake).await;
    let cloud = fake.cloud();
    let first = cloud.host(&"h1".into()).await.unwrap();
    assert_eq!(
        (first.capacity.vcpus, first.servers, first.aggregates),
        (8, 3, vec!["ssd".to_owned()])
    );
    let before = calls(&fake).await.len();
    for _ in 0..LOOKS_AT_ONE {
        cloud.host(&"h1".into()).await.unwrap();
    }
    assert_eq!(calls(&fake).await.len(), before + LOOKS_AT_ONE);
    let error = cloud.host(&"h9".into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "nothing is mounted for it: {error}");
}

#[tokio::test]
async fn what_fermata_changes_is_seen_at_once() {
    let fake = Fake::start().await;
    nova(&fake).await;
    let cloud = fake.cloud();
    cloud.hosts().await.unwrap();
    let reason = "maintenance".to_owned();
    cloud.set_scheduling(&"h1".into(), &Scheduling::Disabled { reason }).await.unwrap();
    cloud.hosts().await.unwrap();
    let lists = fake.requests_to("/compute/v2.1/os-services").await;
    let whole = lists.iter().filter(|r| !r.url.query().unwrap_or_default().contains("host="));
    assert_eq!(whole.count(), 2);
}

#[tokio::test]
async fn placement_is_read_again_where_it_counted_a_change() {
    let fake = Fake::start().await;
    nova(&fake).await;
    let id = |number: u32| format!("aa1b2c3d-0000-4000-8000-00000000000{number}");
    let providers = |generation: u32| {
        let one = |number: u32, generation: u32| {
            json!({"uuid": id(number), "name": format!("h{number}"),
            "generation": generation, "root_provider_uuid": id(number)})
        };
        json!({"resource_providers": [one(1, 7), one(2, generation), one(3, 7)]})
    };
    let inventories = json!({"inventories": {"VCPU": {"total": 8, "allocation_ratio": 2.0}}, "resource_provider_generation": 1});
    Mock::given(path_regex("^/placement/resource_providers/.*/inventories$"))
        .respond_with(ok(inventories))
        .mount(&fake.server)
        .await;
    Mock::given(path_regex("^/placement/resource_providers/.*/traits$"))
        .respond_with(ok(json!({"traits": ["CUSTOM_A"]})))
        .mount(&fake.server)
        .await;
    let cloud = fake.cloud();
    for (generation, asked) in [(7, 1 + 6), (7, 1), (8, 1 + 2)] {
        let list = get_placement("/resource_providers").respond_with(ok(providers(generation)));
        let list = list.mount_as_scoped(&fake.server).await;
        let before = calls(&fake).await;
        let site = cloud.site().await.unwrap();
        assert!(site.hosts.iter().all(|host| host.inventory.amounts["VCPU"] == 16));
        let after = calls(&fake).await;
        let new = after[before.len()..].iter().filter(|path| path.starts_with("/placement"));
        assert_eq!(new.count(), asked, "generation {generation}");
        drop(list);
    }
}

#[tokio::test]
async fn a_nova_that_asks_to_wait_is_left_alone() {
    let fake = Fake::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "60");
    fake.nova(get("/servers/detail"), busy, 1).await;
    let cloud = fake.cloud();
    for expected in ["HTTP 429", "not called: Nova asked to be called again later (Retry-After)"] {
        let error = cloud.servers_on(&"h1".into()).await.unwrap_err();
        assert!(
            matches!(error, CloudError::Unavailable { kind: OutageKind::Overloaded, .. }),
            "{error}"
        );
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_nova_that_does_not_answer_is_tried_seldom() {
    let fake = Fake::start().await;
    get("/servers/detail").respond_with(ResponseTemplate::new(502)).mount(&fake.server).await;
    let cloud = fake.cloud();
    let mut last = String::new();
    for _ in 0..20 {
        last = cloud.servers_on(&"h1".into()).await.unwrap_err().to_string();
    }
    let asked = fake.requests_to("/compute/v2.1/servers/detail").await.len();
    // More only if the twenty took longer than the pauses.
    assert!((5..15).contains(&asked), "{asked}");
    assert!(last.contains("Nova did not answer") || last.contains("502"), "{last}");
}

#[tokio::test]
async fn a_look_at_servers_under_way_is_three_calls_however_many_there_are() {
    let fake = Fake::start().await;
    let ids: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
    let all: Vec<Value> = ids.iter().map(|id| server(id, "h1", "MIGRATING")).collect();
    get("/servers/detail").respond_with(ok(json!({"servers": all}))).mount(&fake.server).await;
    let migrations: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| json!({"id": number + 1, "uuid": format!("m{number}"), "instance_uuid": id,
            "status": "running", "migration_type": "live-migration", "source_compute": "h1", "dest_compute": "h2"}))
        .collect();
    let list = || get("/os-migrations");
    let last = list().and(query_param("marker", "m39"));
    last.respond_with(ok(json!({"migrations": []}))).mount(&fake.server).await;
    let first = list().and(query_param_is_missing("marker"));
    first.respond_with(ok(json!({"migrations": migrations}))).mount(&fake.server).await;
    let wanted: Vec<_> = ids.iter().map(|id| id.as_str().into()).collect();
    let since = time::macros::datetime!(2026-03-01 08:00 UTC);
    let seen = fake.cloud().progress(&wanted, since).await.unwrap();
    assert_eq!((seen.servers.len(), seen.migrations.len()), (40, 40));
    assert_eq!(calls(&fake).await.len(), 3);
}
