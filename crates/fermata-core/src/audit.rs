//! The audit trail: who changed what, when and why, as a chain of records in which each carries the hash of the one before.
//! What is recorded is [`Entry`]; how it is hashed is [`hash`]; whether records are as they were written is
//! [`Walk`].
//!
//! There is a record for everything that somebody asked for and that changed something. What Fermata does by itself (what
//! happens as time passes, what is read of the cloud) is in events; what was refused changed nothing. Only that it deleted the
//! oldest records is a record as well ([`Ends::prune`]).

mod action;
mod anchor;
mod chain;
pub mod hash;

pub use action::{Action, ResourceKind};
pub use anchor::{Anchor, Ends, Walk, old_before};
pub use chain::{Fault, Head};
pub use hash::{Hash, digest};

use crate::actor::Who;
use crate::id::{HostName, ProjectId, SessionId};

/// What somebody asked for and got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who asked.
    pub who: Who,
    /// For what.
    pub action: Action,
    /// What was changed by it.
    pub resource: Resource,
    /// Which part of the resource, as the action says: a host's name, a notification's id, the names of fields, a position.
    pub detail: String,
    /// Why, in the words of whoever asked.
    pub reason: String,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// The project for which it was changed; a session that an operator changes has none.
    pub project: Option<ProjectId>,
    /// Its id.
    pub name: String,
}

impl Resource {
    /// A session.
    pub fn session(id: SessionId) -> Self {
        Self { kind: ResourceKind::Session, project: None, name: id.to_string() }
    }

    /// A session, changed by an owner.
    pub fn session_by(project: &ProjectId, id: SessionId) -> Self {
        Self { project: Some(project.clone()), ..Self::session(id) }
    }

    /// Something of a project.
    pub fn of(kind: ResourceKind, project: &ProjectId, name: &str) -> Self {
        Self { kind, project: Some(project.clone()), name: name.to_owned() }
    }

    /// A compute host.
    pub fn host(name: &HostName) -> Self {
        Self { kind: ResourceKind::Host, project: None, name: name.to_string() }
    }

    /// The database as a whole.
    pub fn database(store_id: impl ToString) -> Self {
        Self { kind: ResourceKind::Database, project: None, name: store_id.to_string() }
    }
}

/// What a resource was before a write, and what it was after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// The digest of what was there; `None`: nothing.
    pub before: Option<Hash>,
    /// The digest of what is there now; `None`: nothing.
    pub after: Option<Hash>,
}

/// A link of the chain, exactly as it is stored: a record that was tampered with has to be read, too. Enums are the numbers of
/// the contract, so that a record of a later version can be verified as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When it was written, in microseconds since 1970.
    pub at_micros: i64,
    /// Who asked.
    pub principal: String,
    /// In which role.
    pub role: String,
    /// [`Action::number`].
    pub action: i32,
    /// [`ResourceKind::number`].
    pub resource_kind: i32,
    /// [`Resource::project`]; empty: none.
    pub project: String,
    /// [`Resource::name`].
    pub resource: String,
    /// [`Entry::detail`].
    pub detail: String,
    /// [`Entry::reason`].
    pub reason: String,
    /// [`Change::before`]; empty: none.
    pub before: Vec<u8>,
    /// [`Change::after`]; empty: none.
    pub after: Vec<u8>,
    /// The hash of the record before it; for the first one 32 zero bytes.
    pub previous: Vec<u8>,
    /// The hash of all that.
    pub hash: Vec<u8>,
}

impl Record {
    /// The record of an entry, after `head`.
    pub fn after(head: &Head, entry: &Entry, change: Change, at_micros: i64) -> Self {
        let Entry { who, action, resource, detail, reason } = entry;
        let bytes = |hash: Option<Hash>| hash.map(|hash| hash.0.to_vec()).unwrap_or_default();
        let mut record = Self {
            sequence: head.sequence + 1,
            at_micros,
            principal: who.principal.to_string(),
            role: who.role.name().to_owned(),
            action: action.number(),
            resource_kind: resource.kind.number(),
            project: resource.project.as_ref().map(ToString::to_string).unwrap_or_default(),
            resource: resource.name.clone(),
            detail: detail.clone(),
            reason: reason.clone(),
            before: bytes(change.before),
            after: bytes(change.after),
            previous: head.hash.clone(),
            hash: Vec::new(),
        };
        record.hash = hash::of(&record).0.to_vec();
        record
    }

    /// What was asked for; `None`: a later version knows.
    pub fn known_action(&self) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.number() == self.action)
    }
}

#[cfg(test)]
mod tests;
