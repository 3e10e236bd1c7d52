//! What is counted over sessions for those who watch a site: where hosts stand, who is waited for, what takes longer than it
//! should.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::{Party, Session, SessionHostState};
use crate::Time;
use crate::reason::WaitKind;

/// Figures of sessions that are not over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Hosts, by their state within their session.
    pub hosts: BTreeMap<SessionHostState, u64>,
    /// What is waited for, by whose move it is.
    pub waits: BTreeMap<(Party, WaitKind), u64>,
    /// Servers on hosts that are held empty.
    pub intruders: u64,
    /// Hosts on which the work takes longer than the operator said.
    pub late_works: u64,
    /// Sessions that are not expected to end within their window.
    pub late_sessions: u64,
    /// Sessions that wait because the cloud does not answer.
    pub without_cloud: u64,
}

impl Figures {
    /// Those of one session.
    pub fn of(session: &Session, now: Time) -> Self {
        let mut figures = Self::default();
        if session.head.state.is_terminal() {
            return figures;
        }
        for host in session.hosts.values() {
            *figures.hosts.entry(host.state).or_default() += 1;
            figures.intruders += host.intruders.len() as u64;
            let works = host.state == SessionHostState::InMaintenance;
            let late = host.work_deadline(session).is_some_and(|deadline| deadline < now);
            figures.late_works += u64::from(works && late);
        }
        for wait in session.waits() {
            *figures.waits.entry((Party::from(&wait.party), wait.kind)).or_default() += 1;
        }
        let head = &session.head;
        let late = head.expected_end(now).is_some_and(|end| end > head.spec.window.end);
        figures.late_sessions = u64::from(late);
        figures.without_cloud = u64::from(head.trouble.is_some());
        figures
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        for (state, count) in other.hosts {
            *self.hosts.entry(state).or_default() += count;
        }
        for (wait, count) in other.waits {
            *self.waits.entry(wait).or_default() += count;
        }
        self.intruders += other.intruders;
        self.late_works += other.late_works;
        self.late_sessions += other.late_sessions;
        self.without_cloud += other.without_cloud;
    }
}
