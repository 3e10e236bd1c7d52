//! Writes of every service at random: some are carried out, some change nothing, some are refused.

use fermata_core::audit::Action;
use fermata_proto::v1;
use fermata_proto::v1::{HostScheduling, PutMode, SessionState};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use tonic::{Code, Status};

use crate::acts::{patient, put_subscription, spec};
use crate::harness::{Hosts, Notifications, Policies, Sessions, Site};

/// What was asked for, and what must have come of it.
#[derive(Debug)]
pub struct Written {
    pub action: Action,
    /// Whether something has changed; `None`: perhaps.
    pub changed: Option<bool>,
}

/// Somebody who is operator and owner.
pub struct Writer {
    sessions: Sessions,
    hosts: Hosts,
    owners: Notifications,
    policies: Policies,
    count: usize,
    /// A write that was carried out, to be repeated.
    before: Option<v1::PutServerGroupRequest>,
}

const PROJECT: &str = "orange";

impl Writer {
    pub async fn of(site: &Site) -> Self {
        Self {
            sessions: site.sessions().await,
            hosts: site.hosts().await,
            owners: site.notifications().await,
            policies: site.policies().await,
            count: 0,
            before: None,
        }
    }

    /// One write.
    pub async fn write(&mut self, random: &mut StdRng) -> Written {
        self.count += 1;
        match random.random_range(0..16) {
            0..=2 => self.policy(random).await,
            3..=4 => self.group(random).await,
            5..=7 => self.subscription(random).await,
            8..=9 => self.host(random).await,
            _ => self.session(random).await,
        }
    }

    async fn policy(&mut self, random: &mut StdRng) -> Written {
        let server_id = format!("server-{}", random.random_range(0..5));
        let project_id = PROJECT.to_owned();
        let request_id = self.once();
        if random.random_ratio(1, 4) {
            let delete = v1::DeleteServerPolicyRequest {
                project_id,
                server_id,
                request_id,
                ..Default::default()
            };
            let answer = self.policies.delete_server_policy(delete).await;
            return Written::of(Action::DeleteServerPolicy, &answer, Some(true));
        }
        let policy =
            v1::Policy { mitigation_requested: Some(random.random()), ..Default::default() };
        let put = v1::PutServerPolicyRequest {
            server_policy: Some(v1::ServerPolicy {
                project_id,
                server_id,
                policy: Some(policy),
                ..Default::default()
            }),
            request_id,
            mode: random.random_range(0..4),
        };
        let answer = self.policies.put_server_policy(put).await;
        Written::of(Action::PutServerPolicy, &answer, Some(true))
    }

    async fn group(&mut self, random: &mut StdRng) -> Written {
        let id = format!("group-{}", random.random_range(0..3));
        let project_id = PROJECT.to_owned();
        if let Some(put) = self.before.take() {
            let answer = self.policies.put_server_group(put).await;
            assert!(answer.is_ok(), "what is repeated is answered as before: {answer:?}");
            return Written::of(Action::PutServerGroup, &answer, Some(false));
        }
        if random.random_ratio(1, 4) {
            let delete = v1::DeleteServerGroupRequest {
                project_id,
                server_group_id: id,
                ..Default::default()
            };
            let answer = self.policies.delete_server_group(delete).await;
            return Written::of(Action::DeleteServerGroup, &answer, Some(true));
        }
        let put = v1::PutServerGroupRequest {
            server_group: Some(v1::ServerGroup {
                project_id,
                id,
                display_name: format!("name {}", self.count),
                member_ids: vec!["orange-web-id".to_owned()],
                ..Default::default()
            }),
            request_id: self.once(),
            ..Default::default()
        };
        let answer = self.policies.put_server_group(put.clone()).await;
        self.before = answer.is_ok().then_some(put);
        Written::of(Action::PutServerGroup, &answer, Some(true))
    }

    async fn subscription(&mut self, random: &mut StdRng) -> Written {
        let id = format!("vnfm-{}", random.random_range(0..3));
        let (project_id, subscription_id) = (PROJECT.to_owned(), id.clone());
        match random.random_range(0..5) {
            0 => {
                let delete = v1::DeleteSubscriptionRequest {
                    project_id,
                    subscription_id,
                    must_exist: random.random(),
                    ..Default::default()
                };
                let changes = delete.must_exist.then_some(true);
                let answer = self.owners.delete_subscription(delete).await;
                Written::of(Action::DeleteSubscription, &answer, changes)
            }
            1 | 2 => {
                let request = v1::AcknowledgePositionRequest {
                    project_id,
                    subscription_id,
                    sequence: random.random_range(0..10),
                    ..Default::default()
                };
                let answer = self.owners.acknowledge_position(request).await;
                Written::of(Action::AcknowledgePosition, &answer, None)
            }
            _ => {
                let mut put = put_subscription(PROJECT, &id);
                put.mode = PutMode::CreateOrReplace.into();
                if let Some(subscription) = &mut put.subscription {
                    subscription.display_name = format!("name {}", random.random_range(0..3));
                }
                let answer = self.owners.put_subscription(put).await;
                Written::of(Action::PutSubscription, &answer, None)
            }
        }
    }

    async fn host(&mut self, random: &mut StdRng) -> Written {
        let host = format!("compute-{}", random.random_range(3..=4));
        if random.random_ratio(1, 4) {
            let scheduling =
                *[HostScheduling::Enabled, HostScheduling::Disabled].choose(random).unwrap();
            let request = v1::SetHostSchedulingRequest {
                host,
                scheduling: scheduling.into(),
                reason: "fan".to_owned(),
                ..Default::default()
            };
            let answer = self.hosts.set_host_scheduling(request).await;
            return Written::of(Action::SetHostScheduling, &answer, Some(true));
        }
        if random.random() {
            let request = v1::ReleaseHostRequest { host, ..Default::default() };
            let answer = self.hosts.release_host(request).await;
            return Written::of(Action::ReleaseHost, &answer, None);
        }
        let request = v1::RequestHostMaintenanceRequest {
            host,
            reason: "fan".to_owned(),
            request_id: self.once(),
            ..Default::default()
        };
        let answer = self.hosts.request_host_maintenance(request).await;
        Written::of(Action::RequestHostMaintenance, &answer, Some(true))
    }

    async fn session(&mut self, random: &mut StdRng) -> Written {
        let request = v1::ListSessionsRequest { page_size: 20, ..Default::default() };
        let found = self.sessions.list_sessions(request).await;
        let known = found.map(|found| found.into_inner().sessions).unwrap_or_default();
        let over = |session: &&v1::Session| {
            let state = session.status.as_ref().unwrap().state();
            matches!(state, SessionState::Completed | SessionState::Cancelled)
        };
        let active: Vec<_> = known.iter().filter(|session| !over(session)).collect();
        let Some(session) = active.choose(random).filter(|_| random.random_ratio(9, 10)) else {
            return match known.iter().find(over).filter(|_| random.random()) {
                Some(session) => self.delete(&session.id).await,
                None => self.create(random).await,
            };
        };
        let session_id = session.id.clone();
        let reason = "why".to_owned();
        let host = format!("compute-{}", random.random_range(1..=4));
        // Mostly what fits, so that every method is carried out.
        let fitting: &[u32] = match session.status.as_ref().unwrap().state() {
            _ if random.random_ratio(1, 4) => &[0, 1, 3, 4, 6, 8, 9, 10, 11, 13],
            SessionState::Failed => &[4, 9, 10, 10, 11, 11],
            SessionState::Scheduled => &[1, 1, 13, 15],
            SessionState::Paused => &[4, 4, 13],
            _ => &[3, 6, 6, 6, 8, 8, 13, 15],
        };
        macro_rules! ask {
            ($client:ident . $method:ident ( $request:ident { $($field:ident),* } ) $action:ident) => {{
                let request = v1::$request { session_id, reason, $($field,)* ..Default::default() };
                let answer = self.$client.$method(request).await;
                Written::of(Action::$action, &answer, None)
            }};
        }
        match fitting.choose(random).copied().unwrap_or_default() {
            0 => ask!(sessions.cancel_session(CancelSessionRequest {}) CancelSession),
            1 => ask!(sessions.start_session(StartSessionRequest {}) StartSession),
            3 => ask!(sessions.pause_session(PauseSessionRequest {}) PauseSession),
            4 => ask!(sessions.resume_session(ResumeSessionRequest {}) ResumeSession),
            6 => ask!(sessions.complete_host(CompleteHostRequest { host }) CompleteHost),
            8 => ask!(sessions.fail_host(FailHostRequest { host }) FailHost),
            9 => ask!(sessions.skip_host(SkipHostRequest { host }) SkipHost),
            10 => ask!(sessions.retry_host(RetryHostRequest { host }) RetryHost),
            11 => {
                let override_owners = true;
                ask!(sessions.retry_host(RetryHostRequest { host, override_owners }) RetryHostOverridingOwners)
            }
            13 => self.update(session_id).await,
            _ => self.reply(random).await,
        }
    }

    async fn create(&mut self, random: &mut StdRng) -> Written {
        let hosts = [["compute-1", "compute-3"], ["compute-2", "compute-4"]];
        let hosts = hosts.choose(random).unwrap();
        let spec = if random.random() { patient(hosts) } else { spec(hosts) };
        let request = v1::CreateSessionRequest { spec: Some(spec), request_id: self.once() };
        let answer = self.sessions.create_session(request).await;
        Written::of(Action::CreateSession, &answer, Some(true))
    }

    async fn update(&mut self, session_id: String) -> Written {
        let reason = format!("reason {}", self.count);
        let request = v1::UpdateSessionRequest {
            session_id,
            spec: Some(v1::SessionSpec { reason, ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["reason".to_owned()] }),
            ..Default::default()
        };
        let answer = self.sessions.update_session(request).await;
        Written::of(Action::UpdateSession, &answer, Some(true))
    }

    async fn delete(&mut self, id: &str) -> Written {
        let request = v1::DeleteSessionRequest { session_id: id.to_owned(), ..Default::default() };
        let answer = self.sessions.delete_session(request).await;
        Written::of(Action::DeleteSession, &answer, Some(true))
    }

    async fn reply(&mut self, random: &mut StdRng) -> Written {
        let request =
            v1::ListNotificationsRequest { project_id: PROJECT.to_owned(), ..Default::default() };
        let found = self.owners.list_notifications(request).await;
        let found = found.map(|found| found.into_inner().notifications).unwrap_or_default();
        let notification = found.choose(random).cloned().unwrap_or_default();
        let mut request = v1::ReplyRequest {
            project_id: PROJECT.to_owned(),
            notification_id: notification.id.clone(),
            plan_revision: notification.plan_revision,
            comment: format!("comment {}", self.count),
            ..Default::default()
        };
        let answer = if random.random() {
            let action = v1::Action::LiveMigrate.into();
            v1::reply_request::Answer::Accept(v1::Accept { action, ..Default::default() })
        } else {
            v1::reply_request::Answer::Reject(v1::Reject { reason: "not now".to_owned() })
        };
        request.answer = Some(answer);
        let answer = self.owners.reply(request).await;
        Written::of(Action::Reply, &answer, None)
    }

    fn once(&self) -> String {
        format!("once {}", self.count)
    }
}

impl Written {
    /// What was refused has changed nothing; of what was not answered nobody knows.
    fn of<T>(action: Action, answer: &Result<T, Status>, changes: Option<bool>) -> Self {
        let changed = match answer {
            Ok(_) => changes,
            Err(status) if status.code() == Code::Unavailable => None,
            Err(_) => Some(false),
        };
        Self { action, changed }
    }
}
