//! What the first users missed in the command: hosts enabled and disabled, and projects by their names.

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::site::{CORE_NETWORK, Site};

#[tokio::test]
async fn hosts_are_disabled_and_enabled_and_what_was_is_told() {
    let site = Site::start().await;
    let ran = site.run("host disable compute-b3 compute-b2 --reason fan").await;
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout.matches("DISABLED").count(), 2, "{}", ran.stdout);
    let shown = site.run("host get compute-b3").await.text();
    assert!(shown.contains("fermata operator: fan"), "{shown}");
    let listed = site.run("host list --state disabled -o name").await.text();
    assert_eq!(listed, "compute-b2\ncompute-b3\n");
    let ran = site.run("host enable compute-b3 compute-9 compute-b2").await;
    assert_eq!(ran.exit, 3, "one that is not there does not keep the others: {ran:?}");
    assert!(ran.stderr.contains("compute-b3 was disabled: fermata operator: fan"), "{ran:?}");
    assert_eq!(ran.stdout.matches("ENABLED").count(), 2, "{ran:?}");
    let without = site.run("host disable compute-b3").await;
    assert_eq!(without.exit, 2, "a reason is what everybody sees: {without:?}");
}

#[tokio::test]
async fn a_host_that_a_session_holds_is_not_switched_and_the_command_that_ends_it_is_told() {
    let site = Site::start().await;
    let session = site.json("host drain compute-b3 --reason fan").await.json();
    let id = session["id"].as_str().unwrap();
    site.until("host list --state in-maintenance", |answer| {
        answer["hosts"][0]["name"] == "compute-b3"
    })
    .await;
    let ran = site.run("host enable compute-b3").await;
    assert_ne!(ran.exit, 0);
    assert!(ran.stderr.contains(id), "{}", ran.stderr);
    assert!(ran.stderr.contains("fermata session complete-host"), "{}", ran.stderr);
}

#[tokio::test]
async fn projects_are_given_by_name_and_shown_beside_their_ids() {
    let site = Site::start().await;
    let servers = site.run("host servers compute-a1 -o wide").await.text();
    assert!(servers.lines().next().unwrap().contains("PROJECT NAME"), "{servers}");
    let amf = servers.lines().find(|line| line.starts_with("amf-1")).unwrap();
    assert!(amf.contains(&format!("{CORE_NETWORK}  core-network")), "{servers}");
    let made = site.run("owner subscribe vnfm --project core-network").await;
    assert_eq!((made.exit, made.stderr.as_str()), (0, ""), "nothing to be warned of: {made:?}");
    let subscriptions = site.json("owner subscriptions").await.json();
    assert_eq!(subscriptions["subscriptions"][0]["project_id"], CORE_NETWORK);
    let listed = site.run("owner subscriptions --project core-network").await.text();
    assert!(listed.contains("core-network"), "{listed}");
    let none = site.run("owner subscribe vnfm --project nobody").await;
    assert!(none.stderr.contains("no server in the cloud belongs to project nobody"), "{none:?}");

    let session = site.create("--host compute-a1 --for 4h").await;
    let owners = site.run(&format!("session owners {session} --project ims -o wide")).await.text();
    assert_eq!(owners.lines().count(), 2, "{owners}");
    assert!(owners.contains("ims"), "{owners}");
    let shown = site.run(&format!("session get {session}")).await.text();
    assert!(shown.contains(&format!("owner core-network ({CORE_NETWORK})")), "{shown}");
    let asked = site.json(&format!("owner list --project {CORE_NETWORK}")).await.json();
    let asked = asked["notifications"][0]["id"].as_str().unwrap().to_owned();
    let shown = site.run(&format!("owner get {asked} --project core-network")).await.text();
    assert!(shown.contains(&format!("project    core-network ({CORE_NETWORK})")), "{shown}");
    let trail = site.run("audit list --project core-network -o wide").await.text();
    assert!(trail.contains(&format!("{CORE_NETWORK}  core-network  ")), "{trail}");
    let plan = site.run("session preview --host compute-b1 --for 8h").await.text();
    assert!(plan.contains("OWNER NAME") && plan.contains("core-network"), "{plan}");
}

#[tokio::test]
async fn item_10_a_project_that_the_cloud_does_not_know_is_told_of() {
    let site = Site::start().await;
    let session = site.create("--host compute-a1 --for 4h --manual-start").await;
    let note = "note: the cloud knows no project typo\n";
    for listing in [
        "owner list".to_owned(),
        "owner subscriptions".to_owned(),
        "policy server list".to_owned(),
        "policy group list".to_owned(),
        format!("session servers {session}"),
        format!("session owners {session}"),
        "audit list".to_owned(),
    ] {
        let ran = site.run(&format!("{listing} --project typo")).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, note), "{listing}: {ran:?}");
        let ran = site.run(&format!("{listing} --project core-network")).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{listing}: {ran:?}");
    }
    let ran = site.json("owner list --project typo").await;
    let told: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(told["note"], "the cloud knows no project typo", "{ran:?}");

    let mut watching = site.spawn("owner watch --project typo");
    let mut lines = BufReader::new(watching.stderr.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some(note.trim_end()));
}
