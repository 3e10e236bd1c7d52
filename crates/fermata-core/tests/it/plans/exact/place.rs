//! Waves server by server: tries wave after wave, and every host for every server, and takes back what leads nowhere.
//! Of hosts and servers that cannot be told apart, one order is tried.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Small;
use super::relaxed::Relaxed;

pub struct Place<'a> {
    small: &'a Small<'a>,
    relaxed: &'a Relaxed,
    first: Option<usize>,
    /// Hosts that servers may go to for good: spare ones, and those that are done.
    open: Vec<bool>,
    free: Vec<Vec<u64>>,
    /// Members of groups with a limit per host, on each host.
    members: BTreeMap<(usize, usize), u32>,
    /// Servers that leave each host when it is done.
    movers: Vec<Vec<usize>>,
    /// Hosts in the same placements have the same number.
    alike: Vec<usize>,
    tries: usize,
}

/// A wave that servers are being found room for.
struct Drain<'w> {
    done: u32,
    wave: u32,
    /// Waves that are left after it.
    left: usize,
    servers: &'w [usize],
    /// Where each server went.
    to: &'w mut Vec<usize>,
}

impl<'a> Place<'a> {
    pub fn new(small: &'a Small<'a>, relaxed: &'a Relaxed, first: Option<usize>) -> Self {
        let problem = small.problem;
        let hosts = 0..problem.hosts.len();
        let mut members = BTreeMap::new();
        for server in &problem.servers {
            for g in &server.groups {
                *members.entry((*g, server.host)).or_default() += 1;
            }
        }
        let within = |h: usize| problem.placements.iter().map(|p| p.has(h)).collect::<Vec<_>>();
        let mut kinds = Vec::new();
        let alike = hosts.clone().map(|h| {
            let kind = within(h);
            kinds.iter().position(|k| *k == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            })
        });
        Self {
            alike: alike.collect(),
            open: hosts.map(|h| small.spare(h)).collect(),
            free: small.today.clone(),
            movers: small.movers.clone(),
            small,
            relaxed,
            first,
            members,
            tries: 0,
        }
    }

    /// Whether so many waves are enough; none if so many tries do not tell.
    pub fn possible(&mut self, waves: usize, tries: usize) -> Option<bool> {
        self.tries = tries;
        let possible = self.waves(0, waves);
        (possible || self.tries > 0).then_some(possible)
    }

    fn waves(&mut self, done: u32, left: usize) -> bool {
        let rest = self.small.all() & !done;
        if rest == 0 {
            return true;
        }
        if self.relaxed.left(done) > left && !(done == 0 && self.first.is_some()) {
            return false;
        }
        let mut sets = Vec::new();
        let mut wave = rest;
        while wave != 0 {
            if self.relaxed.left(done | wave) < left && self.relaxed.wave(done, wave) {
                sets.push(wave);
            }
            wave = (wave - 1) & rest;
        }
        sets.sort_by_key(|wave| Reverse(wave.count_ones()));
        for wave in sets {
            // Servers that came to a host since count, too.
            if !self.small.together(wave, &self.movers) {
                continue;
            }
            let servers = self.in_order(wave);
            let mut to = Vec::new();
            let left = left - 1;
            let mut drain = Drain { done, wave, left, servers: &servers, to: &mut to };
            if self.place(&mut drain) {
                return true;
            }
            if self.tries == 0 {
                return false;
            }
        }
        false
    }

    /// Servers that leave the hosts of a wave: the biggest first, those that are alike beside each other.
    fn in_order(&self, wave: u32) -> Vec<usize> {
        let problem = self.small.problem;
        let hosts = self.small.hosts(wave);
        let mut servers: Vec<_> = hosts.flat_map(|h| self.movers[h].clone()).collect();
        let most = |class: usize| problem.hosts.iter().map(|host| host.offers[class]).max();
        let most: Vec<_> =
            (0..problem.classes.len()).map(|c| most(c).unwrap_or(0).max(1)).collect();
        servers.sort_by_key(|s| {
            let server = &problem.servers[*s];
            let size = server.need.iter().zip(&most).map(|(need, most)| need * 1_000 / most).max();
            (Reverse(size), &server.need, server.placement, &server.groups, *s)
        });
        servers
    }

    fn place(&mut self, drain: &mut Drain) -> bool {
        let at = drain.to.len();
        if at == drain.servers.len() {
            return self.finish(drain);
        }
        let s = drain.servers[at];
        let least = match at.checked_sub(1) {
            Some(before) if self.same(s, drain.servers[before]) => drain.to[before],
            _ => 0,
        };
        let targets: Vec<_> = (0..self.free.len()).filter(|h| self.target(drain, s, *h)).collect();
        let unlike = |h: &usize| !targets.iter().any(|o| o < h && self.interchangeable(*o, *h));
        let mut tried: Vec<_> =
            targets.iter().copied().filter(unlike).filter(|h| *h >= least).collect();
        tried.sort_by_key(|h| self.free[*h].clone());
        for h in tried {
            if self.tries == 0 {
                return false;
            }
            self.tries -= 1;
            self.put(s, h);
            drain.to.push(h);
            let found = self.place(drain);
            drain.to.pop();
            self.take(s, h);
            if found {
                return true;
            }
        }
        false
    }

    fn same(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.small.problem.servers[a], &self.small.problem.servers[b]);
        a.need == b.need && a.placement == b.placement && a.groups == b.groups
    }

    fn target(&self, drain: &Drain, s: usize, h: usize) -> bool {
        let problem = self.small.problem;
        let server = &problem.servers[s];
        let later = drain.done == 0
            && self.first.is_some()
            && self.small.returns(h)
            && self.small.hosts(drain.wave).all(|w| w != h);
        (self.open[h] || later)
            && problem.permits(s, h)
            && server.need.iter().zip(&self.free[h]).all(|(need, free)| need <= free)
            && server.groups.iter().all(|g| {
                let on = self.members.get(&(*g, h)).copied().unwrap_or(0);
                problem.groups[*g].max_per_host.is_none_or(|most| on < most)
            })
    }

    /// Whether two hosts could change places from now on.
    fn interchangeable(&self, a: usize, b: usize) -> bool {
        let mut groups = self.small.problem.groups.iter().enumerate();
        self.open[a]
            && self.open[b]
            && self.alike[a] == self.alike[b]
            && self.free[a] == self.free[b]
            && groups.all(|(g, group)| {
                let on = |h: usize| self.members.get(&(g, h)).copied().unwrap_or(0);
                group.max_per_host.is_none() || on(a) == on(b)
            })
    }

    /// All servers of a wave have a place: its hosts are done, and the next wave comes.
    fn finish(&mut self, drain: &mut Drain) -> bool {
        let before =
            (self.free.clone(), self.open.clone(), self.members.clone(), self.movers.clone());
        for h in self.small.hosts(drain.wave) {
            for s in std::mem::take(&mut self.movers[h]) {
                for g in &self.small.problem.servers[s].groups {
                    self.members.entry((*g, h)).and_modify(|members| *members -= 1);
                }
            }
            self.free[h].clone_from(&self.small.emptied[h]);
            self.open[h] = self.small.returns(h);
        }
        for (s, to) in drain.servers.iter().zip(&*drain.to) {
            if !before.1[*to] {
                self.movers[*to].push(*s);
            }
        }
        let found = self.waves(drain.done | drain.wave, drain.left);
        (self.free, self.open, self.members, self.movers) = before;
        found
    }

    fn put(&mut self, s: usize, h: usize) {
        let server = &self.small.problem.servers[s];
        self.free[h].iter_mut().zip(&server.need).for_each(|(free, need)| *free -= need);
        server.groups.iter().for_each(|g| *self.members.entry((*g, h)).or_default() += 1);
    }

    fn take(&mut self, s: usize, h: usize) {
        let server = &self.small.problem.servers[s];
        self.free[h].iter_mut().zip(&server.need).for_each(|(free, need)| *free += need);
        for g in &server.groups {
            self.members.entry((*g, h)).and_modify(|members| *members -= 1);
        }
    }
}
