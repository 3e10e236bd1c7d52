//! How long moves took, and how long owners took to reply.

use std::sync::Arc;

use time::Duration;

use super::{NotificationState, Op, ServerKey, ServerState, Session, SessionServer};
use crate::cloud::MigrationKind;
use crate::problem::Measured;

impl Session {
    /// Moves that came through at once when this session became `next`.
    pub fn measured(&self, next: &Self) -> Vec<(ServerKey, Measured)> {
        let moved = next.servers.values().filter(|s| s.state == ServerState::Moved);
        let measured = moved.filter_map(|after| {
            let before = self.servers.get(&after.key)?;
            let changed = !Arc::ptr_eq(before, after) && before.state != ServerState::Moved;
            Some((after.key.clone(), before.measured(after).filter(|_| changed)?))
        });
        measured.collect()
    }
}

impl Session {
    /// Questions that owners answered, or left without a reply, when this session became `next`: where they stand, and how
    /// long after they were first asked.
    pub fn replies(&self, next: &Self) -> Vec<(NotificationState, Duration)> {
        let replied = next.notifications.values().filter_map(|after| {
            let before = self.notifications.get(&after.id)?;
            let was_open = before.state == NotificationState::Pending;
            let is_open = after.state == NotificationState::Pending;
            let closed = after.state == NotificationState::Closed;
            let took = next.head.updated_at - after.created_at;
            (was_open && !is_open && !closed).then_some((after.state, took))
        });
        replied.collect()
    }
}

impl SessionServer {
    fn measured(&self, after: &Self) -> Option<Measured> {
        let act = self.act.as_ref().filter(|_| self.failures == 0 && self.memory_mib > 0)?;
        let kind = match act.call.op {
            Op::LiveMigrate => MigrationKind::Live,
            Op::Migrate | Op::ConfirmMigration => MigrationKind::Cold,
            Op::AbortMigration(_)
            | Op::Stop
            | Op::Start
            | Op::DisableScheduling
            | Op::EnableScheduling => return None,
        };
        let took = after.act_ended_at? - act.begun_at?;
        Some(Measured { kind, memory_mib: self.memory_mib, took })
    }
}
