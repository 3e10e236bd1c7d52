//! Durable subscriptions: keeping them, and what it means to have one.

use fermata_proto::v1;
use fermata_proto::v1::{
    Action, DecisionSource, NotificationKind, NotificationState, OnSilence, SessionHostState,
    WaitParty,
};
use tonic::Code;

use crate::acts::{
    Seen, ask_again, create, get, host_of, notification, notifications, patient, reply, spec,
    subscribe_durably, until, until_host,
};
use crate::harness::{Site, millis};
use crate::refusal::Refusal;
use crate::world::World;

#[tokio::test]
async fn subscriptions_are_kept_per_project_and_positions_only_go_forward() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let first = subscribe_durably(&mut owners, "orange").await;
    assert_eq!((first.acknowledged_sequence, first.latest_sequence), (0, 1));
    assert_eq!(first.display_name, "manager of orange");
    let second = subscribe_durably(&mut owners, "orange").await;
    let theirs = subscribe_durably(&mut owners, "violet").await;

    let mut list = async |project: &str, page_size| {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListSubscriptionsRequest {
                project_id: project.to_owned(),
                page_size,
                page_token,
            };
            let page = owners.list_subscriptions(request).await.unwrap().into_inner();
            found.extend(page.subscriptions.into_iter().map(|s| s.id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return found;
            }
        }
    };
    assert_eq!(list("orange", 1).await, [first.id.clone(), second.id.clone()]);
    assert_eq!(list("violet", 10).await, std::slice::from_ref(&theirs.id));
    assert_eq!(list("", 2).await.len(), 3, "operators see everybody's");

    ask_again(&mut sessions, &session.id, "newer firmware").await;
    let mut acknowledge = async |sequence| {
        let request = v1::AcknowledgePositionRequest {
            project_id: "orange".to_owned(),
            subscription_id: first.id.clone(),
            sequence,
        };
        owners.acknowledge_position(request).await.map(|r| r.into_inner().subscription.unwrap())
    };
    let ahead = acknowledge(2).await.unwrap();
    assert_eq!((ahead.acknowledged_sequence, ahead.latest_sequence), (2, 2));
    assert!(ahead.acknowledge_time.is_some());
    assert_eq!(acknowledge(1).await.unwrap().acknowledged_sequence, 2);
    assert_eq!(acknowledge(3).await.unwrap_err().code(), Code::InvalidArgument);

    // What is another's is answered like what is not there.
    let get = |project: &str, id: &str| v1::GetSubscriptionRequest {
        project_id: project.to_owned(),
        subscription_id: id.to_owned(),
    };
    let found = owners.get_subscription(get("orange", &first.id)).await.unwrap().into_inner();
    assert_eq!(found.subscription.unwrap().acknowledged_sequence, 2);
    let foreign = owners.get_subscription(get("violet", &first.id)).await.unwrap_err();
    let absent = owners.get_subscription(get("violet", &session.id)).await.unwrap_err();
    assert_eq!(Refusal::of(foreign).text, Refusal::of(absent).text);
    let delete = |project: &str, id: &str| v1::DeleteSubscriptionRequest {
        project_id: project.to_owned(),
        subscription_id: id.to_owned(),
    };
    let foreign = owners.delete_subscription(delete("violet", &first.id)).await.unwrap_err();
    assert_eq!(Refusal::of(foreign).reason, "SUBSCRIPTION_NOT_FOUND");
    owners.delete_subscription(delete("orange", &first.id)).await.unwrap();
    let gone = owners.delete_subscription(delete("orange", &first.id)).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    site.stop().await;
}

#[tokio::test]
async fn notifications_are_listed_by_filter_and_page_by_page() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    create(&mut sessions, patient(&["compute-2"])).await;
    let asked = notifications(&mut owners, "orange").await;
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].session_id, first.id, "the newest first");
    owners.reply(crate::acts::accept(&asked[1], Action::Keep)).await.unwrap();
    let mut list = async |filter: v1::NotificationFilter, page_token: String| {
        let request = v1::ListNotificationsRequest {
            project_id: "orange".to_owned(),
            page_size: 1,
            page_token,
            filter: Some(filter),
        };
        owners.list_notifications(request).await.unwrap().into_inner()
    };
    let pending = v1::NotificationFilter {
        states: vec![NotificationState::Pending.into()],
        ..Default::default()
    };
    assert_eq!(list(pending, String::new()).await.notifications[0].id, asked[0].id);
    let of_first = v1::NotificationFilter { session_id: first.id.clone(), ..Default::default() };
    let page = list(of_first, String::new()).await;
    assert_eq!((page.notifications.len(), page.next_page_token.as_str()), (1, ""));
    let page = list(v1::NotificationFilter::default(), String::new()).await;
    assert_eq!(page.notifications[0].id, asked[0].id);
    let page = list(v1::NotificationFilter::default(), page.next_page_token).await;
    assert_eq!(page.notifications[0].id, asked[1].id);
    assert_eq!(page.next_page_token, "");
    site.stop().await;
}

/// Silence means what the session says only where somebody could have spoken.
#[tokio::test]
async fn silence_holds_a_host_only_where_the_project_takes_part() {
    let world = World::of_hosts(4).server("orange-web", "orange", "compute-1").server(
        "violet-web",
        "violet",
        "compute-2",
    );
    let mut site = Site::start(&world).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    subscribe_durably(&mut owners, "orange").await;
    let strict = v1::SessionSpec {
        on_silence: OnSilence::Hold.into(),
        max_parallel_hosts: 2,
        ..spec(&["compute-1", "compute-2"])
    };
    let id = create(&mut sessions, strict).await.id;
    until_host(&mut sessions, &id, "compute-2", SessionHostState::InMaintenance).await;
    let held = get(&mut sessions, &id).await;
    assert_eq!(host_of(&held, "compute-1").state(), SessionHostState::Draining);
    let waits = &held.status.as_ref().unwrap().waits;
    let wait = waits.iter().find(|w| w.host == "compute-1").unwrap();
    assert_eq!(wait.party(), WaitParty::Operator, "{wait:?}");
    assert!(wait.description.contains("RetryHost"), "{wait:?}");
    let asked = notification(&mut owners, "orange", NotificationKind::Drain).await;
    assert_eq!(asked.state(), NotificationState::Expired);

    // The operator overrides, says why, and it is on record.
    let mut retry = v1::RetryHostRequest {
        session_id: id.clone(),
        host: "compute-1".to_owned(),
        override_owners: true,
        ..Default::default()
    };
    let refusal = Refusal::of(sessions.retry_host(retry.clone()).await.unwrap_err());
    assert_eq!(refusal.fields, ["reason"]);
    retry.reason = "the fan burns".to_owned();
    sessions.retry_host(retry).await.unwrap();
    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    let request = v1::GetSessionReportRequest { session_id: id.clone(), ..Default::default() };
    let report = sessions.get_session_report(request).await.unwrap().into_inner().report.unwrap();
    let by: Vec<_> = report
        .hosts
        .iter()
        .flat_map(|h| &h.servers)
        .map(|s| (s.name.as_str(), s.decision_source()))
        .collect();
    assert!(by.contains(&("orange-web", DecisionSource::Operator)), "{by:?}");
    assert!(by.contains(&("violet-web", DecisionSource::SessionDefault)), "{by:?}");
    site.stop().await;
}

/// Also where owners get no time at all.
#[tokio::test]
async fn silence_holds_a_host_even_if_the_reply_period_is_zero() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    subscribe_durably(&mut owners, "orange").await;
    let strict = v1::SessionSpec {
        on_silence: OnSilence::Hold.into(),
        drain_reply_period: millis(0),
        ..spec(&["compute-1"])
    };
    let id = create(&mut sessions, strict).await.id;
    let settled = until(&mut sessions, &id, |s| {
        let waits = &s.status.as_ref().unwrap().waits;
        let held = waits.iter().any(|w| w.party() == WaitParty::Operator);
        held || crate::acts::progress(s).servers_in_action > 0
    })
    .await;
    assert_eq!(crate::acts::progress(&settled).servers_in_action, 0, "nobody agreed: {settled:?}");
    site.stop().await;
}

#[tokio::test]
async fn an_objection_holds_the_host_until_it_is_taken_back() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let slow = v1::SessionSpec { drain_reply_period: millis(20_000), ..spec(&["compute-1"]) };
    let id = create(&mut sessions, slow).await.id;
    let asked = |s: &Seen| {
        s.status.as_ref().unwrap().waits.iter().filter(|w| w.party() == WaitParty::Owner).count()
            == 2
    };
    until(&mut sessions, &id, asked).await;
    let violets = notification(&mut owners, "violet", NotificationKind::Drain).await;
    owners.reply(crate::acts::accept(&violets, Action::LiveMigrate)).await.unwrap();
    let oranges = notification(&mut owners, "orange", NotificationKind::Drain).await;
    let objection = v1::Reject { reason: "peak hours".to_owned() };
    let answer = reply(&oranges, v1::reply_request::Answer::Reject(objection));
    let told = owners.reply(answer).await.unwrap().into_inner().notification.unwrap();
    assert_eq!(told.state(), NotificationState::Rejected);
    let held =
        until(&mut sessions, &id, |s| host_of(s, "compute-1").state_reason.contains("held")).await;
    assert!(host_of(&held, "compute-1").state_reason.contains("peak hours"));
    owners.reply(crate::acts::accept(&oranges, Action::Migrate)).await.unwrap();
    until_host(&mut sessions, &id, "compute-1", SessionHostState::InMaintenance).await;
    site.stop().await;
}
