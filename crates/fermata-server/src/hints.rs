//! Hints between replicas: after a commit, the others hear where it is worth to look. Many commits share a hint, and
//! nothing depends on one: the hub and the runner look by themselves all the time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::id::SessionId;
use fermata_store::{Hint, Hints, Store, StoreError, Topic};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::replica::Replica;
use crate::tasks::Turns;

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
    /// These topics got events, and perhaps a session changed.
    pub fn committed<'a>(
        &self,
        session: Option<SessionId>,
        topics: impl Iterator<Item = &'a Topic>,
    ) {
        let topics = topics.cloned().collect();
        self.add(Hint { topics, sessions: session.into_iter().collect(), ..Hint::default() });
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
    pub async fn send(&self, store: &Store, replica: &Replica) -> Result<(), StoreError> {
        let hint = self.take();
        if hint.is_empty() { Ok(()) } else { store.hint(replica.id(), hint).await }
    }

    /// Sends hints until it is stopped.
    pub async fn run(
        self: Arc<Self>,
        store: Store,
        replica: Arc<Replica>,
        stop: CancellationToken,
        turns: Turns,
    ) {
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                () = stop.cancelled() => return,
            }
            let sent = async { self.send(&store, &replica).await.map(|()| "sent a hint") };
            turns.turn("a hint was not sent; the others find it by themselves", sent).await;
        }
    }
}

/// Follows the hints of others until it is stopped.
pub async fn listen(
    engine: Arc<Engine>,
    store: Store,
    replica: Arc<Replica>,
    stop: CancellationToken,
    turns: Turns,
) {
    let listening = async {
        loop {
            let mut listener = None;
            let connecting = async {
                listener = store.hints().await?;
                // What was said before there was somebody to hear it.
                engine.look(&everything());
                Ok::<_, StoreError>("listens to other replicas")
            };
            turns.turn("hints of other replicas are not heard", connecting).await;
            if let Some(hints) = &mut listener {
                let following =
                    async { follow(&engine, &replica, hints).await.map(|()| "heard nothing") };
                turns.turn("hints of other replicas are not heard any more", following).await;
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = listening => {}
        () = stop.cancelled() => {}
    }
}

async fn follow(engine: &Engine, replica: &Replica, hints: &mut Hints) -> Result<(), StoreError> {
    loop {
        // A replica that lost its lease has another id since.
        match tokio::time::timeout(SILENCE, hints.next(replica.id())).await {
            Ok(hint) => engine.look(&hint?.unwrap_or_else(everything)),
            Err(_) => return Ok(()),
        }
    }
}

fn everything() -> Hint {
    Hint { everything: true, ..Hint::default() }
}
