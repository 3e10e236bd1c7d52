//! What operators see of questions to owners, and of their answers.

use fermata_proto::v1::{
    self, Action, NotificationKind, NotificationState, OwnerAnswerKind, ReplyKind,
    SessionHostState, SessionNotification,
};

use crate::acts::{
    accept, create, notification, patient, reply, start, subscribe_durably, until, until_host,
};
use crate::harness::{Sessions, Site};
use crate::shared;
use crate::world::World;

async fn asked(
    sessions: &mut Sessions,
    session_id: &str,
    page_size: i32,
    filter: v1::SessionNotificationFilter,
) -> Vec<SessionNotification> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListSessionNotificationsRequest {
            session_id: session_id.to_owned(),
            page_size,
            page_token,
            filter: Some(filter.clone()),
        };
        let page = sessions.list_session_notifications(request).await.unwrap().into_inner();
        all.extend(page.notifications);
        if page.next_page_token.is_empty() {
            return all;
        }
        page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn item_6_operators_see_who_was_asked_and_who_said_what() {
    let mut site = Site::start(&World::small()).await;
    let (mut sessions, mut owner) = (site.sessions().await, site.notifications().await);
    for project in ["orange", "violet"] {
        subscribe_durably(&mut owner, project).await;
    }
    let id = create(&mut sessions, patient(&["compute-1", "compute-2"])).await.id;
    let everything = v1::SessionNotificationFilter::default();
    let before = asked(&mut sessions, &id, 0, everything.clone()).await;
    let projects: Vec<_> = before.iter().map(|n| n.project_id.as_str()).collect();
    assert_eq!(projects, ["orange", "violet"]);
    for question in &before {
        assert_eq!(question.kind(), NotificationKind::Planned);
        assert_eq!(question.state(), NotificationState::Pending);
        assert_eq!((question.reply(), question.reply_time), (ReplyKind::Unspecified, None));
        assert_eq!((question.server_count, question.decided_count), (2, 0));
    }

    let orange = notification(&mut owner, "orange", NotificationKind::Planned).await;
    owner.reply(accept(&orange, Action::LiveMigrate)).await.unwrap();
    let violet = notification(&mut owner, "violet", NotificationKind::Planned).await;
    for reason in ["not now", "the quarter ends"] {
        let answer = v1::reply_request::Answer::Reject(v1::Reject { reason: reason.to_owned() });
        owner.reply(reply(&violet, answer)).await.unwrap();
    }
    let after = asked(&mut sessions, &id, 1, everything).await;
    let [accepted, objects] = after.as_slice() else { panic!("{after:#?}") };
    assert_eq!((accepted.reply(), accepted.decided_count), (ReplyKind::Accepted, 2));
    assert_eq!(accepted.state(), NotificationState::Answered);
    assert_eq!((objects.reply(), objects.decided_count), (ReplyKind::Rejected, 0));
    assert_eq!(objects.objection, "the quarter ends");
    assert!(objects.reply_time.is_some());

    let of = |project_id: &str, state: Option<NotificationState>| v1::SessionNotificationFilter {
        project_id: project_id.to_owned(),
        states: state.map(i32::from).into_iter().collect(),
    };
    let rejected = Some(NotificationState::Rejected);
    assert_eq!(asked(&mut sessions, &id, 0, of("", rejected)).await, after[1..]);
    assert_eq!(asked(&mut sessions, &id, 0, of("orange", rejected)).await, []);
    assert_eq!(asked(&mut sessions, &id, 0, of("orange", None)).await, after[..1]);
    site.stop().await;
}

/// The hosts' names and the questions of a report, page by page.
async fn report(
    sessions: &mut Sessions,
    session_id: &str,
    page_size: i32,
) -> (Vec<String>, Vec<SessionNotification>) {
    let (mut hosts, mut asked, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let session_id = session_id.to_owned();
        let request = v1::GetSessionReportRequest { session_id, page_size, page_token };
        let page = sessions.get_session_report(request).await.unwrap().into_inner();
        let report = page.report.unwrap();
        hosts.extend(report.hosts.into_iter().filter_map(|h| Some(h.host?.host)));
        asked.extend(report.notifications);
        if page.next_page_token.is_empty() {
            return (hosts, asked);
        }
        assert!(asked.is_empty(), "questions come after the last host");
        page_token = page.next_page_token;
    }
}

/// Every objection, and what the operator overrode, is in the report after the session went on without it.
async fn what_was_said_stays(mut site: Site) {
    let (mut sessions, mut owner) = (site.sessions().await, site.notifications().await);
    for project in ["orange", "violet"] {
        subscribe_durably(&mut owner, project).await;
    }
    let id = create(&mut sessions, patient(&["compute-1", "compute-2"])).await.id;
    let orange = notification(&mut owner, "orange", NotificationKind::Planned).await;
    owner.reply(accept(&orange, Action::LiveMigrate)).await.unwrap();
    let violet = notification(&mut owner, "violet", NotificationKind::Planned).await;
    for reason in ["not now", "the quarter ends"] {
        let answer = v1::reply_request::Answer::Reject(v1::Reject { reason: reason.to_owned() });
        owner.reply(reply(&violet, answer)).await.unwrap();
    }
    start(&mut sessions, &id).await;
    let held = |w: &v1::Wait| w.kind() == v1::WaitKind::HeldDrain;
    let is_held = |s: &v1::Session| s.status.as_ref().is_some_and(|s| s.waits.iter().any(held));
    let seen = until(&mut sessions, &id, |seen| is_held(seen)).await;
    let waits = seen.session.status.unwrap().waits;
    let host = waits.iter().find(|w| held(w)).unwrap().host.clone();
    let override_owners = v1::RetryHostRequest {
        session_id: id.clone(),
        host: host.clone(),
        override_owners: true,
        reason: "the fan burns".to_owned(),
        ..Default::default()
    };
    sessions.retry_host(override_owners).await.unwrap();
    until_host(&mut sessions, &id, &host, SessionHostState::InMaintenance).await;

    let everything = v1::SessionNotificationFilter::default();
    let listed = asked(&mut sessions, &id, 0, everything).await;
    for page_size in [0, 1] {
        let (hosts, questions) = report(&mut sessions, &id, page_size).await;
        assert_eq!(hosts.len(), 2);
        assert_eq!(questions, listed);
    }
    let of = |project: &str, kind: NotificationKind| {
        let is = |n: &&SessionNotification| n.project_id == project && n.kind() == kind;
        let question = listed.iter().find(is).unwrap();
        question.history.iter().map(|a| (a.kind(), a.objection.as_str())).collect::<Vec<_>>()
    };
    use OwnerAnswerKind::{Accepted, Overridden, Rejected, RejectedBefore};
    assert_eq!(of("orange", NotificationKind::Planned), [(Accepted, "")]);
    let objected = [(Rejected, "not now"), (Rejected, "the quarter ends")];
    assert_eq!(of("violet", NotificationKind::Planned), objected);
    let overridden = [(RejectedBefore, "the quarter ends"), (Overridden, "the quarter ends")];
    assert_eq!(of("violet", NotificationKind::Drain), overridden);
    let history = listed.iter().flat_map(|n| &n.history);
    let by_operator = history.filter(|a| a.kind() == Overridden).collect::<Vec<_>>();
    let [by_operator] = by_operator.as_slice() else { panic!("{listed:#?}") };
    assert_eq!(by_operator.principal, "loopback");
    assert_eq!((by_operator.host.as_str(), by_operator.reason.as_str()), (&*host, "the fan burns"));
    assert!(by_operator.decided_count > 0 && by_operator.time.is_some());
    site.stop().await;
}

#[tokio::test]
async fn item_6_what_was_said_stays_on_sqlite() {
    what_was_said_stays(Site::start(&World::small()).await).await;
}

#[tokio::test]
async fn item_6_what_was_said_stays_on_postgres() {
    if shared::server().is_none() {
        return;
    }
    let url = shared::create_database();
    let site = Site::with(&World::small(), |c| c.database_url.clone_from(&url)).await;
    what_was_said_stays(site).await;
    shared::drop_database(&url);
}
