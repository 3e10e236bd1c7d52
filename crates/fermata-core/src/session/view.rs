//! What can be read off a session: its servers by host, calls that are due, figures, waits, and when
//! it wants to be looked at again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use time::Duration;

use super::call::{Call, CallId, CallTarget, DueCall, Phase, Read, Want};
use super::{
    Notification, NotificationKind, NotificationState, ServerKey, ServerState, Session,
    SessionHost, SessionHostState, SessionServer, SessionState,
};
use crate::Time;
use crate::id::{HostName, ProjectId, ServerId};
use crate::replan::Turn;
use crate::session::SchedulingFact;
use crate::spec::StartMode;

/// Two reads of a drained host must lie at least this far apart to count as two.
const AT_ONCE: Duration = Duration::seconds(1);
/// While something is awaited that only a read can tell.
const SOON: Duration = Duration::seconds(5);
/// While a host is held empty.
const HELD: Duration = Duration::seconds(10);
/// While servers leave: whether others came or went.
const NOW_AND_THEN: Duration = Duration::seconds(30);

/// Before a plan is made again because hosts cannot be drained.
const PLAN_AGAIN: Duration = Duration::seconds(30);

/// Figures of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it; the contract's Progress documents each")]
pub struct Progress {
    pub hosts_total: u32,
    pub hosts_done: u32,
    pub hosts_in_maintenance: u32,
    pub hosts_failed: u32,
    pub servers_total: u32,
    pub servers_done: u32,
    pub servers_in_action: u32,
    pub servers_failed: u32,
}

/// A party that a session waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Whose move it is.
    pub party: WaitParty,
    /// The host that waits; `None`: the whole session.
    pub host: Option<HostName>,
    /// What is awaited, and which call answers it.
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

impl Session {
    /// The servers of a host.
    pub fn servers_of<'a>(
        &'a self,
        host: &'a HostName,
    ) -> impl Iterator<Item = &'a Arc<SessionServer>> {
        let from = ServerKey { host: host.clone(), server: ServerId(String::new()) };
        self.servers
            .range(from..)
            .map(|(_, entry)| entry)
            .take_while(move |entry| entry.key.host == *host)
    }

    /// The projects with servers in the session, and those that were asked for room.
    pub fn projects(&self) -> BTreeSet<ProjectId> {
        let asked = self.notifications.values().map(|n| &n.project);
        self.servers.values().map(|s| &s.project).chain(asked).cloned().collect()
    }

    /// Whether nothing has begun on the servers of a host that is drained.
    pub fn has_not_begun(&self, host: &HostName) -> bool {
        let since = self.hosts.get(host).and_then(|h| h.drain_started_at);
        self.servers_of(host).all(|s| {
            let before = s.act_started_at.is_none() || s.act_started_at < since;
            let waits = !s.state.is_open() || s.state == ServerState::Affected;
            before && waits && s.act.is_none() && s.state != ServerState::Kept
        })
    }

    /// The notifications about the drain of a host that are not closed.
    pub fn drain_notifications<'a>(
        &'a self,
        host: &'a HostName,
    ) -> impl Iterator<Item = &'a Arc<Notification>> {
        self.notifications.values().filter(move |n| {
            n.state != NotificationState::Closed
                && matches!(&n.kind, NotificationKind::Drain(of) if of == host)
        })
    }

    /// Calls that may be made now.
    pub fn due_calls(&self, now: Time) -> Vec<DueCall> {
        self.calls()
            .filter(|(call, _)| call.phase == Phase::Planned && call.not_before <= now)
            .map(|(call, target)| DueCall {
                id: call.id,
                op: call.op,
                target,
                since: call.not_before,
            })
            .collect()
    }

    /// Servers whose actions are under way, or may be.
    pub fn watched(&self) -> Vec<ServerId> {
        self.servers
            .values()
            .filter(|s| {
                s.act.as_ref().is_some_and(|act| match act.call.phase {
                    Phase::Accepted { .. } | Phase::Unresolved { .. } => true,
                    Phase::Planned | Phase::Begun => false,
                })
            })
            .map(|s| s.key.server.clone())
            .collect()
    }

    /// Since when changes of the watched servers are of interest: the beginning of the oldest action.
    pub fn watched_since(&self) -> Time {
        let begun = self.servers.values().filter_map(|s| s.act.as_ref()?.begun_at);
        begun.min().unwrap_or(self.head.created_at)
    }

    /// Whether a plan is to be made.
    pub fn wants_plan(&self, now: Time) -> bool {
        self.plan_due().is_some_and(|at| at <= now)
    }

    /// When the next plan is to be made.
    pub fn plan_due(&self) -> Option<Time> {
        let goes_on = |h: &Arc<SessionHost>| {
            matches!(h.state, SessionHostState::Waiting | SessionHostState::Draining)
        };
        if let Some((_, offer)) = self.open_counter_offers().first()
            && self.head.state != SessionState::Cancelling
        {
            return Some(offer.made_at);
        }
        if !self.head.state.may_work() || !self.hosts.values().any(goes_on) {
            return None;
        }
        let Some(planned_at) = self.head.course.planned_at else {
            return Some(self.head.created_at);
        };
        if !self.head.course.is_planned() {
            return Some(planned_at);
        }
        let lost = |s: &Arc<SessionServer>| s.waits_for.is_some() && s.target.is_none();
        let blocked = |h: &Arc<SessionHost>| {
            let has_no_turn = matches!(h.turn, Some(Turn::Blocked(_)));
            goes_on(h) && (has_no_turn || self.servers_of(&h.host).any(lost))
        };
        let again = self.hosts.values().any(blocked).then(|| planned_at + PLAN_AGAIN);
        // A host that waited for a time may join those that are out of service.
        let later = self.hosts.values().filter(|h| matches!(h.turn, Some(Turn::Wave(2..))));
        let later = later.filter_map(|h| self.begins_at(h)).filter(|at| *at > planned_at);
        later.chain(again).min()
    }

    /// Where a call moves its server to; `None`: the cloud chooses.
    pub fn target_of(&self, call: CallId) -> Option<&HostName> {
        let mut acts = self.servers.values().filter_map(|s| s.act.as_ref());
        acts.find(|a| a.call.id == call).and_then(|a| a.target.as_ref())
    }

    fn calls(&self) -> impl Iterator<Item = (&Call, CallTarget)> {
        let hosts = self
            .hosts
            .values()
            .filter_map(|h| h.call.as_ref().map(|call| (call, CallTarget::Host(h.host.clone()))));
        let servers = self.servers.values().filter_map(|s| {
            s.act.as_ref().map(|act| (&act.call, CallTarget::Server(s.key.server.clone())))
        });
        hosts.chain(servers)
    }

    /// What the session wants to know of its hosts now.
    pub fn wants(&self) -> Vec<Want> {
        let mut wants = Vec::new();
        for host in self.hosts.values().filter(|h| h.state.is_active()) {
            let mut want = |what, every| wants.push(Want { host: host.host.clone(), what, every });
            match host.state {
                // Somebody has to notice that the cloud answers again.
                SessionHostState::Draining
                    if host.hold.is_some() && self.head.trouble.is_some() =>
                {
                    want(Read::Status, SOON);
                }
                SessionHostState::Draining
                    if host.hold.is_some() || !self.head.state.may_work() => {}
                SessionHostState::Draining => match host.scheduling {
                    SchedulingFact::Untouched if host.call.is_none() => want(Read::Status, SOON),
                    SchedulingFact::Untouched if host.is_switch_unresolved() => {
                        want(Read::Status, AT_ONCE);
                    }
                    SchedulingFact::Untouched => {}
                    SchedulingFact::DisabledByUs | SchedulingFact::DisabledBefore { .. }
                        if host.is_read_empty() =>
                    {
                        want(Read::Status, AT_ONCE);
                    }
                    SchedulingFact::DisabledByUs | SchedulingFact::DisabledBefore { .. } => {
                        want(Read::Servers, self.servers_freshness(host));
                    }
                },
                SessionHostState::InMaintenance => {
                    want(Read::Status, HELD);
                    want(Read::Servers, HELD);
                }
                SessionHostState::Returning => {
                    let busy = self.servers_of(&host.host).any(|s| s.act.is_some());
                    if host.scheduling == SchedulingFact::DisabledByUs
                        && host.call.is_none()
                        && !busy
                    {
                        want(Read::Status, SOON);
                    }
                }
                SessionHostState::Waiting
                | SessionHostState::Maintained
                | SessionHostState::Retired
                | SessionHostState::DrainFailed
                | SessionHostState::MaintenanceFailed
                | SessionHostState::Skipped
                | SessionHostState::Cancelled => {}
            }
        }
        wants
    }

    fn servers_freshness(&self, host: &SessionHost) -> Duration {
        let mut open = self.servers_of(&host.host).filter(|s| s.state.is_open()).peekable();
        if !host.servers_known || open.peek().is_none() && host.arriving.is_empty() {
            AT_ONCE
        } else if !host.arriving.is_empty() || open.any(|s| s.state == ServerState::OwnAction) {
            SOON
        } else {
            NOW_AND_THEN
        }
    }

    /// When the session must be looked at again although nothing happened: the first moment after `seen`, the
    /// time of the last look, at which something is due.
    pub fn next_due(&self, seen: Time) -> Option<Time> {
        if self.head.state.is_terminal() {
            return None;
        }
        let spec = &self.head.spec;
        let window = [Some(spec.window.start), Some(spec.window.end)];
        let calls = self.calls().map(|(call, _)| match call.phase {
            Phase::Planned => Some(call.not_before),
            Phase::Unresolved { settles_at } => Some(settles_at),
            Phase::Begun | Phase::Accepted { .. } => None,
        });
        let servers =
            self.servers.values().flat_map(|s| [s.act.as_ref().map(|a| a.deadline), s.retry_at]);
        let hosts = self.hosts.values().map(|h| h.drain_deadline);
        let notifications = self
            .notifications
            .values()
            .flat_map(|n| [Some(n.reply_deadline_time), Some(n.actions_start_time)]);
        let begins = self.hosts.values().map(|h| self.begins_at(h));
        let full = self.servers.values().filter_map(|s| s.waits_for.as_ref());
        let full = full.map(|full| Some(full.until.unwrap_or(seen + AT_ONCE)));
        window
            .into_iter()
            .chain(calls)
            .chain(servers)
            .chain(hosts)
            .chain(notifications)
            .chain(begins)
            .chain(full)
            .flatten()
            .filter(|at| *at > seen)
            .min()
    }

    /// Figures over the whole session.
    pub fn progress(&self) -> Progress {
        let mut p = Progress::default();
        for host in self.hosts.values() {
            p.hosts_total += 1;
            p.hosts_done += u32::from(host.state.is_settled() && !host.state.is_failed());
            p.hosts_in_maintenance += u32::from(host.state == SessionHostState::InMaintenance);
            p.hosts_failed += u32::from(host.state.is_failed());
        }
        for server in self.servers.values() {
            p.servers_total += 1;
            p.servers_done += u32::from(server.state.is_done());
            p.servers_in_action += u32::from(server.act.is_some());
            p.servers_failed += u32::from(server.state == ServerState::Failed);
        }
        p
    }

    /// For whom the session waits, and until when.
    pub fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        let whole = |party, description: &str, until| Wait {
            party,
            host: None,
            description: description.to_owned(),
            until,
        };
        if let Some(trouble) = &self.head.trouble {
            let text = format!("the cloud does not answer: {}", trouble.detail);
            waits.push(whole(WaitParty::Cloud, &text, None));
        }
        let spec = &self.head.spec;
        for (notification, _) in self.open_counter_offers() {
            let text = format!("a plan with the counter-offer of project {}", notification.project);
            waits.push(whole(WaitParty::Cloud, &text, None));
        }
        for (notification, scale_in) in self.open_scale_ins() {
            let text = format!(
                "{} server(s) less in group {}: it scales in, then Reply with own_action_done",
                scale_in.servers, scale_in.name
            );
            waits.push(whole(
                WaitParty::Owner(notification.project.clone()),
                &text,
                Some(notification.reply_deadline_time),
            ));
        }
        match self.head.state {
            SessionState::Completed | SessionState::Cancelled => return waits,
            SessionState::Scheduled => {
                if spec.start_mode == StartMode::Manual {
                    waits.push(whole(WaitParty::Operator, "the start: StartSession", None));
                }
                if spec.window.start > self.head.updated_at {
                    let text = "the start of the window";
                    waits.push(whole(WaitParty::Clock, text, Some(spec.window.start)));
                }
                for notification in
                    self.notifications.values().filter(|n| n.state == NotificationState::Pending)
                {
                    let party = WaitParty::Owner(notification.project.clone());
                    let text = "the reply to the announcement: Reply";
                    waits.push(whole(party, text, Some(notification.reply_deadline_time)));
                }
            }
            SessionState::Paused => {
                let text = "the operator: ResumeSession or CancelSession";
                waits.push(whole(WaitParty::Operator, text, None));
            }
            SessionState::Failed => {
                let text = "the operator: ResumeSession to try failed hosts again, SkipHost or CancelSession";
                waits.push(whole(WaitParty::Operator, text, None));
            }
            SessionState::Running | SessionState::Cancelling => {}
        }
        for host in self.hosts.values() {
            self.host_waits(host, &mut waits);
        }
        waits
    }

    fn host_waits(&self, host: &SessionHost, waits: &mut Vec<Wait>) {
        let mut push = |party, description: &str, until| {
            waits.push(Wait {
                party,
                host: Some(host.host.clone()),
                description: description.to_owned(),
                until,
            });
        };
        match host.state {
            SessionHostState::Draining => {
                if let Some(hold) = &host.hold {
                    let text = format!(
                        "{}: RetryHost (with override_owners to go on without them), SkipHost or FailHost",
                        hold.reason
                    );
                    push(WaitParty::Operator, &text, host.drain_deadline);
                    return;
                }
                let mut asked = false;
                for notification in self.drain_notifications(&host.host) {
                    if notification.state == NotificationState::Pending {
                        asked = true;
                        let party = WaitParty::Owner(notification.project.clone());
                        push(
                            party,
                            "the decisions for its servers: Reply",
                            Some(notification.reply_deadline_time),
                        );
                    }
                }
                let own = self.servers_of(&host.host).filter(|s| s.state == ServerState::OwnAction);
                for project in own.map(|s| s.project.clone()).collect::<BTreeSet<_>>() {
                    asked = true;
                    let text = "its own action on its servers: Reply with own_action_done";
                    push(WaitParty::Owner(project), text, host.drain_deadline);
                }
                let full = self.servers_of(&host.host).filter_map(|s| s.waits_for.as_ref());
                for (why, until) in full.map(|f| (&f.why, f.until)).collect::<BTreeMap<_, _>>() {
                    asked = true;
                    let party = if until.is_some() { WaitParty::Clock } else { WaitParty::Cloud };
                    push(party, why, until.or(host.drain_deadline));
                }
                let lead = self.drain_notifications(&host.host).map(|n| n.actions_start_time).max();
                if !asked
                    && let Some(at) = lead.filter(|at| *at > self.head.updated_at)
                    && self.servers_of(&host.host).any(|s| s.state.is_open())
                {
                    push(WaitParty::Clock, "the lead time of its owners", Some(at));
                } else if !asked {
                    let text = if host.arriving.is_empty() {
                        "servers to leave"
                    } else {
                        "servers to arrive that were on their way to it when the drain began"
                    };
                    push(WaitParty::Cloud, text, host.drain_deadline);
                }
            }
            SessionHostState::InMaintenance => push(
                WaitParty::Operator,
                "the work on the host: CompleteHost or FailHost",
                host.work_deadline(self),
            ),
            SessionHostState::Returning => {
                push(WaitParty::Cloud, "the host to be back in service", None)
            }
            SessionHostState::Waiting => {
                if let Some(Turn::Blocked(why)) = &host.turn {
                    let text = format!("it cannot be drained: {why}; SkipHost leaves it out");
                    push(WaitParty::Operator, &text, Some(self.head.spec.window.end));
                } else if let Some(at) = self.waits_for_lead_time(host) {
                    push(
                        WaitParty::Clock,
                        "the lead times that its owners' policies ask for",
                        Some(at),
                    );
                }
            }
            SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {}
        }
    }
}
