//! What can be read off a host of a session.

use super::{Head, Session, SessionHost, SessionHostState};
use crate::Time;
use crate::spec::Kind;

/// What the owner of servers on a host may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostGlimpse {
    /// Whether it comes back.
    pub kind: Kind,
    /// When its drain begins by the session's plan.
    pub planned_at: Option<Time>,
}

impl From<&SessionHost> for HostGlimpse {
    fn from(host: &SessionHost) -> Self {
        Self { kind: host.kind, planned_at: host.planned_start() }
    }
}

impl HostGlimpse {
    /// When its drain is expected to begin, as things stand in its session.
    pub fn expected_start(self, head: &Head, now: Time) -> Option<Time> {
        Some(self.planned_at? + head.delay(now))
    }
}

impl SessionHost {
    /// When the operator expected to be done with the work.
    pub fn work_deadline(&self, session: &Session) -> Option<Time> {
        Some(self.empty_at? + session.head.spec.work_timeout?)
    }

    /// When the state that the host is in should be over.
    pub fn deadline(&self, session: &Session) -> Option<Time> {
        match self.state {
            // Nobody may take it for the time in which it will be empty.
            SessionHostState::Draining if session.is_stalled(self) => None,
            SessionHostState::Draining => self.deadline,
            SessionHostState::InMaintenance => self.work_deadline(session),
            SessionHostState::Waiting
            | SessionHostState::Returning
            | SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => None,
        }
    }
}
