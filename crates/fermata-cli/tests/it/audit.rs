//! `fermata audit`.

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
