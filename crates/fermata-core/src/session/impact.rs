//! Which servers a session impacts, and what of that is new: what the ledger has to know.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ServerEntry, ServerKey, ServerState, Session};
use crate::cloud::ServerStatus;
use crate::id::{ProjectId, ServerId};
use crate::ledger::{Cause, Entry, Posting};

impl ServerEntry {
    /// Whether the server may not do its work because of the session: from when an action on it is decided until it is
    /// seen to be well.
    pub fn is_impacted(&self) -> bool {
        match self.state {
            _ if self.act.is_some() => true,
            ServerState::OwnAction => true,
            ServerState::Kept => self.was_running,
            ServerState::Failed => self.stuck || self.status == ServerStatus::Error,
            ServerState::Affected
            | ServerState::InAction
            | ServerState::Moved
            | ServerState::Restored
            | ServerState::Gone
            | ServerState::HandedOver => false,
        }
    }

    /// Whether an action that was only decided did not begin after all.
    fn dropped(&self, next: Option<&ServerEntry>) -> bool {
        let only_decided = self.act.as_ref().is_some_and(|a| a.begun_at.is_none());
        only_decided && next.is_some_and(|n| n.state == ServerState::Affected && n.act.is_none())
    }
}

impl Session {
    /// The servers of a project that it impacts.
    pub fn impacted(&self, project: &ProjectId) -> BTreeSet<ServerId> {
        let impacted = self.servers.values().filter(|s| s.is_impacted() && s.project == *project);
        impacted.map(|s| s.key.server.clone()).collect()
    }

    /// What the ledger has to know after this session became `next`; what ends before what begins.
    pub fn postings(&self, next: &Self) -> Vec<Posting> {
        let cause = Cause::Session(self.head.id);
        let mut postings = Vec::new();
        let mut changed = |key: &ServerKey| {
            let before = self.servers.get(key).map(Arc::as_ref);
            let after = next.servers.get(key).map(Arc::as_ref);
            let Some(server) = after.or(before) else { return };
            let mut post = |entry| {
                let (project, server) = (server.project.clone(), server.key.server.clone());
                let act = after.and_then(|s| s.act.as_ref());
                let target = act.and_then(|a| a.target.clone());
                postings.push(Posting { project, server, entry, target });
            };
            let was = before.is_some_and(ServerEntry::is_impacted);
            let is = after.is_some_and(ServerEntry::is_impacted);
            match before {
                Some(before) if was && !is && before.dropped(after) => {
                    post(Entry::Dropped(self.head.id));
                }
                Some(_) if was && !is => post(Entry::Ended(cause)),
                Some(_) | None => {}
            }
            if !was && is {
                post(Entry::Began(cause));
            }
            let left = |s: &ServerEntry| s.state == ServerState::HandedOver;
            if after.is_some_and(left) && !before.is_some_and(left) {
                post(Entry::Began(Cause::Fault));
            }
        };
        for (key, after) in &next.servers {
            if self.servers.get(key).is_none_or(|before| !Arc::ptr_eq(before, after)) {
                changed(key);
            }
        }
        self.servers.keys().filter(|key| !next.servers.contains_key(*key)).for_each(changed);
        postings.sort_by_key(|posting| posting.entry);
        postings
    }
}
