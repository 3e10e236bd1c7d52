//! Waves by sums: what leaves the hosts that are done has to fit into the hosts that are spare or were done before, all
//! of it together. No plan has fewer waves than this allows.

use std::collections::BTreeSet;

use super::Small;

/// Not possible.
const NONE: usize = usize::MAX;

/// The fewest waves, by sums, from every set of hosts that may be done.
pub struct Relaxed {
    /// Per set of hosts that are done: how many waves are left.
    left: Vec<usize>,
    /// Per set: whether its hosts may be one wave, room aside.
    together: Vec<bool>,
    after: Vec<u32>,
    under_way: u32,
    sums: Sums,
    first: Option<u32>,
}

/// Sums over sets of hosts, one for each way to count.
struct Sums {
    /// Per set: what leaves its hosts.
    leaves: Vec<Vec<u64>>,
    /// Per set: what fits, if its hosts are done.
    fits: Vec<Vec<u64>>,
}

/// A way to count servers and room, such that no more is counted of servers than of the room they need.
enum Count {
    /// Only servers that may be nowhere but in a placement (by index), and hosts in it; in whole units of a class.
    Units { placement: usize, class: usize, unit: u64 },
    /// Members of a group that has a limit per host.
    Members { group: usize, most: u32 },
}

impl Relaxed {
    pub fn new(small: &Small, first: Option<usize>) -> Self {
        let sets = 1 << small.todo.len();
        let together =
            (0..sets as u32).map(|set| small.together(set, &small.movers)).collect::<Vec<_>>();
        let mut relaxed = Self {
            left: vec![NONE; sets],
            together,
            after: small.after.clone(),
            under_way: small.under_way,
            sums: Sums::new(small, first),
            first: first.and_then(|h| small.todo.iter().position(|t| *t == h)).map(|bit| 1 << bit),
        };
        relaxed.fill(small.all());
        relaxed
    }

    /// How many waves there are at least.
    pub fn fewest(&self) -> usize {
        match self.first {
            None => self.left[0],
            Some(first) if self.wave(0, first) => self.left[first as usize].saturating_add(1),
            Some(_) => NONE,
        }
    }

    /// How many waves are left at least, once these hosts are done.
    pub fn left(&self, done: u32) -> usize {
        self.left[done as usize]
    }

    /// Whether these hosts may be the next wave, as far as sums tell.
    pub fn wave(&self, done: u32, wave: u32) -> bool {
        if done == 0 && self.first.is_some_and(|first| wave != first) {
            return false;
        }
        let ready = done != 0 || wave & self.under_way == self.under_way;
        let after = self.after.iter().enumerate();
        ready
            && self.together[wave as usize]
            && after.filter(|(bit, _)| wave >> bit & 1 == 1).all(|(_, after)| after & !done == 0)
            && self.sums.fit(done, wave)
    }

    fn fill(&mut self, all: u32) {
        self.left[all as usize] = 0;
        for done in (0..all).rev() {
            let rest = all & !done;
            let mut best = NONE;
            let mut wave = rest;
            while wave != 0 {
                let then = self.left[(done | wave) as usize];
                if then < best - 1 && self.wave(done, wave) {
                    best = then + 1;
                }
                wave = (wave - 1) & rest;
            }
            self.left[done as usize] = best;
        }
    }
}

impl Sums {
    fn new(small: &Small, first: Option<usize>) -> Self {
        let counts = Count::all(small);
        let problem = small.problem;
        let movers = |h: usize| -> Vec<u64> {
            let of = |count: &Count| small.movers[h].iter().map(|s| count.server(small, *s)).sum();
            counts.iter().map(of).collect()
        };
        let room = |h: usize, free: &[Vec<u64>], takes: bool| -> Vec<u64> {
            let of = |count: &Count| if takes { count.host(small, h, &free[h]) } else { 0 };
            counts.iter().map(of).collect()
        };
        let add = |sum: &mut Vec<u64>, more: &[u64]| {
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        };
        let mut spare = vec![0; counts.len()];
        for h in 0..problem.hosts.len() {
            add(&mut spare, &room(h, &small.today, small.spare(h)));
        }
        let leaves: Vec<_> = small.todo.iter().map(|h| movers(*h)).collect();
        let returns: Vec<_> =
            small.todo.iter().map(|h| room(*h, &small.emptied, small.returns(*h))).collect();
        let over = |set: u32, start: Vec<u64>, per_host: &[Vec<u64>], all: bool| {
            let mut sum = start;
            for (bit, more) in per_host.iter().enumerate() {
                // Servers of the first host go to hosts that are not done; they come back into account at the end.
                let counted = all || Some(small.todo[bit]) != first || set == small.all();
                if set >> bit & 1 == 1 && counted {
                    add(&mut sum, more);
                }
            }
            sum
        };
        let sets = 0..1u32 << small.todo.len();
        Self {
            leaves: sets
                .clone()
                .map(|set| over(set, vec![0; counts.len()], &leaves, false))
                .collect(),
            fits: sets.map(|set| over(set, spare.clone(), &returns, true)).collect(),
        }
    }

    fn fit(&self, done: u32, wave: u32) -> bool {
        let leaves = &self.leaves[(done | wave) as usize];
        leaves.iter().zip(&self.fits[done as usize]).all(|(leaves, fits)| leaves <= fits)
    }
}

impl Count {
    fn all(small: &Small) -> Vec<Self> {
        let problem = small.problem;
        let mut counts = Vec::new();
        for placement in 0..problem.placements.len() {
            for class in 0..problem.classes.len() {
                let movers = small.movers.iter().flatten();
                let mut units: BTreeSet<_> =
                    movers.map(|s| problem.servers[*s].need[class]).collect();
                units.insert(1);
                units.remove(&0);
                counts.extend(units.into_iter().map(|unit| Self::Units { placement, class, unit }));
            }
        }
        let groups = problem.groups.iter().enumerate();
        counts.extend(groups.filter_map(|(group, about)| {
            about.max_per_host.map(|most| Self::Members { group, most })
        }));
        counts
    }

    fn server(&self, small: &Small, s: usize) -> u64 {
        let server = &small.problem.servers[s];
        match self {
            Self::Units { placement, class, unit } => {
                let within = &small.problem.placements[*placement];
                let bound =
                    small.problem.placements[server.placement].iter().all(|h| within.has(h));
                if bound { server.need[*class] / unit } else { 0 }
            }
            Self::Members { group, .. } => u64::from(server.groups.contains(group)),
        }
    }

    fn host(&self, small: &Small, h: usize, free: &[u64]) -> u64 {
        match self {
            Self::Units { placement, class, unit } => {
                if small.problem.placements[*placement].has(h) { free[*class] / unit } else { 0 }
            }
            Self::Members { group, most } => {
                let stay = |s: &usize| !small.movers[h].contains(s);
                let on = |s: &usize| small.problem.servers[*s].host == h;
                let member = |s: &usize| small.problem.servers[*s].groups.contains(group);
                let there = (0..small.problem.servers.len()).filter(on).filter(stay).filter(member);
                u64::from(*most).saturating_sub(there.count() as u64)
            }
        }
    }
}
