//! Deletes sessions that are over.

use fermata_core::id::SessionId;
use fermata_store::{StoreError, Topic};

use super::Engine;
use super::announce::announce;
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
        let head = self.load(id).await?.head;
        let current = convert::etag(head.revision);
        if !etag.is_empty() && etag != current {
            return Err(ServeError::EtagMismatch { etag: current });
        }
        if !head.state.is_terminal() {
            return Err(ServeError::NotDeletable { state: head.state.name() });
        }
        let record = once.record(&());
        let (now, tell) = (self.now(), events::of_host);
        let deleted = self.store.delete_session(id, head.revision, record, now, tell).await;
        let appended = deleted.map_err(absent)?;
        self.forget(id);
        announce(&appended, None, &self.hub, &self.hints, &self.metrics);
        self.hub.ended(&Topic::Session(id));
        self.hints.ended(Topic::Session(id));
        tracing::info!(session_id = %id, "session deleted");
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
        | StoreError::AheadOfTopic { .. }
        | StoreError::Unavailable(_)
        | StoreError::Corrupt { .. }
        | StoreError::Nul
        | StoreError::Hopeless(_)
        | StoreError::Database(_) => error.into(),
    }
}
