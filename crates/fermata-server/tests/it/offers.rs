//! Counter-offers over real gRPC: made, planned, kept or declined, and what owners and operators see of it.

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{
    Action, CounterOfferState, NotificationKind, NotificationState, SessionHostState,
};
use fermata_simcloud::Operation;
use tonic::Code;

use crate::acts::{
    accept, create, host_of, notification, notifications, patient, reply, spec, start, until_host,
    work_through,
};
use crate::harness::{Notifications, Site, eventually, from_now, millis, nanos};
use crate::refusal::Refusal;
use crate::world::{Journal, World};

fn later(servers: &[&str], seconds: i64) -> Answer {
    Answer::CounterOffer(v1::CounterOffer {
        server_ids: servers.iter().map(ToString::to_string).collect(),
        not_before_time: Some(from_now(seconds)),
        ..Default::default()
    })
}

/// Waits until what was offered to a notification is accepted or declined.
async fn verdict(owners: &mut Notifications, of: &v1::Notification) -> v1::Notification {
    eventually("the verdict", async || {
        let all = notifications(owners, &of.project_id).await;
        let now = all.into_iter().find(|n| n.id == of.id).unwrap();
        let state = now.counter_offer.as_ref().unwrap().state();
        (state != CounterOfferState::Planning).then_some(now)
    })
    .await
}

#[tokio::test]
async fn an_offer_is_kept_and_its_owner_asked_again() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let session = create(&mut sessions, patient(&["compute-1", "compute-2"])).await;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let offered = reply(&asked, later(&["orange-web-id"], 3));
    let answered = owners.reply(offered.clone()).await.unwrap().into_inner().notification.unwrap();
    assert_eq!(answered.counter_offer.unwrap().offer.unwrap().server_ids, ["orange-web-id"]);
    let now = verdict(&mut owners, &asked).await;
    let status = now.counter_offer.clone().unwrap();
    assert_eq!(status.state(), CounterOfferState::Accepted, "{status:?}");
    assert_eq!(now.state(), NotificationState::Pending);
    assert!(now.plan_revision > asked.plan_revision);
    let web = now.servers.iter().find(|s| s.server_id == "orange-web-id").unwrap();
    assert_eq!(web.agreed_not_before_time, status.offer.unwrap().not_before_time);
    let stale = Refusal::of(owners.reply(accept(&asked, Action::LiveMigrate)).await.unwrap_err());
    assert_eq!((stale.code, stale.reason.as_str()), (Code::Aborted, "PLAN_REVISION_STALE"));

    owners.reply(accept(&now, Action::LiveMigrate)).await.unwrap();
    let other = notification(&mut owners, "violet", NotificationKind::Planned).await;
    owners.reply(accept(&other, Action::LiveMigrate)).await.unwrap();
    start(&mut sessions, &session.id).await;
    work_through(&mut sessions, &session.id).await;
    let report = v1::GetSessionReportRequest { session_id: session.id, ..Default::default() };
    let report = sessions.get_session_report(report).await.unwrap().into_inner().report.unwrap();
    let servers = report.hosts.into_iter().flat_map(|h| h.servers);
    let began = servers.into_iter().find(|s| s.server_id == "orange-web-id").unwrap();
    assert!(nanos(began.action_start_time) >= nanos(web.agreed_not_before_time));
    site.stop().await;
    assert_eq!(Journal::of(site.dir.path()).calls(Operation::LiveMigrate, "orange-web").len(), 1);
}

#[tokio::test]
async fn an_offer_that_cannot_be_kept_is_declined_with_a_reason() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let spec = v1::SessionSpec {
        work_timeout: millis(600_000),
        announce_reply_period: millis(60_000),
        drain_reply_period: millis(60_000),
        window: Some(v1::MaintenanceWindow { start_time: None, end_time: Some(from_now(2000)) }),
        ..patient(&["compute-1", "compute-2"])
    };
    create(&mut sessions, spec).await;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    owners.reply(reply(&asked, later(&["orange-web-id"], 1900))).await.unwrap();
    let now = verdict(&mut owners, &asked).await;
    let status = now.counter_offer.clone().unwrap();
    assert_eq!(status.state(), CounterOfferState::Declined);
    assert!(status.reason.contains("the window ends at"), "{}", status.reason);
    assert_eq!(status.cause(), v1::CounterOfferDeclineCause::WindowExceeded);
    assert!(!status.reason.contains("compute"), "no host is named to an owner");
    assert_eq!((now.state(), now.plan_revision), (asked.state(), asked.plan_revision));

    let nothing = reply(&asked, Answer::CounterOffer(v1::CounterOffer::default()));
    let refusal = Refusal::of(owners.reply(nothing).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    assert_eq!(refusal.fields, ["counter_offer"]);
    site.stop().await;
}

#[tokio::test]
async fn a_drain_is_put_off_and_comes_later() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let spec = v1::SessionSpec {
        drain_timeout: millis(6_000),
        drain_reply_period: millis(2_000),
        ..spec(&["compute-1"])
    };
    let session = create(&mut sessions, spec).await;
    until_host(&mut sessions, &session.id, "compute-1", SessionHostState::Draining).await;
    let asked = eventually("the question", async || {
        let all = notifications(&mut owners, "orange").await;
        all.into_iter().find(|n| n.kind() == NotificationKind::Drain)
    })
    .await;
    owners.reply(reply(&asked, later(&[], 8))).await.unwrap();
    let waiting = until_host(&mut sessions, &session.id, "compute-1", SessionHostState::Waiting);
    let waiting = waiting.await;
    assert_eq!(host_of(&waiting, "compute-1").servers_done, 0);
    let found =
        until_host(&mut sessions, &session.id, "compute-1", SessionHostState::InMaintenance);
    let found = found.await;
    let offer = verdict(&mut owners, &asked).await.counter_offer.unwrap();
    assert!(
        nanos(host_of(&found, "compute-1").empty_time)
            >= nanos(offer.offer.unwrap().not_before_time)
    );
    site.stop().await;
}
