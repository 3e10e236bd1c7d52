//! Which hosts come next: of those in the first wave of the session's plan empty ones first, because they cost nobody
//! anything and make room for others, then the ones with the fewest servers; names break ties.

use crate::id::HostName;
use crate::replan::Turn;
use crate::session::{Session, SessionHostState};

/// The hosts that wait and may be drained now, in the order in which they should be.
pub fn order(session: &Session) -> Vec<HostName> {
    let now = Some(Turn::Wave(1));
    let mut waiting: Vec<_> = session
        .hosts
        .values()
        .filter(|h| h.state == SessionHostState::Waiting && h.turn == now)
        .map(|h| (session.servers_of(&h.host).filter(|s| s.state.is_open()).count(), &h.host))
        .collect();
    waiting.sort();
    waiting.into_iter().map(|(_, host)| host.clone()).collect()
}

/// The hosts whose drain should begin now: as many as the session allows at once, of those that fit into what
/// is left of its window.
pub fn next(session: &Session, fits: impl Fn(&HostName) -> bool) -> Vec<HostName> {
    let active = session.hosts.values().filter(|h| h.state.is_active()).count();
    let room = (session.head.spec.max_parallel_hosts as usize).saturating_sub(active);
    if room == 0 {
        return Vec::new();
    }
    order(session).into_iter().filter(fits).take(room).collect()
}
