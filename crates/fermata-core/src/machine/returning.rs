//! Giving a host back: after the work, or because the drain was given up.

use super::Machine;
use crate::cloud::{Host, Scheduling, ServerStatus};
use crate::event::{OwnerEvent, ServerChange, SessionChange};
use crate::id::{HostName, ProjectId, ServerId};
use crate::reason::{HostCause, HostReason, ServerReason};
use crate::session::{
    Goal, NotificationKind, Op, Phase, SchedulingFact, ServerKey, ServerState, SessionHostState,
};
use std::collections::BTreeMap;

impl Machine<'_> {
    /// The drain is given up: the host goes back to service, everybody is told (Doctor's
    /// failed-maintenance flow).
    pub(super) fn give_up(&mut self, host: &HostName, why: HostReason) {
        self.send_back(host, Goal::DrainFailed, why);
    }

    pub(super) fn send_back(&mut self, host: &HostName, goal: Goal, why: HostReason) {
        let Some(entry) = self.host(host) else { return };
        if entry.state == SessionHostState::Returning {
            return;
        }
        let drained = entry.state == SessionHostState::Draining;
        let deadline = self.now + self.s.head.spec.action_timeout;
        self.drop_planned_calls(host);
        self.edit_host(host, |h| {
            h.goal = Some(goal);
            h.returned_because = Some(why.clone());
            h.hold = None;
            h.intruders.clear();
            h.deadline = Some(deadline);
        });
        self.close_notifications(|n| matches!(&n.kind, NotificationKind::Drain(of) if of == host));
        self.set_host(host, SessionHostState::Returning, why);
        if drained && goal == Goal::Waiting {
            self.tell_owners_of(host, SessionChange::DrainPutOff);
        } else if drained {
            self.tell_owners_of(host, SessionChange::DrainGivenUp);
        }
    }

    /// A host that is being given back goes somewhere else, for another reason.
    pub(super) fn redirect(&mut self, host: &HostName, goal: Goal, why: HostReason) {
        self.edit_host(host, |h| {
            h.goal = Some(goal);
            h.returned_because = Some(why.clone());
        });
        self.set_host(host, SessionHostState::Returning, why);
    }

    /// What was only wanted is not wanted any more; but a cold migration that waits is confirmed, a live one that
    /// takes too long is aborted, and what was stopped is started.
    pub(super) fn drop_planned_acts(&mut self, host: &HostName) {
        let planned = self.keys_of(host, |s| {
            s.act.as_ref().is_some_and(|a| {
                let ends = match a.call.op {
                    Op::ConfirmMigration | Op::AbortMigration(_) | Op::Start => true,
                    Op::LiveMigrate
                    | Op::Migrate
                    | Op::Stop
                    | Op::DisableScheduling
                    | Op::EnableScheduling => false,
                };
                a.call.phase == Phase::Planned && !ends
            })
        });
        for key in planned {
            // There may be room for others now.
            self.moved = true;
            self.edit_server(&key, |s| {
                s.act = None;
                s.state = ServerState::Affected;
            });
        }
    }

    fn drop_planned_calls(&mut self, host: &HostName) {
        self.drop_planned_acts(host);
        self.edit_host(host, |h| {
            h.call.take_if(|c| c.phase == Phase::Planned);
            if h.state == SessionHostState::Draining && h.scheduling == SchedulingFact::Untouched {
                // An earlier try to disable it may have come through: it is read before it is left.
                h.scheduling = SchedulingFact::DisabledByUs;
            }
        });
    }

    fn tell_owners_of(&mut self, host: &HostName, change: SessionChange) {
        let mut projects: BTreeMap<ProjectId, Vec<ServerId>> = BTreeMap::new();
        for server in self.s.servers_of(host).filter(|s| s.state != ServerState::Moved) {
            projects.entry(server.project.clone()).or_default().push(server.key.server.clone());
        }
        // The operator's reason may name hosts or other owners; owners are told what concerns them.
        let reason = match change {
            SessionChange::HostBack => "the work on the host is done",
            SessionChange::DrainPutOff => "the host stays in service for now and is emptied later",
            SessionChange::DrainGivenUp
            | SessionChange::Started
            | SessionChange::Paused
            | SessionChange::Resumed
            | SessionChange::Completed
            | SessionChange::Cancelled => "the host could not be emptied and stays in service",
        };
        for (project, servers) in projects {
            let event =
                OwnerEvent::Session { change, reason: reason.to_owned(), cause: None, servers };
            self.tell_owner(&project, event);
        }
    }

    pub(super) fn status_while_returning(&mut self, name: &HostName, host: &Host) {
        let Some(entry) = self.host(name).cloned() else { return };
        if entry.scheduling != SchedulingFact::DisabledByUs || entry.call.is_some() {
            return;
        }
        if !host.up && host.scheduling != Scheduling::Enabled {
            self.returns_late(name, HostReason::awaiting_compute_service());
            return;
        }
        if entry.reason.cause().is_doubtful()
            && entry.deadline.is_none_or(|at| at > self.now)
            && let Some(why) = entry.returned_because
        {
            self.set_host(name, SessionHostState::Returning, why);
        }
        match &host.scheduling {
            Scheduling::Enabled => {
                self.edit_host(name, |h| h.scheduling = SchedulingFact::Untouched);
            }
            Scheduling::Disabled { reason } if reason.contains(&self.s.head.id.to_string()) => {
                self.call_host(name, Op::EnableScheduling);
            }
            // Somebody gave it another reason meanwhile: it is theirs to enable.
            Scheduling::Disabled { reason } => {
                let fact = SchedulingFact::DisabledBefore { reason: reason.clone() };
                self.edit_host(name, |h| h.scheduling = fact);
            }
        }
        self.moved = true;
    }

    /// Something keeps a host from coming back. Past its deadline that is the operator's to decide; Fermata goes on trying.
    pub(super) fn returns_late(&mut self, host: &HostName, why: HostReason) {
        let Some(entry) = self.host(host) else { return };
        let why = match entry.deadline {
            Some(at) if at <= self.now => HostReason::not_back_in_time(&why),
            Some(_) | None => why,
        };
        self.set_host(host, SessionHostState::Returning, why);
    }

    /// The operator goes on without a host that does not come back: it stays as it is, and so do the servers on it.
    pub(super) fn let_go(&mut self, host: &HostName, state: SessionHostState, why: HostReason) {
        let now = self.now;
        let theirs = self.keys_of(host, |s| {
            s.state.is_open() || s.state == ServerState::Kept || s.act.is_some()
        });
        for key in theirs {
            self.edit_server(&key, |s| {
                s.state = ServerState::HandedOver;
                s.act_ended_at = s.act.take().and(Some(now)).or(s.act_ended_at);
            });
            let why = Some(ServerReason::host_lost());
            self.tell_server(&key, ServerChange::HandedOver, why);
        }
        // What was asked of the cloud and not answered may have enabled it.
        let is_sure = self
            .host(host)
            .is_some_and(|h| h.call.as_ref().is_none_or(|call| call.phase == Phase::Planned));
        self.edit_host(host, |h| {
            h.ended_at = Some(now);
            h.call = None;
            h.goal = None;
            h.returned_because = None;
            h.deadline = None;
            h.servers_known = false;
        });
        self.set_host(host, state, why);
        if is_sure {
            self.explain(host);
        }
    }

    /// A host that the session leaves disabled: the cloud is told how it ended, where people look who know nothing of the
    /// session.
    pub(super) fn explain(&mut self, host: &HostName) {
        if self.host(host).is_some_and(|h| h.scheduling == SchedulingFact::DisabledByUs) {
            self.call_host(host, Op::DisableScheduling);
        }
    }

    /// One step of giving a host back.
    pub(super) fn give_back(&mut self, host: &HostName) {
        // What turned out not to have begun is not begun now.
        self.drop_planned_acts(host);
        let Some(entry) = self.host(host).cloned() else { return };
        // An older release gave it no deadline.
        let deadline = entry.deadline.unwrap_or(self.now + self.s.head.spec.action_timeout);
        if entry.deadline.is_none() {
            self.edit_host(host, |h| h.deadline = Some(deadline));
        }
        if deadline <= self.now && entry.reason.cause() != HostCause::NotBackInTime {
            self.returns_late(host, entry.reason.clone());
        }
        let acting = self.keys_of(host, |s| s.act.as_ref().is_some_and(|a| a.call.op != Op::Start));
        if !acting.is_empty()
            || entry.call.is_some()
            || entry.scheduling == SchedulingFact::DisabledByUs
        {
            return;
        }
        let kept = self.keys_of(host, |s| s.state == ServerState::Kept);
        for key in &kept {
            self.start_again(key);
        }
        if self.keys_of(host, |s| s.state == ServerState::Kept).is_empty() {
            let why = entry.returned_because.unwrap_or(entry.reason);
            self.settle_host(host, entry.goal.unwrap_or(Goal::Cancelled), why);
        }
    }

    fn start_again(&mut self, key: &ServerKey) {
        let Some(server) = self.server(key) else { return };
        if server.act.is_some() {
            return;
        }
        if server.was_running {
            self.plan(key, Op::Start);
        } else {
            self.edit_server(key, |s| s.state = ServerState::Restored);
            self.tell_server(key, ServerChange::IsBack, Some(ServerReason::stays_stopped()));
        }
    }

    fn settle_host(&mut self, host: &HostName, goal: Goal, why: HostReason) {
        let now = self.now;
        if goal == Goal::Waiting {
            self.edit_host(host, |h| {
                h.goal = None;
                h.returned_because = None;
                h.deadline = None;
                h.servers_known = false;
            });
            self.set_host(host, SessionHostState::Waiting, HostReason::not_its_turn());
            return;
        }
        for key in self.keys_of(host, |s| s.state.is_open()) {
            let well = [ServerStatus::Active, ServerStatus::Shutoff];
            let broken = self.server(&key).is_some_and(|s| {
                // One whose move failed but that is as it was is none the worse for it.
                let failed = s.state == ServerState::Failed && !well.contains(&s.status);
                failed || s.stuck || s.status == ServerStatus::Error
            });
            if broken {
                self.edit_server(&key, |s| s.state = ServerState::HandedOver);
                let why = Some(ServerReason::left_broken());
                self.tell_server(&key, ServerChange::HandedOver, why);
            } else {
                self.edit_server(&key, |s| s.state = ServerState::Restored);
            }
        }
        self.edit_host(host, |h| {
            h.ended_at = Some(now);
            h.goal = None;
            h.returned_because = None;
            h.deadline = None;
            h.servers_known = false;
        });
        let (state, reason) = match goal {
            Goal::Maintained => {
                let entry = self.host(host).map(|h| h.scheduling.clone());
                let reason = match entry {
                    Some(SchedulingFact::DisabledBefore { reason }) => {
                        HostReason::stays_disabled(&reason)
                    }
                    Some(SchedulingFact::Untouched | SchedulingFact::DisabledByUs) | None => {
                        HostReason::back_in_service()
                    }
                };
                (SessionHostState::Maintained, reason)
            }
            Goal::DrainFailed => (SessionHostState::DrainFailed, why),
            Goal::Skipped => (SessionHostState::Skipped, why),
            Goal::Cancelled | Goal::Waiting => (SessionHostState::Cancelled, why),
        };
        self.set_host(host, state, reason);
        if goal == Goal::Maintained {
            self.tell_owners_of(host, SessionChange::HostBack);
        }
    }
}
