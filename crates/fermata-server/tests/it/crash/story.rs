//! What the operator and the owners do, whatever process they reach: they look, and do what is to be done. What they
//! were answered they remember, and so they ask nothing twice that was answered.

use std::collections::BTreeMap;
use std::time::Duration;

use fermata_core::Time;
use fermata_proto::server::notification_service_server::NotificationService;
use fermata_proto::server::session_service_server::SessionService;
use fermata_proto::v1;
use fermata_proto::v1::{Action, NotificationState, SessionHostState, SessionState};
use fermata_server::Assembly;
use prost::Message;
use tokio_stream::StreamExt;
use tonic::{Code, Request, Status};

use crate::acts::{Seen, accept, host_state, state};
use crate::crash::time::{DAWN, WorldTime};
use crate::harness::millis;

pub const PROJECTS: [&str; 2] = ["orange", "violet"];

/// People come back so long after the process that follows a crash: sooner than owners have to reply.
const AWAY: Duration = Duration::from_secs(10);

/// What people know and remember.
#[derive(Debug, Default)]
pub struct Story {
    pub session: Option<String>,
    /// When each owner's reply was first sent, by notification.
    pub replied: BTreeMap<String, Time>,
    /// Replies that were answered.
    pub answered: BTreeMap<String, v1::Notification>,
    pub journals: BTreeMap<&'static str, Journal>,
    completed: BTreeMap<String, bool>,
    subscribed: BTreeMap<&'static str, bool>,
    pub cancelled: bool,
    pub over: bool,
}

/// What an owner's stream gave: bytes by sequence number, and where to go on.
#[derive(Debug, Default)]
pub struct Journal {
    pub events: BTreeMap<u64, Vec<u8>>,
    /// Events that came again with other bytes, or out of order.
    pub wrong: Vec<u64>,
    token: Vec<u8>,
    /// The token before, so that the last event is asked for again.
    before: Vec<u8>,
}

impl Story {
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Goes on until the story is over.
    pub async fn go_on(&mut self, assembly: &Assembly, time: &WorldTime) {
        let (sessions, _, owners) = assembly.services();
        for project in PROJECTS {
            let journal = self.journals.entry(project).or_default();
            // The last event is asked for again.
            journal.token.clone_from(&journal.before);
        }
        if self.session.is_some() {
            // Whatever Fermata does wrong after a crash, it does before people are back.
            tokio::time::sleep(AWAY).await;
        }
        while !self.over {
            for project in PROJECTS {
                self.take_part(&owners, project).await;
                self.listen(&owners, project).await;
            }
            // Nobody can have missed anything before it listened.
            if self.journals.values().all(|journal| !journal.token.is_empty()) {
                self.operate(&sessions).await;
            }
            for project in PROJECTS {
                self.reply(&owners, project, time).await;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        for project in PROJECTS {
            self.listen(&owners, project).await;
        }
    }

    async fn take_part(&mut self, owners: &impl NotificationService, project: &'static str) {
        if self.subscribed.contains_key(project) {
            return;
        }
        let request = crate::acts::put_subscription(project, "manager");
        if answered(owners.put_subscription(Request::new(request)).await).is_some() {
            self.subscribed.insert(project, true);
        }
    }

    async fn operate(&mut self, sessions: &impl SessionService) {
        let Some(id) = self.session.clone() else {
            let request =
                v1::CreateSessionRequest { spec: Some(spec()), request_id: "create".to_owned() };
            let made = answered(sessions.create_session(Request::new(request)).await);
            self.session = made.map(|made| made.session.unwrap().id);
            return;
        };
        let request = v1::GetSessionRequest { session_id: id.clone(), ..Default::default() };
        let Some(found) = answered(sessions.get_session(Request::new(request)).await) else {
            return;
        };
        let request = v1::ListSessionHostsRequest { session_id: id.clone(), ..Default::default() };
        let Some(hosts) = answered(sessions.list_session_hosts(Request::new(request)).await) else {
            return;
        };
        let session = Seen { session: found.session.unwrap(), hosts: hosts.hosts };
        if state(&session) == SessionState::Cancelled {
            self.over = true;
            return;
        }
        let ready = |host: &str| host_state(&session, host) == SessionHostState::InMaintenance;
        // One host came back, one could not be emptied, one is held with a server that was kept: then it ends.
        let ends = ready("compute-1")
            && host_state(&session, "compute-2") == SessionHostState::Maintained
            && host_state(&session, "compute-3") == SessionHostState::DrainFailed;
        if ends && !self.cancelled {
            let request = v1::CancelSessionRequest {
                session_id: id.clone(),
                reason: "enough".to_owned(),
                request_id: "cancel".to_owned(),
                ..Default::default()
            };
            self.cancelled =
                answered(sessions.cancel_session(Request::new(request)).await).is_some();
        }
        for host in ["compute-1", "compute-2"] {
            let kept = host == "compute-1" && !self.cancelled;
            if !ready(host) || kept || self.completed.contains_key(host) {
                continue;
            }
            let request = v1::CompleteHostRequest {
                session_id: id.clone(),
                host: host.to_owned(),
                request_id: format!("complete {host}"),
                ..Default::default()
            };
            if answered(sessions.complete_host(Request::new(request)).await).is_some() {
                self.completed.insert(host.to_owned(), true);
            }
        }
    }

    async fn reply(
        &mut self,
        owners: &impl NotificationService,
        project: &'static str,
        time: &WorldTime,
    ) {
        let request = v1::ListNotificationsRequest {
            project_id: project.to_owned(),
            filter: Some(v1::NotificationFilter {
                states: vec![NotificationState::Pending.into()],
                ..Default::default()
            }),
            ..Default::default()
        };
        let Some(found) = answered(owners.list_notifications(Request::new(request)).await) else {
            return;
        };
        for notification in found.notifications {
            let mut request = accept(&notification, Action::LiveMigrate);
            if let Some(v1::reply_request::Answer::Accept(accept)) = &mut request.answer {
                for server in &notification.servers {
                    let action = match server.server_id.as_str() {
                        "keep-id" => Action::Keep,
                        "cold-id" => Action::Migrate,
                        _ => continue,
                    };
                    let server_id = server.server_id.clone();
                    accept.decisions.push(v1::Decision { server_id, action: action.into() });
                }
            }
            request.request_id = format!("{} {}", notification.id, notification.plan_revision);
            self.replied.entry(notification.id.clone()).or_insert_with(|| time.now());
            if let Some(answer) = answered(owners.reply(Request::new(request)).await) {
                self.answered.insert(notification.id, answer.notification.unwrap());
            }
        }
    }

    /// Reads what there is to read.
    async fn listen(&mut self, owners: &impl NotificationService, project: &'static str) {
        let journal = self.journals.get_mut(project).unwrap();
        let start = if journal.token.is_empty() {
            crate::tape::now()
        } else {
            crate::tape::after(journal.token.clone())
        };
        let request =
            v1::SubscribeRequest { project_id: project.to_owned(), start, ..Default::default() };
        let Ok(stream) = owners.subscribe(Request::new(request)).await else { return };
        let mut stream = std::pin::pin!(stream.into_inner());
        // What is not there after a while of virtual time is read the next time.
        let pause = Duration::from_millis(20);
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(pause, stream.next()).await {
            let bytes = frame.encode_to_vec();
            let message = v1::SubscribeResponse::decode(bytes.as_slice()).unwrap();
            journal.before = std::mem::replace(&mut journal.token, message.resume_token.clone());
            if journal.before.is_empty() {
                journal.before.clone_from(&journal.token);
            }
            if matches!(message.message, Some(v1::subscribe_response::Message::Event(_))) {
                journal.hear(message.sequence, frame.body.to_vec());
            }
        }
    }
}

impl Journal {
    fn hear(&mut self, sequence: u64, bytes: Vec<u8>) {
        let last = self.events.keys().next_back().copied().unwrap_or(0);
        match self.events.get(&sequence) {
            Some(known) if *known == bytes => {}
            None if sequence == last + 1 => {
                self.events.insert(sequence, bytes);
            }
            Some(_) | None => self.wrong.push(sequence),
        }
    }
}

fn spec() -> v1::SessionSpec {
    let end = DAWN + fermata_core::Duration::hours(12);
    let end = prost_types::Timestamp { seconds: end.unix_timestamp(), nanos: 0 };
    v1::SessionSpec {
        hosts: Some(v1::HostSelection {
            names: ["compute-1", "compute-2", "compute-3"].map(str::to_owned).to_vec(),
            ..Default::default()
        }),
        window: Some(v1::MaintenanceWindow { start_time: None, end_time: Some(end) }),
        reason: "new firmware".to_owned(),
        announce_reply_period: millis(20_000),
        drain_reply_period: millis(20_000),
        on_silence: v1::OnSilence::FailHost.into(),
        on_failure: v1::OnFailure::Continue.into(),
        action_attempts: 2,
        max_parallel_hosts: 3,
        ..Default::default()
    }
}

/// The answer; `None` if there was none and asking again may help.
fn answered<T>(result: Result<tonic::Response<T>, Status>) -> Option<T> {
    match result {
        Ok(response) => Some(response.into_inner()),
        Err(status) if matches!(status.code(), Code::Unavailable | Code::Aborted) => None,
        // It was done by the process before, and not answered.
        Err(status) if status.code() == Code::FailedPrecondition => None,
        Err(status) => panic!("{status:?}"),
    }
}
