//! Places for streams: in all, of one principal, and a tenth of them for those who are no owners, so that tenants never shut
//! out the operator.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fermata_core::actor::{Principal, Role, Who};

use crate::error::ServeError;
use crate::limits::Limits;
use crate::telemetry::metrics::{Limit, Metrics};

/// Places for streams.
#[derive(Debug)]
pub struct Places {
    limit: usize,
    of_owners: usize,
    per_principal: usize,
    metrics: Metrics,
    held: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_owners: usize,
    by_principal: HashMap<Principal, usize>,
}

/// A place; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    who: Who,
}

impl Places {
    /// As many as the limits say.
    pub fn new(limits: &Limits, metrics: Metrics) -> Self {
        let limit = limits.streams;
        let of_owners = limit - limit / 10;
        let per_principal = limits.streams_per_principal;
        Self { limit, of_owners, per_principal, metrics, held: Mutex::default() }
    }

    /// A place for a stream of this caller.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, who: &Who) -> Result<Place, ServeError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let is_owner = who.role == Role::Owner;
        let (most, limit) = if is_owner {
            (held.by_owners >= self.of_owners, self.of_owners)
        } else {
            (held.all >= self.limit, self.limit)
        };
        if most || held.all >= self.limit {
            self.metrics.refused(Limit::Streams);
            return Err(ServeError::TooManyStreams { limit });
        }
        let of_principal = held.by_principal.entry(who.principal.clone()).or_default();
        if *of_principal >= self.per_principal {
            self.metrics.refused(Limit::PrincipalStreams);
            return Err(ServeError::TooManyStreams { limit: self.per_principal });
        }
        *of_principal += 1;
        held.all += 1;
        held.by_owners += usize::from(is_owner);
        Ok(Place { places: Arc::clone(self), who: who.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.all = held.all.saturating_sub(1);
        if self.who.role == Role::Owner {
            held.by_owners = held.by_owners.saturating_sub(1);
        }
        if let Some(of_principal) = held.by_principal.get_mut(&self.who.principal) {
            *of_principal = of_principal.saturating_sub(1);
            if *of_principal == 0 {
                held.by_principal.remove(&self.who.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(name: &str, role: Role) -> Who {
        Who { principal: Principal::new(name), role }
    }

    #[test]
    fn owners_leave_places_for_operators_and_for_each_other() {
        let limits = Limits { streams: 10, streams_per_principal: 6, ..Limits::default() };
        let places = Arc::new(Places::new(&limits, Metrics::discarded()));
        let limit = |refused: Result<Place, ServeError>| match refused {
            Err(ServeError::TooManyStreams { limit }) => limit,
            other => panic!("{other:?}"),
        };
        let (red, blue) = (who("red", Role::Owner), who("blue", Role::Owner));
        let mut held: Vec<_> = (0..6).map(|_| places.take(&red).unwrap()).collect();
        assert_eq!(limit(places.take(&red)), 6, "its share");
        held.extend((0..3).map(|_| places.take(&blue).unwrap()));
        assert_eq!(limit(places.take(&blue)), 9, "the last one is not for owners");
        let operator = who("carrier", Role::Operator);
        held.push(places.take(&operator).unwrap());
        assert_eq!(limit(places.take(&operator)), 10);
        held.clear();
        let counts = places.held.lock().unwrap();
        assert_eq!((counts.all, counts.by_owners, counts.by_principal.len()), (0, 0, 0));
    }
}
