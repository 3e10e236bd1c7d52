//! Progress: one batch for all, and single reads only for what did not change.

use fermata_core::cloud::{Cloud, MigrationId, ServerSeen, ServerStatus};
use fermata_core::id::ServerId;
use serde_json::{Value, json};
use time::macros::datetime;
use wiremock::matchers::{query_param, query_param_is_missing};

use crate::fake::{Fake, fault, get, kind, ok, server};

fn migration(id: i64, server: &str, status: &str) -> Value {
    json!({"id": id, "uuid": format!("m{id}"), "instance_uuid": server, "status": status,
        "migration_type": "live-migration", "source_compute": "h1", "dest_compute": "h2"})
}

#[tokio::test]
async fn what_changed_comes_from_the_batch_and_the_rest_one_by_one() {
    let fake = Fake::start().await;
    // Half a minute before what is asked for, in whole seconds.
    let since = "2026-03-01T11:59:30Z";
    let changed = json!({"servers": [
        server("moved", "h2", "ACTIVE"),
        server("deleted", "h1", "DELETED"),
        server("of-nobody-here", "h1", "ACTIVE"),
    ]});
    let servers = get("/servers/detail")
        .and(query_param("all_tenants", "1"))
        .and(query_param("changes-since", since));
    fake.nova(servers, ok(changed), 1).await;
    let migrations = || get("/os-migrations").and(query_param("changes-since", since));
    let newest_first = json!({"migrations": [
        migration(3, "moved", "completed"),
        migration(2, "of-nobody-here", "error"),
        migration(1, "moved", "error"),
    ]});
    fake.nova(migrations().and(query_param_is_missing("marker")), ok(newest_first), 1).await;
    fake.nova(migrations().and(query_param("marker", "m1")), ok(json!({"migrations": []})), 1)
        .await;
    fake.nova(get("/servers/still"), ok(json!({"server": server("still", "h1", "SHUTOFF")})), 1)
        .await;
    let gone = fault(404, "itemNotFound", "Instance purged could not be found.");
    fake.nova(get("/servers/purged"), gone, 1).await;

    let asked: Vec<ServerId> =
        ["moved", "still", "deleted", "purged", "moved"].map(ServerId::from).into();
    let found = fake.cloud().progress(&asked, datetime!(2026-03-01 12:00:00.9 UTC)).await.unwrap();

    let numbers: Vec<MigrationId> = found.migrations.iter().map(|found| found.id).collect();
    assert_eq!(numbers, [MigrationId(1), MigrationId(3)]);
    let mut servers: Vec<(String, Option<ServerStatus>)> = found
        .servers
        .into_iter()
        .map(|seen| match seen {
            ServerSeen::Present(server) => (server.id.to_string(), Some(server.status)),
            ServerSeen::Gone(id) => (id.to_string(), None),
        })
        .collect();
    servers.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        servers,
        [
            ("deleted".to_owned(), None),
            ("moved".to_owned(), Some(ServerStatus::Active)),
            ("purged".to_owned(), None),
            ("still".to_owned(), Some(ServerStatus::Shutoff)),
        ]
    );
}

#[tokio::test]
async fn nothing_is_asked_about_nobody() {
    let fake = Fake::start().await;
    let found = fake.cloud().progress(&[], datetime!(2026-03-01 12:00 UTC)).await.unwrap();
    assert!(found.servers.is_empty());
    assert_eq!(fake.server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_proxy_that_lost_its_way_does_not_make_a_server_gone() {
    let fake = Fake::start().await;
    fake.nova(get("/os-migrations"), ok(json!({"migrations": []})), 1).await;
    fake.nova(get("/servers/detail"), ok(json!({"servers": []})), 1).await;
    let html = wiremock::ResponseTemplate::new(404).set_body_string("<html>not here</html>");
    fake.nova(get("/servers/a"), html, 1).await;
    let error =
        fake.cloud().progress(&["a".into()], datetime!(2026-03-01 12:00 UTC)).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}
