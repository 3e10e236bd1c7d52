//! What owners see: their own affairs and nothing else.

use fermata_proto::v1;
use fermata_proto::v1::owner_event::Event;
use fermata_proto::v1::subscribe_response::Message;
use fermata_proto::v1::{Action, NotificationKind, OwnerSessionChange, SessionHostState};
use tonic::Code;

use crate::acts::{
    Seen, accept, complete, create, notification, of_session, patient, reply, spec, start,
    until_host, until_state,
};
use crate::harness::{Site, millis};
use crate::refusal::Refusal;
use crate::tape::{Tape, of_project};
use crate::world::World;

type Owner = Tape<v1::SubscribeResponse>;

fn is_over(message: &v1::SubscribeResponse) -> bool {
    matches!(event(message), Some(Event::Session(e))
        if e.change() == OwnerSessionChange::Completed)
}

pub fn event(message: &v1::SubscribeResponse) -> Option<&Event> {
    match &message.message {
        Some(Message::Event(event)) => event.event.as_ref(),
        _ => None,
    }
}

/// Everything that identifies the affairs of the owner of this stream, as its stream showed it.
fn identities(owner: &Owner) -> Vec<String> {
    let mut found = Vec::new();
    let mut server = |s: &v1::AffectedServer| found.push(s.host_id.clone());
    let mut notifications = Vec::new();
    for heard in &owner.heard {
        match &heard.message.message {
            Some(Message::Snapshot(snapshot)) => {
                snapshot.servers.iter().for_each(&mut server);
                notifications.extend(snapshot.notifications.iter().map(|n| n.id.clone()));
            }
            Some(Message::Event(v1::OwnerEvent { event: Some(Event::Notification(n)) })) => {
                n.servers.iter().for_each(&mut server);
                notifications.push(n.id.clone());
            }
            _ => {}
        }
    }
    found.extend(notifications);
    found.sort();
    found.dedup();
    found
}

/// Asserts on the whole transcript, encoded and as text.
fn assert_never_shows(owner: &Owner, words: &[String]) {
    for heard in &owner.heard {
        let text = format!("{:?}", heard.message);
        for word in words {
            let bytes = heard.bytes.windows(word.len()).any(|w| w == word.as_bytes());
            assert!(!bytes && !text.contains(word), "'{word}' is shown in {text}");
        }
    }
}

/// Two owners, decisions of every kind, an action that fails on the way, and the whole transcript of both.
#[tokio::test]
async fn an_owner_never_sees_anything_of_another() {
    let world = World::small()
        .server("orange-cache", "orange", "compute-1")
        .fault(
            "operation = \"live_migrate\", server = \"orange-cache\", kind = \"fails\", times = 1",
        )
        .fault(
            "operation = \"live_migrate\", server = \"violet-db\", kind = \"rejects\", times = 1",
        );
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let channel = site.channel().await;
    let mut orange = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let mut violet = Owner::open(&channel, of_project("violet", None)).await.unwrap();

    let spec = v1::SessionSpec {
        drain_reply_period: millis(300),
        max_parallel_hosts: 2,
        metadata: [("os".to_owned(), "13".to_owned()), ("sriov".to_owned(), "on".to_owned())]
            .into(),
        ..patient(&["compute-1", "compute-2"])
    };
    let session = create(&mut sessions, spec).await;
    // Orange decides everything; violet keeps one server and is silent about the other.
    let asked = notification(&mut owners, "orange", NotificationKind::Planned).await;
    let web =
        v1::Decision { server_id: "orange-web-id".to_owned(), action: Action::Migrate.into() };
    let decisions = v1::Accept { action: Action::LiveMigrate.into(), decisions: vec![web] };
    let accepted = reply(&asked, v1::reply_request::Answer::Accept(decisions));
    owners.reply(accepted).await.unwrap();
    let asked = notification(&mut owners, "violet", NotificationKind::Planned).await;
    let keep = v1::Decision { server_id: "violet-web-id".to_owned(), action: Action::Keep.into() };
    let kept = v1::Accept { action: 0, decisions: vec![keep] };
    owners.reply(reply(&asked, v1::reply_request::Answer::Accept(kept))).await.unwrap();

    start(&mut sessions, &session.id).await;
    let done = crate::acts::work_through(&mut sessions, &session.id).await;
    assert_eq!(crate::acts::progress(&done).servers_done, 5);
    orange.until(is_over).await;
    violet.until(is_over).await;

    let of_orange = identities(&orange);
    let of_violet = identities(&violet);
    let words = |others: Vec<String>, name: &str| -> Vec<String> {
        others.into_iter().chain([name.to_owned(), "compute".to_owned()]).collect()
    };
    // The opaque host ids differ per project, though both had servers on the same hosts.
    assert!(of_orange.len() > 4 && of_violet.len() > 3, "{of_orange:?} {of_violet:?}");
    assert_never_shows(&orange, &words(of_violet, "violet"));
    assert_never_shows(&violet, &words(of_orange, "orange"));

    // Both were told what happened to every server of theirs.
    let changes = |owner: &Owner, server: &str| -> Vec<v1::ServerChange> {
        owner
            .heard
            .iter()
            .filter_map(|h| match event(&h.message) {
                Some(Event::Server(s)) if s.name == server => Some(s.change()),
                _ => None,
            })
            .collect()
    };
    use v1::ServerChange::{ActionDone, ActionFailed, ActionStarted, IsBack, WentDown};
    assert_eq!(changes(&orange, "orange-web"), [ActionStarted, ActionDone]);
    assert_eq!(
        changes(&orange, "orange-cache"),
        [ActionStarted, ActionFailed, ActionStarted, ActionDone]
    );
    assert_eq!(changes(&violet, "violet-web"), [ActionStarted, WentDown, IsBack]);
    assert_eq!(
        changes(&violet, "violet-db"),
        [ActionStarted, ActionFailed, ActionStarted, ActionDone]
    );
    let gapless: Vec<u64> = (1..=orange.sequences().len() as u64).collect();
    assert_eq!(orange.sequences(), gapless);
    site.stop().await;
}

#[tokio::test]
async fn a_snapshot_holds_the_projects_affairs_of_active_sessions() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    let second = create(&mut sessions, patient(&["compute-2"])).await;
    let snapshot = async |request: v1::SubscribeRequest| {
        let mut owner = Owner::open(&channel, request).await.unwrap();
        let first = owner.next().await;
        let Some(Message::Snapshot(snapshot)) = first.message else { panic!("{first:?}") };
        (first.sequence, snapshot)
    };
    let (sequence, all) = snapshot(of_project("orange", None)).await;
    assert_eq!(sequence, 2);
    let names: Vec<_> = all.servers.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["orange-web", "orange-db"]);
    assert_eq!(all.notifications.len(), 2);
    for notification in &all.notifications {
        assert_eq!(notification.project_id, "orange");
        assert_eq!(notification.state(), v1::NotificationState::Pending);
        assert_eq!(notification.servers.len(), 1);
        assert_eq!(notification.servers[0].allowed_actions.len(), 4);
        assert_eq!(notification.servers[0].impact(), v1::Impact::Move);
    }
    let filtered =
        v1::SubscribeRequest { filter: of_session(&second.id), ..of_project("orange", None) };
    let (_, one) = snapshot(filtered).await;
    assert_eq!(one.servers.len(), 1);
    assert_eq!(one.notifications[0].session_id, second.id);
    crate::acts::cancel(&mut sessions, &first.id).await;
    until_state(&mut sessions, &first.id, v1::SessionState::Cancelled).await;
    let (_, left) = snapshot(of_project("orange", None)).await;
    assert_eq!(left.notifications.len(), 1, "a cancelled session is nobody's affair any more");
    // A project that nobody knows is no different from one that nothing affects.
    let (sequence, nothing) = snapshot(of_project("green", None)).await;
    let empty = v1::OwnerSnapshot { part: 1, last: true, ..Default::default() };
    assert_eq!((sequence, nothing), (0, empty));
    site.stop().await;
}

#[tokio::test]
async fn a_stream_can_be_narrowed_to_one_session() {
    let mut site = Site::start(&World::small()).await;
    let mut sessions = site.sessions().await;
    let channel = site.channel().await;
    let mut whole = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let first = create(&mut sessions, patient(&["compute-1"])).await;
    let request =
        v1::SubscribeRequest { filter: of_session(&first.id), ..of_project("orange", None) };
    let mut narrow = Owner::open(&channel, request).await.unwrap();
    narrow.next().await;
    let second = create(&mut sessions, spec(&["compute-2"])).await;
    until_host(&mut sessions, &second.id, "compute-2", SessionHostState::InMaintenance).await;
    complete(&mut sessions, &second.id, "compute-2").await;
    until_state(&mut sessions, &second.id, v1::SessionState::Completed).await;
    crate::acts::cancel(&mut sessions, &first.id).await;
    let cancelled = |m: &v1::SubscribeResponse| matches!(event(m), Some(Event::Session(e)) if e.change() == OwnerSessionChange::Cancelled);
    let last = narrow.until(cancelled).await;
    whole.until(cancelled).await;
    for heard in narrow.events() {
        let of = match event(&heard.message).unwrap() {
            Event::Notification(n) => &n.session_id,
            Event::Server(s) => &s.session_id,
            Event::Session(s) => &s.session_id,
        };
        assert_eq!(*of, first.id);
    }
    // The numbers are the project's: the filter leaves some out and changes none.
    assert_eq!(whole.sequences(), (1..=last.sequence).collect::<Vec<_>>());
    let kept: Vec<_> = whole
        .events()
        .filter(|h| narrow.sequences().contains(&h.message.sequence))
        .map(|h| h.message.message.clone())
        .collect();
    assert_eq!(kept, narrow.events().map(|h| h.message.message.clone()).collect::<Vec<_>>());
    site.stop().await;
}

/// What the cloud says when it refuses may name hosts; owners are told without that.
#[tokio::test]
async fn the_clouds_own_words_about_hosts_are_not_passed_on_to_owners() {
    let world = World::of_hosts(3)
        .server("orange-web", "orange", "compute-1")
        .fault("operation = \"live_migrate\", kind = \"rejects\"");
    let mut site = Site::start(&world).await;
    let mut sessions = site.sessions().await;
    let spec = v1::SessionSpec {
        drain_reply_period: millis(60_000),
        action_attempts: 1,
        ..crate::acts::spec(&["compute-1"])
    };
    let id = create(&mut sessions, spec).await.id;
    let asked = |s: &Seen| {
        s.status.as_ref().unwrap().waits.iter().any(|w| w.party() == v1::WaitParty::Owner)
    };
    crate::acts::until(&mut sessions, &id, asked).await;
    let mut owners = site.notifications().await;
    let channel = site.channel().await;
    let mut orange = Owner::open(&channel, of_project("orange", None)).await.unwrap();
    let drain = notification(&mut owners, "orange", NotificationKind::Drain).await;
    owners.reply(accept(&drain, Action::LiveMigrate)).await.unwrap();
    let failed = |m: &v1::SubscribeResponse| {
        matches!(event(m), Some(Event::Server(s))
            if s.change() == v1::ServerChange::ActionFailed)
    };
    orange.until(failed).await;
    assert_never_shows(&orange, &["compute".to_owned()]);
    // The operator sees what it was.
    let request = v1::GetSessionReportRequest { session_id: id.clone(), ..Default::default() };
    let report = sessions.get_session_report(request).await.unwrap().into_inner().report.unwrap();
    assert!(report.hosts[0].servers[0].error.contains("compute-1"), "{report:?}");
    site.stop().await;
}

/// Whoever watches a name waits for what never comes.
#[tokio::test]
async fn item_10_a_projects_name_is_no_project_to_watch() {
    let named = World::small().text().replace("id = \"orange\"\n", "id = \"0001\"\n");
    let mut site = Site::start_from_text(&named).await;
    let mut owners = site.notifications().await;
    let mut policies = site.policies().await;
    let subscribe = |project: &str| v1::SubscribeRequest {
        project_id: project.to_owned(),
        ..Default::default()
    };
    let project_id = || "orange".to_owned();
    let list = v1::ListNotificationsRequest { project_id: project_id(), ..Default::default() };
    let subscriptions =
        v1::ListSubscriptionsRequest { project_id: project_id(), ..Default::default() };
    let groups = v1::ListServerGroupsRequest { project_id: project_id(), ..Default::default() };
    let refused = [
        owners.subscribe(subscribe("orange")).await.map(drop),
        owners.list_notifications(list).await.map(drop),
        owners.list_subscriptions(subscriptions).await.map(drop),
        policies.list_server_groups(groups).await.map(drop),
    ];
    for (refused, by) in
        refused.into_iter().zip(["Subscribe", "notifications", "subscriptions", "groups"])
    {
        let refusal = Refusal::of(refused.expect_err(by));
        assert_eq!((refusal.code, &*refusal.reason), (Code::InvalidArgument, "INVALID_FIELD"));
        assert_eq!(refusal.fields, ["project_id"]);
        assert!(refusal.text.contains("0001"), "{refusal:?}");
    }
    // Its id is one, and so is one that may come to be a project.
    for project in ["0001", "yet-to-come"] {
        owners.subscribe(subscribe(project)).await.unwrap();
    }
    site.stop().await;
}
