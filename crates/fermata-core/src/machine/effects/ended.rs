//! What follows from the answer to a call.

use time::Duration;

use crate::cloud::CloudError;
use crate::host_state::Learned;
use crate::id::HostName;
use crate::machine::Machine;
use crate::machine::drain::acts::backoff;
use crate::reason::{HostReason, ServerReason};
use crate::session::{CallId, Op, Phase, SchedulingFact, ServerKey, SessionHostState};

/// So long after an unanswered call it may still begin; if nothing is seen of it then, it never did.
pub const SETTLES_AFTER: Duration = Duration::seconds(10);
/// So often the cloud is told why a host stays disabled.
const EXPLAINS: u32 = 3;

impl Machine<'_> {
    pub(in crate::machine) fn ended(&mut self, id: CallId, result: Result<(), CloudError>) {
        match &result {
            Ok(()) => self.cloud_answers(),
            Err(error) => self.cloud_fails(error),
        }
        if let Some(key) = self.key_of_call(id) {
            self.server_call_ended(&key, result);
        } else if let Some(host) = self.host_of_call(id) {
            self.host_call_ended(&host, result);
        }
    }

    fn server_call_ended(&mut self, key: &ServerKey, result: Result<(), CloudError>) {
        let Some(call) = self.server(key).and_then(|s| s.act.as_ref()).map(|a| a.call.clone())
        else {
            return;
        };
        if call.phase == Phase::Planned {
            // Nobody wrote down that it was about to be made, so it was not.
            return;
        }
        let now = self.now;
        if let Op::AbortMigration(_) = call.op {
            // Whatever the answer, the migration it was about tells how it ended.
            self.edit_call(key, |c| {
                c.op = Op::LiveMigrate;
                c.phase = Phase::Accepted { at: now };
            });
            return;
        }
        match result {
            Ok(()) => self.edit_call(key, |c| c.phase = Phase::Accepted { at: now }),
            Err(CloudError::Unavailable { .. }) => {
                self.replan(key, call.op, now + backoff(call.tries));
            }
            // A conflict may stem from an earlier call of ours: the cloud is read before anything else.
            Err(
                error @ (CloudError::Unknown { .. }
                | CloudError::Conflict { .. }
                | CloudError::NotFound { .. }),
            ) => {
                let why = ServerReason::not_answered(&error);
                self.edit_server(key, |s| s.error = Some(why));
                self.edit_call(key, |c| {
                    c.phase = Phase::Unresolved { settles_at: now + SETTLES_AFTER };
                });
            }
            Err(error @ CloudError::Rejected { .. }) => {
                let why = ServerReason::refused(&error);
                self.try_failed(key, call.op, &why, &ServerReason::refused_for_owner());
            }
        }
    }

    /// A call of which it was not known whether it happened did not happen.
    pub(super) fn never_started(&mut self, key: &ServerKey, op: Op) {
        let Some(entry) = self.server(key) else { return };
        let tries = entry.act.as_ref().map_or(0, |a| a.call.tries);
        if tries + 1 < self.s.head.spec.action_attempts {
            self.replan(key, op, self.now);
            return;
        }
        let owner = ServerReason::not_begun();
        let why = entry.error.clone().unwrap_or_else(|| owner.clone());
        self.try_failed(key, op, &why, &owner);
    }

    fn host_call_ended(&mut self, name: &HostName, result: Result<(), CloudError>) {
        let Some(host) = self.host(name).cloned() else { return };
        let Some(call) = host.call.filter(|c| c.phase != Phase::Planned) else { return };
        let now = self.now;
        if result.is_ok() {
            let open = call.op != Op::DisableScheduling;
            self.out.learned.push((name.clone(), Learned::Switched { open }));
        }
        match (result, call.op) {
            // The host is as it was left, and only the reason is to be told: worth some tries, and nothing waits for more.
            (Err(error), _) if host.state.is_settled() => {
                if error.is_refusal() || call.tries + 1 >= EXPLAINS {
                    self.edit_host(name, |h| h.call = None);
                } else {
                    self.switch_again(name, now + backoff(call.tries));
                }
            }
            (Ok(()), Op::DisableScheduling) => self.edit_host(name, |h| {
                h.call = None;
                h.scheduling = SchedulingFact::DisabledByUs;
                h.quiet_since = Some(now);
            }),
            (Ok(()), _) => self.edit_host(name, |h| {
                h.call = None;
                h.scheduling = SchedulingFact::Untouched;
            }),
            (Err(error @ (CloudError::NotFound { .. } | CloudError::Rejected { .. })), _)
                if host.state == SessionHostState::Draining =>
            {
                self.edit_host(name, |h| h.call = None);
                self.give_up(name, HostReason::scheduling_refused(&error));
            }
            // It may still come through, and then it must not undo what follows.
            (Err(error @ CloudError::Unknown { .. }), op) => {
                self.edit_host(name, |h| {
                    if let Some(call) = &mut h.call {
                        call.phase = Phase::Unresolved { settles_at: now + SETTLES_AFTER };
                    }
                });
                let why = HostReason::scheduling_unanswered(op, &error);
                self.switches_late(name, host.state, why);
            }
            // The host is given back meanwhile: whether it is disabled is read before anything else.
            (Err(_), Op::DisableScheduling) if host.state == SessionHostState::Returning => {
                self.edit_host(name, |h| {
                    h.call = None;
                    h.scheduling = SchedulingFact::DisabledByUs;
                });
            }
            // Enabling must come through in the end, and disabling twice does no harm.
            (Err(error), op) => {
                self.switch_again(name, now + backoff(call.tries));
                self.switches_late(name, host.state, HostReason::scheduling_failed(op, &error));
            }
        }
        self.moved = true;
    }

    fn switches_late(&mut self, name: &HostName, state: SessionHostState, why: HostReason) {
        if state == SessionHostState::Returning {
            self.returns_late(name, why);
        } else {
            self.set_host(name, state, why);
        }
    }

    fn switch_again(&mut self, name: &HostName, not_before: crate::Time) {
        let id = self.next_call();
        self.edit_host(name, |h| {
            if let Some(call) = &mut h.call {
                call.id = id;
                call.phase = Phase::Planned;
                call.not_before = not_before;
                call.tries += 1;
            }
        });
        self.moved = true;
    }

    /// Calls on hosts of which it was not known whether they happened, and that cannot come through any more.
    pub(in crate::machine) fn settle_host_calls(&mut self) {
        let settled: Vec<_> = self
            .s
            .hosts
            .values()
            .filter_map(|h| Some((h.host.clone(), h.state, h.call.as_ref()?)))
            .filter(|(_, _, call)| match call.phase {
                Phase::Unresolved { settles_at } => settles_at <= self.now,
                Phase::Planned | Phase::Begun | Phase::Accepted { .. } => false,
            })
            .map(|(host, state, call)| (host, state, call.op))
            .collect();
        for (host, state, op) in settled {
            if state == SessionHostState::Returning && op == Op::DisableScheduling {
                // Whether it is disabled is read before anything else.
                self.edit_host(&host, |h| {
                    h.call = None;
                    h.scheduling = SchedulingFact::DisabledByUs;
                });
                self.moved = true;
            } else {
                self.switch_again(&host, self.now);
            }
        }
    }
}
