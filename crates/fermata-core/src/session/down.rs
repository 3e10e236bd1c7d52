//! Hosts that die while a session moves servers from them or to them.

use std::collections::BTreeSet;

use super::{Session, SessionHost, SessionHostState, SessionServer};
use crate::id::HostName;

impl Session {
    /// Whether these are not the hosts that the session takes to be down, of all hosts whose compute service does not report.
    pub fn misses(&self, down: &BTreeSet<HostName>) -> bool {
        self.drained().any(|host| {
            host.down != down.contains(&host.host)
                || self.servers_of(&host.host).any(|s| s.target_down != is_lost(s, down))
        })
    }

    /// Hosts that are drained and whose servers were seen since that began. A drain that is held is read when it goes on.
    pub(crate) fn drained(&self) -> impl Iterator<Item = &SessionHost> {
        let is_drained = |h: &&SessionHost| {
            h.state == SessionHostState::Draining && h.servers_known && h.hold.is_none()
        };
        self.hosts.values().map(AsRef::as_ref).filter(is_drained)
    }

    /// Whether a host cannot be emptied before it reports again, or before a host reports where its servers go.
    pub fn is_stalled(&self, host: &SessionHost) -> bool {
        let mut open = self.servers_of(&host.host).filter(|s| s.state.is_open()).peekable();
        let drains = host.state == SessionHostState::Draining && open.peek().is_some();
        drains && (host.down || self.on_the_way_to_nowhere(&host.host).is_some())
    }

    /// A server of a host that is on its way to a host that is down.
    pub(crate) fn on_the_way_to_nowhere<'a>(
        &'a self,
        host: &'a HostName,
    ) -> Option<&'a SessionServer> {
        let lost = |s: &&SessionServer| s.target_down && s.goes_to().is_some();
        self.servers_of(host).map(AsRef::as_ref).find(lost)
    }
}

/// Whether a server goes, or is to go, to one of these hosts.
pub(crate) fn is_lost(server: &SessionServer, down: &BTreeSet<HostName>) -> bool {
    let target = server.goes_to().or(server.target.as_ref());
    server.state.is_open() && target.is_some_and(|target| down.contains(target))
}
