//! Hints between replicas: after a commit, the others hear where it is worth to look. Many commits share a hint, and
//! nothing depends on one: the hub and the runner look by themselves all the time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::id::SessionId;
use fermata_store::{Hint, Hints, ReplicaId, Store, StoreError, Topic};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::causes::chain;
use crate::engine::Engine;
use crate::replica::Replica;

/// A listener that hears nothing for so long is replaced: its connection may be dead without a sign.
const SILENCE: Duration = Duration::from_secs(30);
/// Pause before a listener is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What is to be hinted.
#[derive(Default)]
pub struct Outbound {
    pending: Mutex<Hint>,
    wake: Notify,
}

impl Outbound {
    /// A session changed, and these topics got events.
    pub fn committed<'a>(&self, session: SessionId, topics: impl Iterator<Item = &'a Topic>) {
        let topics = topics.cloned().collect();
        self.add(Hint { topics, sessions: BTreeSet::from([session]), ..Hint::default() });
    }

    /// A topic is gone.
    pub fn ended(&self, topic: Topic) {
        self.add(Hint { topics: BTreeSet::from([topic]), ..Hint::default() });
    }

    /// Sessions were let go.
    pub fn orphans(&self) {
        self.add(Hint { orphans: true, ..Hint::default() });
    }

    fn add(&self, hint: Hint) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).merge(hint);
        self.wake.notify_one();
    }

    fn take(&self) -> Hint {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends what is there; what comes meanwhile goes together with the next.
    pub async fn send(&self, store: &Store, replica: &Replica) {
        let hint = self.take();
        if hint.is_empty() {
            return;
        }
        if let Err(error) = store.hint(replica.id(), hint).await {
            tracing::debug!(error = chain(&error), "a hint was not sent");
        }
    }

    /// Sends hints until it is stopped.
    pub async fn run(
        self: Arc<Self>,
        store: Store,
        replica: Arc<Replica>,
        stop: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = self.wake.notified() => self.send(&store, &replica).await,
                () = stop.cancelled() => return,
            }
        }
    }
}

/// Follows the hints of others until it is stopped.
pub async fn listen(engine: Arc<Engine>, store: Store, own: ReplicaId, stop: CancellationToken) {
    loop {
        let listening = async {
            let mut hints = match store.hints().await {
                Ok(Some(hints)) => hints,
                Ok(None) => return Ok(None),
                Err(error) => return Err(error),
            };
            // What was said before there was somebody to hear it.
            engine.look(&everything());
            follow(&engine, own, &mut hints).await.map(Some)
        };
        tokio::select! {
            ended = listening => match ended {
                // This database has one process only.
                Ok(None) => return,
                Ok(Some(())) => {}
                Err(error) => tracing::warn!(error = chain(&error), "hints of other replicas are not heard"),
            },
            () = stop.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn follow(engine: &Engine, own: ReplicaId, hints: &mut Hints) -> Result<(), StoreError> {
    loop {
        match tokio::time::timeout(SILENCE, hints.next(own)).await {
            Ok(hint) => engine.look(&hint?.unwrap_or_else(everything)),
            Err(_) => return Ok(()),
        }
    }
}

fn everything() -> Hint {
    Hint { everything: true, ..Hint::default() }
}
