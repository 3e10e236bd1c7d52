//! The plan of a session: when there has to be another one, and what a new one changes.

use super::Machine;
use crate::cloud::CloudError;
use crate::id::HostName;
use crate::reason::HostReason;
use crate::replan::{Planned, Turn};
use crate::session::{ServerKey, SessionHostState};

/// Whether a plan does not go on with a host that changes so.
pub(super) fn is_unforeseen(from: SessionHostState, to: SessionHostState) -> bool {
    let foreseen = matches!(
        (from, to),
        (SessionHostState::Waiting, SessionHostState::Draining)
            | (SessionHostState::Draining, SessionHostState::InMaintenance)
            | (SessionHostState::InMaintenance, SessionHostState::Returning)
    );
    from != to && !foreseen
}

impl Machine<'_> {
    /// Something happened that the plan did not foresee.
    pub(super) fn plan_again(&mut self) {
        self.s.head.course.basis += 1;
    }

    /// There is a plan, or the site could not be read.
    pub(super) fn planned(&mut self, result: Result<Planned, CloudError>) {
        let planned = match result {
            Ok(planned) => planned,
            Err(error) => {
                self.cloud_fails(&error);
                if error.is_refusal() {
                    self.s.head.unreadable = Some(error.to_string());
                }
                return;
            }
        };
        self.cloud_answers();
        self.s.head.unreadable = None;
        self.s.head.notes.clone_from(&planned.notes);
        if planned.basis != self.s.head.course.basis {
            return;
        }
        if self.judged(planned.offers) || self.others_ask_too(&planned.scale_in, &planned.asked) {
            self.plan_again();
            return;
        }
        if !self.s.head.state.may_work() {
            return;
        }
        let course = &mut self.s.head.course;
        course.planned = Some(planned.basis);
        course.planned_at = Some(self.now);
        course.stages = planned.stages;
        course.ends = Some(planned.ends);
        for host in self.s.hosts.keys().cloned().collect::<Vec<_>>() {
            self.take_turn(&host, planned.turns.get(&host));
            let expected = planned.expected.get(&host).copied();
            if self.host(&host).is_some_and(|h| h.expected_at != expected) {
                self.edit_host(&host, |h| h.expected_at = expected);
            }
        }
        // Only the first wave is carried out; what comes later holds no room.
        let now = |key: &ServerKey| {
            let host = self.s.hosts.get(&key.host);
            host.is_some_and(|h| {
                h.state == SessionHostState::Draining || h.turn == Some(Turn::Wave(1))
            })
        };
        let target = |key: &ServerKey| planned.targets.get(key).filter(|_| now(key));
        let changed = self.s.servers.values().filter(|s| s.target.as_ref() != target(&s.key));
        let changed: Vec<_> = changed.map(|s| (s.key.clone(), target(&s.key).cloned())).collect();
        for (key, target) in changed {
            self.edit_server(&key, |s| s.target = target);
        }
        self.ask_to_scale_in(planned.scale_in);
        self.moved = true;
    }

    /// Hosts that do not fit into what is left of the window any more do not keep others from it.
    pub(super) fn put_off_late_hosts(&mut self) {
        let late = self.s.hosts.values().filter(|h| {
            let planned =
                h.state == SessionHostState::Waiting && matches!(h.turn, Some(Turn::Wave(_)));
            planned && !self.s.fits_window(&h.host, self.now)
        });
        for host in late.map(|h| h.host.clone()).collect::<Vec<_>>() {
            self.edit_host(&host, |h| h.turn = None);
            self.plan_again();
        }
    }

    fn take_turn(&mut self, name: &HostName, turn: Option<&Turn>) {
        let Some(host) = self.host(name) else { return };
        let (before, state) = (host.turn.clone(), host.state);
        if before.as_ref() == turn {
            return;
        }
        self.edit_host(name, |h| h.turn = turn.cloned());
        if state != SessionHostState::Waiting {
            return;
        }
        match (before, turn) {
            (_, Some(Turn::Blocked(why))) => {
                self.set_host(name, state, HostReason::blocked(why));
            }
            (Some(Turn::Blocked(_)), Some(Turn::Wave(_)) | None) => {
                self.set_host(name, state, HostReason::not_its_turn());
            }
            (Some(Turn::Wave(_)) | None, Some(Turn::Wave(_)) | None) => {}
        }
    }
}
