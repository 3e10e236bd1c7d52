//! Virtual time. tokio's clock is paused, and goes on by itself when nothing is left to do; the database works
//! outside of it, so time is held while a connection is in use.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_core::Time;
use fermata_store::Store;
use tokio::time::Instant;

/// When every story begins.
pub const DAWN: Time = ::time::macros::datetime!(2026-03-01 08:00 UTC);

/// The time of the world, over all processes.
#[derive(Clone)]
pub struct WorldTime(Arc<Mutex<State>>);

struct State {
    /// When the present process began.
    base: Time,
    began: Option<Instant>,
}

impl WorldTime {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State { base: DAWN, began: None })))
    }

    /// A process begins: from now on its runtime's clock counts.
    pub fn begin(&self) {
        self.0.lock().unwrap().began = Some(Instant::now());
    }

    /// A process ended, and for a while there is none.
    pub fn end(&self, pause: Duration) {
        let now = self.now();
        let mut state = self.0.lock().unwrap();
        *state = State { base: now + pause, began: None };
    }

    pub fn now(&self) -> Time {
        let state = self.0.lock().unwrap();
        state.base + state.began.map_or(Duration::ZERO, |began| began.elapsed())
    }
}

/// Holds time while the database works. Where nobody waits for the database, time goes on by itself.
pub async fn hold_while_busy(store: Store) {
    loop {
        if store.connections().in_use > 0 {
            a_moment().await;
        } else {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Holds time until something is done.
pub async fn hold_until<T>(work: impl Future<Output = T>) -> T {
    let holding = async {
        loop {
            a_moment().await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        never = holding => never,
    }
}

#[allow(clippy::disallowed_methods, reason = "real time must pass while virtual time does not")]
async fn a_moment() {
    std::thread::sleep(Duration::from_micros(20));
    tokio::task::yield_now().await;
}
