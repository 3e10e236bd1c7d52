//! Times in which the cloud or Fermata itself could not be reached. They are shown, and not used
//! against anybody: every deadline that fell into one is moved by its length.

use std::sync::Arc;

use crate::Time;
use crate::broken::{self, Rule};
use crate::cloud::CloudError;
use crate::machine::effects::ended::SETTLES_AFTER;
use crate::machine::effects::judge::FORGOTTEN_AFTER;
use crate::machine::{Machine, Outage};
use crate::session::{Call, NotificationState, Op, Phase, Trouble};

impl Machine<'_> {
    pub(in crate::machine) fn cloud_fails(&mut self, error: &CloudError) {
        match error {
            CloudError::Unavailable { kind, detail } => {
                if self.s.head.trouble.is_none() {
                    let detail = detail.clone();
                    self.s.head.trouble = Some(Trouble { since: self.now, kind: *kind, detail });
                }
            }
            // One lost answer is no outage; the cloud may have done what it was asked.
            CloudError::Unknown { .. } => {}
            CloudError::NotFound { .. }
            | CloudError::Conflict { .. }
            | CloudError::Rejected { .. } => self.cloud_answers(),
        }
    }

    pub(in crate::machine) fn cloud_answers(&mut self) {
        if let Some(trouble) = self.s.head.trouble.take() {
            self.extend_deadlines(trouble.since, self.now);
        }
    }

    /// Nobody could reply, and nothing could be done: that time is not used against anybody. Each outage counts
    /// once, whoever tells of it.
    pub(in crate::machine) fn outages(&mut self, outages: &[Outage]) {
        for outage in outages {
            if outage.number > self.s.head.outages {
                self.s.head.outages = outage.number;
                // Much may have changed meanwhile.
                self.plan_again();
                if !broken::is(Rule::Outages) {
                    self.extend_deadlines(outage.since, outage.until);
                }
            }
        }
    }

    /// The replica that worked on the session before may have ended with calls on their way: nobody knows what
    /// became of them.
    pub(in crate::machine) fn recover(&mut self, epoch: u64) {
        let lost = |call: &Call| call.phase == Phase::Begun && call.epoch < epoch;
        let settles_at = self.now + SETTLES_AFTER;
        let now = self.now;
        for server in self.s.servers.values_mut() {
            if server.act.as_ref().is_some_and(|a| lost(&a.call))
                && let Some(act) = &mut Arc::make_mut(server).act
            {
                // An abort that is lost is seen by the migration going on; it is then left alone.
                if let Op::AbortMigration(_) = act.call.op {
                    act.call.op = Op::LiveMigrate;
                    act.call.phase = Phase::Accepted { at: now };
                } else if broken::is(Rule::ReadBeforeResend) {
                    act.call.phase = Phase::Planned;
                } else {
                    act.call.phase = Phase::Unresolved { settles_at };
                }
            }
        }
        for host in self.s.hosts.values_mut() {
            if host.call.as_ref().is_some_and(lost)
                && let Some(call) = &mut Arc::make_mut(host).call
            {
                // Disabling and enabling are idempotent, but one that arrives late undoes the other.
                call.phase = if broken::is(Rule::ReadBeforeResend) {
                    Phase::Planned
                } else {
                    Phase::Unresolved { settles_at }
                };
            }
        }
    }

    /// Moves every deadline that was open at `since` by the time that passed until `until`. Where an outage or a
    /// pause goes on, its end moves them by the rest.
    pub(in crate::machine) fn extend_deadlines(&mut self, since: Time, until: Time) {
        let trouble = self.s.head.trouble.as_ref().map(|t| t.since);
        let goes_on = trouble.into_iter().chain(self.s.head.paused_at).min();
        let until = goes_on.map_or(until, |at| at.min(until));
        let lost = until - since;
        if !lost.is_positive() {
            return;
        }
        let mut told = Vec::new();
        for notification in self.s.notifications.values_mut() {
            // Who has answered may change its mind until then.
            let over = [NotificationState::Expired, NotificationState::Closed];
            // An open offer gives back the time from when it was made itself.
            let lost =
                notification.open_counter_offer().map_or(until, |o| o.made_at.min(until)) - since;
            let open =
                !over.contains(&notification.state) && notification.reply_deadline_time > since;
            if open && lost.is_positive() {
                let row = Arc::make_mut(notification);
                row.reply_deadline_time += lost;
                told.push((row.project.clone(), row.id));
            }
        }
        for (project, id) in told {
            self.tell_owner(&project, crate::event::OwnerEvent::Notification(id));
        }
        for host in self.s.hosts.values_mut() {
            if host.state.is_active() && host.deadline.is_some_and(|at| at > since) {
                let row = Arc::make_mut(host);
                row.deadline = row.deadline.map(|at| at + lost);
            }
        }
        for server in self.s.servers.values_mut() {
            let Some(act) = &server.act else { continue };
            let deadline = act.deadline > since;
            let phase = match act.call.phase {
                Phase::Accepted { at } if at + FORGOTTEN_AFTER > since => {
                    Phase::Accepted { at: at + lost }
                }
                Phase::Unresolved { settles_at } if settles_at > since => {
                    Phase::Unresolved { settles_at: settles_at + lost }
                }
                phase @ (Phase::Planned
                | Phase::Begun
                | Phase::Accepted { .. }
                | Phase::Unresolved { .. }) => phase,
            };
            if (deadline || phase != act.call.phase)
                && let Some(act) = &mut Arc::make_mut(server).act
            {
                act.call.phase = phase;
                if deadline {
                    act.deadline += lost;
                }
            }
        }
    }
}
