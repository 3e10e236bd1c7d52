//! What can be read off a session: its servers by host, calls that are due, figures, and when
//! it wants to be looked at again.

use std::collections::BTreeSet;
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
    pub hosts_skipped: u32,
    pub servers_total: u32,
    pub servers_done: u32,
    pub servers_in_action: u32,
    pub servers_failed: u32,
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
        } else if !host.arriving.is_empty()
            || open.any(|s| s.state == ServerState::OwnAction || s.obstacle(host.kind).is_some())
        {
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
        let hosts = self.hosts.values().map(|h| h.deadline);
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
            p.hosts_skipped += u32::from(host.state.is_left_out());
        }
        for server in self.servers.values() {
            p.servers_total += 1;
            p.servers_done += u32::from(server.state.is_done());
            p.servers_in_action += u32::from(server.act.is_some());
            p.servers_failed += u32::from(server.state == ServerState::Failed);
        }
        p
    }
}
