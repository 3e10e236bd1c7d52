//! Open streams of subscriptions: while one is open the database says so, and a stream whose subscription is deleted or
//! changed, at whatever replica, hears of it. One look per replica is enough for all its streams.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::Time;
use fermata_store::{Store, StoreError, Subscription, SubscriptionFilter, SubscriptionKey};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::tasks::Turns;

/// Pause between two looks; a stream of a deleted subscription ends within it. The contract says so.
const LOOK: Duration = Duration::from_secs(5);
/// The database hears so often that a stream is open. The contract says so.
const OFTEN: fermata_core::Duration = fermata_core::Duration::seconds(30);
/// A subscription counts as connected for so long after the database last heard of a stream. The contract says so.
const CONNECTED: fermata_core::Duration = fermata_core::Duration::seconds(90);

/// What became of a subscription since a stream of it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it was.
    Same,
    /// Its filter is another one.
    Changed,
    /// It is not there any more.
    Deleted,
}

/// A stream's place among those that are open; it is given back when the stream ends.
#[derive(Debug)]
pub struct Place {
    standing: watch::Receiver<Standing>,
}

/// A subscription as a stream found it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    key: SubscriptionKey,
    /// Tells it from one of the same name that was there before.
    created_at: Time,
    session: Option<fermata_core::id::SessionId>,
}

/// The streams of subscriptions that are open here.
pub struct Attendance {
    store: Store,
    clock: Clock,
    open: Mutex<BTreeMap<Found, watch::Sender<Standing>>>,
    wake: Notify,
}

impl Place {
    /// What became of the subscription.
    pub fn standing(&self) -> Standing {
        *self.standing.borrow()
    }

    /// Waits until something became of it.
    pub async fn changed(&mut self) {
        // The sender stays as long as anybody listens.
        if self.standing.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Attendance {
    /// Nobody yet.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, open: Mutex::default(), wake: Notify::new() }
    }

    /// Whether a stream of the subscription is open, as far as the database knows.
    pub fn is_connected(&self, subscription: &Subscription) -> bool {
        let now = (self.clock)();
        subscription.connected_at.is_some_and(|at| now - at <= CONNECTED)
    }

    /// Opens a stream of this subscription.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn enter(&self, subscription: &Subscription) -> Result<Place, StoreError> {
        let key = subscription.key.clone();
        let SubscriptionFilter { session } = subscription.filter;
        let found = Found { key: key.clone(), created_at: subscription.created_at, session };
        let standing = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let sender = open.entry(found).or_insert_with(|| watch::channel(Standing::Same).0);
            sender.subscribe()
        };
        self.store.attend(&BTreeSet::from([key]), OFTEN, (self.clock)()).await?;
        Ok(Place { standing })
    }

    /// Looks soon: something was changed here.
    pub fn look(&self) {
        self.wake.notify_one();
    }

    /// Looks until it is stopped.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken, turns: Turns) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.wake.notified() => {}
                () = stopping.cancelled() => return,
            }
            turns.turn("subscriptions cannot be looked at", self.look_once()).await;
        }
    }

    /// Looks once, and says at how many.
    async fn look_once(&self) -> Result<String, StoreError> {
        let asked: Vec<Found> = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.retain(|_, sender| sender.receiver_count() > 0);
            open.keys().cloned().collect()
        };
        if asked.is_empty() {
            return Ok("no subscription has a stream open".to_owned());
        }
        let looked = format!("subscriptions with open streams: {}", asked.len());
        let keys = asked.iter().map(|found| found.key.clone()).collect();
        let there = self.store.attend(&keys, OFTEN, (self.clock)()).await?;
        let there: BTreeMap<_, _> = there.iter().map(|s| (&s.key, s)).collect();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for found in asked {
            let standing = match there.get(&found.key) {
                Some(now) if now.created_at != found.created_at => Standing::Deleted,
                Some(now) if now.filter.session != found.session => Standing::Changed,
                Some(_) => continue,
                None => Standing::Deleted,
            };
            if let Some(sender) = open.remove(&found) {
                sender.send_replace(standing);
            }
        }
        Ok(looked)
    }
}
