//! `fermata audit`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fermata_core::audit::{Anchor, Ends, Head, hash};

use crate::run;
use crate::site::{CORE_NETWORK, Site};

/// Some writes: a session that is created and deleted, and a policy.
async fn written() -> Site {
    let site = Site::start().await;
    let id = site.create("--host compute-b3 --for 1h --start-mode manual").await;
    site.run(&format!("session cancel {id} --reason not-today")).await.text();
    site.until(&format!("session get {id}"), |s| s["status"]["state"] == "SESSION_STATE_CANCELLED")
        .await;
    site.run(&format!("session delete {id}")).await.text();
    site.run(&format!("policy server put --project {CORE_NETWORK} amf-1-id --lead-time 5m"))
        .await
        .text();
    site
}

#[tokio::test]
async fn records_are_listed_and_filtered() {
    let site = written().await;
    let all = site.run("audit list").await.text();
    let actions: Vec<_> = all.lines().skip(1).map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(all.lines().count(), 5, "{all}");
    assert!(all.contains("PUT_SERVER_POLICY") && all.contains("not-today"), "{all} {actions:?}");
    let found =
        site.json("audit list --action delete-session --kind session --since 1h").await.json();
    let records = found["records"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{found}");
    assert_eq!(records[0]["sequence"], "3");
    assert_eq!(
        (&records[0]["role"], &records[0]["after_digest"]),
        (&"operator".into(), &"".into())
    );
    assert_eq!(found["head"]["sequence"], "4");
    let of_project = format!("audit list --project {CORE_NETWORK} --oldest-first --limit 1");
    let found = site.json(&of_project).await.json();
    assert_eq!(found["records"][0]["action"], "AUDIT_ACTION_PUT_SERVER_POLICY");
    assert_eq!(site.run("audit list --principal nobody").await.text(), "no records\n");
}

#[tokio::test]
async fn a_chain_that_was_tampered_with_is_found_and_the_record_named() {
    let site = written().await;
    let sound = site.json("audit verify").await.json();
    assert_eq!((&sound["sound"], &sound["last_sequence"]), (&true.into(), &4.into()), "{sound}");
    let kept = format!("4:{}", sound["last_hash"].as_str().unwrap());
    let text = site.run(&format!("audit verify --expect {kept}")).await.text();
    assert!(text.contains("4 records") && text.contains(&kept), "{text}");

    let named = async |expect: &str| {
        let ran = site.json(&format!("audit verify {expect}")).await;
        assert_eq!(ran.exit, 9, "{ran:?}");
        let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(found["sound"], false);
        found["fault"]["sequence"].as_u64().unwrap()
    };
    site.tamper("UPDATE audit_records SET reason = 'not-todax' WHERE sequence = 2").await;
    assert_eq!(named("").await, 2);
    let ran = site.run("audit verify").await;
    assert_eq!(ran.exit, 9);
    assert!(ran.stdout.contains("record 2 was changed"), "{ran:?}");
    assert!(ran.stderr.contains("back-up"), "{ran:?}");
    site.tamper("UPDATE audit_records SET reason = 'not-today' WHERE sequence = 2").await;
    site.run("audit verify").await.text();

    // Whoever cuts off the end, and knows how the end is noted, is found by what was kept elsewhere.
    site.tamper(
        "DELETE FROM audit_records WHERE sequence = 4; \
         UPDATE audit_chain SET last = 3, hash = (SELECT hash FROM audit_records WHERE sequence = 3)",
    )
    .await;
    site.run("audit verify").await.text();
    assert_eq!(named(&format!("--expect {kept}")).await, 4);
    let other = format!("--expect 3:{}", "00".repeat(32));
    assert_eq!(named(&other).await, 3);
    assert_eq!(site.run("audit verify --expect 3").await.exit, 2);
}

/// The first two of four records are deleted, as the retention does it.
async fn pruned(site: &Site) {
    let listed = site.json("audit list --oldest-first").await.json();
    let head = |i: usize| {
        let encoded = listed["records"][i]["hash"].as_str().unwrap();
        Head { sequence: i as u64 + 1, hash: STANDARD.decode(encoded).unwrap() }
    };
    let ends = Ends { anchor: Anchor::default(), head: head(3) };
    let (ends, record) = ends.prune(head(1), "store", 1_900_000_000_000_000);
    let blob = |bytes: &[u8]| format!("X'{}'", hash::hex(bytes));
    let (last, anchor) = (&ends.head, &ends.anchor);
    site.tamper(&format!(
        "DELETE FROM audit_records WHERE sequence <= 2; \
         INSERT INTO audit_records VALUES (5, {at}, 'fermata', 'administrator', 24, 5, '', 'store', '{}', \
         'older than the retention', X'', X'', {}, {hash}); \
         UPDATE audit_chain SET last = 5, hash = {hash}, pruned = 2, pruned_hash = {}, pruned_at = {at}",
        record.detail,
        blob(&record.previous),
        blob(&anchor.last.hash),
        at = record.at_micros,
        hash = blob(&last.hash),
    ))
    .await;
}

#[tokio::test]
async fn what_is_left_is_verified_from_what_went() {
    let site = written().await;
    let kept = site.json("audit verify").await.json();
    let kept = format!("4:{}", kept["last_hash"].as_str().unwrap());
    pruned(&site).await;
    let sound = site.json(&format!("audit verify --expect {kept}")).await.json();
    let of = |name: &str| sound[name].as_u64().unwrap();
    assert_eq!((of("records"), of("begins_after_sequence"), of("last_sequence")), (3, 2, 5));
    assert_eq!(sound["prune_time"], "2030-03-17T17:46:40Z");
    let text = site.run("audit verify").await.text();
    assert!(text.contains("3 records"), "{text}");
    assert!(text.contains("2 records older than the retention were deleted"), "{text}");
    // One that is gone cannot be compared; the last one that went can.
    let first = sound["begins_after_hash"].as_str().unwrap();
    site.run(&format!("audit verify --expect 2:{first}")).await.text();
    assert_eq!(site.run(&format!("audit verify --expect 1:{first}")).await.exit, 3);

    let named = async || {
        let ran = site.json("audit verify").await;
        assert_eq!(ran.exit, 9, "{ran:?}");
        let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        found["fault"]["sequence"].as_u64().unwrap()
    };
    site.tamper("UPDATE audit_chain SET pruned_hash = zeroblob(32)").await;
    assert_eq!(named().await, 3);
    // More is removed, and what is noted is made to fit: the record of the deletion says otherwise.
    site.tamper(
        "UPDATE audit_chain SET pruned = 3, pruned_hash = (SELECT hash FROM audit_records WHERE sequence = 3); \
         DELETE FROM audit_records WHERE sequence = 3",
    )
    .await;
    assert_eq!(named().await, 5);
}

#[tokio::test]
async fn an_export_is_verified_without_the_server() {
    let site = written().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let exported = async |options: &str, name: &str| {
        let ran = site.run(&format!("audit export {options}")).await;
        assert_eq!(ran.exit, 0, "{ran:?}");
        std::fs::write(file(name), &ran.stdout).unwrap();
        ran
    };
    let whole = exported("", "whole").await;
    assert_eq!(whole.stdout.lines().count(), 4);
    let last = whole.stderr.trim().rsplit_once(' ').unwrap().1.to_owned();
    assert!(whole.stderr.starts_with("records exported: 4; last 4:"), "{whole:?}");
    let third = serde_json::from_str::<serde_json::Value>(whole.stdout.lines().nth(2).unwrap());
    let at = third.unwrap()["time"].as_str().unwrap().to_owned();
    assert_eq!(exported(&format!("--until {at}"), "old").await.stdout.lines().count(), 2);
    exported("--after 2", "new").await;
    assert_eq!(exported("--after 4", "none").await.stderr, "records exported: 0\n");

    // Of a server that is not there.
    let verify = async |arguments: &str| {
        let line = format!("--server http://127.0.0.1:1 -o json audit verify {arguments}");
        run::run(&line.split(' ').collect::<Vec<_>>()).await
    };
    let sound = verify(&format!("--file {} --expect {last}", file("whole"))).await.json();
    assert_eq!((&sound["records"], &sound["last_sequence"]), (&4.into(), &4.into()));
    let both = format!("--file {} --file {}", file("old"), file("new"));
    assert_eq!(verify(&both).await.json()["records"], 4);
    let new = verify(&format!("--file {}", file("new"))).await.json();
    assert_eq!((&new["begins_after_sequence"], &new["records"]), (&2.into(), &2.into()));

    let named = async |arguments: &str, sequence: u64| {
        let ran = verify(arguments).await;
        assert_eq!(ran.exit, 9, "{ran:?}");
        let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(found["fault"]["sequence"], sequence, "{found}");
    };
    let lines: Vec<_> = whole.stdout.lines().collect();
    let with = |name: &str, text: String| {
        std::fs::write(file(name), text).unwrap();
        format!("--file {}", file(name))
    };
    named(&with("changed", whole.stdout.replace("not-today", "not-todax")), 2).await;
    named(&with("without", [lines[0], lines[1], lines[3]].join("\n")), 3).await;
    named(&format!("{} --expect {last}", with("cut", lines[..3].join("\n"))), 4).await;
    let ran = verify(&with("no", "{\"sequence\": \"x\"}".to_owned())).await;
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(ran.stderr.contains("line 1"), "{ran:?}");
}
