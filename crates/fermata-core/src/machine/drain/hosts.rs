//! Draining a host: disable scheduling, ask, act, verify that it is empty.

use crate::cloud::ServerStatus;
use crate::event::{OperatorEvent, OwnerEvent, ServerChange};
use crate::id::HostName;
use crate::machine::Machine;
use crate::reason::{HostReason, ServerReason};
use crate::session::{
    Call, NotificationKind, NotificationState, Op, Phase, SchedulingFact, ServerKey, ServerState,
    SessionHost, SessionHostState, SessionServer, SessionState,
};
use crate::spec::Action;

impl Machine<'_> {
    pub(in crate::machine) fn begin_drain(&mut self, host: &HostName) {
        let deadline = self.now + self.s.head.spec.drain_timeout;
        let now = self.now;
        self.edit_host(host, |h| {
            h.drain_started_at = Some(now);
            h.deadline = Some(deadline);
            h.servers_known = false;
            h.empty_reads = 0;
            h.arriving.clear();
            h.empty_at = None;
            h.work_ended_at = None;
            h.ended_at = None;
            h.hold = None;
            h.goal = None;
            // Reads that began before say nothing; those that begin now are for this drain.
            h.quiet_since = Some(now - time::Duration::MICROSECOND);
        });
        self.set_host(host, SessionHostState::Draining, HostReason::disabling_scheduling());
        // If it was drained before, what it is disabled for is read again.
        self.edit_host(host, |h| h.scheduling = SchedulingFact::Untouched);
    }

    /// One step of a drain, from what is known of the host.
    pub(in crate::machine) fn drain(&mut self, host: &HostName) {
        let Some(entry) = self.host(host) else { return };
        let state = self.s.head.state;
        if state != SessionState::Paused
            && self.s.head.trouble.is_none()
            && entry.deadline.is_some_and(|at| at <= self.now)
        {
            self.give_up(host, HostReason::drain_timed_out());
            return;
        }
        if entry.hold.is_some() || !state.may_work() {
            // What turned out not to have begun is not begun now.
            self.drop_planned_acts(host);
            return;
        }
        if entry.reason.cause().is_unread() {
            return;
        }
        let known = entry.servers_known;
        match entry.scheduling {
            SchedulingFact::Untouched => return,
            SchedulingFact::DisabledByUs | SchedulingFact::DisabledBefore { .. } => {}
        }
        if !known {
            self.set_host(host, SessionHostState::Draining, HostReason::reading_servers());
            return;
        }
        let open = self.keys_of(host, |s| s.state.is_open()).len();
        if open == 0 {
            self.verify_empty(host);
        } else if self.host(host).is_some_and(|h| h.down) {
            self.on_a_host_that_is_down(host, open);
        } else if self.owners_are_ready(host) && self.all_have_a_way(host) {
            let lost = self.s.on_the_way_to_nowhere(host);
            let lost = lost.and_then(|s| Some(HostReason::target_down(&s.name, s.goes_to()?)));
            let why = lost.unwrap_or_else(HostReason::servers_leaving);
            self.set_host(host, SessionHostState::Draining, why);
            self.act_on_servers(host);
        }
    }

    /// Nothing begins there. If it was down before anybody was asked, the operator says when to go on; a drain under way goes
    /// on when it is up again.
    fn on_a_host_that_is_down(&mut self, host: &HostName, servers: usize) {
        if self.s.drain_notifications(host).next().is_none() && self.s.has_not_begun(host) {
            self.hold(host, &HostReason::compute_service_down(servers));
        } else {
            self.drop_planned_acts(host);
            self.set_host(host, SessionHostState::Draining, HostReason::went_down(servers));
        }
    }

    fn verify_empty(&mut self, host: &HostName) {
        if self.host(host).is_some_and(|h| h.empty_reads <= SessionHost::EMPTY_READS) {
            let arriving = self.host(host).map_or(0, |h| h.arriving.len());
            let reason = match arriving {
                0 => HostReason::verifying_empty(),
                n => HostReason::servers_arriving(n),
            };
            self.set_host(host, SessionHostState::Draining, reason);
            return;
        }
        self.close_notifications(|n| matches!(&n.kind, NotificationKind::Drain(of) if of == host));
        let now = self.now;
        self.edit_host(host, |h| {
            h.empty_at = Some(now);
            h.intruders.clear();
        });
        self.set_host(host, SessionHostState::InMaintenance, HostReason::held_empty());
    }

    /// Whether every owner on the host was asked, has decided or let its time pass, and its lead time is over.
    fn owners_are_ready(&mut self, host: &HostName) -> bool {
        self.ask(host);
        let notifications: Vec<_> = self.s.drain_notifications(host).cloned().collect();
        if let Some(notification) =
            notifications.iter().find(|n| n.state == NotificationState::Rejected)
        {
            let why = notification.objection.clone().unwrap_or_default();
            self.objected(host, &notification.project.clone(), &why);
            return false;
        }
        if notifications.iter().any(|n| n.state == NotificationState::CounterOffered) {
            let why = HostReason::planning_counter_offer();
            self.set_host(host, SessionHostState::Draining, why);
            return false;
        }
        if notifications.iter().any(|n| n.state == NotificationState::Pending) {
            self.set_host(host, SessionHostState::Draining, HostReason::owners_asked());
            return false;
        }
        if self.host(host).is_none_or(|h| h.hold.is_some() || h.state != SessionHostState::Draining)
        {
            return false;
        }
        if notifications.iter().any(|n| n.actions_start_time > self.now) {
            self.set_host(host, SessionHostState::Draining, HostReason::lead_time());
            return false;
        }
        self.keys_of(host, |s| s.state.is_open())
            .iter()
            .all(|k| self.server(k).is_some_and(|s| s.decision.is_some() && s.told_at.is_some()))
    }

    /// Nothing is touched on a host before every server on it has a possible way.
    fn all_have_a_way(&mut self, host: &HostName) -> bool {
        let Some(kind) = self.host(host).map(|h| h.kind) else { return false };
        let blocked = self.keys_of(host, |s| s.obstacle(kind).is_some());
        let broken = blocked
            .iter()
            .find(|key| self.server(key).is_some_and(|s| s.status == ServerStatus::Error));
        if let Some(key) = broken {
            self.fail_server(key, &ServerReason::server_error(), true);
            return false;
        }
        let first = blocked.first().and_then(|key| self.server(key));
        let why = first.and_then(|s| {
            let remedy = s.obstacle(kind)?.remedy;
            Some(HostReason::server_status(
                &s.name,
                &s.key.server,
                &s.status,
                remedy,
                blocked.len(),
            ))
        });
        let Some(why) = why else { return true };
        self.set_host(host, SessionHostState::Draining, why);
        false
    }

    /// Begins what may begin. Servers that stay are stopped last, so that they are down for the least time.
    fn act_on_servers(&mut self, host: &HostName) {
        let is_keep =
            |s: &SessionServer| s.decision.as_ref().is_some_and(|d| d.action == Action::Keep);
        let movers_left = self.s.servers_of(host).any(|s| s.state.is_open() && !is_keep(s));
        let ready = self.keys_of(host, |s| {
            s.state == ServerState::Affected
                && s.act.is_none()
                && s.retry_at.is_none_or(|at| at <= self.now)
        });
        for key in ready {
            let Some(action) =
                self.server(&key).and_then(|s| s.decision.as_ref()).map(|d| d.action)
            else {
                continue;
            };
            if action == Action::Keep && movers_left || !self.may_begin_on(&key, action) {
                continue;
            }
            match action {
                Action::OwnAction => self.owner_acts(&key),
                Action::LiveMigrate | Action::Migrate | Action::Keep => {
                    if !self.act(&key, action) {
                        return;
                    }
                }
            }
        }
    }

    fn owner_acts(&mut self, key: &ServerKey) {
        let now = self.now;
        self.edit_server(key, |s| {
            s.state = ServerState::OwnAction;
            s.said_done = false;
            s.act_started_at = s.act_started_at.or(Some(now));
        });
        self.tell_server(key, ServerChange::ActionStarted, Some(ServerReason::owner_acts()));
    }

    /// Tells the owner and the operators of a change of a server.
    pub(in crate::machine) fn tell_server(
        &mut self,
        key: &ServerKey,
        change: ServerChange,
        detail: Option<ServerReason>,
    ) {
        self.tell_server_apart(key, change, detail.clone(), detail);
    }

    /// The same, where the details for operators are not for the owner.
    pub(super) fn tell_server_apart(
        &mut self,
        key: &ServerKey,
        change: ServerChange,
        detail: Option<ServerReason>,
        owner: Option<ServerReason>,
    ) {
        let Some(server) = self.server(key).cloned() else { return };
        self.moved = true;
        let action = server.carried_out();
        self.out.operators.push(OperatorEvent::Server {
            key: key.clone(),
            name: server.name.clone(),
            project: server.project.clone(),
            state: server.state,
            action,
            destination: server.destination.clone(),
            detail,
        });
        self.tell_owner(
            &server.project.clone(),
            OwnerEvent::Server {
                server: key.server.clone(),
                name: server.name,
                host_id: server.host_id,
                change,
                action,
                state: server.state,
                detail: owner,
            },
        );
    }

    /// Plans a call on a host, unless one is wanted or under way already.
    pub(in crate::machine) fn call_host(&mut self, host: &HostName, op: Op) {
        if self.host(host).is_none_or(|h| h.call.is_some()) {
            return;
        }
        let call = Call {
            id: self.next_call(),
            op,
            phase: Phase::Planned,
            epoch: 0,
            not_before: self.now,
            tries: 0,
        };
        self.edit_host(host, |h| h.call = Some(call));
        self.moved = true;
    }
}
