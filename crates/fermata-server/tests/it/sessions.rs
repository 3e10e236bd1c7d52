//! Sessions as operators handle them: lists, changes, reports, the end of them, and the watch of one.

use fermata_proto::v1;
use fermata_proto::v1::session_event::Event;
use fermata_proto::v1::watch_session_response::Message;
use fermata_proto::v1::{
    Action, DecisionSource, NotificationKind, ServerState, SessionHostState, SessionState,
};
use tonic::Code;

use crate::acts::{
    accept, cancel, create, get, notification, patient, progress, reply, spec, start, state,
    until_state, work_through,
};
use crate::harness::{Sessions, Site, eventually, from_now, millis, nanos};
use crate::refusal::Refusal;
use crate::tape::{Tape, of_session};
use crate::world::World;

#[tokio::test]
async fn runs_from_announcement_to_report() {
    let world = World::small().server_that_is("shutoff", "orange-old", "orange", "compute-2");
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let spec = v1::SessionSpec { max_parallel_hosts: 2, ..patient(&["compute-1", "compute-2"]) };
    let session = create(&mut sessions, spec).await;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    owners.reply(accept(&asked, Action::Migrate)).await.unwrap();
    let asked = notification(&mut owners, "violet", NotificationKind::Planned).await;
    owners.reply(accept(&asked, Action::Keep)).await.unwrap();
    start(&mut sessions, &session.id).await;
    let done = work_through(&mut sessions, &session.id).await;
    assert_eq!(progress(&done).servers_done, 5);

    // One host a page; both pages are of the same report.
    let mut hosts = Vec::new();
    let mut page_token = String::new();
    for page in 0..2 {
        let request = v1::GetSessionReportRequest {
            session_id: session.id.clone(),
            page_size: 1,
            page_token: page_token.clone(),
        };
        let answer = sessions.get_session_report(request).await.unwrap().into_inner();
        let report = answer.report.unwrap();
        assert!(report.duration.unwrap().seconds < 60);
        hosts.extend(report.hosts);
        page_token = answer.next_page_token;
        assert_eq!(page_token.is_empty(), page == 1);
    }
    let names: Vec<_> = hosts.iter().map(|h| h.host.as_ref().unwrap().host.as_str()).collect();
    assert_eq!(names, ["compute-1", "compute-2"]);
    for host in &hosts {
        let entry = host.host.as_ref().unwrap();
        assert_eq!(entry.state(), SessionHostState::Maintained);
        assert!(host.drain_duration.is_some() && host.work_duration.is_some());
        let times = [entry.drain_start_time, entry.empty_time, entry.end_time];
        assert!(times.map(nanos).is_sorted(), "{times:?}");
    }
    let servers: Vec<_> = hosts.iter().flat_map(|h| &h.servers).collect();
    let of = |name: &str| *servers.iter().find(|s| s.name == name).unwrap();
    for name in ["orange-web", "orange-db", "orange-old"] {
        let moved = of(name);
        assert_eq!(moved.state(), ServerState::Moved, "{name}");
        assert_eq!(moved.action(), Action::Migrate);
        assert_eq!(moved.decision_source(), DecisionSource::Owner);
        assert_eq!(moved.attempts, 1);
        assert!(moved.destination_host.starts_with("compute-"), "{moved:?}");
        let times = [moved.decide_time, moved.action_start_time, moved.action_end_time];
        assert!(times.map(nanos).is_sorted(), "{times:?}");
    }
    let kept = of("violet-web");
    assert_eq!((kept.state(), kept.action()), (ServerState::Restored, Action::Keep));
    assert_eq!((kept.destination_host.as_str(), kept.error.as_str()), ("", ""));

    let request = v1::DeleteSessionRequest { session_id: session.id.clone(), ..Default::default() };
    sessions.delete_session(request).await.unwrap();
    let request = v1::GetSessionRequest { session_id: session.id.clone(), ..Default::default() };
    let refusal = Refusal::of(sessions.get_session(request).await.unwrap_err());
    assert_eq!(refusal.reason, "SESSION_NOT_FOUND");
    let request =
        v1::GetSessionReportRequest { session_id: session.id.clone(), ..Default::default() };
    assert_eq!(sessions.get_session_report(request).await.unwrap_err().code(), Code::NotFound);
    site.stop().await;
}

async fn list(sessions: &mut Sessions, request: v1::ListSessionsRequest) -> Vec<String> {
    let answer = sessions.list_sessions(request).await.unwrap().into_inner();
    answer.sessions.into_iter().map(|s| s.id).collect()
}

#[tokio::test]
async fn sessions_are_listed_by_filter_in_order_and_page_by_page() {
    let mut site = Site::start(&World::of_hosts(6)).await;
    let mut sessions = site.sessions().await;
    let mut ids = Vec::new();
    for i in 1..=6 {
        let spec = v1::SessionSpec {
            window: Some(v1::MaintenanceWindow {
                start_time: None,
                end_time: Some(from_now(1000 * i)),
            }),
            ..patient(&[&format!("compute-{i}")])
        };
        ids.push(create(&mut sessions, spec).await.id);
    }
    cancel(&mut sessions, &ids[1]).await;
    until_state(&mut sessions, &ids[1], SessionState::Cancelled).await;
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(list(&mut sessions, v1::ListSessionsRequest::default()).await, newest_first);
    for (order_by, expected) in [("create_time", &ids), ("create_time desc", &newest_first)] {
        let mut request = v1::ListSessionsRequest {
            page_size: 4,
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let first = sessions.list_sessions(request.clone()).await.unwrap().into_inner();
        // What is new meanwhile does not disturb a list that is under way.
        request.page_token = first.next_page_token;
        let second = sessions.list_sessions(request).await.unwrap().into_inner();
        assert!(second.next_page_token.is_empty());
        let found: Vec<_> =
            first.sessions.into_iter().chain(second.sessions).map(|s| s.id).collect();
        assert_eq!(&found, expected);
    }
    let mut filtered = async |filter: v1::SessionFilter| {
        list(&mut sessions, v1::ListSessionsRequest { filter: Some(filter), ..Default::default() })
            .await
    };
    let states = vec![SessionState::Cancelled.into(), SessionState::Completed.into()];
    let cancelled = v1::SessionFilter { states, ..Default::default() };
    assert_eq!(filtered(cancelled).await, [ids[1].clone()]);
    let of_host = v1::SessionFilter { host: "compute-3".to_owned(), ..Default::default() };
    assert_eq!(filtered(of_host).await, [ids[2].clone()]);
    let late = v1::SessionFilter { ends_after_time: Some(from_now(4500)), ..Default::default() };
    assert_eq!(filtered(late).await, [ids[5].clone(), ids[4].clone()]);
    let none = v1::SessionFilter { host: "compute".to_owned(), ..Default::default() };
    assert!(filtered(none).await.is_empty());
    site.stop().await;
}

/// BASIC leaves out what grows with a session, and nothing else, wherever a session is read.
#[tokio::test]
async fn the_basic_view_omits_hosts_by_name_overrides_metadata_and_waits() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let retired = v1::HostOverride {
        host: "compute-2".to_owned(),
        kind: v1::MaintenanceKind::Retirement.into(),
    };
    let spec = v1::SessionSpec {
        metadata: [("ticket".to_owned(), "C-17".to_owned())].into(),
        host_overrides: vec![retired],
        ..patient(&["compute-1", "compute-2"])
    };
    let id = create(&mut sessions, spec).await.id;
    let [basic, all] = [v1::SessionView::Basic, v1::SessionView::Full].map(i32::from);

    let mut read = async |view: i32| {
        let session_id = id.clone();
        let request = v1::GetSessionRequest { session_id, view };
        let got = sessions.get_session(request).await.unwrap().into_inner().session.unwrap();
        let request = v1::ListSessionsRequest { view, ..Default::default() };
        let listed = sessions.list_sessions(request).await.unwrap().into_inner().sessions;
        let request = v1::WatchSessionRequest { view, ..of_session(&id, None) };
        let mut watch = sessions.watch_session(request).await.unwrap().into_inner();
        let first = watch.message().await.unwrap().unwrap();
        let Some(Message::Snapshot(snapshot)) = first.message else { panic!("{first:?}") };
        assert_eq!(snapshot.hosts.len(), if view == basic { 0 } else { 2 });
        assert!(snapshot.last);
        [got, listed[0].clone(), snapshot.session.unwrap()]
    };
    // Its plan may be made meanwhile.
    let (full, short) = eventually("a session that stays as it is", async || {
        let (full, short) = (read(all).await, read(basic).await);
        let is_same = full.iter().chain(&short).all(|session| session.etag == full[0].etag);
        is_same.then_some((full, short))
    })
    .await;
    for (full, short) in full.into_iter().zip(short) {
        let spec = full.spec.as_ref().unwrap();
        assert_eq!(spec.hosts.as_ref().unwrap().names, ["compute-1", "compute-2"]);
        assert_eq!((spec.metadata.len(), spec.host_overrides.len()), (1, 1));
        let status = full.status.as_ref().unwrap();
        assert!(!status.waits.is_empty() && status.wait_count > 0, "{status:?}");

        let mut wanted = full;
        let spec = wanted.spec.as_mut().unwrap();
        spec.hosts.as_mut().unwrap().names.clear();
        spec.metadata.clear();
        spec.host_overrides.clear();
        let status = wanted.status.as_mut().unwrap();
        status.waits.clear();
        status.wait_count = 0;
        // It moves with the time at which it is asked for.
        let end = short.status.as_ref().unwrap().expected_end_time;
        assert_eq!(end.is_some(), status.expected_end_time.is_some());
        status.expected_end_time = end;
        assert_eq!(short, wanted);
    }
    site.stop().await;
}

#[tokio::test]
async fn a_change_of_the_plan_asks_owners_again() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let session = create(&mut sessions, patient(&["compute-1"])).await;
    let first = notification(&mut owners, "orange", NotificationKind::Planned).await;
    owners.reply(accept(&first, Action::Keep)).await.unwrap();
    let answered = notification(&mut owners, "orange", NotificationKind::Planned).await;
    assert_eq!(answered.state(), v1::NotificationState::Answered);
    assert_eq!(answered.servers[0].impact(), v1::Impact::Down);

    let before = get(&mut sessions, &session.id).await;
    let changed = v1::UpdateSessionRequest {
        session_id: session.id.clone(),
        spec: Some(v1::SessionSpec {
            window: Some(v1::MaintenanceWindow {
                start_time: None,
                end_time: Some(from_now(7200)),
            }),
            max_parallel_hosts: 3,
            // Not in the mask, and so left as it is.
            reason: "not this".to_owned(),
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["window".to_owned(), "max_parallel_hosts".to_owned()],
        }),
        etag: before.etag.clone(),
        ..Default::default()
    };
    let after = sessions.update_session(changed.clone()).await.unwrap().into_inner();
    let after = after.session.unwrap();
    let spec = after.spec.as_ref().unwrap();
    assert_eq!((spec.reason.as_str(), spec.max_parallel_hosts), ("new firmware", 3));
    assert_ne!(after.etag, before.etag);
    assert!(after.status.as_ref().unwrap().plan_revision > first.plan_revision);
    let refusal = Refusal::of(sessions.update_session(changed).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));

    let again = notification(&mut owners, "orange", NotificationKind::Planned).await;
    assert_eq!(again.id, first.id, "the same question, once more");
    assert_eq!(again.state(), v1::NotificationState::Pending);
    assert!(again.plan_revision > first.plan_revision);
    assert_eq!(again.servers[0].decision(), Action::Unspecified, "what was decided is void");
    let refusal = Refusal::of(owners.reply(accept(&first, Action::Keep)).await.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Aborted, "PLAN_REVISION_STALE"));
    assert_eq!(refusal.metadata["plan_revision"], again.plan_revision.to_string());
    owners.reply(accept(&again, Action::Keep)).await.unwrap();

    // A change that owners were told nothing about asks nobody.
    let revision = get(&mut sessions, &session.id).await.session.status.unwrap().plan_revision;
    let quiet = v1::UpdateSessionRequest {
        session_id: session.id.clone(),
        spec: Some(v1::SessionSpec { action_attempts: 5, ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["action_attempts".to_owned()] }),
        ..Default::default()
    };
    let after = sessions.update_session(quiet).await.unwrap().into_inner().session.unwrap();
    assert_eq!(after.status.unwrap().plan_revision, revision);
    site.stop().await;
}

/// Every event of a session, in order, each with the figures as they were after it.
#[tokio::test]
async fn the_watch_tells_a_session_from_its_beginning_to_its_end() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let channel = site.channel().await;
    let session = create(&mut sessions, patient(&["compute-1", "compute-2"])).await;
    let mut watch: Tape<v1::WatchSessionResponse> =
        Tape::open(&channel, of_session(&session.id, None)).await.unwrap();
    let first = watch.next().await;
    let Some(Message::Snapshot(snapshot)) = &first.message else { panic!("{first:?}") };
    assert_eq!(snapshot.session.as_ref().unwrap().id, session.id);
    assert_eq!(first.sequence, 3, "created, and two owners asked");
    for project in ["orange", "violet"] {
        let asked = notification(&mut owners, project, NotificationKind::Planned).await;
        let answer = reply(
            &asked,
            v1::reply_request::Answer::Accept(v1::Accept {
                action: Action::LiveMigrate.into(),
                decisions: Vec::new(),
            }),
        );
        owners
            .reply(v1::ReplyRequest { comment: format!("{project} agrees"), ..answer })
            .await
            .unwrap();
    }
    start(&mut sessions, &session.id).await;
    let done = work_through(&mut sessions, &session.id).await;
    let is_end = |m: &v1::WatchSessionResponse| matches!(told(m), Some(Event::Session(s)) if s.state() == SessionState::Completed);
    watch.until(is_end).await;
    let events: Vec<_> = watch.events().map(|h| h.message.clone()).collect();
    assert_eq!(watch.sequences(), (4..4 + events.len() as u64).collect::<Vec<_>>());
    assert!(events.iter().map(|e| nanos(e.time)).is_sorted());

    let replies: Vec<_> = events
        .iter()
        .filter_map(|m| match told(m) {
            Some(Event::OwnerReplied(r)) => Some(r.comment.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(replies, ["orange agrees", "violet agrees"]);
    for host in ["compute-1", "compute-2"] {
        let mut states: Vec<_> = events
            .iter()
            .filter_map(|m| match told(m) {
                Some(Event::Host(h)) if h.host == host => Some((h.previous_state(), h.state())),
                _ => None,
            })
            .filter(|(from, to)| from != to)
            .collect();
        states.dedup();
        use SessionHostState::{Draining, InMaintenance, Maintained, Returning, Waiting};
        let path = [Waiting, Draining, InMaintenance, Returning, Maintained];
        let steps: Vec<_> = path.windows(2).map(|w| (w[0], w[1])).collect();
        assert_eq!(states, steps, "{host}");
    }
    // The figures only ever go towards the end, and agree with it.
    let figures: Vec<_> = events
        .iter()
        .map(|m| match &m.message {
            Some(Message::Event(e)) => e.progress.unwrap(),
            _ => unreachable!(),
        })
        .collect();
    assert!(figures.iter().all(|p| p.hosts_total == 2 && p.servers_failed == 0));
    assert!(figures.is_sorted_by_key(|p| p.hosts_done));
    assert!(figures.iter().all(|p| p.hosts_in_maintenance <= 1));
    assert!(figures.iter().any(|p| p.servers_in_action > 0));
    assert_eq!(*figures.last().unwrap(), progress(&done));
    site.stop().await;
}

fn told(message: &v1::WatchSessionResponse) -> Option<&Event> {
    match &message.message {
        Some(Message::Event(event)) => event.event.as_ref(),
        _ => None,
    }
}

#[tokio::test]
async fn a_session_pauses_fails_and_is_cancelled_with_its_hosts_given_back() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let slow =
        v1::SessionSpec { drain_reply_period: millis(60_000), ..spec(&["compute-1", "compute-2"]) };
    let session = create(&mut sessions, slow).await;
    let id = session.id;
    crate::acts::until_host(&mut sessions, &id, "compute-1", SessionHostState::Draining).await;
    let request = v1::PauseSessionRequest {
        session_id: id.clone(),
        reason: "lunch".to_owned(),
        ..Default::default()
    };
    let paused = sessions.pause_session(request).await.unwrap().into_inner().session.unwrap();
    assert_eq!(state(&paused), SessionState::Paused);
    assert_eq!(paused.status.unwrap().state_reason, "lunch");
    let request = v1::ResumeSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.resume_session(request).await.unwrap();
    // The operator gives up on one host: it goes back to service, and the session waits for word.
    let request = v1::FailHostRequest {
        session_id: id.clone(),
        host: "compute-1".to_owned(),
        reason: "no spare parts".to_owned(),
        ..Default::default()
    };
    sessions.fail_host(request).await.unwrap();
    let failed = until_state(&mut sessions, &id, SessionState::Failed).await;
    assert_eq!(crate::acts::host_state(&failed, "compute-1"), SessionHostState::DrainFailed);
    let waits = &failed.status.as_ref().unwrap().waits;
    assert!(waits.iter().any(|w| w.party() == v1::WaitParty::Operator), "{waits:?}");
    cancel(&mut sessions, &id).await;
    let over = until_state(&mut sessions, &id, SessionState::Cancelled).await;
    assert!(over.session.status.unwrap().waits.is_empty());
    let mut hosts = site.hosts().await;
    let request = v1::ListHostsRequest::default();
    for host in hosts.list_hosts(request).await.unwrap().into_inner().hosts {
        assert_eq!(host.state(), v1::HostState::Enabled, "{}", host.name);
        assert_eq!(host.session_id, "");
    }
    let refusal = sessions
        .start_session(v1::StartSessionRequest { session_id: id.clone(), ..Default::default() });
    assert_eq!(Refusal::of(refusal.await.unwrap_err()).metadata["state"], "CANCELLED");
    site.stop().await;
}

/// Whoever watches a session learns that it is gone.
#[tokio::test]
async fn the_watch_of_a_deleted_session_ends() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let id = create(&mut sessions, patient(&["compute-1"])).await.id;
    let mut watch: Tape<v1::WatchSessionResponse> =
        Tape::open(&channel, of_session(&id, None)).await.unwrap();
    watch.next().await;
    cancel(&mut sessions, &id).await;
    until_state(&mut sessions, &id, SessionState::Cancelled).await;
    watch
        .until(
            |m| matches!(told(m), Some(Event::Session(s)) if s.state() == SessionState::Cancelled),
        )
        .await;
    let request = v1::DeleteSessionRequest { session_id: id.clone(), ..Default::default() };
    sessions.delete_session(request).await.unwrap();
    match watch.try_next().await {
        Ok(None) => {}
        Err(status) => assert_eq!(Refusal::of(status).reason, "SESSION_NOT_FOUND"),
        Ok(Some(message)) => panic!("{message:?}"),
    }
    site.stop().await;
}
