//! Every error that a caller can provoke: its code, its reason, and the details that programs need.

use std::collections::BTreeMap;

use fermata_proto::v1;
use fermata_proto::v1::reply_request::Answer;
use fermata_proto::v1::{Action, NotificationKind, ReplyRequest};
use tonic::Code::{
    Aborted, AlreadyExists, FailedPrecondition, InvalidArgument, NotFound,
};
use tonic::{Code, Response, Status};

use crate::acts::{accept, ask_again, cancel, create, get, notice, patient, reply, spec, until_state};
use crate::harness::{Hosts, Notifications, Sessions, Site, from_now, millis};
use crate::refusal::Refusal;
use crate::tape::{Tape, after, of_project};
use crate::world::World;

/// A case: what was refused, and how it must be.
struct Row {
    case: &'static str,
    got: Refusal,
    code: Code,
    reason: &'static str,
    fields: Vec<&'static str>,
    metadata: BTreeMap<String, String>,
    preconditions: Vec<(&'static str, String)>,
    retry: bool,
    /// Who asked; an owner must not see a host's name or another owner.
    owner: Option<&'static str>,
}

impl Row {
    fn fields(mut self, fields: &[&'static str]) -> Self {
        self.fields = fields.to_vec();
        self
    }

    fn metadata(mut self, metadata: &[(&str, &str)]) -> Self {
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        self.metadata = metadata.iter().map(owned).collect();
        self
    }

    fn precondition(mut self, sort: &'static str, subject: &str) -> Self {
        self.preconditions = vec![(sort, subject.to_owned())];
        self
    }

    fn owner(mut self, project: &'static str) -> Self {
        self.owner = Some(project);
        self
    }

    fn check(&self) {
        let (case, got) = (self.case, &self.got);
        assert_eq!((got.code, got.reason.as_str()), (self.code, self.reason), "{case}: {got:?}");
        assert_eq!(got.fields, self.fields, "{case}: {got:?}");
        assert_eq!(got.metadata, self.metadata, "{case}: {got:?}");
        let preconditions: Vec<_> =
            got.preconditions.iter().map(|(sort, s)| (sort.as_str(), s.clone())).collect();
        assert_eq!(preconditions, self.preconditions, "{case}: {got:?}");
        assert_eq!(got.retry, self.retry, "{case}: {got:?}");
        let hidden: &[&str] = match self.owner {
            Some("orange") => &["violet", "compute"],
            Some(_) => &["orange", "compute"],
            None => &["orange", "violet"],
        };
        for word in hidden.iter().chain(&["sqlite", "SELECT", "panicked", "::"]) {
            assert!(!got.text.contains(word), "{case}: '{word}' is in {}", got.text);
        }
    }
}

fn row<T>(
    case: &'static str,
    result: Result<Response<T>, Status>,
    code: Code,
    reason: &'static str,
) -> Row {
    let Err(status) = result else { panic!("{case} was not refused") };
    let got = Refusal::of(status);
    let (fields, preconditions) = (Vec::new(), Vec::new());
    Row { case, got, code, reason, fields, metadata: BTreeMap::new(), preconditions, retry: false, owner: None }
}

/// What is there to be asked wrongly about.
struct Scene {
    sessions: Sessions,
    hosts: Hosts,
    owners: Notifications,
    /// Waits for replies and for its start; owners were asked twice.
    open: v1::Session,
    /// The question of it before the last one, and the last one.
    stale: v1::Notification,
    asked: v1::Notification,
    /// To violet.
    foreign: v1::Notification,
    /// Its host leaves for good.
    retiring: v1::Notification,
    /// Nobody answered it in time.
    expired: v1::Notification,
    cancelled: v1::Session,
}

async fn scene(site: &Site) -> Scene {
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let planned = NotificationKind::Planned;
    let open = create(&mut sessions, patient(&["compute-1"])).await;
    let stale = notice(&mut owners, "orange", planned).await;
    ask_again(&mut sessions, &open.id, "newer firmware").await;
    let asked = notice(&mut owners, "orange", planned).await;
    let foreign = notice(&mut owners, "violet", planned).await;
    let retirement = v1::SessionSpec {
        kind: v1::MaintenanceKind::Retirement.into(),
        ..patient(&["compute-2"])
    };
    create(&mut sessions, retirement).await;
    let retiring = notice(&mut owners, "orange", planned).await;
    let hurried =
        v1::SessionSpec { announce_reply_period: millis(0), ..patient(&["compute-3"]) };
    create(&mut sessions, hurried).await;
    let expired = notice(&mut owners, "orange", planned).await;
    let cancelled = create(&mut sessions, patient(&["compute-4"])).await;
    cancel(&mut sessions, &cancelled.id).await;
    let cancelled =
        until_state(&mut sessions, &cancelled.id, v1::SessionState::Cancelled).await;
    let hosts = site.hosts().await;
    Scene { sessions, hosts, owners, open, stale, asked, foreign, retiring, expired, cancelled }
}

#[tokio::test]
async fn every_error_has_its_code_its_reason_and_its_details() {
    let world = World::small()
        .server("orange-late", "orange", "compute-3")
        .server("orange-gone", "orange", "compute-4");
    let mut site = Site::start(&world).await;
    let mut scene = scene(&site).await;
    let mut rows = Vec::new();
    creating(&mut scene, &mut rows).await;
    changing(&mut scene, &mut rows).await;
    replying(&mut scene, &mut rows).await;
    repeating(&mut scene, &mut rows).await;
    reading(&site, &mut scene, &mut rows).await;
    for row in &rows {
        row.check();
    }
    assert!(rows.len() >= 40, "{}", rows.len());
    site.stop().await;
}

async fn creating(scene: &mut Scene, rows: &mut Vec<Row>) {
    let mut try_to = async |case, spec: v1::SessionSpec, code, reason| {
        let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
        row(case, scene.sessions.create_session(request).await, code, reason)
    };
    let ended = |seconds| Some(v1::Window { start_time: None, end_time: Some(from_now(seconds)) });
    rows.extend([
        try_to("a host in two sessions", spec(&["compute-1"]), FailedPrecondition, "HOST_IN_SESSION")
            .await
            .precondition("HOST_IN_SESSION", "host/compute-1"),
        try_to(
            "a window in the past",
            v1::SessionSpec { window: ended(-10), ..spec(&["compute-4"]) },
            InvalidArgument,
            "WINDOW_INVALID",
        )
        .await
        .fields(&["spec.window.end_time"]),
        try_to(
            "no window",
            v1::SessionSpec { window: None, ..spec(&["compute-4"]) },
            InvalidArgument,
            "WINDOW_INVALID",
        )
        .await
        .fields(&["spec.window.end_time"]),
        try_to("unknown hosts", spec(&["x-1", "compute-4", "x-2"]), InvalidArgument, "UNKNOWN_HOST")
            .await
            .fields(&["spec.hosts.names[0]", "spec.hosts.names[2]"]),
        try_to("no host", spec(&[]), InvalidArgument, "INVALID_FIELD").await.fields(&["spec.hosts"]),
        try_to(
            "several faults at once",
            v1::SessionSpec {
                window: ended(-10),
                reason: String::new(),
                lead_time: millis(-1000),
                default_action: Action::OwnAction.into(),
                max_parallel_hosts: 100_000,
                ..spec(&["x-1", "compute-1"])
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&[
            "spec.hosts.names[0]",
            "spec.hosts",
            "spec.window.end_time",
            "spec.lead_time",
            "spec.reason",
            "spec.default_action",
            "spec.max_parallel_hosts",
        ]),
        try_to(
            "enum values that nobody knows",
            v1::SessionSpec { kind: 77, on_silence: -1, ..spec(&["compute-4"]) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.kind", "spec.on_silence"]),
        try_to(
            "a negative span",
            v1::SessionSpec { drain_timeout: millis(-5000), ..spec(&["compute-4"]) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.drain_timeout"]),
        try_to(
            "keeping on a host that leaves for good",
            v1::SessionSpec {
                kind: v1::MaintenanceKind::Retirement.into(),
                default_action: Action::Keep.into(),
                ..spec(&["compute-4"])
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["spec.default_action"]),
    ]);
    let nothing = scene.sessions.create_session(v1::CreateSessionRequest::default()).await;
    rows.push(row("nothing asked for", nothing, InvalidArgument, "INVALID_FIELD").fields(&["spec"]));
    let mut request_maintenance = async |case, request, code, reason| {
        row(case, scene.hosts.request_host_maintenance(request).await, code, reason)
    };
    let request = |name: &str, reason: &str| v1::RequestHostMaintenanceRequest {
        name: name.to_owned(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    rows.extend([
        request_maintenance("a host nobody knows", request("x-1", "why"), NotFound, "HOST_NOT_FOUND")
            .await,
        request_maintenance("no host", request("", "why"), InvalidArgument, "INVALID_FIELD")
            .await
            .fields(&["name"]),
        request_maintenance(
            "a held host",
            request("compute-1", "why"),
            FailedPrecondition,
            "HOST_IN_SESSION",
        )
        .await
        .precondition("HOST_IN_SESSION", "host/compute-1"),
        // Its fields are named as in its own request.
        request_maintenance(
            "a wrong request for one host",
            v1::RequestHostMaintenanceRequest {
                timeout: millis(-1),
                end_time: Some(from_now(-5)),
                ..request("compute-4", "")
            },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["end_time", "reply_period", "timeout", "reason"]),
    ]);
}

async fn changing(scene: &mut Scene, rows: &mut Vec<Row>) {
    let id = scene.open.id.clone();
    let now = get(&mut scene.sessions, &id).await;
    let host = |host: &str, etag: &str| v1::CompleteHostRequest {
        session_id: id.clone(),
        host: host.to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    let complete = scene.sessions.complete_host(host("compute-1", "")).await;
    rows.push(
        row("completing a host that waits", complete, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "WAITING"), ("allowed_states", "IN_MAINTENANCE")])
            .precondition("STATE", "host 'compute-1'"),
    );
    let complete = scene.sessions.complete_host(host("compute-4", "")).await;
    rows.push(row("a host of no concern", complete, NotFound, "HOST_NOT_FOUND"));
    let complete = scene.sessions.complete_host(host("compute-1", "r0")).await;
    rows.push(
        row("an etag that is not current", complete, Aborted, "ETAG_MISMATCH")
            .metadata(&[("etag", &now.etag)]),
    );
    let complete = scene.sessions.complete_host(host("", "")).await;
    rows.push(row("no host named", complete, InvalidArgument, "INVALID_FIELD").fields(&["host"]));
    let unknown = "01900000-0000-7000-8000-000000000000";
    for (case, id) in [("an unknown session", unknown), ("no id at all", "me")] {
        let request = v1::GetSessionRequest { session_id: id.to_owned() };
        let got = scene.sessions.get_session(request).await;
        rows.push(row(case, got, NotFound, "SESSION_NOT_FOUND"));
    }
    let request = v1::DeleteSessionRequest { session_id: id.clone(), ..Default::default() };
    let deleted = scene.sessions.delete_session(request).await;
    rows.push(
        row("deleting an active session", deleted, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "SCHEDULED"), ("allowed_states", "COMPLETED,CANCELLED")])
            .precondition("STATE", "the session"),
    );
    let request = v1::PauseSessionRequest { session_id: id.clone(), ..Default::default() };
    let paused = scene.sessions.pause_session(request).await;
    rows.push(
        row("pausing what does not run", paused, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "SCHEDULED"), ("allowed_states", "RUNNING")])
            .precondition("STATE", "the session"),
    );
    let over = v1::StartSessionRequest {
        session_id: scene.cancelled.id.clone(),
        ..Default::default()
    };
    let started = scene.sessions.start_session(over).await;
    rows.push(
        row("starting what is over", started, FailedPrecondition, "WRONG_STATE")
            .metadata(&[("state", "CANCELLED"), ("allowed_states", "SCHEDULED")])
            .precondition("STATE", "the session"),
    );
    let request = v1::ReleaseHostRequest { name: "compute-4".to_owned(), ..Default::default() };
    let released = scene.hosts.release_host(request).await;
    rows.push(row("releasing what nobody holds", released, NotFound, "HOST_NOT_FOUND"));
    for (case, paths) in [("no mask", vec![]), ("a fixed field", vec!["hosts".to_owned()])] {
        let request = v1::UpdateSessionRequest {
            session_id: id.clone(),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        let updated = scene.sessions.update_session(request).await;
        rows.push(row(case, updated, InvalidArgument, "INVALID_FIELD").fields(&["update_mask"]));
    }
}

async fn replying(scene: &mut Scene, rows: &mut Vec<Row>) {
    let decide = |notice: &v1::Notification, server: &str, action: i32| {
        let decisions = vec![v1::Decision { server_id: server.to_owned(), action }];
        reply(notice, Answer::Accept(v1::Accept { action: 0, decisions }))
    };
    let live = i32::from(Action::LiveMigrate);
    let mut try_to = async |case, request: ReplyRequest, code, reason| {
        row(case, scene.owners.reply(request).await, code, reason).owner("orange")
    };
    let (asked, foreign) = (&scene.asked, &scene.foreign);
    let reply_by = scene.expired.reply_by.unwrap();
    let current = asked.plan_revision.to_string();
    let as_orange = |request: ReplyRequest| ReplyRequest {
        project_id: "orange".to_owned(),
        ..request
    };
    rows.extend([
        try_to(
            "a server that is another's",
            decide(asked, "elsewhere-id", live),
            InvalidArgument,
            "SERVER_NOT_IN_NOTIFICATION",
        )
        .await
        .fields(&["accept.decisions[0].server_id"]),
        try_to(
            "an action that is not offered",
            decide(&scene.retiring, "orange-db-id", Action::Keep.into()),
            InvalidArgument,
            "ACTION_NOT_ALLOWED",
        )
        .await
        .fields(&["accept.decisions[0].action"]),
        try_to(
            "an action that nobody knows",
            decide(asked, "orange-web-id", 42),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["accept.decisions[0].action"]),
        try_to("a late reply", accept(&scene.expired, Action::Keep), FailedPrecondition, "REPLY_LATE")
            .await
            .metadata(&[("reply_by", &rfc3339(reply_by))])
            .precondition("REPLY_BY", "notification"),
        try_to(
            "a reply to an older plan",
            accept(&scene.stale, Action::Keep),
            Aborted,
            "PLAN_REVISION_STALE",
        )
        .await
        .metadata(&[("plan_revision", &current)]),
        try_to(
            "a reply to a plan to come",
            ReplyRequest { plan_revision: 99, ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["plan_revision"]),
        try_to(
            "an empty reply",
            ReplyRequest { answer: None, ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["answer"]),
        try_to(
            "a reply that decides nothing",
            reply(asked, Answer::Accept(v1::Accept::default())),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["accept"]),
        try_to(
            "an objection without a reason",
            reply(asked, Answer::Reject(v1::Reject::default())),
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["reject.reason"]),
        try_to(
            "a reply of nobody",
            ReplyRequest { project_id: String::new(), ..accept(asked, Action::Keep) },
            InvalidArgument,
            "INVALID_FIELD",
        )
        .await
        .fields(&["project_id"]),
    ]);
    // What is another's is answered like what is not there, to the letter.
    let absent = ReplyRequest {
        notification_id: "01900000-0000-7000-8000-000000000000".to_owned(),
        ..accept(asked, Action::Keep)
    };
    let theirs = as_orange(accept(foreign, Action::Keep));
    let absent = try_to("an absent notification", absent, NotFound, "NOTIFICATION_NOT_FOUND").await;
    let theirs = try_to("another's notification", theirs, NotFound, "NOTIFICATION_NOT_FOUND").await;
    assert_eq!(absent.got.text, theirs.got.text);
    rows.extend([absent, theirs]);
}

fn rfc3339(at: prost_types::Timestamp) -> String {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    let at = fermata_core::Time::from_unix_timestamp_nanos(nanos).unwrap();
    at.format(&time::format_description::well_known::Rfc3339).unwrap()
}

async fn repeating(scene: &mut Scene, rows: &mut Vec<Row>) {
    let first = ReplyRequest {
        request_id: "reply-1".to_owned(),
        comment: "fine".to_owned(),
        ..accept(&scene.asked, Action::Migrate)
    };
    let once = scene.owners.reply(first.clone()).await.unwrap().into_inner();
    let twice = scene.owners.reply(first.clone()).await.unwrap().into_inner();
    assert_eq!(once, twice, "the same request gets the same answer");
    let other = ReplyRequest { comment: "not so fine".to_owned(), ..first };
    let refused = scene.owners.reply(other).await;
    rows.push(
        row("a request id used for something else", refused, AlreadyExists, "REQUEST_ID_REUSED")
            .owner("orange"),
    );
    // Request ids are a project's own.
    let theirs = ReplyRequest {
        request_id: "reply-1".to_owned(),
        ..accept(&scene.foreign, Action::Migrate)
    };
    scene.owners.reply(theirs).await.unwrap();
    let long = v1::CreateSessionRequest {
        spec: Some(spec(&["compute-4"])),
        request_id: "x".repeat(129),
    };
    let refused = scene.sessions.create_session(long).await;
    rows.push(
        row("a request id that is too long", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["request_id"]),
    );
}

async fn reading(site: &Site, scene: &mut Scene, rows: &mut Vec<Row>) {
    let channel = site.channel().await;
    let mut tape: Tape<v1::SubscribeResponse> =
        Tape::open(&channel, of_project("orange", None)).await.unwrap();
    tape.next().await;
    let mut tampered = tape.token();
    tampered[30] ^= 1;
    for (case, token) in [("a tampered resume token", tampered), ("an empty one", Vec::new())] {
        let refused = scene.owners.subscribe(of_project("orange", after(token))).await;
        rows.push(
            row(case, refused, InvalidArgument, "RESUME_TOKEN_INVALID")
                .fields(&["start.resume_token"])
                .owner("orange"),
        );
    }
    let bad = v1::SubscribeRequest {
        heartbeat_interval: millis(-1),
        ..of_project("orange", None)
    };
    let refused = scene.owners.subscribe(bad).await;
    rows.push(
        row("a negative interval", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["heartbeat_interval"])
            .owner("orange"),
    );
    let list = |page_token: &str, page_size| v1::ListSessionsRequest {
        page_token: page_token.to_owned(),
        page_size,
        ..Default::default()
    };
    let page = scene.sessions.list_sessions(list("", 1)).await.unwrap().into_inner();
    let mut tampered = page.next_page_token.clone().into_bytes();
    tampered[20] = if tampered[20] == b'0' { b'1' } else { b'0' };
    let tampered = String::from_utf8(tampered).unwrap();
    for (case, token) in [("a tampered page token", tampered.as_str()), ("no token", "page 2")] {
        let refused = scene.sessions.list_sessions(list(token, 1)).await;
        rows.push(
            row(case, refused, InvalidArgument, "PAGE_TOKEN_INVALID").fields(&["page_token"]),
        );
    }
    let refused = scene.hosts.list_hosts(v1::ListHostsRequest {
        page_token: page.next_page_token.clone(),
        ..Default::default()
    });
    rows.push(
        row("a page token of another list", refused.await, InvalidArgument, "PAGE_TOKEN_INVALID")
            .fields(&["page_token"]),
    );
    let refused = scene.sessions.list_sessions(list("", -1)).await;
    rows.push(
        row("a negative page size", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["page_size"]),
    );
    let unknown_state = v1::HostFilter { states: vec![77], ..Default::default() };
    let refused = scene.hosts.list_hosts(v1::ListHostsRequest {
        filter: Some(unknown_state),
        ..Default::default()
    });
    rows.push(
        row("a state that nobody knows", refused.await, InvalidArgument, "INVALID_FIELD")
            .fields(&["filter.states[0]"]),
    );
    let refused = scene.sessions.list_sessions(v1::ListSessionsRequest {
        order_by: "colour".to_owned(),
        ..Default::default()
    });
    rows.push(
        row("an unknown order", refused.await, InvalidArgument, "INVALID_FIELD")
            .fields(&["order_by"]),
    );
    let ahead = crate::acts::subscribe_durably(&mut scene.owners, "orange").await;
    let mut acknowledge = async |project: &str, id: &str, sequence| {
        let request = v1::AcknowledgePositionRequest {
            project_id: project.to_owned(),
            subscription_id: id.to_owned(),
            sequence,
        };
        scene.owners.acknowledge_position(request).await
    };
    rows.push(
        row(
            "a position to come",
            acknowledge("orange", &ahead.id, 1_000).await,
            InvalidArgument,
            "INVALID_FIELD",
        )
        .fields(&["sequence"])
        .owner("orange"),
    );
    rows.push(
        row(
            "another's subscription",
            acknowledge("violet", &ahead.id, 1).await,
            NotFound,
            "SUBSCRIPTION_NOT_FOUND",
        )
        .owner("violet"),
    );
}
