//! Which servers a session impacts, and what of that is new: what the ledger has to know.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Notification, NotificationState, ServerKey, ServerState, Session, SessionServer};
use crate::cloud::{Server, ServerStatus};
use crate::id::{ProjectId, ServerId};
use crate::ledger::{Cause, Entry, Posting};

impl SessionServer {
    /// Whether the server may not do its work because of the session: from when an action on it is decided until it is
    /// seen to be well.
    pub fn is_impacted(&self) -> bool {
        match self.state {
            _ if self.act.is_some() => true,
            ServerState::OwnAction => true,
            ServerState::Kept => self.was_running,
            ServerState::Failed => self.is_broken() || self.status == ServerStatus::Error,
            // It is to be tried again, which does not mend it.
            ServerState::Affected => self.is_broken(),
            ServerState::InAction
            | ServerState::Moved
            | ServerState::Restored
            | ServerState::Gone
            | ServerState::HandedOver => false,
        }
    }

    /// Whether an action has left it in ERROR or halfway, in VERIFY_RESIZE, or has not come to an end.
    pub(crate) fn is_broken(&self) -> bool {
        let unsettled = matches!(self.status, ServerStatus::Error | ServerStatus::VerifyResize);
        self.stuck || unsettled && self.act_started_at.is_some()
    }

    /// Whether it was stopped for the session and left before it was started again.
    fn left_stopped(&self) -> bool {
        self.state == ServerState::Gone && self.was_running && self.status == ServerStatus::Shutoff
    }

    /// Whether an action that was only decided did not begin after all.
    fn dropped(&self, next: Option<&SessionServer>) -> bool {
        let only_decided = self.act.as_ref().is_some_and(|a| a.begun_at.is_none());
        only_decided && next.is_some_and(|n| n.state == ServerState::Affected && n.act.is_none())
    }
}

impl Session {
    /// Whether it has stopped a server that was moved away stopped, and is so still: it is this session's to start.
    pub(crate) fn has_stopped(&self, server: &Server) -> bool {
        server.status == ServerStatus::Shutoff
            && self.servers.values().any(|s| s.key.server == server.id && s.left_stopped())
    }

    /// The servers of a project that it impacts.
    pub fn impacted(&self, project: &ProjectId) -> BTreeSet<ServerId> {
        let impacted = self.servers.values().filter(|s| s.is_impacted() && s.project == *project);
        impacted.map(|s| s.key.server.clone()).collect()
    }

    /// What the ledger has to know after this session became `next`; what makes room before what takes it.
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
            let was = before.is_some_and(SessionServer::is_impacted);
            let is = after.is_some_and(SessionServer::is_impacted);
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
            // Somebody else has to mend it. One that was broken when it left may be broken elsewhere: faults are looked at.
            let left = |s: &SessionServer| {
                let gone = matches!(s.state, ServerState::Gone | ServerState::Moved);
                s.state == ServerState::HandedOver || gone && s.is_broken() || s.left_stopped()
            };
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
        postings.extend(self.requests_posted(next));
        postings.sort_by_key(|posting| posting.entry);
        postings
    }

    /// Requests to scale in that are new, and those that are over.
    fn requests_posted(&self, next: &Self) -> Vec<Posting> {
        let asked = |notification: &Arc<Notification>| {
            let open = notification.state == NotificationState::Pending;
            notification
                .scale_in()
                .filter(|_| open)
                .map_or_else(Vec::new, |scale_in| scale_in.suggested.clone())
        };
        let mut postings = Vec::new();
        for (id, after) in &next.notifications {
            let before = self.notifications.get(id);
            if before.is_some_and(|before| Arc::ptr_eq(before, after)) {
                continue;
            }
            let (before, now) = (before.map_or_else(Vec::new, asked), asked(after));
            let mut post = |server: &ServerId, entry| {
                let (project, server) = (after.project.clone(), server.clone());
                postings.push(Posting { project, server, entry, target: None });
            };
            let over = before.iter().filter(|s| !now.contains(s));
            over.for_each(|server| post(server, Entry::Withdrawn(self.head.id)));
            let new = now.iter().filter(|s| !before.contains(s));
            new.for_each(|server| post(server, Entry::Asked(self.head.id)));
        }
        postings
    }
}
