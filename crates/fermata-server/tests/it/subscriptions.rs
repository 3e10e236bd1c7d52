//! Durable subscriptions: keeping them, and what it means to have one.

use fermata_proto::v1;
use fermata_proto::v1::subscribe_response::Message;
use fermata_proto::v1::{
    Action, DecisionSource, NotificationKind, NotificationState, OnSilence, SessionHostState,
    WaitParty,
};
use tonic::Code;

use crate::acts::{
    Seen, ask_again, create, get, host_of, notification, notifications, patient, put_subscription,
    reply, spec, subscribe_as, subscribe_durably, until, until_host,
};
use crate::harness::{Site, millis};
use crate::refusal::Refusal;
use crate::tape::{Tape, of_project};
use crate::world::World;

#[tokio::test]
async fn subscriptions_are_kept_per_project_and_positions_only_go_forward() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let first = subscribe_as(&mut owners, "orange", "vnfm-1").await;
    assert_eq!((first.acknowledged_sequence, first.latest_sequence), (0, 1));
    assert_eq!(first.display_name, "manager of orange");
    let second = subscribe_as(&mut owners, "orange", "vnfm-2").await;
    let theirs = subscribe_as(&mut owners, "violet", "vnfm").await;

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
            ..Default::default()
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
        must_exist: true,
        ..Default::default()
    };
    let foreign = owners.delete_subscription(delete("violet", &first.id)).await.unwrap_err();
    assert_eq!(Refusal::of(foreign).reason, "SUBSCRIPTION_NOT_FOUND");
    let stale =
        v1::DeleteSubscriptionRequest { etag: "r1".to_owned(), ..delete("orange", &first.id) };
    let stale = Refusal::of(owners.delete_subscription(stale).await.unwrap_err());
    assert_eq!(stale.reason, "ETAG_MISMATCH");
    owners.delete_subscription(delete("orange", &first.id)).await.unwrap();
    let gone = owners.delete_subscription(delete("orange", &first.id)).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    let indifferent =
        v1::DeleteSubscriptionRequest { must_exist: false, ..delete("orange", &first.id) };
    owners.delete_subscription(indifferent).await.unwrap();
    site.stop().await;
}

/// A consumer that puts its subscription at every start has one, with one etag, however often it starts.
#[tokio::test]
async fn a_put_changes_what_it_says_and_nothing_else() {
    let mut site = Site::start(&World::small()).await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    create(&mut sessions, patient(&["compute-1"])).await;
    let mut put = async |request| {
        let answer = owners.put_subscription(request).await.map_err(Refusal::of);
        answer.map(|r| r.into_inner().subscription.unwrap())
    };
    let request = put_subscription("orange", "vnfm");
    let only = |mode: v1::PutMode, request: &v1::PutSubscriptionRequest| {
        v1::PutSubscriptionRequest { mode: mode.into(), ..request.clone() }
    };
    let absent = put(only(v1::PutMode::ReplaceOnly, &request)).await.unwrap_err();
    assert_eq!((absent.code, absent.reason.as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
    let first = put(only(v1::PutMode::CreateOnly, &request)).await.unwrap();
    let present = put(only(v1::PutMode::CreateOnly, &request)).await.unwrap_err();
    assert_eq!((present.code, present.reason.as_str()), (Code::AlreadyExists, "RESOURCE_EXISTS"));
    assert_eq!(present.metadata["etag"], first.etag);
    assert_eq!(put(request.clone()).await.unwrap(), first, "nothing changed");

    let acknowledge = v1::AcknowledgePositionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "vnfm".to_owned(),
        sequence: 1,
        ..Default::default()
    };
    site.notifications().await.acknowledge_position(acknowledge).await.unwrap();
    let with = |display_name: &str, etag: &str| {
        let sent = request.subscription.clone().unwrap();
        let (display_name, etag) = (display_name.to_owned(), etag.to_owned());
        let subscription = Some(v1::Subscription { display_name, etag, ..sent });
        v1::PutSubscriptionRequest { subscription, ..Default::default() }
    };
    let renamed = put(with("another", &first.etag)).await.unwrap();
    assert_ne!(renamed.etag, first.etag);
    assert_eq!(renamed.create_time, first.create_time);
    assert_eq!(renamed.acknowledged_sequence, 1, "the position is not the owner's to say");
    let stale = put(with("a third", &first.etag)).await.unwrap_err();
    assert_eq!((stale.code, stale.reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    assert_eq!(stale.metadata["etag"], renamed.etag);
    let useless = put(only(v1::PutMode::CreateOnly, &with("new", "r1"))).await.unwrap_err();
    assert_eq!(useless.fields, ["subscription.etag"]);
    let odd = put(put_subscription("orange", "a/b")).await.unwrap_err();
    assert_eq!(odd.fields, ["subscription.id"]);
    site.stop().await;
}

type Owner = Tape<v1::SubscribeResponse>;

fn is_snapshot(message: &v1::SubscribeResponse) -> bool {
    matches!(message.message, Some(Message::Snapshot(_)))
}

fn as_subscription(id: &str, point: v1::StreamPoint) -> v1::SubscribeRequest {
    let start = Some(v1::stream_start::Start::Point(point.into()));
    let subscription_id = id.to_owned();
    v1::SubscribeRequest {
        subscription_id,
        ..of_project("orange", Some(v1::StreamStart { start }))
    }
}

/// What a consumer without any state of its own does: put, subscribe, act, acknowledge; and again after a restart.
#[tokio::test]
async fn a_consumer_without_state_goes_on_where_it_acknowledged() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    let made = subscribe_as(&mut owners, "orange", "vnfm").await;
    assert!(!made.connected && made.last_connect_time.is_none());
    let acknowledged = || as_subscription("vnfm", v1::StreamPoint::Acknowledged);
    let mut stream = Owner::open(&channel, acknowledged()).await.unwrap();
    let snapshot = stream.next().await;
    assert!(is_snapshot(&snapshot), "nothing is acknowledged yet: {snapshot:?}");
    let get = || v1::GetSubscriptionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "vnfm".to_owned(),
    };
    let found = owners.get_subscription(get()).await.unwrap().into_inner().subscription.unwrap();
    assert!(found.connected && found.last_connect_time.is_some());
    assert_eq!(found.etag, made.etag, "to be connected is no change");
    let acknowledge = v1::AcknowledgePositionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "vnfm".to_owned(),
        sequence: snapshot.sequence,
        ..Default::default()
    };
    owners.acknowledge_position(acknowledge).await.unwrap();
    drop(stream);

    ask_again(&mut sessions, &first.id, "newer firmware").await;
    let mut stream = Owner::open(&channel, acknowledged()).await.unwrap();
    let missed = stream.next().await;
    assert_eq!(missed.sequence, snapshot.sequence + 1);
    assert!(!is_snapshot(&missed), "{missed:?}");
    // Not acknowledged: it comes again.
    drop(stream);
    let mut stream = Owner::open(&channel, acknowledged()).await.unwrap();
    assert_eq!(stream.next().await.sequence, missed.sequence);

    let refused = async |request: v1::SubscribeRequest| {
        Refusal::of(Owner::open(&channel, request).await.err().expect("a refusal"))
    };
    let nobody = refused(as_subscription("nobody", v1::StreamPoint::Now)).await;
    assert_eq!((nobody.code, nobody.reason.as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
    let filter = crate::acts::of_session(&first.id);
    let both = refused(v1::SubscribeRequest { filter, ..acknowledged() }).await;
    assert_eq!(both.fields, ["filter"]);
    let unnamed = refused(as_subscription("", v1::StreamPoint::Acknowledged)).await;
    assert_eq!(unnamed.fields, ["start.point"]);
    site.stop().await;
}

#[tokio::test]
async fn a_stream_of_a_subscription_follows_what_becomes_of_it() {
    let mut site = Site::start(&World::small()).await;
    let channel = site.channel().await;
    let mut owners = site.notifications().await;
    let mut sessions = site.sessions().await;
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    let second = create(&mut sessions, patient(&["compute-2"])).await;
    let mut narrow = put_subscription("orange", "vnfm");
    narrow.subscription.as_mut().unwrap().filter = crate::acts::of_session(&first.id);
    owners.put_subscription(narrow).await.unwrap();
    let now = || as_subscription("vnfm", v1::StreamPoint::Now);
    let mut stream = Owner::open(&channel, now()).await.unwrap();
    stream.next().await;
    ask_again(&mut sessions, &second.id, "not for this filter").await;
    ask_again(&mut sessions, &first.id, "newer firmware").await;
    let told = stream.next().await;
    assert!(told.sequence > 2, "{told:?}");

    // Another filter: come back, with the same token.
    subscribe_as(&mut owners, "orange", "vnfm").await;
    let leave = stream.next().await;
    assert!(matches!(leave.message, Some(Message::GoingAway(_))), "{leave:?}");
    let start = v1::stream_start::Start::ResumeToken(leave.resume_token.clone());
    let start = Some(v1::StreamStart { start: Some(start) });
    let again = v1::SubscribeRequest { start, ..now() };
    let mut stream = Owner::open(&channel, again).await.unwrap();
    ask_again(&mut sessions, &second.id, "now for this one, too").await;
    assert_eq!(stream.next().await.sequence, leave.sequence + 1);

    // Deleted, and at once there again: to the stream it is another one.
    let delete = v1::DeleteSubscriptionRequest {
        project_id: "orange".to_owned(),
        subscription_id: "vnfm".to_owned(),
        ..Default::default()
    };
    owners.delete_subscription(delete).await.unwrap();
    subscribe_as(&mut owners, "orange", "vnfm").await;
    let refusal = Refusal::of(stream.until_end().await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
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
    assert_eq!(wait.kind(), v1::WaitKind::HeldDrain, "{wait:?}");
    assert_eq!(wait.ended_by[0], "fermata.v1.SessionService/RetryHost");
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
