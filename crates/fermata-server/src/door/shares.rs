//! What a principal may take of what there is: so many calls at once, and so many in a second. A call for which there is no
//! place waits for a moment, since most calls are short; then it is refused, which costs less than to answer it late.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fermata_core::actor::Principal;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::held::{Held, NoPlace};
use crate::error::ServeError;
use crate::limits::Limits;
use crate::telemetry::metrics::{Limit, Metrics};

/// A principal may be ahead of its rate by so much.
const BURST: Duration = Duration::from_secs(2);
/// Principals that are remembered, before those that do nothing are forgotten.
const MANY: usize = 1024;

/// Shares of principals.
#[derive(Debug)]
pub(super) struct Shares {
    limits: Limits,
    metrics: Metrics,
    calls: Arc<Semaphore>,
    of: Mutex<HashMap<Principal, Arc<Share>>>,
}

#[derive(Debug)]
struct Share {
    calls: Arc<Semaphore>,
    /// When the calls so far are worked off at the principal's rate.
    paid: Mutex<Instant>,
}

impl Shares {
    pub(super) fn new(limits: Limits, metrics: Metrics) -> Self {
        let calls = Arc::new(Semaphore::new(limits.calls));
        Self { limits, metrics, calls, of: Mutex::default() }
    }

    /// Lets a call in. `principal`: who calls, where that is known; where it is not, its connection has a share.
    ///
    /// # Errors
    /// The principal, or all together, call too often or too much at once.
    pub(super) async fn admit(
        &self,
        principal: Option<&Principal>,
        held: &Held,
    ) -> Result<(), ServeError> {
        if let Some(principal) = principal {
            let share = self.share(principal);
            if let Some(rate) = self.limits.call_rate {
                share.pay(rate).map_err(|retry| {
                    self.metrics.refused(Limit::CallRate);
                    ServeError::CallRateExceeded { limit: rate, retry }
                })?;
            }
            held.place(&share.calls).await.map_err(|NoPlace| {
                self.metrics.refused(Limit::PrincipalCalls);
                let limit = self.limits.calls_per_principal;
                ServeError::TooManyCalls { scope: "principal", limit }
            })?;
        }
        held.place(&self.calls).await.map_err(|NoPlace| {
            self.metrics.refused(Limit::Calls);
            ServeError::TooManyCalls { scope: "server", limit: self.limits.calls }
        })
    }

    fn share(&self, principal: &Principal) -> Arc<Share> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = of.get(principal) {
            return Arc::clone(share);
        }
        if of.len() >= MANY {
            let now = Instant::now();
            of.retain(|_, share| Arc::strong_count(share) > 1 || !share.is_idle(now, &self.limits));
        }
        let share = Arc::new(Share {
            calls: Arc::new(Semaphore::new(self.limits.calls_per_principal)),
            paid: Mutex::new(Instant::now()),
        });
        of.insert(principal.clone(), Arc::clone(&share));
        share
    }
}

impl Share {
    /// Counts a call; how long to wait if there were too many.
    fn pay(&self, rate: u32) -> Result<(), Duration> {
        let now = Instant::now();
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*paid).max(now) + Duration::from_secs(1) / rate.max(1);
        let ahead = after - now;
        if ahead > BURST {
            return Err(ahead - BURST);
        }
        *paid = after;
        Ok(())
    }

    fn is_idle(&self, now: Instant, limits: &Limits) -> bool {
        self.calls.available_permits() == limits.calls_per_principal
            && *self.paid.lock().unwrap_or_else(PoisonError::into_inner) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(limits: Limits) -> Shares {
        Shares::new(limits, Metrics::discarded())
    }

    fn limits() -> Limits {
        Limits { calls: 3, calls_per_principal: 2, ..Limits::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_principal_leaves_places_for_others() {
        let shares = shares(limits());
        let (red, blue) = (Principal::new("red"), Principal::new("blue"));
        let held = Held::default();
        shares.admit(Some(&red), &held).await.unwrap();
        shares.admit(Some(&red), &held).await.unwrap();
        let refused = shares.admit(Some(&red), &Held::default()).await.unwrap_err();
        assert!(matches!(refused, ServeError::TooManyCalls { scope: "principal", limit: 2 }));
        let others = Held::default();
        shares.admit(Some(&blue), &others).await.unwrap();
        let refused = shares.admit(Some(&blue), &Held::default()).await.unwrap_err();
        assert!(matches!(refused, ServeError::TooManyCalls { scope: "server", limit: 3 }));
        drop(held);
        shares.admit(Some(&red), &Held::default()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_for_a_moment() {
        let shares = Arc::new(shares(Limits { calls: 1, ..limits() }));
        let held = Held::default();
        shares.admit(None, &held).await.unwrap();
        let next = tokio::spawn({
            let shares = Arc::clone(&shares);
            async move { shares.admit(None, &Held::default()).await }
        });
        tokio::time::sleep(Duration::from_millis(5)).await;
        drop(held);
        next.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_an_average_and_says_when_to_come_back() {
        let shares = shares(Limits { call_rate: Some(10), ..limits() });
        let red = Principal::new("red");
        for _ in 0..20 {
            shares.admit(Some(&red), &Held::default()).await.unwrap();
        }
        let refused = shares.admit(Some(&red), &Held::default()).await.unwrap_err();
        let ServeError::CallRateExceeded { retry, .. } = refused else { panic!("{refused}") };
        tokio::time::sleep(retry).await;
        shares.admit(Some(&red), &Held::default()).await.unwrap();
    }

    #[tokio::test]
    async fn principals_that_do_nothing_are_forgotten() {
        let shares = shares(limits());
        let held = Held::default();
        shares.admit(Some(&Principal::new("busy")), &held).await.unwrap();
        for n in 0..2 * MANY {
            let principal = Principal::new(&format!("p{n}"));
            shares.admit(Some(&principal), &Held::default()).await.unwrap();
        }
        let of = shares.of.lock().unwrap();
        assert!(of.len() <= MANY && of.contains_key(&Principal::new("busy")), "{}", of.len());
    }
}
