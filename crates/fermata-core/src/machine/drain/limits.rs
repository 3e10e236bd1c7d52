//! Limits of groups: no action begins unless the ledger has room for it.

use std::collections::BTreeSet;

use crate::broken::{self, Rule};
use crate::id::{ProjectId, ServerId};
use crate::ledger::{Ask, Cause, Entry, Full};
use crate::machine::Machine;
use crate::reason::WaitKind;
use crate::session::{ServerKey, ServerState, SessionHostState};
use crate::spec::Action;
use crate::ways::{Way, way};

impl Machine<'_> {
    /// Whether an action on a server may begin now; if not, the server says why.
    pub(super) fn may_begin_on(&mut self, key: &ServerKey, action: Action) -> bool {
        if self.is_offered(key) {
            return false;
        }
        let kind = self.host(&key.host).map(|h| h.kind);
        let Some((server, kind)) = self.server(key).zip(kind) else { return false };
        let way = way(action, &server.status, kind);
        let moves = matches!(way, Way::Do(Action::LiveMigrate | Action::Migrate));
        if moves && !self.s.head.course.is_planned() {
            // There will be a plan in a moment.
            return false;
        }
        if moves && self.is_taken(key) {
            self.edit_server(key, |s| s.target = None);
            self.plan_again();
            return false;
        }
        let Some(server) = self.server(key) else { return false };
        let lost = moves && server.target.is_none();
        // Nothing begins on it.
        let harmless = matches!(way, Way::Rests | Way::Blocked(_));
        let full = match (lost, harmless) {
            _ if self.comes_after(key).is_some() => self.comes_after(key),
            (true, _) => Some(Full::new(WaitKind::Room, "no host has room for it")),
            (false, true) => None,
            (false, false) => self.is_full(key),
        };
        let may = full.is_none();
        if self.server(key).is_some_and(|s| s.waits_for != full) {
            self.edit_server(key, |s| s.waits_for = full);
        }
        may
    }

    /// What has to be done before a server, as its owner agreed.
    fn comes_after(&self, key: &ServerKey) -> Option<Full> {
        const NAMED: usize = 3;
        if broken::is(Rule::Terms) {
            return None;
        }
        let awaited = &self.server(key)?.terms.after;
        let named: Vec<_> = awaited.iter().take(NAMED).map(|k| k.server.as_str()).collect();
        let more = match awaited.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = format!("by counter-offer it comes after {}{more}", named.join(", "));
        (!awaited.is_empty()).then_some(Full::new(WaitKind::AgreedOrder, why))
    }

    /// Whether another session has sent a member of its groups to its target since the plan was made, that must be apart.
    fn is_taken(&self, key: &ServerKey) -> bool {
        let (Some(ledger), Some(server)) = (self.ledger, self.server(key)) else { return false };
        let (Some(target), Some(since)) = (&server.target, self.s.head.course.planned_at) else {
            return false;
        };
        let nobody = BTreeSet::new();
        let ask = self.ask_ledger(&server.project, &key.server, &nobody, &nobody);
        ledger.is_taken(target, since, &ask, self.policies)
    }

    fn ask_ledger<'a>(
        &self,
        project: &'a ProjectId,
        server: &'a ServerId,
        impacted: &'a BTreeSet<ServerId>,
        ended: &'a BTreeSet<ServerId>,
    ) -> Ask<'a> {
        Ask { project, server, session: self.s.head.id, impacted, ended, now: self.now }
    }

    pub(super) fn is_full(&mut self, key: &ServerKey) -> Option<Full> {
        let Some(ledger) = self.ledger else {
            let why = "the limits of its groups are looked up";
            return Some(Full::new(WaitKind::LimitsLookup, why));
        };
        let project = self.server(key)?.project.clone();
        if self.policies.groups_of(&project, &key.server).next().is_some() {
            self.judged.insert(project.clone(), ledger.revision(&project));
        }
        if broken::is(Rule::GroupLimit) {
            return None;
        }
        let mut impacted = self.s.impacted(&project);
        let mut ended = BTreeSet::new();
        let postings = self.before.postings(&self.s);
        for posting in postings.into_iter().filter(|p| p.project == project) {
            match posting.entry {
                Entry::Began(Cause::Fault) => impacted.insert(posting.server),
                Entry::Ended(_) => ended.insert(posting.server),
                Entry::Began(Cause::Session(_))
                | Entry::Dropped(_)
                | Entry::Asked(_)
                | Entry::Withdrawn(_) => false,
            };
        }
        let ask = self.ask_ledger(&project, &key.server, &impacted, &ended);
        ledger.room(&ask, self.policies).err()
    }

    /// A server that does not wait any more says nothing.
    pub(in crate::machine) fn forget_waits(&mut self) {
        let waiting = self.s.servers.values().filter(|s| s.waits_for.is_some());
        let over = waiting.filter(|s| {
            let waits = self.host(&s.key.host).is_some_and(|h| {
                h.state == SessionHostState::Draining
                    && h.hold.is_none()
                    && self.s.head.state.may_work()
            });
            !waits || s.state != ServerState::Affected || s.act.is_some()
        });
        for key in over.map(|s| s.key.clone()).collect::<Vec<_>>() {
            self.edit_server(&key, |s| s.waits_for = None);
        }
    }
}
