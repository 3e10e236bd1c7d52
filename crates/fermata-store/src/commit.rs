//! Writing a transition: the rows that changed, the request, the events, and the audit record of what somebody asked for, in
//! one transaction.

use fermata_core::Time;
use fermata_core::broken::{self, Rule};
use fermata_core::machine::Transition;
use fermata_core::session::Session;

use crate::audit;
use crate::changes::Changes;
use crate::error::{StoreError, is_duplicate};
use crate::events::{self, Appended, NewEvent};
use crate::host_states::{self, Tell};
use crate::ledger;
use crate::moves;
use crate::replicas::{self, ReplicaId};
use crate::requests::{self, RequestRecord};
use crate::store::{Store, retrying};

/// What is written together.
#[derive(Debug, Clone)]
pub struct Write<'a> {
    /// The session as it was read; `None`: it is new.
    pub before: Option<&'a Session>,
    /// What became of it.
    pub transition: &'a Transition,
    /// Who works on a new session.
    pub owner: Option<ReplicaId>,
    /// The epoch that was read with the session, or that a new one begins with.
    pub epoch: u64,
    /// What is told, in order, but for what is told of hosts.
    pub events: Vec<NewEvent>,
    /// Encodes what is told of hosts. How they stood is known only in the transaction.
    pub tell: Tell,
    /// The request that asked for it.
    pub request: Option<RequestRecord>,
    /// Now.
    pub now: Time,
}

impl Store {
    /// Writes a transition: all of it, or nothing. Returns the topics that got events.
    ///
    /// # Errors
    /// [`StoreError::RequestExists`] before all others; [`StoreError::Conflict`] if the session is not as it
    /// was read, or in other hands, or an account by which it was judged is not; [`StoreError::HostBusy`]; [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn commit(&self, write: Write<'_>) -> Result<Vec<Appended>, StoreError> {
        retrying!(self.try_commit(&write).await)
    }

    async fn try_commit(&self, write: &Write<'_>) -> Result<Vec<Appended>, StoreError> {
        let Write { before, transition, owner, epoch, events, tell, request, now } = write;
        // Encoded before it is our turn: others can write meanwhile.
        let mut changes = Changes::of(*before, transition, *owner, *epoch)?;
        let audit = changes.audit.take();
        let writing = self.write("session").await?;
        let db = &writing.db;
        requests::note(db, request.as_ref(), *now).await?;
        if before.is_none() && !self.is_shared() {
            replicas::note_first_session(db, self.clock.now(db).await?).await?;
        }
        changes.put_session(db).await?;
        if let Err(error) = changes.put_hosts(db).await {
            if !is_duplicate(&error) {
                return Err(error.into());
            }
            drop(writing);
            return Err(self.who_has(&transition.next).await);
        }
        changes.put_rest(db).await?;
        ledger::post(db, &transition.ledger, *now).await?;
        moves::note(db, &transition.next, &transition.measured, *now).await?;
        let of_hosts = host_states::of_step(db, *before, transition, *now, *tell).await?;
        let events = events.iter().chain(&of_hosts);
        if broken::is(Rule::EventsWithChange) {
            if let Some((entry, change)) = audit {
                audit::record(db, entry, change, *now).await?;
            }
            writing.commit().await?;
            let writing = self.write("events").await?;
            let appended = events::append(&writing.db, events, *now).await?;
            writing.commit().await?;
            return Ok(appended);
        }
        let appended = events::append(db, events, *now).await?;
        if let Some((entry, change)) = audit {
            audit::record(db, entry, change, *now).await?;
        }
        writing.commit().await?;
        Ok(appended)
    }

    /// Why the hosts of a session could not be written.
    async fn who_has(&self, session: &Session) -> StoreError {
        let hosts: Vec<_> = session.hosts.keys().cloned().collect();
        let found = match self.sessions_of_hosts(&hosts).await {
            Ok(found) => found,
            Err(error) => return error,
        };
        match found.into_iter().find(|(_, id)| *id != session.head.id) {
            Some((host, session)) => StoreError::HostBusy { host, session },
            // The other session has ended meanwhile.
            None => StoreError::Conflict,
        }
    }
}
