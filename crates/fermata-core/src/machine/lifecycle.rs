//! The session as a whole: its start, which hosts begin, and its end.

use super::Machine;
use crate::event::{OwnerEvent, SessionChange};
use crate::id::HostName;
use crate::reason::SessionReason;
use crate::replan::turn;
use crate::session::{SessionHostState, SessionState};
use crate::spec::{OnFailure, StartMode};

impl Machine<'_> {
    pub(super) fn start_session(&mut self) {
        let head = &self.s.head;
        if head.state != SessionState::Scheduled || self.pause_after_window() {
            return;
        }
        let head = &self.s.head;
        let by_itself =
            head.spec.start_mode == StartMode::Automatic && self.announcements_answered();
        if head.spec.window.start <= self.now && (head.start_requested || by_itself) {
            self.s.head.started_at = Some(self.now);
            self.set_session(SessionState::Running, SessionReason::started());
            self.tell_session(SessionChange::Started);
        }
    }

    /// Starts the drain of as many hosts as may be out of service at once.
    pub(super) fn start_hosts(&mut self) {
        if self.s.head.state != SessionState::Running {
            return;
        }
        let stopped = self.s.head.spec.on_failure == OnFailure::Stop
            && self.s.hosts.values().any(|h| h.state.is_failed());
        if stopped || self.pause_after_window() {
            return;
        }
        self.put_off_late_hosts();
        if !self.s.head.course.is_planned() {
            return;
        }
        let fits = |h: &HostName| self.may_begin(h) && self.s.fits_window(h, self.now);
        for host in turn::next(&self.s, fits) {
            self.begin_drain(&host);
        }
    }

    /// Pauses a session that has hosts left which cannot be finished inside the window.
    fn pause_after_window(&mut self) -> bool {
        let waiting: Vec<_> = self
            .s
            .hosts
            .values()
            .filter(|h| h.state == SessionHostState::Waiting)
            .map(|h| h.host.clone())
            .collect();
        let none_fits = waiting.iter().all(|h| !self.s.fits_window(h, self.now));
        let busy = self.s.hosts.values().any(|h| h.state.is_active());
        if waiting.is_empty() || !none_fits || busy {
            return false;
        }
        self.s.head.paused_at = Some(self.now);
        self.set_session(SessionState::Paused, SessionReason::window_over());
        self.tell_session(SessionChange::Paused);
        true
    }

    pub(super) fn end_session(&mut self) {
        let all =
            |wanted: fn(SessionHostState) -> bool| self.s.hosts.values().all(|h| wanted(h.state));
        let failed = self.s.hosts.values().filter(|h| h.state.is_failed()).count();
        // What the cloud is yet to be told of a host that stays disabled comes first.
        let is_over =
            all(SessionHostState::is_settled) && self.s.hosts.values().all(|h| h.call.is_none());
        match self.s.head.state {
            SessionState::Running | SessionState::Paused if failed == 0 && is_over => {
                let skipped = self.s.hosts.values().filter(|h| h.state.is_left_out()).count();
                self.end(
                    SessionState::Completed,
                    SessionReason::hosts_done(skipped, self.s.hosts.len()),
                    SessionChange::Completed,
                );
            }
            SessionState::Running if failed > 0 => {
                let stop = self.s.head.spec.on_failure == OnFailure::Stop;
                if stop || all(SessionHostState::is_settled) {
                    self.set_session(SessionState::Failed, SessionReason::hosts_failed(failed));
                }
            }
            SessionState::Failed if failed == 0 => {
                self.set_session(SessionState::Running, SessionReason::failures_resolved());
            }
            SessionState::Cancelling if is_over => {
                let reason = self.s.head.reason.clone();
                self.end(SessionState::Cancelled, reason, SessionChange::Cancelled);
            }
            SessionState::Scheduled
            | SessionState::Running
            | SessionState::Paused
            | SessionState::Cancelling
            | SessionState::Cancelled
            | SessionState::Failed
            | SessionState::Completed => {}
        }
    }

    fn end(&mut self, state: SessionState, reason: SessionReason, change: SessionChange) {
        self.close_notifications(|_| true);
        self.s.head.ended_at = Some(self.now);
        self.s.head.paused_at = None;
        self.s.head.trouble = None;
        self.set_session(state, reason);
        self.tell_session(change);
    }

    pub(super) fn tell_session(&mut self, change: SessionChange) {
        let reason = self.s.head.reason.text().to_owned();
        let cause = Some(self.s.head.reason.cause());
        self.tell_owners(&OwnerEvent::Session { change, reason, cause, servers: Vec::new() });
    }
}
