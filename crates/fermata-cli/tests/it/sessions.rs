//! `fermata session`.

use crate::run::finish;
use crate::site::Site;

#[tokio::test]
async fn a_session_is_found_by_the_beginning_of_its_id() {
    let site = Site::start().await;
    let session = site.create("--host compute-b3 --for 1h --manual-start").await;
    let shown = site.run(&format!("session get {}", &session[..8])).await.text();
    assert!(shown.starts_with(&format!("session {session} SCHEDULED")), "{shown}");
    assert!(shown.contains("waits for  the operator"), "{shown}");

    site.create("--host compute-b2 --for 1h --manual-start").await;
    let shared = session.chars().next().unwrap();
    let ran = site.run(&format!("session get {shared}")).await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains(&session), "{ran:?}");
}

#[tokio::test]
async fn a_script_that_wants_names_gets_the_name_alone() {
    let site = Site::start().await;
    let create = "session create --reason test --host compute-b3 --for 1h --manual-start";
    let created = site.run(&format!("{create} -o name")).await.text();
    let session = site.json("session list").await.json()["sessions"][0]["id"].clone();
    assert_eq!(Some(created.trim_end()), session.as_str());
    for command in ["session get", "session start", "session pause"] {
        let shown = site.run(&format!("{command} {} -o name", created.trim_end())).await.text();
        assert_eq!(shown, created, "{command}");
    }
    assert_eq!(site.run("host get compute-a1 -o name").await.text(), "compute-a1\n");
}

#[tokio::test]
async fn a_session_is_what_was_asked_for() {
    let site = Site::start().await;
    let session = site
        .create(
            "--host compute-b3 --aggregate nvme --start +1h --for 2h --retire compute-b3 \
             --metadata release=2026.2 --lead-time 90s --on-silence hold --on-failure continue \
             --max-parallel-hosts 2 --action-attempts 5",
        )
        .await;
    let session = site.json(&format!("session get {session}")).await.json();
    let spec = &session["spec"];
    assert_eq!(spec["hosts"]["aggregates"][0], "nvme");
    assert_eq!(spec["host_overrides"][0]["kind"], "MAINTENANCE_KIND_RETIREMENT");
    assert_eq!(spec["metadata"]["release"], "2026.2");
    assert_eq!(spec["lead_time"], "90s");
    assert_eq!(spec["on_silence"], "ON_SILENCE_HOLD");
    assert_eq!(spec["on_failure"], "ON_FAILURE_CONTINUE");
    assert_eq!((&spec["max_parallel_hosts"], &spec["action_attempts"]), (&2.into(), &5.into()));
    assert_eq!(session["status"]["progress"]["hosts_total"], 3);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let site = Site::start().await;
    let session = site
        .create("--host compute-b3 --start +1h --for 2h --lead-time 90s --work-timeout 1h")
        .await;
    let before = site.json(&format!("session get {session}")).await.json();
    site.run(&format!(
        "session update {session} --start +30m --drain-timeout 10m --unset lead_time"
    ))
    .await
    .text();
    let after = site.json(&format!("session get {session}")).await.json();
    assert_eq!(after["spec"]["drain_timeout"], "600s");
    assert_eq!(after["spec"]["work_timeout"], "3600s");
    assert_ne!(after["spec"]["lead_time"], "90s");
    let window = |session: &serde_json::Value, end: &str| session["spec"]["window"][end].clone();
    assert_eq!(window(&after, "end_time"), window(&before, "end_time"));
    assert_ne!(window(&after, "start_time"), window(&before, "start_time"));
}

#[tokio::test]
async fn an_update_changes_single_entries_of_the_metadata() {
    let site = Site::start().await;
    let session = site
        .create(
            "--host compute-b3 --start +1h --for 2h --metadata a=1 --metadata b.c=2 --metadata d=3",
        )
        .await;
    site.run(&format!(
        "session update {session} --metadata b.c=4 --metadata e=5 --unset metadata.d"
    ))
    .await
    .text();
    let after = site.json(&format!("session get {session}")).await.json();
    assert_eq!(after["spec"]["metadata"], serde_json::json!({"a": "1", "b.c": "4", "e": "5"}));
    let both = site.run(&format!("session update {session} --metadata a=1 --unset metadata")).await;
    assert_eq!(both.exit, 2, "{both:?}");
}

#[tokio::test]
async fn a_watch_of_a_cancelled_session_is_7() {
    let site = Site::start().await;
    let session = site.create("--host compute-b3 --for 1h --manual-start").await;
    let watch = site.spawn(&format!("session watch {session}"));
    site.run(&format!("session cancel {session} --reason rain")).await.text();
    let ran = finish(watch).await;
    assert_eq!(ran.exit, 7, "{ran:?}");
    assert!(ran.stdout.contains("CANCELLED (rain)"), "{ran:?}");
    assert_eq!(site.run(&format!("session delete {session}")).await.exit, 0);
    assert_eq!(site.run(&format!("session get {session}")).await.exit, 3);
}

#[tokio::test]
async fn a_session_runs_by_hand_to_its_report() {
    let site = Site::start().await;
    let hosts = "--host compute-b3 --host compute-b1 --drain-reply-period 1s";
    let session = site.create(&format!("{hosts} --for 1h --manual-start")).await;
    let watch = site.spawn(&format!("session watch {session}"));
    site.run(&format!("session start {session}")).await.text();
    let get = format!("session hosts {session}");
    for host in ["compute-b3", "compute-b1"] {
        site.until(&get, |listed| {
            let hosts = listed["hosts"].as_array().unwrap();
            hosts.iter().any(|known| {
                known["host"] == host && known["state"] == "SESSION_HOST_STATE_IN_MAINTENANCE"
            })
        })
        .await;
        site.run(&format!("session complete-host {session} {host}")).await.text();
    }
    let watched = finish(watch).await.text();
    assert!(watched.contains("compute-b1    IN_MAINTENANCE"), "{watched}");
    assert!(watched.contains("upf-2         MOVED LIVE_MIGRATE"), "{watched}");
    assert!(watched.contains("session hosts 2 of 2 done"), "{watched}");

    let shown = site.run(&format!("session get {session}")).await.text();
    assert!(shown.contains("compute-b1  MAINTAINED"), "{shown}");
    let servers = site.run(&format!("session servers {session} --host compute-b1")).await.text();
    assert!(servers.contains("upf-2"), "{servers}");
    let report = site.run(&format!("session report {session}")).await.text();
    assert!(report.starts_with(&format!("session {session} COMPLETED")), "{report}");
    assert!(report.contains("session default"), "{report}");
    let report = site.json(&format!("session report {session}")).await.json();
    assert_eq!(report["hosts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn item_6_the_report_has_what_owners_said_before() {
    let site = Site::start().await;
    let session = site.create("--host compute-a1 --for 4h --manual-start").await;
    let asked = site.json(&format!("session owners {session}")).await.json();
    let asked = &asked["notifications"][0];
    let text = |field: &str| asked[field].as_str().unwrap().to_owned();
    let (id, project) = (text("notification_id"), text("project_id"));
    for reason in ["busy", "the-quarter-ends"] {
        site.run(&format!("owner reply --project {project} {id} --reject {reason}")).await.text();
    }
    site.run(&format!("owner reply --project {project} {id} --accept live-migrate")).await.text();

    let shown = site.run(&format!("session report {session}")).await.text();
    for said in ["busy", "the-quarter-ends", "objects no more", "accepted"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let wide = site.run(&format!("session owners {session} -o wide")).await.text();
    assert!(wide.contains("BEFORE") && wide.contains("objected: busy"), "{wide}");
    let report = site.json(&format!("session report {session}")).await.json();
    let listed = site.json(&format!("session owners {session}")).await.json();
    assert_eq!(report["notifications"], listed["notifications"]);
    let exported = site.run(&format!("session export {session}")).await.text();
    let line: serde_json::Value = serde_json::from_str(&exported).unwrap();
    assert!(line["report"]["notifications"].as_array().is_none_or(Vec::is_empty));
    assert!(line["notifications"].to_string().contains("the-quarter-ends"), "{line}");
}

#[tokio::test]
async fn sessions_that_are_over_are_exported_with_what_owners_were_asked() {
    let site = Site::start().await;
    assert_eq!(site.run("session export").await.stderr, "sessions exported: 0\n");
    let over = site.create("--host compute-a1 --host compute-b3 --for 4h --manual-start").await;
    let open = site.create("--host compute-b2 --for 4h --manual-start").await;
    site.run(&format!("session cancel {over} --reason postponed --yes")).await.text();
    site.until(&format!("session get {over}"), |shown| {
        shown["status"]["state"] == "SESSION_STATE_CANCELLED"
    })
    .await;

    let ran = site.run("session export").await;
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, "sessions exported: 1\n"), "{ran:?}");
    let line: serde_json::Value = serde_json::from_str(ran.stdout.trim_end()).unwrap();
    assert_eq!(line["report"]["session"]["id"], over);
    assert_eq!(line["report"]["hosts"].as_array().unwrap().len(), 2);
    let asked = line["notifications"].as_array().unwrap();
    assert!(asked.iter().all(|asked| asked["project_id"] != ""), "{line}");
    assert!(!asked.is_empty(), "{line}");

    assert_eq!(site.run("session export --until 1h").await.stderr, "sessions exported: 0\n");
    let named = site.run(&format!("session export {open} {}", &over[..12])).await;
    assert_eq!(named.stdout.lines().count(), 2, "{named:?}");
    assert_eq!(site.run("session export 019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47").await.exit, 3);
}

#[tokio::test]
async fn item_17_a_window_that_owners_can_use_up_is_refused_with_the_arithmetic() {
    let site = Site::start().await;
    // Ten minutes for the announcement, and five for the drain.
    let create = "session create --reason x --host compute-a1 --for 14m";
    let periods = "--announce-reply-period 10m --drain-reply-period 5m";
    let refused = site.json(&format!("{create} {periods}")).await;
    assert_eq!(refused.exit, 2, "{refused:?}");
    let arithmetic = |ran: &crate::run::Ran| {
        let error = ran.error();
        assert_eq!(error["reason"], "WINDOW_INVALID", "{ran:?}");
        let wrong = &error["field_violations"][0];
        assert_eq!(wrong["field"], "spec.window.end_time", "{ran:?}");
        let text = wrong["description"].as_str().unwrap().to_owned();
        assert!(text.contains("too early: owners may reply until "), "{text}");
        text
    };
    let text = arithmetic(&refused);
    assert!(
        text.starts_with("is 1m"),
        "a minute and a second, or less if the clock went on: {text}"
    );
    assert_eq!(site.run("session list").await.text(), "no sessions\n", "nothing is created");

    let session = site.create(&format!("--host compute-a1 --for 4h {periods}")).await;
    let refused = site.json(&format!("session update {session} --for 14m")).await;
    assert_eq!(refused.exit, 2, "{refused:?}");
    arithmetic(&refused);
    let kept = site.json(&format!("session get {session}")).await.json();
    assert_eq!(kept["status"]["state"], "SESSION_STATE_SCHEDULED", "{kept}");
    let longer = format!("session update {session} --for 3h");
    assert_eq!(site.run(&longer).await.exit, 0, "one that is long enough is taken");
}
