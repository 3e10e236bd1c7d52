//! What operators see of questions to owners, and of their answers.

use fermata_proto::v1::{
    self, Action, NotificationKind, NotificationState, ReplyKind, SessionNotification,
};

use crate::acts::{accept, create, notification, patient, reply, subscribe_durably};
use crate::harness::{Sessions, Site};
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
    assert_eq!(asked(&mut sessions, &id, 0, of("", rejected)).await, [objects.clone()]);
    assert_eq!(asked(&mut sessions, &id, 0, of("orange", rejected)).await, []);
    assert_eq!(asked(&mut sessions, &id, 0, of("orange", None)).await, [accepted.clone()]);
    site.stop().await;
}
