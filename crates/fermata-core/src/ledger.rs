//! Who is impacted, by what and since when: one account per project, over all sessions and faults. Every action reserves
//! in it before it begins, so that no group has more members impacted at once than its limit, and none before the
//! group's recovery time is over (ETSI GS NFV-IFA 011, NfviMaintenanceInfo). And by which servers sessions ask owners to
//! scale in, so that together they ask no group for more than it allows.
//!
//! A server is impacted from the moment an action on it is decided, before the cloud is called, until it is seen to be
//! well again, so that what happens in the cloud lies within what is written here.
//!
//! - [`Ledger`]: the accounts of the projects that matter, as they were read
//! - [`Posting`]: what a step writes into them, in the same transaction
//! - [`Ledger::room`]: whether one more server may be impacted
//! - `faults`: what is written because of hosts that fail ([`faults::look`])

pub mod faults;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::id::{HostName, ProjectId, ServerId, SessionId};
use crate::policy::Policies;
use crate::reason::WaitKind;

/// The accounts of some projects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    accounts: BTreeMap<ProjectId, Account>,
}

/// The account of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Rises with everything that leaves less room. 0: nothing was ever written.
    pub revision: u64,
    /// Impacts under way, and the last one of each server that ended.
    pub impacts: Vec<Impact>,
    /// Servers by which sessions ask the owner to scale in.
    pub asked: BTreeMap<ServerId, SessionId>,
}

/// A server is impacted, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// The server.
    pub server: ServerId,
    /// By what.
    pub cause: Cause,
    /// Since when.
    pub began_at: Time,
    /// Until when; `None`: it is under way.
    pub ended_at: Option<Time>,
    /// Where it goes, or went, if it moves.
    pub target: Option<HostName>,
}

/// What impacts a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// An action of this session.
    Session(SessionId),
    /// Its host is down, or the server is in ERROR.
    Fault,
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose account.
    pub project: ProjectId,
    /// The server.
    pub server: ServerId,
    /// What is written about it.
    pub entry: Entry,
    /// Where it goes, if a move of it begins.
    pub target: Option<HostName>,
}

/// What is written about a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// The impact of this session never was: what was decided did not begin.
    Dropped(SessionId),
    /// The impact by this has ended.
    Ended(Cause),
    /// This session does not ask for it any more.
    Withdrawn(SessionId),
    /// It is impacted by this from now on.
    Began(Cause),
    /// This session asks its owner to scale in by it.
    Asked(SessionId),
}

impl Entry {
    /// Whether an account has to be judged anew after it.
    pub fn leaves_less_room(self) -> bool {
        match self {
            Self::Began(_) | Self::Asked(_) => true,
            Self::Dropped(_) | Self::Ended(_) | Self::Withdrawn(_) => false,
        }
    }
}

/// What a step writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Postings {
    /// The changes, in this order.
    pub entries: Vec<Posting>,
    /// The accounts by which it was judged whether there is room, at these revisions; if one is not current any more,
    /// nothing of the step may be written.
    pub judged: BTreeMap<ProjectId, u64>,
}

/// Why a server may not be impacted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Full {
    /// What the server waits for.
    pub kind: WaitKind,
    /// The same for people.
    pub why: String,
    /// Until when that holds; `None`: nobody knows.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<Time>,
}

impl Full {
    /// Nobody knows until when.
    pub fn new(kind: WaitKind, why: impl Into<String>) -> Self {
        Self { kind, why: why.into(), until: None }
    }
}

/// What is asked of the ledger.
pub struct Ask<'a> {
    /// Whose server.
    pub project: &'a ProjectId,
    /// The server.
    pub server: &'a ServerId,
    /// Which session asks.
    pub session: SessionId,
    /// Servers that the session impacts now, whether written yet or not.
    pub impacted: &'a BTreeSet<ServerId>,
    /// Servers that this step has ended to impact.
    pub ended: &'a BTreeSet<ServerId>,
    /// Now.
    pub now: Time,
}

impl Ledger {
    /// These accounts.
    pub fn new(accounts: BTreeMap<ProjectId, Account>) -> Self {
        Self { accounts }
    }

    /// The revision of an account.
    pub fn revision(&self, project: &ProjectId) -> u64 {
        self.accounts.get(project).map_or(0, |account| account.revision)
    }

    /// Servers that are impacted by a fault.
    pub fn open_faults(&self) -> faults::Open {
        let of_project = |(project, account): (&ProjectId, &Account)| {
            let open = account.impacts.iter();
            let open = open.filter(|i| i.cause == Cause::Fault && i.ended_at.is_none());
            open.map(|i| (project.clone(), i.server.clone())).collect::<Vec<_>>()
        };
        self.accounts.iter().flat_map(of_project).collect()
    }

    /// All that is known of the servers of a project.
    pub fn impacts(&self, project: &ProjectId) -> &[Impact] {
        self.accounts.get(project).map_or(&[], |account| account.impacts.as_slice())
    }

    /// Servers by which other sessions ask their owners to scale in.
    pub fn asked_by_others(&self, than: SessionId) -> BTreeSet<ServerId> {
        let asked = self.accounts.values().flat_map(|account| &account.asked);
        asked.filter(|(_, session)| **session != than).map(|(server, _)| server.clone()).collect()
    }

    /// Writes a change down, as the database does.
    pub fn post(&mut self, posting: &Posting, now: Time) {
        let Posting { project, server, entry, target } = posting;
        let account = self.accounts.entry(project.clone()).or_default();
        let same = |impact: &Impact, cause: Cause| {
            impact.server == *server && impact.cause.sort() == cause.sort()
        };
        account.revision += u64::from(entry.leaves_less_room());
        match *entry {
            Entry::Began(cause) => {
                account.impacts.retain(|i| !same(i, cause));
                let (server, target) = (server.clone(), target.clone());
                let impact = Impact { server, cause, began_at: now, ended_at: None, target };
                account.impacts.push(impact);
            }
            Entry::Ended(cause) => {
                let open = account.impacts.iter_mut();
                open.filter(|i| same(i, cause) && i.cause == cause && i.ended_at.is_none())
                    .for_each(|i| i.ended_at = Some(now));
            }
            Entry::Dropped(session) => {
                let cause = Cause::Session(session);
                account.impacts.retain(|i| !(same(i, cause) && i.cause == cause));
            }
            Entry::Asked(session) => {
                account.asked.insert(server.clone(), session);
            }
            Entry::Withdrawn(session) => {
                account.asked.retain(|s, by| s != server || *by != session)
            }
        }
    }

    /// Whether one more server may be impacted.
    ///
    /// # Errors
    /// Another session is at it, or one of its groups has no room.
    pub fn room(&self, ask: &Ask<'_>, policies: &Policies) -> Result<(), Full> {
        let impacts = self.impacts(ask.project);
        let own = Cause::Session(ask.session);
        let others = impacts.iter().filter(|i| i.ended_at.is_none() && i.cause != own);
        let others: BTreeMap<_, _> = others.map(|i| (&i.server, i.cause)).collect();
        if let Some(Cause::Session(session)) = others.get(ask.server) {
            let why = format!("session {session} acts on the server");
            return Err(Full::new(WaitKind::OtherSession, why));
        }
        for group in policies.groups_of(ask.project, ask.server) {
            let members = policies.members_of(group);
            let size = u32::try_from(members.len()).unwrap_or(u32::MAX);
            let limit = group.limit(size);
            let busy = members.iter().filter(|m| {
                **m != ask.server && (others.contains_key(*m) || ask.impacted.contains(*m))
            });
            let busy = busy.count();
            if busy >= limit as usize {
                let name = group.title();
                let why = format!(
                    "group {name} allows {limit} of its {size} member(s) to be impacted at once, and {busy} are"
                );
                return Err(Full::new(WaitKind::GroupLimit, why));
            }
            // An owner may remove a server that was just impacted: the group is smaller, and has to recover all the same.
            let lost = |server: &ServerId| policies.may_have_lost(group, server);
            if policies.recovery_of(group).is_positive()
                && let Some(gone) = others.keys().copied().chain(ask.impacted).find(|s| lost(s))
            {
                let why = format!(
                    "group {} recovers from the impact on {gone}, which is gone",
                    group.title()
                );
                return Err(Full::new(WaitKind::GroupRecovery, why));
            }
            let counts = |server: &ServerId| members.contains(server) || lost(server);
            let ended = impacts.iter().filter(|i| counts(&i.server)).filter_map(|i| i.ended_at);
            let just = ask.ended.iter().any(counts).then_some(ask.now);
            let ended = ended.chain(just).max();
            if let Some(until) =
                ended.map(|at| at + policies.recovery_of(group)).filter(|at| *at > ask.now)
            {
                let why = format!("group {} recovers from the last impact", group.title());
                let until = Some(until);
                return Err(Full { until, ..Full::new(WaitKind::GroupRecovery, why) });
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Whether another session sends a member of a group that has to be apart to the same host, or has since a plan was made
    /// that did not know.
    pub fn is_taken(
        &self,
        target: &HostName,
        since: Time,
        ask: &Ask<'_>,
        policies: &Policies,
    ) -> bool {
        let own = Cause::Session(ask.session);
        let others = self.impacts(ask.project).iter().filter(|i| i.cause != own);
        let comes = |i: &&Impact| {
            i.target.as_ref() == Some(target) && i.ended_at.is_none_or(|at| at >= since)
        };
        let coming: BTreeSet<_> = others.filter(comes).map(|i| &i.server).collect();
        let mut apart =
            policies.groups_of(ask.project, ask.server).filter(|g| g.per_host().is_some());
        apart.any(|group| policies.members_of(group).iter().any(|m| coming.contains(m)))
    }
}

impl Cause {
    /// The session that does it.
    pub fn session(self) -> Option<SessionId> {
        match self {
            Self::Session(id) => Some(id),
            Self::Fault => None,
        }
    }

    /// A server has at most one impact of each sort.
    pub fn sort(self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Fault => "fault",
        }
    }
}

#[cfg(test)]
mod tests;
