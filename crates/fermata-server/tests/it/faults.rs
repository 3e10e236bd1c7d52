//! A cloud in which things go wrong, under the real server.

use fermata_proto::v1;
use fermata_proto::v1::{
    Action, NotificationKind, ServerState, SessionHostState, SessionState, WaitParty,
};
use fermata_server::tasks::Task;
use fermata_simcloud::{Answer, Fault, FaultKind, Operation, Outcome};

use crate::acts::{
    accept, create, get, host_of, notification, progress, spec, state, until, until_host,
    until_state, work_through,
};
use crate::harness::{Sessions, Site, eventually, millis, nanos};
use crate::tape::{Tape, of_project};
use crate::world::{Journal, World};

async fn servers(sessions: &mut Sessions, id: &str) -> Vec<v1::SessionServer> {
    let request = v1::GetSessionReportRequest { session_id: id.to_owned(), ..Default::default() };
    let report = sessions.get_session_report(request).await.unwrap().into_inner().report.unwrap();
    report.hosts.into_iter().flat_map(|h| h.servers).collect()
}

async fn server(sessions: &mut Sessions, id: &str, name: &str) -> v1::SessionServer {
    servers(sessions, id).await.into_iter().find(|s| s.name == name).unwrap()
}

/// A fault that hits the next call of this kind on a server.
fn hitting(operation: &str, server: &str, kind: &str) -> String {
    format!("operation = \"{operation}\", server = \"{server}\", kind = \"{kind}\", times = 1")
}

#[tokio::test]
async fn a_failing_move_is_tried_again_and_then_the_host_is_given_back() {
    let world = World::of_hosts(3)
        .server("orange-web", "orange", "compute-1")
        .server("violet-web", "violet", "compute-1")
        .fault("operation = \"live_migrate\", server = \"orange-web\", kind = \"fails\"");
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let mut hosts = site.hosts().await;
    let spec = v1::SessionSpec { action_attempts: 2, ..spec(&["compute-1"]) };
    let id = create(&mut sessions, spec).await.id;
    let failed = until_state(&mut sessions, &id, SessionState::Failed).await;
    let host = host_of(&failed, "compute-1");
    assert_eq!(host.state(), SessionHostState::DrainFailed);
    assert!(host.state_reason.contains("orange-web"), "{host:?}");
    let stuck = server(&mut sessions, &id, "orange-web").await;
    assert_eq!(stuck.attempts, 2);
    assert!(stuck.error.contains("live migration"), "{stuck:?}");
    let moved = server(&mut sessions, &id, "violet-web").await;
    assert_eq!(moved.state(), ServerState::Moved);
    let journal = Journal::of(site.dir.path());
    let tried = journal.calls(Operation::LiveMigrate, "orange-web");
    assert_eq!(tried, [(Outcome::Done, Answer::Ok); 2]);
    let request = v1::GetHostRequest { host: "compute-1".to_owned() };
    let host = hosts.get_host(request).await.unwrap().into_inner().host.unwrap();
    assert_eq!(host.state(), v1::HostState::Enabled);
    site.stop().await;
}

/// The call came through, and its answer was lost: it is found out, and not made again.
#[tokio::test]
async fn a_lost_answer_never_sends_a_call_twice() {
    let mut world = World::of_hosts(3);
    let lost = [
        ("live", "live_migrate"),
        ("cold", "migrate"),
        ("confirmed", "confirm_migration"),
        ("stopped", "stop"),
        ("started", "start"),
    ];
    for (name, operation) in lost {
        let fault = hitting(operation, name, "lost_answer");
        world = world.server(name, "orange", "compute-1").fault(&fault);
    }
    let world = world
        .server("unsent", "orange", "compute-1")
        .fault(&hitting("live_migrate", "unsent", "unknown_not_done"))
        .fault("operation = \"set_scheduling\", kind = \"lost_answer\", times = 1");
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let spec = v1::SessionSpec { max_parallel_actions: 6, ..crate::acts::patient(&["compute-1"]) };
    let id = create(&mut sessions, spec).await.id;
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let decisions = [
        ("cold", Action::Migrate),
        ("confirmed", Action::Migrate),
        ("stopped", Action::Keep),
        ("started", Action::Keep),
    ];
    let decisions = decisions.map(|(server, action)| v1::Decision {
        server_id: format!("{server}-id"),
        action: action.into(),
    });
    let answer = v1::Accept { action: Action::LiveMigrate.into(), decisions: decisions.to_vec() };
    let answer = crate::acts::reply(&asked, v1::reply_request::Answer::Accept(answer));
    owners.reply(answer).await.unwrap();
    crate::acts::start(&mut sessions, &id).await;
    let done = work_through(&mut sessions, &id).await;
    let found = servers(&mut sessions, &id).await;
    assert_eq!(progress(&done).servers_done, 6, "{found:#?}");
    let journal = Journal::of(site.dir.path());
    for (name, operation) in [
        ("live", Operation::LiveMigrate),
        ("cold", Operation::Migrate),
        ("confirmed", Operation::ConfirmMigration),
        ("stopped", Operation::Stop),
        ("started", Operation::Start),
    ] {
        let calls = journal.calls(operation, name);
        assert_eq!(calls, [(Outcome::Done, Answer::Unknown)], "{name}");
    }
    for name in ["live", "cold", "confirmed"] {
        assert_eq!(journal.migrations(name), 1, "{name}");
    }
    // A call that never arrived is made again after a look, once.
    let calls = journal.calls(Operation::LiveMigrate, "unsent");
    assert_eq!(calls, [(Outcome::Nothing, Answer::Unknown), (Outcome::Done, Answer::Ok)]);
    site.stop().await;
}

/// While the cloud is away the session says so, and the time is not counted against owners.
#[tokio::test]
async fn an_outage_of_the_cloud_is_shown_and_moves_owners_deadlines() {
    let world = World::small().fault(
        "operation = \"set_scheduling\", host = \"compute-2\", kind = \"unavailable\", times = 2",
    );
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let channel = site.channel().await;
    let mut orange: Tape<v1::SubscribeResponse> =
        Tape::open(&channel, of_project("orange", None)).await.unwrap();
    // The owners of one host are asked while the other one cannot be reached.
    let spec = v1::SessionSpec {
        drain_reply_period: millis(2500),
        max_parallel_hosts: 2,
        ..spec(&["compute-1", "compute-2"])
    };
    let id = create(&mut sessions, spec).await.id;
    let question = |m: &v1::SubscribeResponse| match crate::owners::event(m) {
        Some(v1::owner_event::Event::Notification(n)) if n.kind() == NotificationKind::Drain => {
            Some(n.clone())
        }
        _ => None,
    };
    let first = question(&orange.until(|m| question(m).is_some()).await).unwrap();
    let trouble = eventually("the trouble to show", async || {
        let found = get(&mut sessions, &id).await;
        let outage = found.status.as_ref().unwrap().cloud_outage.clone()?;
        Some((outage, found))
    })
    .await;
    assert!(trouble.0.detail.contains("fault injected"), "{:?}", trouble.0);
    assert_eq!(trouble.0.kind(), v1::CloudOutageKind::Overloaded);
    assert!(trouble.0.start_time.is_some());
    let waits = trouble.1.session.status.unwrap().waits;
    assert!(
        waits.iter().any(|w| w.kind() == v1::WaitKind::CloudOutage && w.host.is_empty()),
        "{waits:?}"
    );
    // The question comes again with a later deadline; it is the same question.
    let moved = orange
        .until(|m| {
            question(m).is_some_and(|n| {
                n.id == first.id && n.reply_deadline_time != first.reply_deadline_time
            })
        })
        .await;
    let moved = question(&moved).unwrap();
    assert_eq!((moved.plan_revision, moved.state()), (first.plan_revision, first.state()));
    assert!(nanos(moved.reply_deadline_time) > nanos(first.reply_deadline_time));
    for project in ["orange", "violet"] {
        let asked = notification(&mut owners, project, NotificationKind::Drain).await;
        owners.reply(accept(&asked, Action::LiveMigrate)).await.unwrap();
    }
    let done = work_through(&mut sessions, &id).await;
    assert_eq!(done.session.status.unwrap().cloud_outage, None);
    site.stop().await;
}

#[tokio::test]
async fn a_broken_server_holds_its_host_for_the_operator() {
    let world = World::of_hosts(3)
        .server("orange-web", "orange", "compute-1")
        .server_that_is("error", "orange-db", "orange", "compute-2")
        .fault(
            "operation = \"live_migrate\", server = \"orange-web\", kind = \"error\", times = 1",
        );
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let spec = v1::SessionSpec { max_parallel_hosts: 2, ..spec(&["compute-1", "compute-2"]) };
    let id = create(&mut sessions, spec).await.id;
    let held = until(&mut sessions, &id, |s| {
        let held = |h: &v1::SessionHost| h.state_reason.contains("held for the operator");
        s.hosts.iter().all(held)
    })
    .await;
    assert_eq!(state(&held), SessionState::Running);
    for wait in &held.status.as_ref().unwrap().waits {
        assert_eq!(wait.party(), WaitParty::Operator, "{wait:?}");
        assert_eq!(wait.kind(), v1::WaitKind::HeldDrain, "{wait:?}");
        assert!(wait.description.contains("ERROR"), "{wait:?}");
    }
    assert_eq!(progress(&held).servers_failed, 2);
    assert_eq!(progress(&held).servers_done, 0, "broken is not moved");
    // The operator gives one back and leaves the other out.
    let request = v1::FailHostRequest {
        session_id: id.clone(),
        host: "compute-1".to_owned(),
        ..Default::default()
    };
    sessions.fail_host(request).await.unwrap();
    let request = v1::SkipHostRequest {
        session_id: id.clone(),
        host: "compute-2".to_owned(),
        ..Default::default()
    };
    sessions.skip_host(request).await.unwrap();
    until_host(&mut sessions, &id, "compute-1", SessionHostState::DrainFailed).await;
    until_host(&mut sessions, &id, "compute-2", SessionHostState::Skipped).await;
    for server in servers(&mut sessions, &id).await {
        assert_eq!(server.state(), ServerState::HandedOver, "{server:?}");
    }
    site.stop().await;
}

#[tokio::test]
async fn reads_that_fail_for_a_while_only_delay() {
    let world = World::small()
        .fault(
            "operation = \"servers_on\", host = \"compute-1\", kind = \"unavailable\", times = 1",
        )
        .fault("operation = \"progress\", kind = \"unknown_not_done\", times = 2");
    let (mut site, cloud) = Site::over_open_cloud(&world).await;
    // Not before the server has looked at the hosts by itself.
    eventually("a look at the hosts", async || site.tasks().standings()[&Task::Hosts].last.clone())
        .await;
    cloud
        .inject(Fault { times: Some(1), ..Fault::always(Operation::Hosts, FaultKind::Rejects) })
        .unwrap();
    let mut sessions = site.sessions().await;
    // A refusal of the cloud itself is no secret to operators, but no inner detail either.
    let request =
        v1::CreateSessionRequest { spec: Some(spec(&["compute-1"])), ..Default::default() };
    let refusal = sessions.create_session(request.clone()).await.unwrap_err();
    assert_eq!(crate::refusal::Refusal::of(refusal).reason, "INTERNAL");
    let away = sessions.create_session(request).await.unwrap_err();
    let away = crate::refusal::Refusal::of(away);
    assert_eq!((away.reason.as_str(), away.retry), ("CLOUD_UNAVAILABLE", true));
    let id = create(&mut sessions, spec(&["compute-1"])).await.id;
    let done = work_through(&mut sessions, &id).await;
    assert_eq!(progress(&done).servers_done, 2);
    site.stop().await;
}
