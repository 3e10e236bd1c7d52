//! Deletes sessions that are over.

use fermata_core::audit::Resource;
use fermata_core::id::SessionId;
use fermata_store::{Asked, StoreError, Topic};

use super::Engine;
use super::announce::announce;
use super::journal;
use crate::convert::{events, session as convert};
use crate::error::ServeError;
use crate::requests::Once;

impl Engine {
    /// Deletes a session that is over. `etag`: the one that must be current; empty: any.
    ///
    /// # Errors
    /// There is none, or it is not over; the etag is not current; the database does not answer.
    pub async fn delete(
        &self,
        id: SessionId,
        etag: &str,
        once: Once<'_, ()>,
    ) -> Result<(), ServeError> {
        let session = self.load(id).await?;
        let head = &session.head;
        let current = convert::etag(head.revision);
        if !etag.is_empty() && etag != current {
            return Err(ServeError::EtagMismatch { etag: current });
        }
        if !head.state.may_be_deleted() {
            return Err(ServeError::NotDeletable { state: head.state.name() });
        }
        let record = |(): &()| once.record(&());
        let entry = once.entry(Resource::session(id), String::new());
        let asked = Asked { entry: &entry, record: &record, now: self.now() };
        let deleted = self.store.delete_session(&session, asked, events::of_host).await;
        let appended = deleted.map_err(absent)?;
        self.forget(id);
        announce(&appended, None, &self.hub, &self.hints, &self.metrics);
        self.hub.ended(&Topic::Session(id));
        self.hints.ended(Topic::Session(id));
        journal::asked(&entry);
        Ok(())
    }
}

/// What the store says of a session that somebody else was faster to delete.
fn absent(error: StoreError) -> ServeError {
    match error {
        StoreError::NotFound => ServeError::SessionNotFound,
        StoreError::Conflict
        | StoreError::HostBusy { .. }
        | StoreError::RequestExists
        | StoreError::Exists { .. }
        | StoreError::Quota(_)
        | StoreError::AheadOfTopic { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::NewerFormat { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_) => error.into(),
    }
}
