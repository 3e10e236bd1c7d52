//! Finds the first host, in an order of preference, that has room: a tree over the hosts that knows for every part of
//! the order the most that any of its hosts has free, class by class.

use super::HostSet;

/// So many parts of the tree are looked into: where one class is free here and another there, nearly all would be.
const VISITS: usize = 2_000;
/// No place in the order.
const NOWHERE: usize = usize::MAX;

/// Hosts in an order of preference, with what they have free.
pub(super) struct Shelf {
    classes: usize,
    /// The host at each place of the order.
    hosts: Vec<usize>,
    /// The place of each host.
    places: Vec<usize>,
    /// Number of leaves, a power of two.
    width: usize,
    /// Most free per node and class; node 1 is the root, leaves begin at `width`.
    most: Vec<u64>,
    /// What is free on all of them together, per class.
    total: Vec<u64>,
}

impl Shelf {
    /// `all`: how many hosts there are at all. `free` tells what a host has free in a class.
    pub(super) fn new(
        hosts: Vec<usize>,
        all: usize,
        classes: usize,
        free: impl Fn(usize, usize) -> u64,
    ) -> Self {
        let width = hosts.len().next_power_of_two();
        let mut most = vec![0; 2 * width * classes];
        let mut places = vec![NOWHERE; all];
        let mut total = vec![0; classes];
        for (at, host) in hosts.iter().enumerate() {
            places[*host] = at;
            for class in 0..classes {
                let free = free(*host, class);
                most[(width + at) * classes + class] = free;
                total[class] += free;
            }
        }
        let mut shelf = Self { classes, hosts, places, width, most, total };
        for node in (1..width).rev() {
            shelf.refresh(node);
        }
        shelf
    }

    /// What is free on all hosts together.
    pub(super) fn total(&self, class: usize) -> u64 {
        self.total[class]
    }

    fn refresh(&mut self, node: usize) {
        for class in 0..self.classes {
            let child = |node: usize| self.most[node * self.classes + class];
            let most = child(2 * node).max(child(2 * node + 1));
            self.most[node * self.classes + class] = most;
        }
    }

    /// What a host has free has changed, if it is one of these.
    pub(super) fn set(&mut self, host: usize, free: impl Fn(usize) -> u64) {
        let place = self.places[host];
        if place == NOWHERE {
            return;
        }
        let mut node = self.width + place;
        for class in 0..self.classes {
            let leaf = &mut self.most[node * self.classes + class];
            self.total[class] -= *leaf;
            *leaf = free(class);
            self.total[class] += *leaf;
        }
        while node > 1 {
            node /= 2;
            self.refresh(node);
        }
    }

    /// The first host of a set with room for `need` that is accepted.
    pub(super) fn first_in(
        &self,
        set: &HostSet,
        need: &[u64],
        accept: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        // The tree knows nothing of sets: it is slow where few of its hosts are in one.
        if set.len() * 8 < self.hosts.len() {
            let places = set.iter().map(|host| self.places[host]).filter(|at| *at != NOWHERE);
            let fits = |at: &usize| self.has(self.width + at, need) && accept(self.hosts[*at]);
            return places.filter(fits).min().map(|at| self.hosts[at]);
        }
        let mut visits = VISITS.max(self.width / 2);
        self.search(1, need, &|host| set.has(host) && accept(host), &mut visits)
    }

    fn has(&self, node: usize, need: &[u64]) -> bool {
        let most = &self.most[node * self.classes..(node + 1) * self.classes];
        most.iter().zip(need).all(|(most, need)| most >= need)
    }

    fn search(
        &self,
        node: usize,
        need: &[u64],
        accept: &impl Fn(usize) -> bool,
        visits: &mut usize,
    ) -> Option<usize> {
        if *visits == 0 || !self.has(node, need) {
            return None;
        }
        *visits -= 1;
        if node < self.width {
            let left = self.search(2 * node, need, accept, visits);
            return left.or_else(|| self.search(2 * node + 1, need, accept, visits));
        }
        let host = *self.hosts.get(node - self.width)?;
        accept(host).then_some(host)
    }
}
