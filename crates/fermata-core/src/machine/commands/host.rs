//! What the operator can say about a host of a session.

use crate::actor::{Principal, Who};
use crate::audit::Action;
use crate::cloud::ServerStatus;
use crate::event::{OwnerEvent, ServerChange};
use crate::id::HostName;
use crate::machine::commands::session::wrong_session;
use crate::machine::{Machine, Reject};
use crate::reason::{HostReason, ServerReason};
use crate::session::{
    DecisionEnd, Goal, NotificationState, ObjectionEnd, Said, SchedulingFact, ServerState,
    SessionHostState, SessionState,
};
use crate::spec::Kind;

/// About a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostCommand {
    /// The work is done.
    Complete,
    /// The host failed.
    Fail,
    /// Leave the host out.
    Skip,
    /// Try again, or go on with a held drain.
    Retry {
        /// Servers whose owners objected or were silent get what their policies say, else the default action.
        override_owners: bool,
    },
}

impl HostCommand {
    pub(in crate::machine) fn action(self) -> Action {
        match self {
            Self::Complete => Action::CompleteHost,
            Self::Fail => Action::FailHost,
            Self::Skip => Action::SkipHost,
            Self::Retry { override_owners: false } => Action::RetryHost,
            Self::Retry { override_owners: true } => Action::RetryHostOverridingOwners,
        }
    }
}

impl Machine<'_> {
    pub(in crate::machine) fn host_command(
        &mut self,
        who: &Who,
        host: &HostName,
        command: HostCommand,
        reason: &str,
    ) -> Result<(), Reject> {
        let state = self.host(host).ok_or_else(|| Reject::UnknownHost(host.clone()))?.state;
        if self.s.head.state.is_terminal() {
            return Err(wrong_session(
                self.s.head.state,
                &["RUNNING", "PAUSED", "CANCELLING", "FAILED"],
                "it is over; its hosts are not held any more",
            ));
        }
        match command {
            HostCommand::Complete => self.complete(host, state, reason),
            HostCommand::Fail => self.fail(host, state, HostReason::failed(reason)),
            HostCommand::Skip => self.skip(host, state, reason),
            HostCommand::Retry { override_owners } => {
                let overrides = override_owners.then_some(&who.principal);
                self.retry(host, state, overrides, reason)
            }
        }
    }

    fn complete(
        &mut self,
        host: &HostName,
        state: SessionHostState,
        reason: &str,
    ) -> Result<(), Reject> {
        match state {
            SessionHostState::InMaintenance => {}
            SessionHostState::Maintained | SessionHostState::Retired => return Ok(()),
            SessionHostState::Returning
                if self.host(host).is_some_and(|h| h.goal == Some(Goal::Maintained)) =>
            {
                return Ok(());
            }
            SessionHostState::Waiting
            | SessionHostState::Draining
            | SessionHostState::Returning
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {
                return Err(wrong_host(
                    host,
                    state,
                    &["IN_MAINTENANCE"],
                    "wait until it is verified empty",
                ));
            }
        }
        let now = self.now;
        let retires = self.host(host).is_some_and(|h| h.kind == Kind::Retirement);
        if retires && self.host(host).is_some_and(|h| h.call.is_some()) {
            let text = "somebody enabled its scheduling; wait a moment until it is disabled again";
            return Err(wrong_host(host, state, &["IN_MAINTENANCE"], text));
        }
        if retires && self.host(host).is_some_and(|h| !h.intruders.is_empty()) {
            let text =
                "servers turned up on it, and would be retired with it; move them away first";
            return Err(wrong_host(host, state, &["IN_MAINTENANCE"], text));
        }
        self.edit_host(host, |h| h.work_ended_at = Some(now));
        if retires {
            self.edit_host(host, |h| {
                h.ended_at = Some(now);
                h.call = None;
            });
            self.set_host(host, SessionHostState::Retired, HostReason::retired(reason));
            self.explain(host);
        } else {
            self.send_back(host, Goal::Maintained, HostReason::work_done(reason));
        }
        Ok(())
    }

    fn fail(
        &mut self,
        host: &HostName,
        state: SessionHostState,
        reason: HostReason,
    ) -> Result<(), Reject> {
        match state {
            SessionHostState::Draining => self.give_up(host, reason),
            SessionHostState::InMaintenance => {
                let now = self.now;
                self.edit_host(host, |h| {
                    h.work_ended_at = Some(now);
                    h.ended_at = Some(now);
                    h.call = None;
                    h.intruders.clear();
                });
                for key in self.keys_of(host, |s| s.state == ServerState::Kept) {
                    self.edit_server(&key, |s| s.state = ServerState::HandedOver);
                    let why = Some(ServerReason::work_failed());
                    self.tell_server(&key, ServerChange::HandedOver, why);
                }
                self.set_host(host, SessionHostState::MaintenanceFailed, reason);
                self.explain(host);
            }
            SessionHostState::DrainFailed | SessionHostState::MaintenanceFailed => {}
            SessionHostState::Returning if self.is_doubtful(host) => {
                self.let_go(host, SessionHostState::MaintenanceFailed, reason);
            }
            SessionHostState::Returning => return Err(self.still_returning(host)),
            SessionHostState::Waiting
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {
                return Err(wrong_host(
                    host,
                    state,
                    &["DRAINING", "IN_MAINTENANCE"],
                    "only a host that is drained or worked on can fail; SkipHost leaves out one that waits",
                ));
            }
        }
        Ok(())
    }

    fn skip(
        &mut self,
        host: &HostName,
        state: SessionHostState,
        given: &str,
    ) -> Result<(), Reject> {
        let reason = HostReason::skipped(given);
        match state {
            SessionHostState::Waiting | SessionHostState::DrainFailed => {
                self.settle_unstarted(host, Goal::Skipped, reason);
            }
            // It stays disabled, as FailHost left it: handed over.
            SessionHostState::MaintenanceFailed => {
                let failed = self.host(host).map(|h| h.reason.clone());
                let reason = failed.map_or(reason, |f| HostReason::skipped_after(&f, given));
                self.set_host(host, SessionHostState::Skipped, reason);
                self.explain(host);
            }
            SessionHostState::Draining => self.send_back(host, Goal::Skipped, reason),
            SessionHostState::Returning if self.is_doubtful(host) => {
                self.let_go(host, SessionHostState::Skipped, reason);
            }
            SessionHostState::Returning if self.is_put_off(host) => {
                self.redirect(host, Goal::Skipped, reason);
            }
            SessionHostState::Returning => return Err(self.still_returning(host)),
            SessionHostState::Skipped => {}
            SessionHostState::InMaintenance
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::Cancelled => {
                return Err(wrong_host(
                    host,
                    state,
                    &["WAITING", "DRAINING", "DRAIN_FAILED", "MAINTENANCE_FAILED"],
                    "a host in maintenance ends with CompleteHost or FailHost",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn settle_unstarted(&mut self, host: &HostName, goal: Goal, reason: HostReason) {
        // A host that failed and was to be tried again is as it was left: disabled, its servers stopped.
        let disabled =
            self.host(host).is_some_and(|h| h.scheduling == SchedulingFact::DisabledByUs);
        if disabled || !self.keys_of(host, |s| s.state == ServerState::Kept).is_empty() {
            self.send_back(host, goal, reason);
            return;
        }
        let now = self.now;
        for key in self.keys_of(host, |s| s.state.is_open()) {
            self.edit_server(&key, |s| {
                s.state =
                    if s.is_broken() { ServerState::HandedOver } else { ServerState::Restored };
            });
        }
        self.edit_host(host, |h| h.ended_at = Some(now));
        let state = match goal {
            Goal::Skipped => SessionHostState::Skipped,
            Goal::Maintained | Goal::DrainFailed | Goal::Cancelled | Goal::Waiting => {
                SessionHostState::Cancelled
            }
        };
        self.set_host(host, state, reason);
    }

    /// Whether it is given back and may not come back at all: its compute service does not report, the cloud does not list it,
    /// does not answer or refuses, or it takes longer than a single action may.
    fn is_doubtful(&self, host: &HostName) -> bool {
        self.host(host).is_some_and(|h| h.reason.cause().is_doubtful())
    }

    fn still_returning(&self, host: &HostName) -> Reject {
        let hint = match self.host(host).and_then(|h| h.deadline) {
            Some(at) => format!(
                "it is being given back; if it is not back by {}, FailHost and SkipHost go on without it",
                crate::rfc3339(at)
            ),
            None => "it is being given back; wait until it is back".to_owned(),
        };
        let allowed =
            ["WAITING", "DRAINING", "IN_MAINTENANCE", "DRAIN_FAILED", "MAINTENANCE_FAILED"];
        wrong_host(host, SessionHostState::Returning, &allowed, &hint)
    }

    /// Whether it is given back only until its turn comes again.
    pub(super) fn is_put_off(&self, host: &HostName) -> bool {
        let goal =
            self.host(host).filter(|h| h.state == SessionHostState::Returning).map(|h| h.goal);
        goal == Some(Some(Goal::Waiting))
    }

    fn retry(
        &mut self,
        host: &HostName,
        state: SessionHostState,
        overrides: Option<&Principal>,
        reason: &str,
    ) -> Result<(), Reject> {
        if overrides.is_some() && reason.trim().is_empty() {
            let text = "say why the owners are overridden; it is recorded";
            return Err(Reject::Violations(vec![crate::spec::Violation::field("reason", text)]));
        }
        let allowed = ["DRAINING (held)", "DRAIN_FAILED", "MAINTENANCE_FAILED", "SKIPPED"];
        match state {
            SessionHostState::Draining if self.host(host).is_some_and(|h| h.hold.is_some()) => {
                self.go_on(host, overrides, reason);
                Ok(())
            }
            SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
                if self.s.head.state != SessionState::Cancelling =>
            {
                self.set_waiting(host);
                Ok(())
            }
            SessionHostState::Waiting
            | SessionHostState::Draining
            | SessionHostState::InMaintenance
            | SessionHostState::Returning
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => {
                Err(wrong_host(host, state, &allowed, "there is nothing to try again"))
            }
        }
    }

    pub(super) fn set_waiting(&mut self, host: &HostName) {
        let now = self.now;
        self.edit_host(host, |h| {
            h.ended_at = None;
            h.deadline = None;
        });
        for key in self.keys_of(host, |s| {
            matches!(s.state, ServerState::Restored | ServerState::HandedOver | ServerState::Failed)
        }) {
            self.edit_server(&key, |s| {
                s.failures = 0;
                s.retry_at = None;
                s.failed_targets.clear();
                // What the session stopped and handed over, it takes back.
                if s.was_running && s.status == ServerStatus::Shutoff {
                    s.state = ServerState::Kept;
                } else {
                    s.state = ServerState::Affected;
                    s.decide_anew(None, DecisionEnd::TriedAgain, now);
                }
            });
        }
        self.set_host(host, SessionHostState::Waiting, HostReason::to_be_tried_again());
    }

    /// Goes on with a held drain. Whoever overrides the owners decides for those that objected or were silent.
    fn go_on(&mut self, host: &HostName, overrides: Option<&Principal>, reason: &str) {
        let now = self.now;
        self.edit_host(host, |h| {
            h.hold = None;
            // What held it may be mended; a held host is not read.
            if h.down {
                h.scheduling = SchedulingFact::Untouched;
            }
            h.servers_known = false;
            h.quiet_since = Some(now);
        });
        for key in self.keys_of(host, |s| s.state == ServerState::Failed) {
            self.edit_server(&key, |s| {
                s.state = ServerState::Affected;
                s.failures = 0;
                s.retry_at = None;
                s.failed_targets.clear();
            });
        }
        self.plan_again();
        let open: Vec<_> = self
            .s
            .drain_notifications(host)
            .filter(|n| matches!(n.state, NotificationState::Rejected | NotificationState::Expired))
            .map(|n| (n.id, n.project.clone(), n.servers.clone()))
            .collect();
        for (id, project, servers) in open {
            let Some(notification) =
                self.s.notifications.get_mut(&id).map(std::sync::Arc::make_mut)
            else {
                continue;
            };
            let objection = notification.objection.take();
            notification.state = NotificationState::Pending;
            if overrides.is_none()
                && let Some(objection) = &objection
            {
                let (objection, how) = (objection.clone(), ObjectionEnd::AskedAgain);
                notification.history.push(now, Said::ObjectionEnded { objection, how });
            }
            if let Some(by) = overrides {
                let decided = self.decide_by_operator(&servers);
                let (by, host, reason) = (by.clone(), host.clone(), reason.to_owned());
                let objection = objection.unwrap_or_default();
                self.remember(id, Said::Overridden { objection, by, host, reason, decided });
                self.refresh_notification(id);
                self.tell_owner(&project, OwnerEvent::Notification(id));
            } else {
                let left = servers
                    .into_iter()
                    .filter(|k| self.server(k).is_some_and(|s| s.state.is_open()))
                    .collect();
                self.ask_again(id, left);
            }
        }
        self.set_host(host, SessionHostState::Draining, HostReason::continued(reason));
    }
}

fn wrong_host(
    host: &HostName,
    state: SessionHostState,
    allowed: &[&'static str],
    hint: &str,
) -> Reject {
    Reject::WrongState {
        subject: format!("host '{host}'"),
        state: state.name(),
        allowed: allowed.to_vec(),
        hint: hint.to_owned(),
    }
}
