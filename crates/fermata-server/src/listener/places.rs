//! Places for connections, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::Limits;

/// Places for connections.
#[derive(Debug)]
pub struct Places {
    limit: usize,
    per_address: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

/// Why a connection gets no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are too many connections.
    All,
    /// There are too many from this address.
    Address,
}

impl Places {
    /// As many as the limits say.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limit: limits.connections,
            per_address: limits.connections_per_address,
            held: Mutex::default(),
        }
    }

    /// A place for a connection from there.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.all >= self.limit {
            return Err(Full::All);
        }
        let of_address = held.by_address.entry(address).or_default();
        if *of_address >= self.per_address {
            return Err(Full::Address);
        }
        *of_address += 1;
        held.all += 1;
        Ok(Place { places: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.all = held.all.saturating_sub(1);
        if let Some(of_address) = held.by_address.get_mut(&self.address) {
            *of_address = of_address.saturating_sub(1);
            if *of_address == 0 {
                held.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_more_places_than_its_share() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let places = Arc::new(Places::new(&limits));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = places.take(one).unwrap();
        let _second = places.take(one).unwrap();
        assert_eq!(places.take(one).unwrap_err(), Full::Address);
        let _third = places.take(other).unwrap();
        assert_eq!(places.take(other).unwrap_err(), Full::All);
        drop(first);
        places.take(other).unwrap();
        assert_eq!(places.held.lock().unwrap().by_address.len(), 2, "nothing stays behind");
    }
}
