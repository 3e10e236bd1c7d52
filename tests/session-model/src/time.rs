//! Time. It is always [`NOW`]: when time passes, what lies ahead in the session comes nearer by as much. Rules
//! compare times only with the present, or add spans to it, so that is the same.
//!
//! Time passes only to the next moment at which something is due, and only while the owner has nothing to do at
//! once.

use std::sync::Arc;

use fermata_core::machine::{Input, SETTLES_AFTER};
use fermata_core::session::{Call, NotificationKind, NotificationState, Phase, Session};
use fermata_core::{Duration, Time};

use crate::site::{NOW, host_number, server_number};
use crate::state::{Doing, State, Who};

/// A call that was made arrives before so much time has passed, or never.
pub const LANDS_WITHIN: Duration = SETTLES_AFTER.saturating_sub(Duration::seconds(1));
/// What the core calls `FORGOTTEN_AFTER`: an accepted action of which nothing is seen is then given up.
const FORGOTTEN_AFTER: Duration = Duration::seconds(30);
/// Nothing in the model takes as long as this; deadlines that lie farther ahead are never reached.
const HORIZON: Duration = Duration::hours(1);

impl State {
    /// How much time may pass now, if any.
    pub fn next_moment(&self) -> Option<Duration> {
        let idle = matches!(self.owner, Some(Doing::Nothing))
            && self.session.due_calls(NOW).is_empty()
            && !self.session.head.state.is_terminal();
        let forgotten =
            self.session.servers.values().filter_map(|s| match s.act.as_ref()?.call.phase {
                Phase::Accepted { at } => Some(at + FORGOTTEN_AFTER),
                Phase::Planned | Phase::Begun | Phase::Unresolved { .. } => None,
            });
        let due = forgotten.chain(self.session.next_due(NOW)).filter(|at| *at > NOW).min()?;
        let span = due - NOW;
        let none_flies = self.air.iter().all(|f| span < f.lands_within);
        (idle && span < HORIZON && none_flies).then_some(span)
    }

    /// Time passes, and the owner looks at the clock.
    pub fn pass(&mut self, span: Duration) {
        shift(Arc::make_mut(&mut self.session), span);
        for flight in &mut self.air {
            flight.lands_within -= span;
        }
        if let Some(Doing::Drafted { before, .. }) = &mut self.former {
            shift(Arc::make_mut(before), span);
        }
        let over: Vec<_> = self
            .session
            .notifications
            .values()
            .filter(|n| n.state == NotificationState::Pending && n.reply_deadline_time <= NOW)
            .filter(|n| matches!(n.kind, NotificationKind::Drain(_)))
            .flat_map(|n| n.servers.clone())
            .collect();
        for key in over {
            self.told.agreed[host_number(&key.host)][server_number(&key.server)] = true;
        }
        self.apply(Who::Owner, Input::Tick);
    }
}

/// What lies ahead comes nearer. Deadlines beyond the horizon stay there.
fn shift(session: &mut Session, span: Duration) {
    let near = |at: Time| if at - NOW < HORIZON { at - span } else { at };
    for host in session.hosts.values_mut() {
        if let Some(call) = &mut Arc::make_mut(host).call {
            shift_call(call, near);
        }
    }
    for server in session.servers.values_mut() {
        let server = Arc::make_mut(server);
        server.retry_at = server.retry_at.map(near);
        if let Some(act) = &mut server.act {
            shift_call(&mut act.call, near);
        }
    }
    for notification in session.notifications.values_mut() {
        let notification = Arc::make_mut(notification);
        notification.reply_deadline_time = near(notification.reply_deadline_time);
        notification.actions_start_time = near(notification.actions_start_time);
    }
}

fn shift_call(call: &mut Call, near: impl Fn(Time) -> Time) {
    call.not_before = near(call.not_before);
    call.phase = match call.phase {
        Phase::Accepted { at } => Phase::Accepted { at: near(at) },
        Phase::Unresolved { settles_at } => Phase::Unresolved { settles_at: near(settles_at) },
        phase @ (Phase::Planned | Phase::Begun) => phase,
    };
}
