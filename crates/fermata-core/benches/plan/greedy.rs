//! A plain greedy, for comparison: the host with the most ties to others first, each server to the host where it fits
//! best, the same rule for groups.

use std::cmp::Reverse;

use fermata_core::solver::{Problem, Role};

/// How many waves it needs; `None`: it finds no plan.
pub fn waves(problem: &Problem) -> Option<usize> {
    let mut greedy = Greedy::new(problem);
    let mut waves = 0;
    while !greedy.waiting.is_empty() {
        if !greedy.wave() {
            return None;
        }
        waves += 1;
    }
    Some(waves)
}

struct Greedy<'p> {
    problem: &'p Problem,
    place: Vec<usize>,
    free: Vec<Vec<u64>>,
    members: Vec<Vec<usize>>,
    waiting: Vec<usize>,
    settled: Vec<bool>,
}

impl<'p> Greedy<'p> {
    fn new(problem: &'p Problem) -> Self {
        let mut free: Vec<Vec<u64>> = problem.hosts.iter().map(|h| h.offers.clone()).collect();
        let mut members = vec![Vec::new(); problem.groups.len()];
        for (s, server) in problem.servers.iter().enumerate() {
            for (class, need) in server.need.iter().enumerate() {
                free[server.host][class] = free[server.host][class].saturating_sub(*need);
            }
            server.groups.iter().for_each(|g| members[*g].push(s));
        }
        let settled: Vec<_> =
            problem.hosts.iter().map(|h| h.role == Role::Spare && h.takes).collect();
        let mut ties = vec![0; problem.hosts.len()];
        for server in &problem.servers {
            ties[server.host] += server.groups.iter().map(|g| members[*g].len()).sum::<usize>();
        }
        let mut waiting: Vec<_> = problem.todo().collect();
        waiting.sort_by_key(|h| (Reverse(ties[*h]), *h));
        let place = problem.servers.iter().map(|s| s.host).collect();
        Self { problem, place, free, members, waiting, settled }
    }

    fn on(&self, host: usize) -> Vec<usize> {
        let mut on: Vec<_> = (0..self.place.len()).filter(|s| self.place[*s] == host).collect();
        on.sort_by_key(|s| Reverse(self.problem.servers[*s].need.clone()));
        on
    }

    fn wave(&mut self) -> bool {
        let mut wave: Vec<usize> = Vec::new();
        let mut impacted = vec![0_u32; self.problem.groups.len()];
        let mut by_host: Vec<Vec<usize>> = vec![Vec::new(); self.free.len()];
        (0..self.place.len()).for_each(|s| by_host[self.place[s]].push(s));
        for host in self.waiting.clone() {
            if wave.len() < self.problem.parallel_hosts as usize
                && self.groups_allow(&by_host[host], &impacted)
                && self.empty(&by_host[host], |of, h| of.settled[h])
            {
                for s in &by_host[host] {
                    self.problem.servers[*s].groups.iter().for_each(|g| impacted[*g] += 1);
                }
                wave.push(host);
            }
        }
        if wave.is_empty() {
            let mut few = self.waiting.clone();
            few.sort_by_key(|h| self.on(*h).len());
            let first = few.into_iter().find(|host| {
                let on = self.on(*host);
                self.groups_allow(&on, &impacted) && self.empty(&on, |_, h| h != *host)
            });
            wave.extend(first);
        }
        for host in &wave {
            self.settled[*host] = true;
            self.free[*host].clone_from(&self.problem.hosts[*host].offers);
        }
        self.waiting.retain(|h| !wave.contains(h));
        !wave.is_empty()
    }

    fn groups_allow(&self, on: &[usize], impacted: &[u32]) -> bool {
        let mut more = std::collections::BTreeMap::new();
        for g in on.iter().flat_map(|s| &self.problem.servers[*s].groups) {
            *more.entry(*g).or_insert(0_u32) += 1;
        }
        more.into_iter()
            .all(|(g, more)| impacted[g] == 0 || impacted[g] + more <= self.problem.groups[g].limit)
    }

    fn empty(&mut self, on: &[usize], may: impl Fn(&Self, usize) -> bool) -> bool {
        let mut gone = Vec::new();
        for s in on {
            let server = &self.problem.servers[*s];
            let best = (0..self.free.len())
                .filter(|h| may(self, *h) && self.problem.permits(*s, *h) && self.apart(*s, *h))
                .filter(|h| self.free[*h].iter().zip(&server.need).all(|(free, need)| free >= need))
                .min_by_key(|h| self.free[*h][1]);
            let Some(to) = best else {
                for (s, from, to) in gone.into_iter().rev() {
                    self.go(s, to, from);
                }
                return false;
            };
            let from = self.place[*s];
            gone.push((*s, from, to));
            self.go(*s, from, to);
        }
        true
    }

    fn apart(&self, s: usize, host: usize) -> bool {
        self.problem.servers[s].groups.iter().all(|g| {
            let there = self.members[*g].iter().filter(|m| self.place[**m] == host).count();
            self.problem.groups[*g].max_per_host.is_none_or(|most| there < most as usize)
        })
    }

    fn go(&mut self, s: usize, from: usize, to: usize) {
        for (class, need) in self.problem.servers[s].need.iter().enumerate() {
            self.free[from][class] += need;
            self.free[to][class] -= need;
        }
        self.place[s] = to;
    }
}
