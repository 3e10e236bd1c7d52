//! What operators and owners do in many tests.

use fermata_proto::v1;
use fermata_proto::v1::{NotificationKind, SessionHostState, SessionState};

use crate::harness::{LIMIT, Notifications, Sessions, from_now, millis};

/// A session over these hosts that asks nobody for long.
pub fn spec(hosts: &[&str]) -> v1::SessionSpec {
    v1::SessionSpec {
        hosts: Some(v1::HostSelection {
            names: hosts.iter().map(ToString::to_string).collect(),
            ..Default::default()
        }),
        window: Some(v1::MaintenanceWindow { start_time: None, end_time: Some(from_now(3600)) }),
        reason: "new firmware".to_owned(),
        announce_reply_period: millis(0),
        drain_reply_period: millis(100),
        ..Default::default()
    }
}

/// A session over these hosts that waits for its owners and for the operator's start.
pub fn patient(hosts: &[&str]) -> v1::SessionSpec {
    v1::SessionSpec {
        start_mode: v1::StartMode::Manual.into(),
        announce_reply_period: millis(600_000),
        drain_reply_period: millis(600_000),
        ..spec(hosts)
    }
}

pub async fn create(sessions: &mut Sessions, spec: v1::SessionSpec) -> v1::Session {
    let request = v1::CreateSessionRequest { spec: Some(spec), ..Default::default() };
    sessions.create_session(request).await.unwrap().into_inner().session.unwrap()
}

/// A session with its hosts, at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub session: v1::Session,
    pub hosts: Vec<v1::SessionHost>,
}

impl std::ops::Deref for Seen {
    type Target = v1::Session;

    fn deref(&self) -> &v1::Session {
        &self.session
    }
}

/// Reads a session with its hosts: the snapshot of its watch.
pub async fn get(sessions: &mut Sessions, id: &str) -> Seen {
    use v1::watch_session_response::Message;
    let request = v1::WatchSessionRequest { session_id: id.to_owned(), ..Default::default() };
    let mut stream = sessions.watch_session(request).await.unwrap().into_inner();
    let (mut session, mut hosts) = (None, Vec::new());
    loop {
        let message = stream.message().await.unwrap().unwrap();
        let Some(Message::Snapshot(part)) = message.message else { panic!("{message:?}") };
        session = session.or(part.session);
        hosts.extend(part.hosts);
        if part.last {
            return Seen { session: session.unwrap(), hosts };
        }
    }
}

/// Reads a session until it is as wanted.
pub async fn until(sessions: &mut Sessions, id: &str, wanted: impl Fn(&Seen) -> bool) -> Seen {
    let request = v1::WatchSessionRequest { session_id: id.to_owned(), ..Default::default() };
    let mut stream = sessions.watch_session(request).await.unwrap().into_inner();
    let mut last = None;
    let looking = async {
        loop {
            let found = get(sessions, id).await;
            if wanted(&found) {
                return found;
            }
            last = Some(found);
            // Any event is a reason to look again.
            stream.message().await.unwrap();
        }
    };
    match tokio::time::timeout(LIMIT, looking).await {
        Ok(found) => found,
        Err(_) => panic!("waited too long for a change of {last:#?}"),
    }
}

pub async fn until_host(
    sessions: &mut Sessions,
    id: &str,
    host: &str,
    wanted: SessionHostState,
) -> Seen {
    until(sessions, id, |s| host_state(s, host) == wanted).await
}

pub async fn until_state(sessions: &mut Sessions, id: &str, wanted: SessionState) -> Seen {
    until(sessions, id, |s| state(s) == wanted).await
}

pub fn state(session: &v1::Session) -> SessionState {
    session.status.as_ref().unwrap().state()
}

pub fn host_of<'a>(session: &'a Seen, host: &str) -> &'a v1::SessionHost {
    session.hosts.iter().find(|h| h.host == host).unwrap()
}

pub fn host_state(session: &Seen, host: &str) -> SessionHostState {
    host_of(session, host).state()
}

pub fn progress(session: &v1::Session) -> v1::Progress {
    session.status.as_ref().unwrap().progress.unwrap()
}

pub async fn start(sessions: &mut Sessions, id: &str) -> v1::Session {
    let request = v1::StartSessionRequest { session_id: id.to_owned(), ..Default::default() };
    sessions.start_session(request).await.unwrap().into_inner().session.unwrap()
}

pub async fn cancel(sessions: &mut Sessions, id: &str) {
    let request = v1::CancelSessionRequest { session_id: id.to_owned(), ..Default::default() };
    sessions.cancel_session(request).await.unwrap();
}

pub async fn complete(sessions: &mut Sessions, id: &str, host: &str) {
    let request = v1::CompleteHostRequest {
        session_id: id.to_owned(),
        host: host.to_owned(),
        ..Default::default()
    };
    sessions.complete_host(request).await.unwrap();
}

/// Says of every host, as soon as it is empty, that the work is done; until the session is.
pub async fn work_through(sessions: &mut Sessions, id: &str) -> Seen {
    loop {
        let found = until(sessions, id, |s| {
            state(s) == SessionState::Completed || progress(s).hosts_in_maintenance > 0
        })
        .await;
        if state(&found) == SessionState::Completed {
            return found;
        }
        let empty = |h: &&v1::SessionHost| h.state() == SessionHostState::InMaintenance;
        for host in found.hosts.iter().filter(empty) {
            complete(sessions, id, &host.host).await;
        }
    }
}

/// Changes the reason of a session that is not started: a new question to every owner.
pub async fn ask_again(sessions: &mut Sessions, id: &str, reason: &str) -> v1::Session {
    let request = v1::UpdateSessionRequest {
        session_id: id.to_owned(),
        spec: Some(v1::SessionSpec { reason: reason.to_owned(), ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["reason".to_owned()] }),
        ..Default::default()
    };
    sessions.update_session(request).await.unwrap().into_inner().session.unwrap()
}

/// The notifications of a project, newest first.
pub async fn notifications(owner: &mut Notifications, project: &str) -> Vec<v1::Notification> {
    let request =
        v1::ListNotificationsRequest { project_id: project.to_owned(), ..Default::default() };
    owner.list_notifications(request).await.unwrap().into_inner().notifications
}

/// The newest notification of a project of this kind.
pub async fn notification(
    owner: &mut Notifications,
    project: &str,
    kind: NotificationKind,
) -> v1::Notification {
    notifications(owner, project).await.into_iter().find(|n| n.kind() == kind).unwrap()
}

/// A reply that accepts, with one action for everything.
pub fn accept(notification: &v1::Notification, action: v1::Action) -> v1::ReplyRequest {
    let accept = v1::Accept { action: action.into(), decisions: Vec::new() };
    reply(notification, v1::reply_request::Answer::Accept(accept))
}

/// A reply to a notification.
pub fn reply(
    notification: &v1::Notification,
    answer: v1::reply_request::Answer,
) -> v1::ReplyRequest {
    v1::ReplyRequest {
        project_id: notification.project_id.clone(),
        notification_id: notification.id.clone(),
        plan_revision: notification.plan_revision,
        answer: Some(answer),
        ..Default::default()
    }
}

pub async fn subscribe_durably(owner: &mut Notifications, project: &str) -> v1::Subscription {
    subscribe_as(owner, project, "manager").await
}

pub async fn subscribe_as(owner: &mut Notifications, project: &str, id: &str) -> v1::Subscription {
    owner
        .put_subscription(put_subscription(project, id))
        .await
        .unwrap()
        .into_inner()
        .subscription
        .unwrap()
}

pub fn put_subscription(project: &str, id: &str) -> v1::PutSubscriptionRequest {
    let subscription = v1::Subscription {
        project_id: project.to_owned(),
        id: id.to_owned(),
        display_name: format!("manager of {project}"),
        ..Default::default()
    };
    v1::PutSubscriptionRequest { subscription: Some(subscription), ..Default::default() }
}

pub fn of_session(id: &str) -> Option<v1::SubscriptionFilter> {
    Some(v1::SubscriptionFilter { session_id: id.to_owned() })
}
