//! What the last uses of the database say of it. A failure counts until a write by [`crate::Store::probe`] succeeds: on
//! a full disk, much that writes nothing goes well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::DbErr;

/// Why the database is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What was said.
    pub(crate) text: String,
    /// It can be there again only if nothing stored is damaged any more.
    pub(crate) damage: bool,
}

/// What the last uses say. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    trouble: Arc<Mutex<Option<Trouble>>>,
}

impl Condition {
    fn lock(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The database, not the statement, is the reason for this failure.
    pub(crate) fn failed(&self, error: &DbErr) {
        let mut trouble = self.lock();
        if !trouble.as_ref().is_some_and(|trouble| trouble.damage) {
            *trouble = Some(Trouble { text: error.to_string(), damage: false });
        }
    }

    /// What is stored cannot be read.
    pub(crate) fn damaged(&self, error: &DbErr) {
        *self.lock() = Some(Trouble { text: error.to_string(), damage: true });
    }

    /// The trouble there is.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.lock().clone()
    }

    /// What was seen before has passed, unless there is new trouble since.
    pub(crate) fn passed(&self, seen: &Trouble) {
        let mut trouble = self.lock();
        if trouble.as_ref() == Some(seen) {
            *trouble = None;
        }
    }
}
