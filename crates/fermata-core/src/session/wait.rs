//! What a session waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    Notification, NotificationState, ServerState, Session, SessionHost, SessionHostState,
    SessionState,
};
use crate::Time;
use crate::id::{HostName, ProjectId};
use crate::reason::{HostCause, WaitKind};
use crate::replan::Turn;
use crate::spec::StartMode;
use crate::ways::By;

/// Something that a session waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What is awaited; it also tells which calls end the wait.
    pub kind: WaitKind,
    /// Whose move it is.
    pub party: WaitParty,
    /// The host that waits; `None`: the whole session.
    pub host: Option<HostName>,
    /// What is awaited, for people.
    pub description: String,
    /// When the wait ends by itself.
    pub until: Option<Time>,
}

/// Whom a session can wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitParty {
    /// The operator.
    Operator,
    /// The owner of this project's servers.
    Owner(ProjectId),
    /// The cloud.
    Cloud,
    /// The clock.
    Clock,
}

/// Whom a session can wait for, whichever owner it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "WaitParty says it")]
pub enum Party {
    Operator,
    Owner,
    Cloud,
    Clock,
}

impl Party {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Owner, Self::Cloud, Self::Clock];
}

impl From<&WaitParty> for Party {
    fn from(party: &WaitParty) -> Self {
        match party {
            WaitParty::Operator => Self::Operator,
            WaitParty::Owner(_) => Self::Owner,
            WaitParty::Cloud => Self::Cloud,
            WaitParty::Clock => Self::Clock,
        }
    }
}

/// Takes a wait: what for, whose move it is, how it is described, when it ends by itself.
type Push<'a> = &'a mut dyn FnMut(WaitKind, WaitParty, &str, Option<Time>);

impl Session {
    /// For whom the session waits, and until when.
    pub fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        let whole = |kind, party, description: &str, until| Wait {
            kind,
            party,
            host: None,
            description: description.to_owned(),
            until,
        };
        if let Some(trouble) = &self.head.trouble {
            let text = format!("the cloud does not answer: {}", trouble.detail);
            waits.push(whole(WaitKind::CloudOutage, WaitParty::Cloud, &text, None));
        }
        if let Some(why) = &self.head.unreadable {
            let text = format!("the rights to read what a plan needs: {why}");
            waits.push(whole(WaitKind::UnreadableSite, WaitParty::Operator, &text, None));
        }
        for (notification, _) in self.open_counter_offers() {
            let text = format!("a plan with the counter-offer of project {}", notification.project);
            waits.push(whole(WaitKind::CounterOfferPlan, WaitParty::Cloud, &text, None));
        }
        for (notification, scale_in) in self.open_scale_ins() {
            let text = format!(
                "{} server(s) less in group {}: the owner scales in and reports that it is done",
                scale_in.servers, scale_in.name
            );
            let party = WaitParty::Owner(notification.project.clone());
            let until = Some(notification.reply_deadline_time);
            waits.push(whole(WaitKind::ScaleIn, party, &text, until));
        }
        match self.head.state {
            SessionState::Completed | SessionState::Cancelled => return waits,
            SessionState::Scheduled => self.scheduled_waits(&mut waits),
            SessionState::Paused => {
                let text = "the session to be resumed or cancelled";
                waits.push(whole(WaitKind::SessionResume, WaitParty::Operator, text, None));
            }
            SessionState::Failed => {
                let text =
                    "failed hosts to be tried again or skipped, or the session to be cancelled";
                waits.push(whole(WaitKind::FailedHosts, WaitParty::Operator, text, None));
            }
            SessionState::Running | SessionState::Cancelling => {}
        }
        for host in self.hosts.values() {
            let mut push = |kind, party, description: &str, until| {
                waits.push(Wait {
                    kind,
                    party,
                    host: Some(host.host.clone()),
                    description: description.to_owned(),
                    until,
                });
            };
            self.host_waits(host, &mut push);
        }
        waits
    }

    fn scheduled_waits(&self, waits: &mut Vec<Wait>) {
        let spec = &self.head.spec;
        let mut push = |kind, party, description: &str, until| {
            let description = description.to_owned();
            waits.push(Wait { kind, party, host: None, description, until });
        };
        if spec.start_mode == StartMode::Manual {
            push(WaitKind::SessionStart, WaitParty::Operator, "the session to be started", None);
        }
        if spec.window.start > self.head.updated_at {
            let text = "the start of the window";
            push(WaitKind::WindowStart, WaitParty::Clock, text, Some(spec.window.start));
        }
        let pending = |n: &&Arc<Notification>| n.state == NotificationState::Pending;
        for notification in self.notifications.values().filter(pending) {
            let party = WaitParty::Owner(notification.project.clone());
            let until = Some(notification.reply_deadline_time);
            push(WaitKind::AnnouncementReply, party, "the reply to the announcement", until);
        }
    }

    fn host_waits(&self, host: &SessionHost, push: Push<'_>) {
        match host.state {
            SessionHostState::Draining => self.drain_waits(host, push),
            SessionHostState::InMaintenance => push(
                WaitKind::HostWork,
                WaitParty::Operator,
                "the work on the host to be done",
                host.work_deadline(self),
            ),
            SessionHostState::Returning if host.reason.cause() == HostCause::NotBackInTime => {
                let text = format!(
                    "the host to be back in service, or to be failed or skipped as it is: {}",
                    host.reason
                );
                push(WaitKind::LostHost, WaitParty::Operator, &text, None);
            }
            SessionHostState::Returning => {
                let text = "the host to be back in service";
                push(WaitKind::HostReturn, WaitParty::Cloud, text, host.deadline);
            }
            SessionHostState::Waiting => {
                if let Some(Turn::Blocked(why)) = &host.turn {
                    let text = format!("the host to be left out: it cannot be drained: {why}");
                    let until = Some(self.head.spec.window.end);
                    push(WaitKind::BlockedHost, WaitParty::Operator, &text, until);
                } else if let Some(at) = self.waits_for_lead_time(host) {
                    let text = "the lead times that its owners' policies ask for";
                    push(WaitKind::PolicyLeadTime, WaitParty::Clock, text, Some(at));
                }
            }
            SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {
                if host.call.is_some() {
                    let text = "the cloud to be told why the host stays disabled";
                    push(WaitKind::DisabledReason, WaitParty::Cloud, text, None);
                }
            }
        }
    }

    fn drain_waits(&self, host: &SessionHost, push: Push<'_>) {
        if let Some(hold) = &host.hold {
            let text = format!(
                "the host to be tried again (perhaps overriding its owners), skipped or failed: {}",
                hold.reason
            );
            push(WaitKind::HeldDrain, WaitParty::Operator, &text, host.deadline);
            return;
        }
        if host.reason.cause().is_unread() {
            let text =
                format!("the host to be shown by the cloud, or to be skipped: {}", host.reason);
            push(WaitKind::LostHost, WaitParty::Operator, &text, host.deadline);
            return;
        }
        if host.down && self.is_stalled(host) {
            let text =
                format!("the host to be up again or evacuated, or to be skipped: {}", host.reason);
            push(WaitKind::LostHost, WaitParty::Operator, &text, None);
            return;
        }
        let mut asked = false;
        for notification in self.drain_notifications(&host.host) {
            if notification.state == NotificationState::Pending {
                asked = true;
                let party = WaitParty::Owner(notification.project.clone());
                let until = Some(notification.reply_deadline_time);
                push(WaitKind::DrainReply, party, "the decisions for its servers", until);
            }
        }
        for server in self.servers_of(&host.host) {
            let Some(obstacle) = server.obstacle(host.kind) else { continue };
            asked = true;
            let party = match obstacle.by {
                By::Cloud => WaitParty::Cloud,
                By::Owner => WaitParty::Owner(server.project.clone()),
                By::Operator => WaitParty::Operator,
            };
            let text = format!(
                "server {} is {}: {}",
                server.key.server,
                server.status.name(),
                obstacle.remedy
            );
            push(WaitKind::ServerStatus, party, &text, host.deadline);
        }
        let own = self.servers_of(&host.host).filter(|s| s.state == ServerState::OwnAction);
        for project in own.map(|s| s.project.clone()).collect::<BTreeSet<_>>() {
            asked = true;
            let text = "its own action on its servers, and the report that it is done";
            push(WaitKind::OwnAction, WaitParty::Owner(project), text, host.deadline);
        }
        let full = self.servers_of(&host.host).filter_map(|s| s.waits_for.as_ref());
        let full: BTreeMap<_, _> = full.map(|f| ((f.kind, &f.why), f.until)).collect();
        for ((kind, why), until) in full {
            asked = true;
            let party = if until.is_some() { WaitParty::Clock } else { WaitParty::Cloud };
            push(kind, party, why, until.or(host.deadline));
        }
        let lead = self.drain_notifications(&host.host).map(|n| n.actions_start_time).max();
        if asked {
            return;
        }
        if let Some(at) = lead.filter(|at| *at > self.head.updated_at)
            && self.servers_of(&host.host).any(|s| s.state.is_open())
        {
            push(WaitKind::LeadTime, WaitParty::Clock, "the lead time of its owners", Some(at));
        } else if host.arriving.is_empty() {
            let mut text = "servers to leave".to_owned();
            if host.reason.cause() == HostCause::TargetDown {
                text += &format!(": {}", host.reason);
            }
            push(WaitKind::ServersLeaving, WaitParty::Cloud, &text, host.deadline(self));
        } else {
            let text = "servers to arrive that were on their way to it when the drain began";
            push(WaitKind::ServersArriving, WaitParty::Cloud, text, host.deadline);
        }
    }
}
