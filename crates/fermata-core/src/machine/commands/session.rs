//! What the operator can say about a session as a whole.

use crate::audit::Action;
use crate::event::SessionChange;
use crate::id::HostName;
use crate::machine::{Machine, Reject};
use crate::reason::{HostReason, SessionReason};
use crate::session::{Goal, NotificationKind, SessionHostState, SessionState};

/// About the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Start now.
    Start,
    /// Start nothing new.
    Pause,
    /// Go on; try failed hosts again.
    Resume,
    /// Finish what runs and give hosts back.
    Cancel,
}

impl Command {
    pub(in crate::machine) fn action(self) -> Action {
        match self {
            Self::Start => Action::StartSession,
            Self::Pause => Action::PauseSession,
            Self::Resume => Action::ResumeSession,
            Self::Cancel => Action::CancelSession,
        }
    }
}

impl Machine<'_> {
    pub(in crate::machine) fn command(
        &mut self,
        command: Command,
        reason: &str,
    ) -> Result<(), Reject> {
        let state = self.s.head.state;
        match (command, state) {
            (Command::Start, SessionState::Scheduled) => return self.start(),
            (Command::Pause, SessionState::Running) => {
                self.s.head.paused_at = Some(self.now);
                self.set_session(SessionState::Paused, SessionReason::paused(reason));
                self.tell_session(SessionChange::Paused);
                for (host, state) in self.states() {
                    if state == SessionHostState::Draining {
                        self.drop_planned_acts(&host);
                    }
                }
            }
            (Command::Resume, SessionState::Paused) => {
                self.resume(SessionReason::resumed(reason));
            }
            (Command::Resume, SessionState::Failed) => {
                self.resume(SessionReason::retried(reason));
                let failed: Vec<_> = self
                    .s
                    .hosts
                    .values()
                    .filter(|h| h.state.is_failed())
                    .map(|h| h.host.clone())
                    .collect();
                for host in failed {
                    self.set_waiting(&host);
                }
            }
            (
                Command::Cancel,
                SessionState::Scheduled
                | SessionState::Running
                | SessionState::Paused
                | SessionState::Failed,
            ) => self.cancel(SessionReason::cancelled(reason)),
            // Said twice, meant once.
            (Command::Start, SessionState::Running)
            | (Command::Pause, SessionState::Paused)
            | (Command::Resume, SessionState::Running)
            | (Command::Cancel, SessionState::Cancelling | SessionState::Cancelled) => {}
            (Command::Start, _) => {
                return Err(wrong_session(
                    state,
                    &["SCHEDULED"],
                    "only a scheduled session starts",
                ));
            }
            (Command::Pause, _) => {
                return Err(wrong_session(state, &["RUNNING"], "only a running session pauses"));
            }
            (Command::Resume, _) => {
                return Err(wrong_session(
                    state,
                    &["PAUSED", "FAILED"],
                    "only a paused or failed session resumes",
                ));
            }
            (Command::Cancel, SessionState::Completed) => {
                return Err(wrong_session(
                    state,
                    &["SCHEDULED", "RUNNING", "PAUSED", "FAILED"],
                    "it is over; nothing is left to cancel",
                ));
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), Reject> {
        let window = self.s.head.spec.window;
        if self.now < window.start {
            return Err(wrong_session(
                self.s.head.state,
                &["SCHEDULED"],
                &format!(
                    "its window opens at {}; move it with UpdateSession to start earlier",
                    window.start
                ),
            ));
        }
        self.s.head.start_requested = true;
        Ok(())
    }

    /// Time spent paused does not count against drains.
    fn resume(&mut self, reason: SessionReason) {
        if let Some(since) = self.s.head.paused_at.take() {
            self.extend_deadlines(since, self.now);
        }
        let state = if self.s.head.started_at.is_some() {
            SessionState::Running
        } else {
            SessionState::Scheduled
        };
        self.set_session(state, reason);
        self.tell_session(SessionChange::Resumed);
    }

    fn cancel(&mut self, reason: SessionReason) {
        let of_host = HostReason::session_cancelled(reason.text());
        let why = || of_host.clone();
        self.s.head.paused_at = None;
        self.set_session(SessionState::Cancelling, reason);
        self.close_notifications(|n| !matches!(n.kind, NotificationKind::Drain(_)));
        for (host, state) in self.states() {
            match state {
                SessionHostState::Waiting => self.settle_unstarted(&host, Goal::Cancelled, why()),
                SessionHostState::Draining => self.send_back(&host, Goal::Cancelled, why()),
                // Somebody may be working on it: it is held until they say that they are done.
                SessionHostState::InMaintenance => {}
                SessionHostState::Returning if self.is_put_off(&host) => {
                    self.redirect(&host, Goal::Cancelled, why());
                }
                SessionHostState::Returning
                | SessionHostState::Maintained
                | SessionHostState::Retired
                | SessionHostState::DrainFailed
                | SessionHostState::MaintenanceFailed
                | SessionHostState::Skipped
                | SessionHostState::Cancelled => {}
            }
        }
    }

    fn states(&self) -> Vec<(HostName, SessionHostState)> {
        self.s.hosts.values().map(|h| (h.host.clone(), h.state)).collect()
    }
}

pub(super) fn wrong_session(state: SessionState, allowed: &[&'static str], hint: &str) -> Reject {
    Reject::WrongState {
        subject: "the session".to_owned(),
        state: state.name(),
        allowed: allowed.to_vec(),
        hint: hint.to_owned(),
    }
}
