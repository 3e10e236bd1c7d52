//! Writes that are repeated: the same request id with the same request gives the same answer and does
//! nothing twice; with another request it is refused.

use fermata_proto::v1;
use fermata_proto::v1::{Action, NotificationKind, SessionHostState, SessionState};
use tonic::Code;

use crate::acts::{
    accept, create, get, notification, patient, put_subscription, spec, until_host, until_state,
};
use crate::harness::{Site, millis};
use crate::refusal::Refusal;
use crate::world::World;

/// Sends a request twice, then another one with the same id; gives the answer.
macro_rules! thrice {
    ($client:expr, $method:ident, $request:expr, $field:ident = $other:expr) => {{
        let mut request = $request;
        request.request_id = stringify!($method).to_owned();
        let once = $client.$method(request.clone()).await.unwrap().into_inner();
        let twice = $client.$method(request.clone()).await.unwrap().into_inner();
        assert_eq!(once, twice, stringify!($method));
        request.$field = $other;
        let refusal = Refusal::of($client.$method(request).await.unwrap_err());
        assert_eq!(refusal.code, Code::AlreadyExists, stringify!($method));
        assert_eq!(refusal.reason, "REQUEST_ID_REUSED", stringify!($method));
        once
    }};
}

#[tokio::test]
async fn every_write_can_be_repeated() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let mut hosts = site.hosts().await;
    let word = || "another word".to_owned();

    // A map is the same whatever the order in which it comes.
    let metadata = (0..20).map(|i| (format!("key{i}"), "value".to_owned())).collect();
    let spec_with_map = v1::SessionSpec { metadata, ..patient(&["compute-1"]) };
    let request = v1::CreateSessionRequest { spec: Some(spec_with_map), ..Default::default() };
    let other = Some(patient(&["compute-2"]));
    let session = thrice!(sessions, create_session, request, spec = other).session.unwrap();
    let session_id = session.id.clone();
    let request = put_subscription("orange", "manager");
    thrice!(owners, put_subscription, request, mode = v1::PutMode::ReplaceOnly.into());
    let named = || ("orange".to_owned(), "manager".to_owned());
    let (project_id, subscription_id) = named();
    let acknowledge = v1::AcknowledgePositionRequest {
        project_id,
        subscription_id,
        sequence: 1,
        ..Default::default()
    };
    thrice!(owners, acknowledge_position, acknowledge, sequence = 0);
    let request =
        v1::ListSubscriptionsRequest { project_id: "orange".to_owned(), ..Default::default() };
    let found = owners.list_subscriptions(request).await.unwrap().into_inner();
    assert_eq!(found.subscriptions.len(), 1);
    let (project_id, subscription_id) = named();
    let delete = v1::DeleteSubscriptionRequest {
        project_id,
        subscription_id,
        must_exist: true,
        ..Default::default()
    };
    thrice!(owners, delete_subscription, delete, must_exist = false);

    let request = v1::UpdateSessionRequest {
        session_id: session_id.clone(),
        spec: Some(v1::SessionSpec { reason: word(), ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["reason".to_owned()] }),
        ..Default::default()
    };
    thrice!(sessions, update_session, request, spec = None);
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    thrice!(owners, reply, accept(&asked, Action::LiveMigrate), comment = word());

    let session_only = || session_id.clone();
    let start = v1::StartSessionRequest { session_id: session_only(), ..Default::default() };
    thrice!(sessions, start_session, start, reason = word());
    until_state(&mut sessions, &session_id, SessionState::Running).await;
    let pause = v1::PauseSessionRequest { session_id: session_only(), ..Default::default() };
    thrice!(sessions, pause_session, pause, reason = word());
    let resume = v1::ResumeSessionRequest { session_id: session_only(), ..Default::default() };
    thrice!(sessions, resume_session, resume, reason = word());
    let host = || "compute-1".to_owned();
    let fail =
        v1::FailHostRequest { session_id: session_only(), host: host(), ..Default::default() };
    thrice!(sessions, fail_host, fail, reason = word());
    until_host(&mut sessions, &session_id, "compute-1", SessionHostState::DrainFailed).await;
    let skip =
        v1::SkipHostRequest { session_id: session_only(), host: host(), ..Default::default() };
    // Skipping the only host ends the session; the answer to the same request stays what it was.
    thrice!(sessions, skip_host, skip, reason = word());
    let over = until_state(&mut sessions, &session_id, SessionState::Completed).await;
    let delete = v1::DeleteSessionRequest { session_id: session_only(), ..Default::default() };
    thrice!(sessions, delete_session, delete, etag = over.etag.clone());

    let quick = create(&mut sessions, spec(&["compute-2"])).await.id;
    until_host(&mut sessions, &quick, "compute-2", SessionHostState::InMaintenance).await;
    let fail = v1::FailHostRequest {
        session_id: quick.clone(),
        host: "compute-2".to_owned(),
        ..Default::default()
    };
    sessions.fail_host(fail).await.unwrap();
    let retry = v1::RetryHostRequest {
        session_id: quick.clone(),
        host: "compute-2".to_owned(),
        ..Default::default()
    };
    thrice!(sessions, retry_host, retry, reason = word());
    until_host(&mut sessions, &quick, "compute-2", SessionHostState::InMaintenance).await;
    let complete = v1::CompleteHostRequest {
        session_id: quick.clone(),
        host: "compute-2".to_owned(),
        ..Default::default()
    };
    thrice!(sessions, complete_host, complete, reason = word());
    until_state(&mut sessions, &quick, SessionState::Completed).await;

    let request = v1::RequestHostMaintenanceRequest {
        host: "compute-3".to_owned(),
        reason: word(),
        reply_period: millis(100),
        ..Default::default()
    };
    let made = thrice!(hosts, request_host_maintenance, request, timeout = millis(60_000));
    let doctors = made.session.unwrap().id;
    until_host(&mut sessions, &doctors, "compute-3", SessionHostState::InMaintenance).await;
    let release = v1::ReleaseHostRequest { host: "compute-3".to_owned(), ..Default::default() };
    let mut again = release.clone();
    again.request_id = "release_host".to_owned();
    let released = thrice!(hosts, release_host, release, reason = word());
    until_state(&mut sessions, &doctors, SessionState::Completed).await;
    // Also when the session that held the host is over.
    let repeated = hosts.release_host(again).await.unwrap().into_inner();
    assert_eq!(repeated, released);

    let last = create(&mut sessions, patient(&["compute-4"])).await.id;
    let cancel = v1::CancelSessionRequest { session_id: last, ..Default::default() };
    thrice!(sessions, cancel_session, cancel, reason = word());
    site.stop().await;
}

/// A client that gave up waiting asks once more while the first request is still under way.
#[tokio::test]
async fn requests_repeated_at_the_same_time_get_one_answer() {
    let mut site = Site::start(&World::small().taking("api", 20)).await;
    let sessions = site.sessions().await;
    let owners = site.notifications().await;
    let hosts = site.hosts().await;
    let request = v1::CreateSessionRequest {
        spec: Some(patient(&["compute-1"])),
        request_id: "once".to_owned(),
    };
    let many = (0..8).map(|_| {
        let (mut client, request) = (sessions.clone(), request.clone());
        async move { client.create_session(request).await.map(|r| r.into_inner()) }
    });
    let answers = futures::future::join_all(many).await;
    let first = answers[0].as_ref().unwrap();
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), first);
    }
    let request = v1::PutSubscriptionRequest {
        request_id: "once".to_owned(),
        mode: v1::PutMode::CreateOnly.into(),
        ..put_subscription("orange", "manager")
    };
    let many = (0..8).map(|_| {
        let (mut client, request) = (owners.clone(), request.clone());
        async move { client.put_subscription(request).await.map(|r| r.into_inner()) }
    });
    let answers = futures::future::join_all(many).await;
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), answers[0].as_ref().unwrap());
    }
    let request = v1::RequestHostMaintenanceRequest {
        host: "compute-3".to_owned(),
        reason: "why".to_owned(),
        request_id: "for one host".to_owned(),
        ..Default::default()
    };
    let many = (0..8).map(|_| {
        let (mut client, request) = (hosts.clone(), request.clone());
        async move { client.request_host_maintenance(request).await.map(|r| r.into_inner()) }
    });
    let answers = futures::future::join_all(many).await;
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), answers[0].as_ref().unwrap());
    }
    let request = v1::ListSessionsRequest::default();
    let all = sessions.clone().list_sessions(request).await.unwrap().into_inner();
    assert_eq!(all.sessions.len(), 2);
    site.stop().await;
}

/// A request that changed nothing is remembered, too: repeated later, it still changes nothing.
#[tokio::test]
async fn a_request_without_effect_is_remembered_as_well() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let slow = v1::SessionSpec { drain_reply_period: millis(60_000), ..spec(&["compute-1"]) };
    let id = create(&mut sessions, slow).await.id;
    until_state(&mut sessions, &id, SessionState::Running).await;
    let resume = v1::ResumeSessionRequest {
        session_id: id.clone(),
        request_id: "resume".to_owned(),
        ..Default::default()
    };
    let answer = sessions.resume_session(resume.clone()).await.unwrap().into_inner();
    let pause = v1::PauseSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.pause_session(pause).await.unwrap();
    assert_eq!(sessions.resume_session(resume).await.unwrap().into_inner(), answer);
    let now = get(&mut sessions, &id).await;
    assert_eq!(crate::acts::state(&now), SessionState::Paused);
    site.stop().await;
}
