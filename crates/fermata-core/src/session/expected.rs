//! When what is planned is to be expected as things stand. A plan says when each host comes; where the ones before take
//! longer than it thought, everything behind them is later by as much, and nothing that is still to come is expected in
//! the past.

use time::Duration;

use super::{Head, Session, SessionHost, SessionHostState};
use crate::Time;

impl Session {
    /// When the first host that waits comes by the plan.
    pub(crate) fn next_planned(&self) -> Option<Time> {
        self.hosts.values().filter_map(|host| host.planned_start()).min()
    }
}

impl Head {
    /// By how much the session is behind its plan: the first host that waits should have come so long ago.
    pub fn delay(&self, now: Time) -> Duration {
        self.course.next.map_or(Duration::ZERO, |next| (now - next).max(Duration::ZERO))
    }

    /// When everything is expected to be over, but for hosts that cannot be drained. `None`: it is over, or nothing is
    /// planned yet.
    pub fn expected_end(&self, now: Time) -> Option<Time> {
        let ends = self.course.ends.filter(|_| !self.state.is_terminal())?;
        Some((ends + self.delay(now)).max(now))
    }
}

impl SessionHost {
    /// When the drain of a host that waits is expected to begin.
    pub fn expected_start(&self, head: &Head, now: Time) -> Option<Time> {
        Some(self.planned_start()? + head.delay(now))
    }

    /// When the drain of a host that waits begins by the plan.
    pub fn planned_start(&self) -> Option<Time> {
        self.expected_at.filter(|_| self.state == SessionHostState::Waiting)
    }
}
