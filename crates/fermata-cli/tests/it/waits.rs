//! Several hosts at once, and waiting for them.

use serde_json::Value;

use crate::site::Site;

fn names(hosts: &Value) -> Vec<&str> {
    hosts["hosts"].as_array().unwrap().iter().map(|host| host["host"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn item_14_hosts_are_drained_together_and_given_back_together() {
    let site = Site::start().await;
    let drained = site
        .json(
            "host drain compute-b3 compute-b2 --reason fans --reply-period 1s --wait --within 60s",
        )
        .await
        .json();
    let session = drained["id"].as_str().unwrap();
    let held = site.json(&format!("session hosts {session} --state in-maintenance")).await.json();
    assert_eq!(names(&held).len(), 2, "{held}");
    let wait = format!("session wait {session} --within 60s --for");
    assert_eq!(site.run(&format!("{wait} in-maintenance --host compute-b2")).await.exit, 0);
    let unknown = site.run(&format!("{wait} in-maintenance --host compute-a1")).await;
    assert_eq!(unknown.exit, 3, "{unknown:?}");

    let released = site.json(&format!("host release --session {} --all", &session[..13])).await;
    assert_eq!(released.json()["id"], session);
    let completed = site.json(&format!("{wait} completed")).await.json();
    assert_eq!(completed["status"]["state"], "SESSION_STATE_COMPLETED");
}

#[tokio::test]
async fn item_14_the_exit_code_says_that_hosts_are_not_in_maintenance() {
    let site = Site::start().await;
    // Its owners are asked for five minutes.
    let late = site.json("host drain compute-a1 --reason fans --wait --within 1s").await;
    assert_eq!(late.exit, 10, "{late:?}");
    assert!(late.error()["message"].as_str().unwrap().contains("compute-a1 ("), "{late:?}");
    let session: Value = serde_json::from_str(&late.stdout).unwrap();
    let session = session["id"].as_str().unwrap();

    let people = site.run("host drain compute-b3 --reason fans --wait --within 1s").await;
    assert!(people.stderr.contains("owners have up to 5 min to reply"), "{people:?}");
    assert!(people.stderr.contains("`fermata session watch "), "{people:?}");

    assert_eq!(site.run("host undrain compute-a1").await.exit, 0);
    let never = site.run(&format!("session wait {session} --for in-maintenance")).await;
    assert_eq!(never.exit, 10, "{never:?}");
    assert!(never.stderr.contains("compute-a1 (SKIPPED)"), "{never:?}");
}

#[tokio::test]
async fn item_14_one_host_that_is_refused_does_not_keep_the_others() {
    let site = Site::start().await;
    let session = site.create("--host compute-b3 --host compute-b2 --for 1h --manual-start").await;
    let skip = format!("session skip-host {session} compute-b3 nowhere compute-b2");
    let guarded = site.run(&format!("{skip} --etag x")).await;
    assert_eq!(guarded.exit, 2, "{guarded:?}");
    let skipped = site.run(&format!("{skip} --request-id tonight")).await;
    assert_eq!(skipped.exit, 3, "{skipped:?}");
    let hosts = site.json(&format!("session hosts {session} --state skipped")).await.json();
    assert_eq!(names(&hosts).len(), 2, "{hosts}");
}

#[tokio::test]
async fn item_14_the_work_on_several_hosts_fails_is_tried_again_and_ends() {
    let site = Site::start().await;
    let drain =
        "host drain compute-b3 compute-b2 --reason fans --reply-period 1s --wait --within 60s";
    let session = site.json(drain).await.json()["id"].as_str().unwrap().to_owned();
    let on_both = async |change: &str| {
        let ran = site.run(&format!("session {change} {session} compute-b3 compute-b2")).await;
        assert_eq!(ran.exit, 0, "{change}: {ran:?}");
    };
    let both_are = async |state: &str| {
        let hosts = format!("session hosts {session} --state {state}");
        site.until(&hosts, |answer| names(answer).len() == 2).await
    };
    on_both("fail-host").await;
    both_are("maintenance-failed").await;
    on_both("retry-host").await;
    both_are("in-maintenance").await;
    on_both("complete-host").await;
    both_are("maintained").await;
}

#[tokio::test]
async fn item_14_hosts_are_released_without_naming_their_session() {
    let site = Site::start().await;
    let drain =
        "host drain compute-b3 compute-b2 --reason fans --reply-period 1s --wait --within 60s";
    let session = site.json(drain).await.json()["id"].as_str().unwrap().to_owned();
    let released = site.run("host release compute-b3 nowhere compute-b2 --reason done").await;
    assert_eq!(released.exit, 3, "one that is not there does not keep the others: {released:?}");
    assert!(released.stdout.contains(&session), "{released:?}");
    let completed = site.run(&format!("session wait {session} --for completed --within 60s")).await;
    assert_eq!(completed.exit, 0, "{completed:?}");
    let again = site.run("host release compute-b3 compute-b2").await;
    assert_ne!(again.exit, 0, "nobody holds them any more: {again:?}");
}

#[tokio::test]
async fn item_14_a_host_is_left_out_of_zones_and_aggregates() {
    let site = Site::start().await;
    for (chosen, wanted) in [
        ("--zone zone-b --exclude compute-b3", ["compute-b1", "compute-b2"]),
        ("--aggregate nvme --exclude compute-a2", ["compute-b2", "compute-b3"]),
    ] {
        let session = site.create(&format!("{chosen} --for 4h --manual-start")).await;
        let hosts = site.json(&format!("session hosts {session}")).await.json();
        let mut found = names(&hosts);
        found.sort_unstable();
        assert_eq!(found, wanted, "{chosen}");
        site.run(&format!("session cancel {session}")).await.text();
    }
}

#[tokio::test]
async fn item_14_a_host_is_left_out_of_what_is_chosen() {
    let site = Site::start().await;
    let all = site.json("host list").await.json()["hosts"].as_array().unwrap().len();
    let session = site.create("--all-hosts --exclude compute-a1 --for 4h --manual-start").await;
    let hosts = site.json(&format!("session hosts {session}")).await.json();
    assert_eq!(names(&hosts).len(), all - 1);
    assert!(!names(&hosts).contains(&"compute-a1"), "{hosts}");
    let create = "session create --reason x --for 4h --manual-start --host compute-a1";
    let wrong = site.run(&format!("{create} --exclude compute-a2")).await;
    assert_eq!(wrong.exit, 2, "{wrong:?}");
    let unknown = site.run(&format!("{create} --zone moon --exclude compute-a1")).await;
    assert_eq!(unknown.exit, 3, "{unknown:?}");
}

#[tokio::test]
async fn item_16_a_session_with_skipped_hosts_did_not_end_as_one_without() {
    let site = Site::start().await;
    let session = site
        .create(
            "--host compute-b3 --host compute-b2 --for 1h --manual-start --drain-reply-period 1s",
        )
        .await;
    site.run(&format!("session skip-host {session} compute-b3 compute-b2")).await.text();
    site.run(&format!("session start {session}")).await;
    let watched = site.run(&format!("session watch {session}")).await;
    assert_eq!(watched.exit, 11, "{watched:?}");
    assert!(watched.stderr.contains("compute-b2, compute-b3"), "{watched:?}");
    assert!(watched.stdout.contains("every host was skipped"), "{watched:?}");
    let waited = site.run(&format!("session wait {session} --for completed")).await;
    assert_eq!(waited.exit, 11, "{waited:?}");
    assert!(waited.stdout.contains("0 of 2 done, 2 skipped"), "{waited:?}");
    for view in ["get", "report"] {
        let shown = site.run(&format!("session {view} {session}")).await.text();
        assert!(!shown.contains("UNSPECIFIED") && !shown.contains('█'), "{shown}");
    }
    let listed = site.run("session list").await.text();
    assert!(listed.contains("0/2"), "{listed}");
}
