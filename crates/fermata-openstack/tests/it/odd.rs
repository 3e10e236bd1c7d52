//! Records that are odd, cells that are lost, lists that may not be read: each costs what it would have told, and no more.

use fermata_core::cloud::{Cloud, ServerStatus};
use serde_json::{Value, json};
use tracing::Level;
use tracing::instrument::WithSubscriber;
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

use crate::fake::{Fake, fault, get, get_placement, kind, ok, server};
use crate::secrets::Captured;

fn service(host: &str) -> Value {
    json!({"binary": "nova-compute", "host": host, "id": host, "zone": "nova", "status": "enabled", "state": "up"})
}

fn hypervisor(host: &str) -> Value {
    json!({"id": host, "hypervisor_hostname": host, "service": {"host": host}, "vcpus": 8, "memory_mb": 4096,
        "local_gb": 100, "hypervisor_type": "QEMU"})
}

/// A site without Placement.
struct Answers {
    services: Value,
    hypervisors: Vec<Value>,
    aggregates: ResponseTemplate,
    servers: Vec<Value>,
    groups: ResponseTemplate,
}

impl Answers {
    fn of(hosts: &[&str], servers: Vec<Value>) -> Self {
        Self {
            services: hosts.iter().map(|host| service(host)).collect(),
            hypervisors: hosts.iter().map(|host| hypervisor(host)).collect(),
            aggregates: ok(json!({"aggregates": []})),
            servers,
            groups: ok(json!({"server_groups": []})),
        }
    }

    async fn mount(self, fake: &Fake) {
        let services = ok(json!({"services": self.services}));
        get("/os-services").respond_with(services).mount(&fake.server).await;
        let list = || get("/os-hypervisors/detail");
        let first = list().and(query_param_is_missing("marker"));
        first.respond_with(ok(json!({"hypervisors": self.hypervisors}))).mount(&fake.server).await;
        list().respond_with(ok(json!({"hypervisors": []}))).mount(&fake.server).await;
        get("/os-aggregates").respond_with(self.aggregates).mount(&fake.server).await;
        let servers = ok(json!({"servers": self.servers}));
        get("/servers/detail").respond_with(servers).mount(&fake.server).await;
        get("/os-server-groups").respond_with(self.groups).mount(&fake.server).await;
    }
}

#[tokio::test]
async fn one_odd_record_is_named_and_blocks_nothing() {
    let mut odd = server("73313a2b", "h2", "ACTIVE");
    odd["name"] = json!(null);
    odd["metadata"] = json!(null);
    odd["flavor"] = json!({"vcpus": 2, "ram": 2048, "disk": -1, "swap": "", "ephemeral": 1.5, "extra_specs": {"a": null}});
    let mut nameless = server("x", "h2", "ACTIVE");
    nameless["id"] = json!(null);
    let mut answers = Answers::of(
        &["h1", "h2"],
        vec![server("s1", "h1", "ACTIVE"), odd, nameless, json!("what")],
    );
    answers.hypervisors[1]["vcpus"] = json!("many");
    answers.aggregates = ok(
        json!({"aggregates": [{"name": "a", "hosts": ["h1", null], "metadata": {"ssd": true}}]}),
    );
    let fake = Fake::without_placement().await;
    answers.mount(&fake).await;
    let (cloud, log) = (fake.cloud(), Captured::default());
    let site =
        async { cloud.site().await }.with_subscriber(log.subscriber(Level::WARN)).await.unwrap();
    let ids: Vec<&str> = site.servers.iter().map(|server| server.id.as_str()).collect();
    assert_eq!(ids, ["s1", "73313a2b"]);
    assert_eq!((site.servers[1].flavor.disk_gib, site.servers[1].flavor.memory_mib), (2, 2048));
    assert_eq!(site.hosts.len(), 2);
    let notes = site.notes.join("\n");
    assert!(notes.contains("server \"73313a2b\" is odd: name is null"), "{notes}");
    let log = log.text();
    for part in [
        "kind=\"server\" id=\"73313a2b\"",
        "metadata is null",
        "flavor.ephemeral is 1.5",
        "kind=\"hypervisor\" id=\"h2\"",
        "hosts[] is null",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    // It is read every few seconds.
    let again = Captured::default();
    async { cloud.site().await }.with_subscriber(again.subscriber(Level::WARN)).await.unwrap();
    assert!(!again.text().contains("73313a2b"), "{}", again.text());
}

#[tokio::test]
async fn a_server_without_an_id_is_still_on_its_host() {
    let mut nameless = server("x", "h1", "ACTIVE");
    nameless["id"] = json!(null);
    let fake = Fake::start().await;
    let page = json!({"servers": [server("a", "h1", "ACTIVE"), nameless]});
    fake.nova(get("/servers/detail"), ok(page), 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert!(error.to_string().contains("a server on host h1 has no id"), "{error}");
}

#[tokio::test]
async fn a_lost_cell_is_no_target_and_no_reason_to_stop() {
    let lost = json!({"id": "far", "status": "UNKNOWN", "tenant_id": "p", "links": []});
    let mut answers = Answers::of(&["h1", "h2"], vec![server("s1", "h1", "ACTIVE"), lost]);
    answers
        .services
        .as_array_mut()
        .unwrap()
        .push(json!({"binary": "nova-compute", "host": "far1", "status": "UNKNOWN"}));
    let fake = Fake::without_placement().await;
    answers.mount(&fake).await;
    let cloud = fake.cloud();
    let site = cloud.site().await.unwrap();
    let up: Vec<(&str, bool)> =
        site.hosts.iter().map(|host| (host.host.name.as_str(), host.host.up)).collect();
    assert_eq!(up, [("far1", false), ("h1", true), ("h2", true)]);
    assert_eq!(site.servers[1].host, None);
    assert_eq!(site.servers[1].status, ServerStatus::Other("UNKNOWN".to_owned()));
    assert!(site.notes.iter().any(|note| note.contains("cell of far1")), "{:?}", site.notes);
    // Nobody may take it for empty.
    let error = cloud
        .set_scheduling(&"far1".into(), &fermata_core::cloud::Scheduling::Enabled)
        .await
        .unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn what_the_role_may_not_read_is_done_without() {
    let forbidden = || fault(403, "forbidden", "Policy doesn't allow it to be performed.");
    let mut answers = Answers::of(&["h1"], vec![server("s1", "h1", "ACTIVE")]);
    answers.groups = forbidden();
    answers.aggregates = forbidden();
    let fake = Fake::start().await;
    answers.mount(&fake).await;
    get_placement("/resource_providers").respond_with(forbidden()).mount(&fake.server).await;
    let cloud = fake.cloud();
    let site = cloud.site().await.unwrap();
    assert_eq!((site.servers.len(), site.groups.len()), (1, 0));
    assert_eq!(site.hosts[0].inventory.amounts["VCPU"], 8, "what the hypervisor has");
    let notes = site.notes.join("\n");
    for rule in [
        "os_compute_api:os-server-groups:index:all_projects",
        "os_compute_api:os-aggregates:index",
        "placement:resource_providers:list",
    ] {
        assert!(notes.contains(rule), "{rule}: {notes}");
    }
    assert_eq!(cloud.hosts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_plan_cannot_do_without_is_named() {
    let fake = Fake::start().await;
    let list = get("/os-services").and(query_param("binary", "nova-compute"));
    list.respond_with(fault(403, "forbidden", "no")).mount(&fake.server).await;
    let error = fake.cloud().site().await.unwrap_err();
    assert_eq!(kind(&error), "rejected");
    assert!(error.to_string().contains("os_compute_api:os-services:list"), "{error}");
}

#[tokio::test]
async fn a_placement_that_is_not_where_the_catalog_says_is_none() {
    let fake = Fake::start().await;
    Answers::of(&["h1"], vec![server("s1", "h1", "ACTIVE")]).mount(&fake).await;
    let lost = ResponseTemplate::new(404).set_body_string("<html>nothing</html>");
    get_placement("/resource_providers").respond_with(lost).mount(&fake.server).await;
    let site = fake.cloud().site().await.unwrap();
    assert_eq!(site.hosts[0].inventory.amounts["VCPU"], 8);
    let notes = site.notes.join("\n");
    assert!(notes.contains("placement_endpoint_override sets another one"), "{notes}");
}
