//! Hosts and the servers on them: lists of several pages, and answers that must not be believed.

use fermata_core::cloud::Cloud;
use fermata_openstack::OpenStackCloud;
use serde_json::{Value, json};
use wiremock::matchers::{query_param, query_param_is_missing};

use crate::fake::{Fake, fault, get, kind, ok, server};

fn next() -> Value {
    json!([{"rel": "next", "href": "http://nova/next"}])
}

#[tokio::test]
async fn servers_are_read_to_the_last_page() {
    let fake = Fake::start().await;
    let first = json!({"servers": [server("a", "h1", "ACTIVE"), server("b", "h1", "SHUTOFF")],
        "servers_links": next()});
    let second = json!({"servers": [server("c", "h1", "SOFT_DELETED")]});
    let page = || {
        get("/servers/detail")
            .and(query_param("all_tenants", "1"))
            .and(query_param("host", "h1"))
            .and(query_param("soft_deleted", "true"))
            .and(query_param("limit", "2"))
    };
    fake.nova(page().and(query_param_is_missing("marker")), ok(first), 1).await;
    fake.nova(page().and(query_param("marker", "b")), ok(second), 1).await;
    fake.has_service("h1").await;

    let mut config = fake.config();
    config.page_size = 2;
    let servers = OpenStackCloud::new(config).unwrap().servers_on(&"h1".into()).await.unwrap();
    let ids: Vec<&str> = servers.iter().map(|server| server.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn only_what_is_under_way_arrives() {
    let fake = Fake::start().await;
    let moves = |id: i64, server: &str, from: &str, to: &str, status: &str| {
        json!({"id": id, "uuid": id.to_string(), "instance_uuid": server, "status": status,
            "migration_type": "live-migration", "source_compute": from, "dest_compute": to})
    };
    let page = json!({"migrations": [moves(1, "comes", "h2", "h1", "running"),
        moves(2, "leaves", "h1", "h2", "running"), moves(3, "came", "h2", "h1", "completed"),
        moves(4, "stale", "h2", "h1", "running"), moves(5, "deleted", "h2", "h1", "preparing")]});
    let list = || get("/os-migrations").and(query_param("host", "h1"));
    let since = query_param("changes-since", "2026-03-01T07:59:30Z");
    fake.nova(list().and(since).and(query_param_is_missing("marker")), ok(page), 1).await;
    let last = json!({"migrations": []});
    fake.nova(list().and(query_param("marker", "5")), ok(last), 1).await;
    let mut comes = server("comes", "h2", "MIGRATING");
    comes["OS-EXT-STS:task_state"] = json!("migrating");
    fake.nova(get("/servers/comes"), ok(json!({"server": comes})), 1).await;
    let stale = json!({"server": server("stale", "h2", "ACTIVE")});
    fake.nova(get("/servers/stale"), ok(stale), 1).await;
    let gone = fault(404, "itemNotFound", "Instance deleted could not be found.");
    fake.nova(get("/servers/deleted"), gone, 1).await;
    let since = time::macros::datetime!(2026-03-01 08:00 UTC);
    let arriving = fake.cloud().arriving(&"h1".into(), since).await.unwrap();
    assert_eq!(arriving, ["comes".into()]);
}

#[tokio::test]
async fn hypervisors_are_read_to_an_empty_page_though_no_link_points_there() {
    let fake = Fake::start().await;
    let hypervisor = |id: &str, host: &str| {
        json!({"hypervisors": [{"id": id, "service": {"host": host}, "hypervisor_type": "QEMU",
            "hypervisor_version": 1, "vcpus": 8, "memory_mb": 1024, "local_gb": 10}]})
    };
    let list = || get("/os-hypervisors/detail");
    let pages = [
        (list().and(query_param_is_missing("marker")), hypervisor("1", "h1")),
        (list().and(query_param("marker", "1")), hypervisor("2", "h2")),
        (list().and(query_param("marker", "2")), json!({"hypervisors": []})),
    ];
    for (request, page) in pages {
        fake.nova(request, ok(page), 1).await;
    }
    let service = |host: &str| json!({"binary": "nova-compute", "host": host, "id": host, "status": "enabled", "state": "up"});
    let services = json!({"services": [service("h1"), service("h2")]});
    fake.nova(get("/os-services"), ok(services), 1).await;
    fake.nova(get("/os-aggregates"), ok(json!({"aggregates": []})), 1).await;
    let hosts = fake.cloud().hosts().await.unwrap();
    let vcpus: Vec<u32> = hosts.iter().map(|host| host.capacity.vcpus).collect();
    assert_eq!(vcpus, [8, 8]);
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_not_half_a_list() {
    let fake = Fake::start().await;
    let first = json!({"servers": [server("a", "h1", "ACTIVE")], "servers_links": next()});
    let list = || get("/servers/detail");
    fake.nova(list().and(query_param_is_missing("marker")), ok(first), 1).await;
    let gone = fault(400, "badRequest", "marker [a] not found");
    fake.nova(list().and(query_param("marker", "a")), gone, 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn a_list_that_does_not_go_on_is_not_read_for_ever() {
    let fake = Fake::start().await;
    let page = json!({"servers": [server("a", "h1", "ACTIVE")], "servers_links": next()});
    fake.nova(get("/servers/detail"), ok(page), 2).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn a_filter_that_nova_dropped_is_noticed() {
    let fake = Fake::start().await;
    let page = json!({"servers": [server("a", "h1", "ACTIVE"), server("b", "h2", "ACTIVE")]});
    fake.nova(get("/servers/detail"), ok(page), 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "rejected");
    assert!(error.to_string().contains("allow_all_filters"), "{error}");
}

#[tokio::test]
async fn a_host_whose_cell_is_down_is_not_an_empty_host() {
    let fake = Fake::start().await;
    fake.nova(get("/servers/detail"), ok(json!({"servers": []})), 1).await;
    let unknown =
        json!({"services": [{"binary": "nova-compute", "host": "h1", "status": "UNKNOWN"}]});
    fake.nova(get("/os-services"), ok(unknown), 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_not_an_empty_host() {
    let fake = Fake::start().await;
    fake.nova(get("/servers/detail"), ok(json!({"servers": []})), 1).await;
    fake.nova(get("/os-services"), ok(json!({"services": []})), 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "not found", "{error}");
}

#[tokio::test]
async fn an_answer_that_is_not_novas_is_not_an_empty_list() {
    let fake = Fake::start().await;
    fake.nova(get("/servers/detail"), ok(json!({})), 1).await;
    let error = fake.cloud().servers_on(&"h1".into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}
