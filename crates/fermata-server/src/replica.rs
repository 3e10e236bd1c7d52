//! This process among others: its lease, its signs of life, and what they tell of outages.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::id::SessionId;
use fermata_core::lease::{Lease, Uptime};
use fermata_core::machine::Outage;
use fermata_core::rfc3339;
use fermata_store::{ReplicaId, Store, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::{Clock, ClusterClock};
use crate::tasks::Turns;
use crate::telemetry::metrics::Metrics;

/// Before this process lets time pass for a session, it must have heard from the database since then: only so it
/// knows of every outage, whose time is not used against anybody.
const FRESH: Duration = Duration::from_secs(4);

/// Pause while another replica is about to write down that somebody is there.
const HEAR_AGAIN: Duration = Duration::from_millis(100);
const HEAR_TRIES: u32 = 30;

/// The right to work on a session: it was given to this life of the replica, under this epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// The life of the replica.
    pub replica: ReplicaId,
    /// The session.
    pub session: SessionId,
    /// The epoch.
    pub epoch: u64,
}

/// This process among others.
pub struct Replica {
    store: Store,
    clock: Arc<ClusterClock>,
    metrics: Metrics,
    state: Mutex<State>,
    /// One sign of life at a time.
    asking: tokio::sync::Mutex<()>,
}

struct State {
    id: ReplicaId,
    lease: Lease,
    heard_at: Uptime,
    outages: Vec<Outage>,
}

impl Replica {
    /// Comes to life.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn join(store: Store, lease: Duration, metrics: Metrics) -> Result<Self, StoreError> {
        let id = new_id();
        store.join(id, lease).await?;
        if !store.is_shared() {
            // The file is claimed, so nobody else is alive.
            store.bury_others(id).await?;
        }
        // The first sign of life tells the time, and so begins the clock that leases are counted by.
        let told = store.sign_of_life(id, lease, 0).await?;
        let clock = Arc::new(ClusterClock::new(told.now));
        let state =
            State { id, lease: Lease::new(lease), heard_at: clock.uptime(), outages: told.outages };
        let (state, asking) = (Mutex::new(state), tokio::sync::Mutex::default());
        let replica = Self { store, clock, metrics, state, asking };
        replica.sign_of_life().await?;
        Ok(replica)
    }

    /// The clock that all replicas go by.
    pub fn clock(&self) -> Clock {
        let clock = Arc::clone(&self.clock);
        Arc::new(move || clock.now())
    }

    /// Time since this process began.
    pub fn uptime(&self) -> Uptime {
        self.clock.uptime()
    }

    /// This life of the replica.
    pub fn id(&self) -> ReplicaId {
        self.state().id
    }

    /// This life of the replica, if its lease can be used.
    pub fn alive(&self) -> Option<ReplicaId> {
        let uptime = self.uptime();
        let state = self.state();
        state.lease.is_usable(uptime).then_some(state.id)
    }

    /// Whether something may be begun in the cloud by this right.
    pub fn may_begin(&self, right: &Right) -> bool {
        self.alive() == Some(right.replica)
    }

    /// How many outages there were.
    pub fn outages(&self) -> u64 {
        self.state().outages.last().map_or(0, |outage| outage.number)
    }

    /// The outages after this number, oldest first.
    pub fn outages_after(&self, number: u64) -> Vec<Outage> {
        let state = self.state();
        let known = state.outages.partition_point(|outage| outage.number <= number);
        state.outages[known..].to_vec()
    }

    /// Makes sure that every outage until now is known.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn hear(&self) -> Result<(), StoreError> {
        if self.is_fresh() {
            return Ok(());
        }
        let _asking = self.asking.lock().await;
        for _ in 0..HEAR_TRIES {
            if self.is_fresh() {
                return Ok(());
            }
            self.ask().await?;
            if !self.is_fresh() {
                tokio::time::sleep(HEAR_AGAIN).await;
            }
        }
        if self.is_fresh() { Ok(()) } else { Err(StoreError::busy()) }
    }

    /// The database, on connections that nothing else uses: a lease must not wait behind a thousand streams.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn is_fresh(&self) -> bool {
        let uptime = self.uptime();
        uptime.saturating_sub(self.state().heard_at) < FRESH
    }

    /// Gives signs of life until it is stopped, and then lets go of everything.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken, turns: Turns) {
        let every = self.state().lease.renew_every();
        loop {
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = stopping.cancelled() => break,
            }
            let signed = async { self.sign_of_life().await.map(|()| "the lease goes on") };
            turns.turn("the sign of life could not be written", signed).await;
        }
    }

    /// Whether this is the one of all replicas that does what only one has to do. While leases change hands there may be two
    /// or none for a moment.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_eldest(&self) -> Result<bool, StoreError> {
        // The file is claimed, so nobody else is there; and who is idle there writes no sign of life.
        Ok(!self.store.is_shared() || self.store.eldest_replica().await? == Some(self.id()))
    }

    /// Lets go of everything, so that others take it up at once.
    ///
    /// # Errors
    /// The database does not answer; the lease will be out by itself.
    pub async fn resign(&self) -> Result<(), StoreError> {
        let id = self.id();
        self.state().lease.lost();
        self.store.resign(id).await
    }

    async fn sign_of_life(&self) -> Result<(), StoreError> {
        let _asking = self.asking.lock().await;
        self.ask().await
    }

    async fn ask(&self) -> Result<(), StoreError> {
        let asked_at = self.uptime();
        let (id, lease) = {
            let state = self.state();
            (state.id, state.lease.length())
        };
        let told = match self.store.idle(self.outages()).await? {
            Some(told) => told,
            None => self.store.sign_of_life(id, lease, self.outages()).await?,
        };
        self.clock.set(told.now);
        let newest = {
            let mut state = self.state();
            if told.heard {
                state.heard_at = asked_at;
            }
            state.outages.extend(told.outages.iter().copied());
            if told.kept {
                state.lease.renewed(asked_at);
            } else {
                state.lease.lost();
            }
            told.outages.last().copied()
        };
        if let Some(outage) = newest {
            tracing::warn!(
                since = rfc3339(outage.since),
                until = rfc3339(outage.until),
                "no replica worked for a while; the deadlines of owners move on by that time"
            );
        }
        if told.kept {
            return Ok(());
        }
        self.metrics.lease_lost();
        tracing::warn!(lease = %id.0, "the lease was lost; others work on its sessions");
        // What was begun in the old life is not finished in the new one.
        let id = new_id();
        let asked_at = self.uptime();
        self.store.join(id, lease).await?;
        tracing::info!(lease = %id.0, "replica joined again");
        let mut state = self.state();
        state.id = id;
        state.lease.renewed(asked_at);
        Ok(())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_id() -> ReplicaId {
    ReplicaId(Uuid::now_v7())
}
