//! What a watch knows of a session: the snapshot, and what the events since changed.
//!
//! The contract counts servers per host in snapshots only, so the tracker counts on from there.

use std::collections::HashSet;

use fermata_client::v1::session_event::Event;
use fermata_client::v1::{
    Progress, ServerState, SessionEvent, SessionHost, SessionHostState, SessionSnapshot,
    SessionState,
};

use super::progress;
use crate::output::color::{BOLD, Colored, paint};
use crate::output::live::Row;

const BAR: u32 = 20;
const HOST_BAR: u32 = 10;

/// A session that is watched.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    state: SessionState,
    progress: Progress,
    hosts: Vec<SessionHost>,
    done_since: HashSet<String>,
}

impl Tracker {
    pub(crate) fn state(&self) -> SessionState {
        self.state
    }

    /// The hosts, and where each stands.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&str, SessionHostState)> {
        self.hosts.iter().map(|host| (host.host.as_str(), host.state()))
    }

    /// The hosts that were left out, as far as nobody worked on them.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let is_left_out =
            |state| matches!(state, SessionHostState::Skipped | SessionHostState::Cancelled);
        let left_out = self.states().filter(|(_, state)| is_left_out(*state));
        left_out.map(|(host, _)| host.to_owned()).collect()
    }

    /// Begins from a snapshot.
    pub(crate) fn snapshot(&mut self, snapshot: &SessionSnapshot) {
        let session = snapshot.session.clone().unwrap_or_default();
        let status = session.status.unwrap_or_default();
        self.state = status.state();
        self.progress = status.progress.unwrap_or_default();
        self.hosts.clone_from(&snapshot.hosts);
        self.done_since.clear();
    }

    /// Goes on with an event.
    pub(crate) fn event(&mut self, event: &SessionEvent) {
        self.progress = event.progress.unwrap_or(self.progress);
        match &event.event {
            Some(Event::Session(to)) => self.state = to.state(),
            Some(Event::Host(to)) => {
                if let Some(host) = self.hosts.iter_mut().find(|host| host.host == to.host) {
                    host.state = to.state;
                    host.state_reason.clone_from(&to.reason);
                    host.state_cause = to.cause;
                }
            }
            Some(Event::Server(to)) => self.server(&to.host, &to.server_id, to.state()),
            Some(
                Event::OwnerAsked(_)
                | Event::OwnerReplied(_)
                | Event::HoldBroken(_)
                | Event::CounterOfferJudged(_),
            )
            | None => {}
        }
    }

    /// The rows of the hosts that are at work, and the session's.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let busy = |host: &&SessionHost| is_busy(host.state());
        let hosts = self.hosts.iter().filter(busy).map(|host| Row {
            key: host.host.clone(),
            name: paint(BOLD, &host.host),
            state: host.state().painted(),
            figures: progress::bar(host.servers_done, host.servers_total, HOST_BAR),
        });
        let total = Row {
            // A host may be called `session`; nothing is called the empty string.
            key: String::new(),
            name: paint(BOLD, "session"),
            state: self.state.painted(),
            figures: format!(
                "hosts {}  servers {}",
                progress::hosts(&self.progress),
                progress::servers(&self.progress, BAR)
            ),
        };
        hosts.chain([total]).collect()
    }

    fn server(&mut self, host: &str, server_id: &str, state: ServerState) {
        let Some(host) = self.hosts.iter_mut().find(|known| known.host == host) else { return };
        if is_done(state) {
            if self.done_since.insert(server_id.to_owned()) {
                host.servers_done = (host.servers_done + 1).min(host.servers_total);
            }
        } else if self.done_since.remove(server_id) {
            host.servers_done = host.servers_done.saturating_sub(1);
        }
    }
}

fn is_done(state: ServerState) -> bool {
    match state {
        ServerState::Moved
        | ServerState::Restored
        | ServerState::Gone
        | ServerState::HandedOver => true,
        ServerState::Unspecified
        | ServerState::Affected
        | ServerState::InAction
        | ServerState::OwnAction
        | ServerState::Kept
        | ServerState::Failed => false,
    }
}

fn is_busy(state: SessionHostState) -> bool {
    match state {
        SessionHostState::Draining
        | SessionHostState::InMaintenance
        | SessionHostState::Returning => true,
        SessionHostState::Unspecified
        | SessionHostState::Waiting
        | SessionHostState::Maintained
        | SessionHostState::Retired
        | SessionHostState::DrainFailed
        | SessionHostState::MaintenanceFailed
        | SessionHostState::Skipped
        | SessionHostState::Cancelled => false,
    }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{
        Session, SessionHostChanged, SessionServerChanged, SessionStateChanged, SessionStatus,
    };

    use super::*;

    fn watched() -> Tracker {
        let host = |name: &str, servers_total| SessionHost {
            host: name.to_owned(),
            state: SessionHostState::Waiting.into(),
            servers_total,
            ..Default::default()
        };
        let status = SessionStatus { state: SessionState::Running.into(), ..Default::default() };
        let session = Some(Session { status: Some(status), ..Default::default() });
        let hosts = vec![host("a", 2), host("b", 1)];
        let mut tracker = Tracker::default();
        tracker.snapshot(&SessionSnapshot { part: 1, last: true, session, hosts });
        tracker
    }

    fn happened(event: Event) -> SessionEvent {
        SessionEvent { event: Some(event), ..Default::default() }
    }

    fn host_to(host: &str, state: SessionHostState) -> SessionEvent {
        happened(Event::Host(SessionHostChanged {
            host: host.to_owned(),
            state: state.into(),
            ..Default::default()
        }))
    }

    fn server_to(server: &str, state: ServerState) -> SessionEvent {
        happened(Event::Server(SessionServerChanged {
            server_id: server.to_owned(),
            host: "a".to_owned(),
            state: state.into(),
            ..Default::default()
        }))
    }

    fn rows(tracker: &Tracker) -> Vec<String> {
        let rows = tracker.rows().into_iter();
        let text = rows.map(|row| format!("{} {} {}", row.name, row.state, row.figures));
        text.map(|text| anstream::adapter::strip_str(&text).to_string()).collect()
    }

    #[test]
    fn a_host_has_a_row_while_it_is_at_work() {
        let mut tracker = watched();
        assert_eq!(rows(&tracker).len(), 1);
        tracker.event(&host_to("a", SessionHostState::Draining));
        assert_eq!(rows(&tracker)[0], "a DRAINING ░░░░░░░░░░ 0/2");
        tracker.event(&host_to("a", SessionHostState::Maintained));
        assert_eq!(rows(&tracker).len(), 1);
    }

    #[test]
    fn a_server_counts_once_and_only_while_it_is_done() {
        let mut tracker = watched();
        tracker.event(&host_to("a", SessionHostState::Draining));
        for state in [ServerState::InAction, ServerState::Moved, ServerState::Moved] {
            tracker.event(&server_to("s", state));
        }
        assert_eq!(rows(&tracker)[0], "a DRAINING █████░░░░░ 1/2");
        tracker.event(&server_to("s", ServerState::InAction));
        assert_eq!(rows(&tracker)[0], "a DRAINING ░░░░░░░░░░ 0/2");
    }

    #[test]
    fn the_sessions_state_follows() {
        let mut tracker = watched();
        tracker.event(&happened(Event::Session(SessionStateChanged {
            state: SessionState::Completed.into(),
            ..Default::default()
        })));
        assert_eq!(tracker.state(), SessionState::Completed);
    }
}
