//! What reads of hosts show: scheduling, servers that came and went, emptiness, broken holds.

use std::collections::BTreeSet;

use crate::Time;
use crate::broken::{self, Rule};
use crate::cloud::{CloudError, Host, HostServers, Scheduling, Server};
use crate::event::{HoldAlarm, OperatorEvent, OwnerEvent, ServerChange};
use crate::host_state::{Learned, Seen};
use crate::id::{HostName, ServerId};
use crate::machine::Machine;
use crate::policy::metadata;
use crate::reason::{HostCause, HostReason, ServerReason};
use crate::scheduling::{self, DisabledBy};
use crate::session::{
    DecisionEnd, Op, Read, SchedulingFact, ServerKey, ServerState, SessionHost, SessionHostState,
};
use crate::ways::rests;

impl Machine<'_> {
    pub(in crate::machine) fn status_read(
        &mut self,
        name: &HostName,
        at: Time,
        result: Result<Host, CloudError>,
    ) {
        self.shows(name, result.as_ref().err(), Read::Status);
        let Some(host) = self.heard(name, at, result) else { return };
        let Some(entry) = self.host(name).cloned() else { return };
        self.out.learned.push((name.clone(), Learned::Read(Seen::from(&host))));
        match entry.state {
            SessionHostState::Draining => self.status_while_draining(name, &host),
            SessionHostState::InMaintenance => self.status_while_held(name, &host),
            SessionHostState::Returning => self.status_while_returning(name, &host),
            SessionHostState::Waiting
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {}
        }
    }

    fn status_while_draining(&mut self, name: &HostName, host: &Host) {
        if self.host(name).is_none_or(|h| h.scheduling != SchedulingFact::Untouched) {
            return self.status_before_maintenance(name, host);
        }
        self.edit_host(name, |h| h.down = !host.up);
        match &host.scheduling {
            Scheduling::Enabled => self.call_host(name, Op::DisableScheduling),
            Scheduling::Disabled { reason } if *reason == scheduling::reason(&self.s, name) => {
                self.edit_host(name, |h| {
                    h.scheduling = SchedulingFact::DisabledByUs;
                    if h.is_switch_unresolved() {
                        // It was not answered, and came through.
                        h.call = None;
                    }
                });
            }
            // An earlier session left it so, whose work failed or whose host was retired, or this one did: it says now what
            // is done with the host from now on.
            Scheduling::Disabled { reason } if DisabledBy::of(reason).is_session() => {
                self.call_host(name, Op::DisableScheduling);
            }
            Scheduling::Disabled { reason } => {
                let fact = SchedulingFact::DisabledBefore { reason: reason.clone() };
                self.edit_host(name, |h| h.scheduling = fact);
            }
        }
    }

    /// The last look before a host is ready: what was read counts only if no server could be scheduled meanwhile.
    fn status_before_maintenance(&mut self, name: &HostName, host: &Host) {
        if host.scheduling == Scheduling::Enabled {
            self.edit_host(name, |h| {
                h.scheduling = SchedulingFact::Untouched;
                h.empty_reads = 0;
            });
            self.call_host(name, Op::DisableScheduling);
        } else if self.host(name).is_some_and(SessionHost::is_read_empty) {
            self.edit_host(name, |h| h.empty_reads = SessionHost::EMPTY_READS + 1);
        }
    }

    fn status_while_held(&mut self, name: &HostName, host: &Host) {
        if host.scheduling != Scheduling::Enabled
            || self.host(name).is_none_or(|h| h.call.is_some())
        {
            return;
        }
        self.edit_host(name, |h| h.scheduling = SchedulingFact::DisabledByUs);
        self.call_host(name, Op::DisableScheduling);
        let why = HostReason::scheduling_enabled_by_other();
        self.set_host(name, SessionHostState::InMaintenance, why);
    }

    pub(in crate::machine) fn servers_read(
        &mut self,
        name: &HostName,
        at: Time,
        result: Result<HostServers, CloudError>,
    ) {
        self.shows(name, result.as_ref().err(), Read::Servers);
        let Some(found) = self.heard(name, at, result) else { return };
        match self.host(name).map(|h| h.state) {
            // A read from before this drain: servers may still be scheduled, and emptiness would say nothing.
            Some(SessionHostState::Draining)
                if self.host(name).is_some_and(|h| h.scheduling == SchedulingFact::Untouched) => {}
            Some(SessionHostState::Draining) => {
                self.reconcile(name, &found.present);
                self.count_empty_read(name, at, &found);
            }
            Some(SessionHostState::InMaintenance) => self.check_hold(name, &found.present),
            Some(
                SessionHostState::Waiting
                | SessionHostState::Returning
                | SessionHostState::Maintained
                | SessionHostState::Retired
                | SessionHostState::DrainFailed
                | SessionHostState::MaintenanceFailed
                | SessionHostState::Skipped
                | SessionHostState::Cancelled,
            )
            | None => {}
        }
    }

    /// The host says if the cloud does not list it or refuses to show it, and until when: nothing goes on without that. An
    /// outage is shown for the whole session.
    fn shows(&mut self, name: &HostName, error: Option<&CloudError>, what: Read) {
        let Some(host) = self.host(name) else { return };
        let (state, cause) = (host.state, host.reason.cause());
        let Some(error) = error else {
            let of_this_read = match what {
                Read::Status => matches!(cause, HostCause::NotListed | HostCause::Unreadable),
                Read::Servers => cause == HostCause::ServersUnreadable,
            };
            if of_this_read {
                self.shows_again(name, state);
            }
            return;
        };
        let why = match (what, error) {
            _ if !error.is_refusal() => return,
            (Read::Status, CloudError::NotFound { .. }) => HostReason::not_listed(),
            (Read::Status, _) => HostReason::unreadable(error),
            (Read::Servers, _) => HostReason::servers_unreadable(error),
        };
        match state {
            SessionHostState::Draining | SessionHostState::InMaintenance => {
                self.set_host(name, state, why)
            }
            SessionHostState::Returning => self.returns_late(name, why),
            SessionHostState::Waiting
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {}
        }
    }

    fn shows_again(&mut self, name: &HostName, state: SessionHostState) {
        let intruders = self.host(name).map_or(0, |h| h.intruders.len());
        if state == SessionHostState::Draining {
            self.set_host(name, state, HostReason::disabling_scheduling());
        } else if state == SessionHostState::InMaintenance {
            let why = match intruders {
                0 => HostReason::held_empty(),
                servers => HostReason::hold_broken(servers),
            };
            self.set_host(name, state, why);
        }
    }

    /// A read that was begun before the last change of the host says nothing about it now.
    fn heard<T>(&mut self, name: &HostName, at: Time, result: Result<T, CloudError>) -> Option<T> {
        match result {
            Ok(value) => {
                self.cloud_answers();
                let stale = self.host(name)?.quiet_since.is_some_and(|since| at <= since);
                (!stale).then_some(value)
            }
            Err(error) => {
                self.cloud_fails(&error);
                None
            }
        }
    }

    /// Brings the entries of a host in line with what is on it.
    fn reconcile(&mut self, host: &HostName, found: &[Server]) {
        let now = self.now;
        for server in found {
            let key = ServerKey { host: host.clone(), server: server.id.clone() };
            match self.server(&key).map(|s| (s.state, s.act.is_some())) {
                None => {
                    self.add_server(host, server);
                    self.plan_again();
                    self.moved = true;
                }
                Some((_, true)) => {}
                Some((ServerState::Kept, _)) if rests(&server.status) => {}
                Some((ServerState::Affected | ServerState::OwnAction | ServerState::Failed, _)) => {
                    self.edit_server(&key, |s| {
                        s.status = server.status.clone();
                        s.host_id.clone_from(&server.host_id);
                        s.metadata = metadata::own(&server.metadata);
                        s.stuck &= server.task.is_some();
                    });
                }
                // It left, and is back; or it was stopped, and runs. What was decided is spent.
                Some((
                    ServerState::Kept
                    | ServerState::InAction
                    | ServerState::Moved
                    | ServerState::Restored
                    | ServerState::Gone
                    | ServerState::HandedOver,
                    _,
                )) => {
                    self.edit_server(&key, |s| {
                        s.state = ServerState::Affected;
                        s.status = server.status.clone();
                        s.metadata = metadata::own(&server.metadata);
                        s.decide_anew(None, DecisionEnd::CameBack, now);
                        s.failures = 0;
                        s.retry_at = None;
                        s.destination = None;
                        s.failed_targets.clear();
                    });
                    self.plan_again();
                    self.forget_notification_of(host, &key);
                    self.moved = true;
                }
            }
        }
        let present: BTreeSet<&ServerId> = found.iter().map(|s| &s.id).collect();
        let left = self.keys_of(host, |s| {
            s.act.is_none()
                && (s.state.is_open() || s.state == ServerState::Kept)
                && !present.contains(&s.key.server)
        });
        for key in left {
            self.gone(&key);
        }
        self.edit_host(host, |h| h.servers_known = true);
        self.moved = true;
    }

    /// A server that has to be decided about anew is not covered by the question that was asked before.
    fn forget_notification_of(&mut self, host: &HostName, key: &ServerKey) {
        let asked =
            self.s.drain_notifications(host).find(|n| n.servers.contains(key)).map(|n| n.id);
        if let Some(id) = asked
            && let Some(notification) =
                self.s.notifications.get_mut(&id).map(std::sync::Arc::make_mut)
        {
            notification.servers.retain(|k| k != key);
        }
    }

    pub(in crate::machine) fn gone(&mut self, key: &ServerKey) {
        let now = self.now;
        self.edit_server(key, |s| {
            s.state = ServerState::Gone;
            s.act = None;
            s.act_ended_at = s.act_started_at.and(Some(now));
        });
        self.tell_server(key, ServerChange::Gone, Some(ServerReason::left_host()));
        // Its owner may have nothing left to decide.
        let asked: Vec<_> = self
            .s
            .notifications
            .values()
            .filter(|n| n.servers.contains(key))
            .map(|n| (n.id, n.project.clone()))
            .collect();
        for (id, project) in asked {
            if self.refresh_notification(id) {
                self.tell_owner(&project, OwnerEvent::Notification(id));
            }
        }
    }

    /// What is on its way to a host began before its scheduling was disabled: nothing follows it.
    fn count_empty_read(&mut self, host: &HostName, at: Time, found: &HostServers) {
        let open = self.keys_of(host, |s| s.state.is_open()).len();
        let mut arriving: BTreeSet<ServerId> = found.arriving.iter().cloned().collect();
        for server in &found.present {
            arriving.remove(&server.id);
        }
        self.edit_host(host, |h| {
            h.arriving = arriving;
            if open > 0 || !h.arriving.is_empty() {
                h.empty_reads = 0;
            } else {
                h.empty_reads = if broken::is(Rule::EmptyTwice) {
                    SessionHost::EMPTY_READS
                } else {
                    (h.empty_reads + 1).min(SessionHost::EMPTY_READS)
                };
                h.quiet_since = Some(at);
            }
        });
    }

    /// Nothing may turn up on a host that is held empty, but for the servers that are kept there, stopped.
    fn check_hold(&mut self, host: &HostName, found: &[Server]) {
        let kept = |id: &ServerId| {
            let key = ServerKey { host: host.clone(), server: id.clone() };
            self.server(&key).is_some_and(|s| s.state == ServerState::Kept)
        };
        let intruders: BTreeSet<ServerId> = found
            .iter()
            .filter(|s| !(kept(&s.id) && rests(&s.status)))
            .map(|s| s.id.clone())
            .collect();
        let known = self.host(host).map(|h| h.intruders.clone()).unwrap_or_default();
        if intruders == known {
            return;
        }
        let servers: Vec<_> = intruders.iter().cloned().collect();
        self.edit_host(host, |h| h.intruders = intruders);
        let reason = if servers.is_empty() {
            HostReason::hold_restored()
        } else {
            HostReason::hold_broken(servers.len())
        };
        self.set_host(host, SessionHostState::InMaintenance, reason.clone());
        if !servers.is_empty() {
            self.out
                .operators
                .push(OperatorEvent::HoldBroken { host: host.clone(), servers: servers.clone() });
        }
        self.out.alarms.push(HoldAlarm { host: host.clone(), reason, intruders: servers });
    }
}
