//! Impacts that nobody asked for: a server is impacted while its host is down, unless it was stopped anyway, and while it
//! is in ERROR after an action. Pure; whoever reads the cloud calls [`look`] with what it saw.

use std::collections::BTreeSet;

use super::{Cause, Entry, Posting};
use crate::cloud::{Host, Server, ServerSeen, ServerStatus};
use crate::id::{HostName, ProjectId, ServerId};

/// Servers that are impacted by a fault, as the ledger has them.
pub type Open = BTreeSet<(ProjectId, ServerId)>;

/// What was seen of the cloud.
pub struct Seen<'a> {
    /// All hosts.
    pub hosts: &'a [Host],
    /// The servers on hosts that are down.
    pub on_down: &'a [Server],
    /// Those of the open ones that are not on hosts that are down.
    pub elsewhere: &'a [ServerSeen],
}

/// What is to be written because of what was seen.
pub fn look(open: &Open, seen: &Seen<'_>) -> Vec<Posting> {
    let up: BTreeSet<&HostName> = seen.hosts.iter().filter(|h| h.up).map(|h| &h.name).collect();
    let mut postings = Vec::new();
    let mut known = BTreeSet::new();
    for server in seen.on_down {
        let key = (server.project.clone(), server.id.clone());
        // One that is stopped loses nothing with its host.
        if server.status != ServerStatus::Shutoff && !open.contains(&key) {
            postings.push(posting(&key, Entry::Began(Cause::Fault)));
        }
        known.insert(key);
    }
    for key in open.difference(&known) {
        let over = seen.elsewhere.iter().find(|s| *s.id() == key.1).is_some_and(|s| match s {
            ServerSeen::Gone(_) => true,
            // Nova stops servers whose host was down: they are not well before somebody has started them. And a move that
            // nobody has confirmed is not over.
            ServerSeen::Present(server) => match server.status {
                ServerStatus::Error | ServerStatus::Shutoff | ServerStatus::VerifyResize => false,
                ServerStatus::Active | ServerStatus::Other(_) => {
                    server.host.as_ref().is_none_or(|host| up.contains(host))
                }
            },
        });
        if over {
            postings.push(posting(key, Entry::Ended(Cause::Fault)));
        }
    }
    postings
}

fn posting(key: &(ProjectId, ServerId), entry: Entry) -> Posting {
    Posting { project: key.0.clone(), server: key.1.clone(), entry, target: None }
}

#[cfg(test)]
mod tests;
