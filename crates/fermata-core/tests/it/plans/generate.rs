//! Random sites to plan: hosts of one or two types, filled with servers of the usual flavours, groups, zones, and what
//! an operator may ask for. The same [`Site`] always builds the same [`Problem`]. Free of anything that only tests
//! have, and fast: the benchmark builds its sites of a hundred thousand servers here, too.
//!
//! Nothing here is impossible on purpose (that is `spoil`'s job), but full sites may well turn out to be.

// The benchmark includes this file from elsewhere, and has to find its part, too.
#[path = "generate/building.rs"]
mod building;

use fermata_core::solver::{NEVER, Problem, Seconds};

use building::Building;

/// Pseudo-random numbers (SplitMix64): small, fast and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.any() % (high - low + 1) as u64) as usize
    }

    /// A span from `low` to `high`, both included.
    pub fn seconds(&mut self, low: Seconds, high: Seconds) -> Seconds {
        low + (self.any() % u64::from(high - low + 1)) as Seconds
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.any() % 100 < percent
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.between(0, from.len() - 1)]
    }

    /// Puts them in any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.between(0, i));
        }
    }
}

/// What a site is like. Shares are in percent.
#[derive(Debug, Clone)]
pub struct Site {
    /// All hosts, empty and spare ones included.
    pub hosts: usize,
    /// About how many servers a host has that is not empty.
    pub servers_per_host: usize,
    /// How full hosts are.
    pub fill: u64,
    /// Hosts that start empty.
    pub empty: usize,
    /// Hosts that nothing is to be done with, empty ones first.
    pub spare: usize,
    /// Half of the hosts are bigger.
    pub two_types: bool,
    /// Share of hosts that have the custom class.
    pub custom: u64,
    /// Share of servers that are in a group of 2 to 8.
    pub grouped: u64,
    /// All groups have limit 1.
    pub limit_one: bool,
    /// Share of groups with a limit per host.
    pub spread: u64,
    /// Share of groups with a recovery time.
    pub recovery: u64,
    /// Share of groups with members that others impact already.
    pub busy: u64,
    /// Share of hosts with a group of several members on them.
    pub colocated: u64,
    /// How many availability zones there are.
    pub zones: usize,
    /// How many aggregates there are that servers may be bound to.
    pub aggregates: usize,
    /// Share of servers that stay on their hosts.
    pub stays: u64,
    /// Hosts that leave for good.
    pub retired: usize,
    /// Hosts that are being drained already.
    pub under_way: usize,
    /// Share of hosts that take no servers.
    pub closed: u64,
    /// Share of hosts that are over what they offer.
    pub overfull: u64,
    /// Share of hosts and servers with a time before which they are not touched, and of hosts that come after others.
    pub ordered: u64,
    /// See [`Problem::parallel_hosts`].
    pub parallel_hosts: u32,
    /// See [`Problem::parallel_actions`].
    pub parallel_actions: u32,
    /// See [`Problem::reply`].
    pub reply: Seconds,
    /// See [`Problem::stages`].
    pub stages: u32,
    /// See [`Problem::second_moves`].
    pub second_moves: u32,
    /// See [`Problem::effort`].
    pub effort: u32,
    /// Everything that is left to chance.
    pub seed: u64,
}

impl Site {
    /// Only capacity matters; every twentieth host is empty and spare.
    pub fn plain(hosts: usize, servers_per_host: usize, fill: u64, seed: u64) -> Self {
        let spare = (hosts / 20).max(1);
        Self {
            hosts,
            servers_per_host,
            fill,
            empty: spare,
            spare,
            two_types: false,
            custom: 0,
            grouped: 0,
            limit_one: false,
            spread: 0,
            recovery: 0,
            busy: 0,
            colocated: 0,
            zones: 1,
            aggregates: 0,
            stays: 0,
            retired: 0,
            under_way: 0,
            closed: 0,
            overfull: 0,
            ordered: 0,
            parallel_hosts: NEVER,
            parallel_actions: 100,
            reply: 600,
            stages: 1,
            second_moves: 0,
            effort: 5,
            seed,
        }
    }

    /// Every server is in a group of 2 to 8 with limit 1, some of them with anti-affinity.
    pub fn constrained(hosts: usize, servers_per_host: usize, fill: u64, seed: u64) -> Self {
        let plain = Self::plain(hosts, servers_per_host, fill, seed);
        Self { grouped: 100, limit_one: true, spread: 30, ..plain }
    }

    /// Small, with anything.
    pub fn any(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let hosts = if dice.chance(80) { dice.between(8, 24) } else { dice.between(25, 60) };
        let share = |dice: &mut Dice, often: u64, most: usize| {
            if dice.chance(often) { dice.between(1, most) as u64 } else { 0 }
        };
        let spare = if dice.chance(50) { dice.between(0, hosts / 2) } else { dice.between(0, 2) };
        Self {
            hosts,
            servers_per_host: dice.between(3, if hosts > 24 { 8 } else { 15 }),
            fill: dice.between(60, 92) as u64,
            empty: if dice.chance(70) { dice.between(1, hosts / 20 + 1) } else { 0 },
            spare,
            two_types: dice.chance(40),
            custom: share(&mut dice, 30, 60),
            grouped: if dice.chance(80) { dice.between(10, 100) as u64 } else { 0 },
            limit_one: dice.chance(30),
            spread: share(&mut dice, 60, 60),
            recovery: share(&mut dice, 40, 60),
            busy: share(&mut dice, 30, 30),
            colocated: share(&mut dice, 40, 60),
            zones: dice.pick(&[1, 1, 1, 2, 3]),
            aggregates: dice.pick(&[0, 0, 1, 3]),
            stays: share(&mut dice, 40, 15),
            retired: if dice.chance(20) { dice.between(1, 2) } else { 0 },
            under_way: if dice.chance(20) { dice.between(1, 3) } else { 0 },
            closed: share(&mut dice, 20, 15),
            overfull: share(&mut dice, 15, 15),
            ordered: share(&mut dice, 40, 20),
            parallel_hosts: dice.pick(&[1, 2, 3, 4, 8, NEVER]),
            parallel_actions: dice.pick(&[1, 2, 4, 10, 50, NEVER]),
            reply: dice.pick(&[0, 60, 600, 3_600]),
            stages: dice.pick(&[1, 1, 2, 3]),
            second_moves: dice.pick(&[0, 0, 0, 3]),
            effort: 1,
            seed: dice.any(),
        }
    }

    /// The problem.
    pub fn build(&self) -> Problem {
        Building::new(self).problem()
    }
}
