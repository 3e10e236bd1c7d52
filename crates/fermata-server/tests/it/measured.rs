//! What those see who watch a site: figures of what the product does, and times that are still to come.

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{Action, NotificationKind, SessionHostState, SessionState};

use crate::acts::{
    complete, create, get, host_of, notification, patient, reply, spec, until_host, until_state,
    work_through,
};
use crate::harness::{Site, eventually, from_now, millis, nanos};
use crate::world::World;

/// Until a page of metrics has all these lines.
async fn until_metrics(site: &Site, lines: &[&str]) {
    for line in lines {
        eventually(line, async || {
            site.page("/metrics").await.lines().find(|l| l == line).map(|_| ())
        })
        .await;
    }
}

#[tokio::test]
async fn item_5_metrics_say_where_hosts_stand_and_who_is_waited_for() {
    let world = World::small().fault("operation = \"live_migrate\", kind = \"fails\", times = 1");
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let id = create(&mut sessions, spec(&["compute-1", "compute-2"])).await.id;
    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    until_metrics(
        &site,
        &[
            "fermata_hosts{state=\"in_maintenance\"} 1",
            "fermata_hosts{state=\"waiting\"} 1",
            "fermata_waits{party=\"operator\",wait=\"host_work\"} 1",
            "fermata_intruders 0",
            "fermata_late{what=\"work\"} 0",
            "fermata_actions_total{action=\"live_migrate\",outcome=\"done\"} 2",
            "fermata_actions_total{action=\"live_migrate\",outcome=\"failed\"} 1",
            "fermata_move_duration_seconds_count{action=\"live_migrate\"} 1",
            &format!("fermata_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
        ],
    )
    .await;
    assert!(site.page("/metrics").await.contains("\nprocess_open_fds "));
    work_through(&mut sessions, &id).await;
    until_state(&mut sessions, &id, SessionState::Completed).await;
    let over = [
        "fermata_hosts{state=\"in_maintenance\"} 0",
        "fermata_waits{party=\"operator\",wait=\"host_work\"} 0",
    ];
    until_metrics(&site, &over).await;
    site.stop().await;
}

#[tokio::test]
async fn item_5_metrics_say_how_owners_reply_and_how_far_they_are_behind() {
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owner) = (site.sessions().await, site.notifications().await);
    crate::acts::subscribe_as(&mut owner, "orange", "vnfm").await;
    create(&mut sessions, patient(&["compute-1"])).await;
    let asked = notification(&mut owner, "orange", NotificationKind::Planned).await;
    let reply = crate::acts::accept(&asked, Action::LiveMigrate);
    owner.reply(reply).await.unwrap();
    let lines = [
        "fermata_owner_reply_seconds_count{reply=\"answered\"} 1",
        "fermata_subscriptions{connected=\"no\"} 1",
    ];
    until_metrics(&site, &lines).await;
    eventually("the subscription is behind", async || {
        let page = site.page("/metrics").await;
        let lag = page.lines().find_map(|l| l.strip_prefix("fermata_subscriptions_lag "))?;
        (lag != "0").then_some(())
    })
    .await;
    site.stop().await;
}

/// Until a series of the metrics counts something.
async fn until_counted(site: &Site, series: &str) {
    let count = async || {
        let page = site.page("/metrics").await;
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.is_some_and(|count| count != "0").then_some(())
    };
    eventually(series, count).await;
}

#[tokio::test]
async fn item_5_metrics_count_what_goes_wrong() {
    let world = World::small().server("green-web", "green", "compute-3").fault(
        "operation = \"live_migrate\", server = \"orange-web\", kind = \"fails\", times = 9",
    );
    let (mut site, cloud) = Site::over_open_cloud(&world).await;
    let mut sessions = site.sessions().await;
    // The work takes longer than it should, and a server turns up meanwhile.
    let short = v1::SessionSpec { work_timeout: millis(10), ..spec(&["compute-2"]) };
    let id = create(&mut sessions, short).await.id;
    until_host(&mut sessions, &id, "compute-2", SessionHostState::InMaintenance).await;
    cloud.move_server(&"green-web-id".into(), &"compute-2".into()).unwrap();
    until_counted(&site, "fermata_late{what=\"work\"}").await;
    until_counted(&site, "fermata_intruders").await;
    until_counted(&site, "fermata_owner_reply_seconds_count{reply=\"silent\"}").await;

    // No window is long enough for the work, and the first move fails for good.
    let long = v1::SessionSpec {
        work_timeout: millis(7_200_000),
        action_attempts: 1,
        ..spec(&["compute-1"])
    };
    create(&mut sessions, long).await;
    until_counted(&site, "fermata_late{what=\"window\"}").await;
    let given_up = "fermata_actions_total{action=\"live_migrate\",outcome=\"given_up\"}";
    until_counted(&site, given_up).await;
    site.stop().await;
}

#[tokio::test]
async fn item_5_metrics_count_objections_and_counter_offers() {
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owner) = (site.sessions().await, site.notifications().await);
    create(&mut sessions, patient(&["compute-1"])).await;
    let asked = notification(&mut owner, "orange", NotificationKind::Planned).await;
    let reject = Answer::Reject(v1::Reject { reason: "it is Friday".to_owned() });
    owner.reply(reply(&asked, reject)).await.unwrap();
    let asked = notification(&mut owner, "violet", NotificationKind::Planned).await;
    let offer = v1::CounterOffer {
        server_ids: vec!["violet-web-id".to_owned()],
        not_before_time: Some(from_now(3)),
        ..Default::default()
    };
    owner.reply(reply(&asked, Answer::CounterOffer(offer))).await.unwrap();
    for kind in ["rejected", "counter_offered"] {
        until_counted(&site, &format!("fermata_owner_reply_seconds_count{{reply=\"{kind}\"}}"))
            .await;
    }
    site.stop().await;
}

#[tokio::test]
async fn item_9_nothing_that_is_to_come_is_expected_in_the_past() {
    // The plan gives the work no time: soon everything behind it is late.
    all_moves_on_with_the_clock(spec(&["compute-1", "compute-2"])).await;
}

#[tokio::test]
async fn item_9_work_that_overruns_its_time_takes_all_behind_it_along() {
    let spec = spec(&["compute-1", "compute-2"]);
    all_moves_on_with_the_clock(v1::SessionSpec { work_timeout: millis(1_000), ..spec }).await;
}

/// While the first host is worked on, what comes behind it is expected later and later, until the work ends.
async fn all_moves_on_with_the_clock(spec: v1::SessionSpec) {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let id = create(&mut sessions, spec).await.id;
    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    const SECOND: i128 = 1_000_000_000;
    let mut first = None;
    eventually("the host behind it is expected later", async || {
        let before = nanos(Some(from_now(0)));
        let seen = get(&mut sessions, &id).await;
        let start = nanos(host_of(&seen, "compute-2").expected_start_time);
        let end = nanos(seen.status.clone().unwrap().expected_end_time);
        assert!(start >= before - SECOND, "compute-2 is expected {} ns ago", before - start);
        assert!(end >= start, "the end is expected before the last host");
        let first = *first.get_or_insert(start);
        (start >= first + 2 * SECOND).then_some(())
    })
    .await;
    complete(&mut sessions, &id, "compute-1").await;
    work_through(&mut sessions, &id).await;
    let over = until_state(&mut sessions, &id, SessionState::Completed).await;
    assert_eq!(over.status.clone().unwrap().expected_end_time, None);
    site.stop().await;
}
