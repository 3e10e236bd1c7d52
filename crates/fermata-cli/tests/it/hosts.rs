//! `fermata host`.

use serde_json::json;

use crate::site::{CORE_NETWORK, Site};

#[tokio::test]
async fn hosts_are_listed_filtered_and_shown() {
    let site = Site::start().await;
    let table = site.run("host list --zone zone-b").await.text();
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.starts_with("HOST"), "{table}");

    let fast = site.json("host list --aggregate fast-ports --limit 2").await.json();
    let names: Vec<_> = fast["hosts"].as_array().unwrap().iter().map(|h| &h["name"]).collect();
    assert_eq!(names, [&json!("compute-a1"), &json!("compute-b1")]);

    let host = site.json("host get compute-b3").await.json();
    assert_eq!(host["state"], "HOST_STATE_ENABLED");
    assert_eq!(host["server_count"], 0);
    assert!(site.run("host get compute-b3").await.text().starts_with("compute-b3 ENABLED"));
}

#[tokio::test]
async fn colours_come_only_when_they_are_asked_for() {
    let site = Site::start().await;
    assert!(!site.run("host list").await.text().contains('\u{1b}'));
    assert!(site.run("host list --color always").await.text().contains('\u{1b}'));
}

#[tokio::test]
async fn a_host_is_emptied_on_request_and_released() {
    let site = Site::start().await;
    let watch = site
        .spawn("host request-maintenance compute-b3 --reason fan --for 1h --watch --output json");
    site.until("host list --state in-maintenance", |answer| {
        answer["hosts"][0]["name"] == "compute-b3"
    })
    .await;
    site.run("host release compute-b3 --reason done").await.text();
    let lines = crate::run::finish(watch).await.lines();
    assert_eq!(lines[0]["snapshot"]["session"]["spec"]["reason"], "fan");
    let last = lines.last().unwrap();
    assert_eq!(last["event"]["session"]["state"], "SESSION_STATE_COMPLETED", "{last}");
    let host = site.json("host get compute-b3").await.json();
    assert_eq!(host["state"], "HOST_STATE_ENABLED");
}

#[tokio::test]
async fn item_15_lists_are_shown_as_they_are_wanted() {
    let site = Site::start().await;
    let names = site.run("host list -o name").await;
    assert_eq!(names.stderr, "");
    let names = names.text();
    assert_eq!(names.lines().next(), Some("compute-a1"));
    assert_eq!(names.lines().count(), 6);
    let chosen = site.run("host list -c state,host --no-headers").await.text();
    assert_eq!(chosen.lines().next(), Some("ENABLED  compute-a1"));
    let wrong = site.run("host list -c colour").await;
    assert_eq!(wrong.exit, 2, "{wrong:?}");
    let wide = site.run("host list -o wide").await.text();
    assert!(wide.lines().next().unwrap().contains("AGGREGATES"), "{wide}");
    let yaml = site.run("host get compute-a1 -o yaml").await.text();
    assert!(yaml.starts_with("name: compute-a1\nstate: HOST_STATE_ENABLED\n"), "{yaml}");
    assert_eq!(site.run("session list -o name").await.text(), "");
}

#[tokio::test]
async fn item_14_a_host_is_shown_with_its_servers_and_their_owners() {
    let site = Site::start().await;
    let shown = site.run("host get compute-a1").await.text();
    let listed = site.json("host servers compute-a1").await.json();
    let servers = listed["servers"].as_array().unwrap();
    assert!(servers.iter().any(|s| s["name"] == "amf-1" && s["project_id"] == CORE_NETWORK));
    for server in servers {
        assert!(
            shown.contains(server["server_id"].as_str().unwrap()),
            "{server} is not in\n{shown}"
        );
        assert_eq!(server["status"], "ACTIVE");
    }
    assert_eq!(site.run("host servers compute-z9").await.exit, 3);
}
