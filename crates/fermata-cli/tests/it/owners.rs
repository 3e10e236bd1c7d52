//! `fermata owner`.

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::site::{CORE_NETWORK, Site};

async fn pending(site: &Site) -> String {
    let list = format!("owner list --project {CORE_NETWORK} --state pending");
    let answer = site.until(&list, |answer| answer["notifications"][0]["id"].is_string()).await;
    answer["notifications"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_owner_takes_part_and_leaves() {
    let site = Site::start().await;
    let owner = |command: &str| format!("owner {command} --project {CORE_NETWORK} vnfm");
    let made = site.json(&format!("{} --name manager", owner("subscribe"))).await.json();
    let again = site.json(&format!("{} --name manager", owner("subscribe"))).await.json();
    assert_eq!((&made["id"], &made["etag"]), (&again["id"], &again["etag"]));
    let listed = site.run("owner subscriptions").await.text();
    assert!(listed.contains("vnfm") && listed.contains("manager"), "{listed}");
    assert!(listed.contains("never"), "no stream of it was open: {listed}");
    let acknowledged = site.json(&format!("{} 0", owner("ack"))).await.json();
    assert_eq!(acknowledged["id"], "vnfm");
    site.run(&owner("unsubscribe")).await.text();
    assert_eq!(site.run("owner subscriptions").await.text(), "no subscriptions\n");
}

#[tokio::test]
async fn an_owner_decides_for_each_server_by_its_name() {
    let site = Site::start().await;
    site.create("--host compute-a1 --for 1h --manual-start").await;
    let asked = pending(&site).await;
    let shown = site.run(&format!("owner get --project {CORE_NETWORK} {asked}")).await.text();
    assert!(shown.contains("DRAIN") || shown.contains("PLANNED PENDING"), "{shown}");
    assert!(shown.contains("answer with: fermata owner reply"), "{shown}");

    let reply = format!("owner reply --project {CORE_NETWORK} {asked}");
    let answered =
        site.json(&format!("{reply} --accept live-migrate --decision amf-1=MIGRATE")).await.json();
    assert_eq!(answered["state"], "NOTIFICATION_STATE_ANSWERED");
    let decision = |name: &str| {
        let servers = answered["servers"].as_array().unwrap();
        servers.iter().find(|server| server["name"] == name).unwrap()["decision"].clone()
    };
    assert_eq!(decision("amf-1"), "ACTION_MIGRATE");
    assert_eq!(decision("upf-1"), "ACTION_LIVE_MIGRATE");

    let rejected = site.json(&format!("{reply} --reject busy")).await.json();
    assert_eq!(rejected["state"], "NOTIFICATION_STATE_REJECTED");
}

#[tokio::test]
async fn an_answer_to_another_plan_is_6() {
    let site = Site::start().await;
    let session = site.create("--host compute-a1 --for 1h --manual-start").await;
    let asked = pending(&site).await;
    site.run(&format!("session update {session} --for 3h")).await.text();
    let reply = format!("owner reply --project {CORE_NETWORK} {asked} --accept");
    let ran = site.json(&format!("{reply} --plan-revision 1")).await;
    assert_eq!(ran.exit, 6, "{ran:?}");
    assert_eq!(ran.error()["reason"], "PLAN_REVISION_STALE");
    site.run(&format!("{reply} keep")).await.text();
}

#[tokio::test]
async fn an_owner_offers_another_time() {
    let site = Site::start().await;
    site.create("--host compute-a1 --for 3h --manual-start").await;
    let asked = pending(&site).await;
    let reply = format!("owner reply --project {CORE_NETWORK} {asked}");
    let offered = site.json(&format!("{reply} --not-before +1h --only amf-1")).await.json();
    assert!(offered["counter_offer"]["offer"]["not_before_time"].is_string(), "{offered}");
    let get = format!("owner get --project {CORE_NETWORK} {asked}");
    let judged = |answer: &serde_json::Value| {
        answer["counter_offer"]["state"] == "COUNTER_OFFER_STATE_ACCEPTED"
    };
    site.until(&get, judged).await;
    let shown = site.run(&get).await.text();
    assert!(shown.contains("you offer") && shown.contains("1 server not before"), "{shown}");
    assert!(shown.contains("ACCEPTED") && shown.contains("PENDING"), "{shown}");
    let wrong = site.json(&format!("{reply} --after nobody --only amf-1")).await;
    assert_eq!(wrong.exit, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("counter_offer.after_server_ids[0]"), "{wrong:?}");
}

#[tokio::test]
async fn item_11_ids_are_found_by_their_beginnings_with_and_without_dashes() {
    let site = Site::start().await;
    let session = site.create("--host compute-a1 --for 1h --manual-start").await;
    let asked = pending(&site).await;
    let get = |id: &str| format!("owner get --project {CORE_NETWORK} {id}");
    // As long as it takes to tell it from others of the same millisecond.
    for given in [&asked[..35], &asked.replace('-', "")[..31], &asked.replace('-', "")] {
        assert_eq!(site.json(&get(given)).await.json()["id"], asked, "{given}");
    }
    assert_eq!(site.run(&get("ffff")).await.exit, 3);
    let list = format!("owner list --project {CORE_NETWORK} --session {} -o name", &session[..9]);
    assert!(site.run(&list).await.text().contains(&asked));

    let bare = session.replace('-', "");
    for given in [&session[..13], &bare[..12], &bare] {
        let found = site.json(&format!("session get {given}")).await.json();
        assert_eq!(found["id"], session, "{given}");
    }
    let asked = site.json(&get(&asked)).await.json();
    let server = asked["servers"][0]["server_id"].as_str().unwrap();
    let reply = format!(
        "owner reply --project {CORE_NETWORK} {} --accept live-migrate --decision {}=keep",
        asked["id"].as_str().unwrap(),
        &server[..server.len() - 1],
    );
    let answered = site.json(&reply).await.json();
    assert_eq!(answered["servers"][0]["decision"], "ACTION_KEEP", "{answered}");
}

#[tokio::test]
async fn item_6_the_operator_sees_what_owners_say() {
    let site = Site::start().await;
    let session = site.create("--host compute-a2 --for 12h --announce-reply-period 1h").await;
    let asked = site.json(&format!("session owners {session}")).await.json();
    let asked = asked["notifications"].as_array().unwrap().clone();
    assert!(!asked.is_empty() && asked.iter().all(|n| n["reply"] == "REPLY_KIND_UNSPECIFIED"));
    let first = &asked[0];
    let (project, id) =
        (first["project_id"].as_str().unwrap(), first["notification_id"].as_str().unwrap());
    let reply = format!("owner reply --project {project} {id} --reject the-quarter-ends");
    assert_eq!(site.run(&reply).await.exit, 0);
    let shown = site.run(&format!("session owners {session} --project {project}")).await.text();
    assert!(shown.contains("objects") && shown.contains("the-quarter-ends"), "{shown}");
    let shown = site.run(&format!("session get {session}")).await.text();
    assert!(shown.contains("1 objects"), "{shown}");
    let report = site.run(&format!("session report {session}")).await.text();
    assert!(report.contains("the-quarter-ends"), "{report}");
}

#[tokio::test]
async fn item_19_a_watch_goes_on_after_what_was_acknowledged() {
    let site = Site::start().await;
    let owner = |command: &str| format!("owner {command} --project {CORE_NETWORK}");
    site.run(&format!("{} vnfm", owner("subscribe"))).await.text();
    let session = site.create("--host compute-a1 --for 4h --manual-start").await;
    pending(&site).await;
    let latest = async || {
        let listed = site.json(&owner("subscriptions")).await.json();
        sequence(&listed["subscriptions"][0]["latest_sequence"])
    };
    let read = latest().await;
    assert!(read > 0);
    site.run(&format!("{} vnfm {read}", owner("ack"))).await.text();
    site.run(&format!("session cancel {session}")).await.text();

    let watch = format!("{} --subscription vnfm --resume --output json", owner("watch"));
    let mut watching = site.spawn(&watch);
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert!(first.get("snapshot").is_none() && first.get("event").is_some(), "{first}");
    assert_eq!(sequence(&first["sequence"]), read + 1, "{first}");

    let mut whole = site.spawn(&watch.replace(" --resume", ""));
    let mut lines = BufReader::new(whole.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert!(
        first.get("snapshot").is_some(),
        "without --resume it begins with how things stand: {first}"
    );
}

/// A sequence number, which the proto JSON mapping writes as a string.
fn sequence(value: &serde_json::Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64().unwrap(), |text| text.parse().unwrap())
}
