//! A plan nobody would want, but that keeps the rules: host after host, server after server. Where it exists, the
//! planner has no excuse; and it gives the checker's own tests something to spoil.

use std::collections::BTreeMap;

use fermata_core::solver::{
    Bounds, Fate, HostPlan, Move, NEVER, Plan, Problem, Role, Seconds, Stay, Wave, WaveBound,
};
use fermata_core::spec::Kind;

/// A plan, the window aside. None may still mean that a better planner finds one.
pub fn plan(problem: &Problem) -> Option<Plan> {
    Naive::new(problem).run()
}

struct Naive<'a> {
    problem: &'a Problem,
    at: Vec<usize>,
    used: Vec<Vec<u64>>,
    members: BTreeMap<(usize, usize), u32>,
    done: Vec<bool>,
    now: Seconds,
    /// When the next impact of each group may begin, for its recovery.
    rested: Vec<Seconds>,
    waves: Vec<Wave>,
}

impl<'a> Naive<'a> {
    fn new(problem: &'a Problem) -> Self {
        let mut naive = Self {
            problem,
            at: problem.servers.iter().map(|server| server.host).collect(),
            used: vec![vec![0; problem.classes.len()]; problem.hosts.len()],
            members: BTreeMap::new(),
            done: vec![false; problem.hosts.len()],
            now: 0,
            rested: vec![0; problem.groups.len()],
            waves: Vec::new(),
        };
        for s in 0..problem.servers.len() {
            naive.add(s, problem.servers[s].host);
        }
        naive
    }

    fn run(mut self) -> Option<Plan> {
        let under_way: Vec<_> =
            self.problem.todo().filter(|h| self.problem.hosts[*h].under_way).collect();
        if !under_way.is_empty() {
            self.together(&under_way)?;
            self.wave(&under_way, false)?;
        }
        loop {
            let mut left: Vec<_> = self.problem.todo().filter(|h| !self.done[*h]).collect();
            if left.is_empty() {
                break;
            }
            left.retain(|h| {
                let after = &self.problem.hosts[*h].after;
                after.iter().all(|a| self.done[*a] || self.problem.hosts[*a].role == Role::Spare)
            });
            left.sort_by_key(|h| self.at.iter().filter(|at| *at == h).count());
            // Nobody moves twice, if any host can be emptied like that.
            left.iter()
                .find_map(|h| self.wave(&[*h], false))
                .or_else(|| left.iter().find_map(|h| self.wave(&[*h], true)))?;
        }
        let ends = self.waves.iter().flat_map(|w| &w.hosts).map(|host| host.ends).max();
        let bounds = Bounds { moves: 0, waves: 0, waves_by: WaveBound::Work, ends: 0 };
        Some(Plan { waves: self.waves, ends: ends.unwrap_or(0), bounds })
    }

    /// Hosts that are under way come together, or not at all.
    fn together(&self, hosts: &[usize]) -> Option<()> {
        let fits = (0..self.problem.groups.len()).all(|g| {
            let on = |h: &usize| self.members.get(&(g, *h)).copied().unwrap_or(0);
            let all: u32 = hosts.iter().map(on).sum();
            let spread = hosts.iter().filter(|h| on(h) > 0).count() > 1;
            let limit = u64::from(self.problem.groups[g].limit) * u64::from(self.problem.stages);
            !spread || u64::from(all) <= limit
        });
        let enough = hosts.len() <= self.problem.parallel_hosts as usize;
        let first = hosts.iter().all(|h| self.problem.hosts[*h].after.is_empty());
        (fits && enough && first).then_some(())
    }

    /// Does some hosts, or leaves everything as it was.
    fn wave(&mut self, hosts: &[usize], twice: bool) -> Option<()> {
        let before = (self.at.clone(), self.used.clone(), self.members.clone());
        let times = (self.now, self.rested.clone());
        let done = self.drain(hosts, twice).and_then(|drained| self.keep(drained));
        match done {
            Some(wave) => {
                self.now = wave.hosts.iter().map(|host| host.ends).max()?;
                hosts.iter().for_each(|h| self.done[*h] = true);
                self.waves.push(wave);
                Some(())
            }
            None => {
                (self.at, self.used, self.members) = before;
                (self.now, self.rested) = times;
                None
            }
        }
    }

    /// Servers that move, one after the other, the biggest first.
    fn drain(&mut self, hosts: &[usize], twice: bool) -> Option<Vec<HostPlan>> {
        let begins = hosts.iter().map(|h| self.problem.hosts[*h].not_before).max()?.max(self.now);
        let asked = hosts.iter().any(|h| !self.problem.hosts[*h].under_way);
        self.now = begins + if asked { self.problem.reply } else { 0 };
        let mut plans = Vec::new();
        for h in hosts {
            let mut servers: Vec<_> = (0..self.at.len()).filter(|s| self.at[*s] == *h).collect();
            servers.retain(|s| !self.stays(*s));
            let size = |s: &usize| {
                let needs = self.problem.servers[*s].need.iter();
                needs.zip(&self.problem.hosts[*h].offers).map(|(n, o)| n * 1_000 / o.max(&1)).max()
            };
            servers.sort_by_key(|s| std::cmp::Reverse(size(s)));
            let mut moves = Vec::new();
            for s in servers {
                let to = self.room(s, hosts, twice)?;
                let begins = self.when(&[s], self.now)?;
                let ends = begins + self.problem.servers[s].duration;
                moves.push(Move { server: s, to, begins, ends });
                self.add(s, to);
                self.take(s, *h);
                self.at[s] = to;
                self.impacted_until(s, ends);
                self.now = ends;
            }
            let stages = moves.len() as u32;
            let (emptied, stays) = (self.now, Vec::new());
            plans.push(HostPlan { host: *h, begins, emptied, ends: 0, stages, moves, stays });
        }
        Some(plans)
    }

    /// Servers that stay are all stopped at once, so that none has to wait for another's recovery.
    fn keep(&mut self, mut plans: Vec<HostPlan>) -> Option<Wave> {
        let all: Vec<_> = plans.iter().flat_map(|plan| self.kept(plan.host)).collect();
        if all.iter().any(|s| self.retires(self.at[*s])) {
            return None;
        }
        let stop = self.when(&all, self.now)?;
        for plan in &mut plans {
            let servers = self.kept(plan.host);
            let slowest = servers.iter().map(|s| self.problem.servers[*s].duration).max();
            plan.emptied = stop;
            plan.ends = stop + slowest.unwrap_or(0) + self.problem.hosts[plan.host].work;
            let stay = |s: &usize| Stay { server: *s, begins: stop, ends: plan.ends };
            plan.stays = servers.iter().map(stay).collect();
        }
        for stay in plans.iter().flat_map(|plan| plan.stays.clone()) {
            self.impacted_until(stay.server, stay.ends);
        }
        Some(Wave { hosts: plans })
    }

    fn kept(&self, h: usize) -> Vec<usize> {
        (0..self.at.len()).filter(|s| self.at[*s] == h && self.stays(*s)).collect()
    }

    fn stays(&self, s: usize) -> bool {
        self.problem.servers[s].fate == Fate::Stay && self.at[s] == self.problem.servers[s].host
    }

    fn retires(&self, h: usize) -> bool {
        self.problem.hosts[h].role == Role::Todo(Kind::Retirement)
    }

    /// The fullest host that a server fits on.
    fn room(&self, s: usize, wave: &[usize], twice: bool) -> Option<usize> {
        let server = &self.problem.servers[s];
        let fits = |h: &usize| {
            let host = &self.problem.hosts[*h];
            let open = match host.role {
                Role::Spare => true,
                Role::Todo(Kind::Temporary) => self.done[*h] || twice,
                Role::Todo(Kind::Retirement) => false,
            };
            let needs = server.need.iter().zip(&self.used[*h]).zip(&host.offers);
            open && host.takes
                && !wave.contains(h)
                && self.problem.permits(s, *h)
                && needs
                    .into_iter()
                    .all(|((need, used), offer)| *need == 0 || used + need <= *offer)
                && server.groups.iter().all(|g| {
                    let on = self.members.get(&(*g, *h)).copied().unwrap_or(0);
                    self.problem.groups[*g].max_per_host.is_none_or(|most| on < most)
                })
        };
        let free = |h: &usize| {
            let host = &self.problem.hosts[*h];
            let free = self.used[*h].iter().zip(&host.offers);
            let free =
                free.map(|(used, offer)| offer.saturating_sub(*used) * 1_000 / offer.max(&1));
            // Hosts that are still to be done only if there is no other.
            (host.role != Role::Spare && !self.done[*h], free.min())
        };
        (0..self.problem.hosts.len()).filter(fits).min_by_key(free)
    }

    /// When these servers may be impacted together, at the earliest; nothing else is in progress but what others do.
    fn when(&self, servers: &[usize], earliest: Seconds) -> Option<Seconds> {
        let mut members: BTreeMap<usize, u32> = BTreeMap::new();
        let mut at = earliest;
        for s in servers {
            let server = &self.problem.servers[*s];
            at = at.max(server.not_before);
            for g in &server.groups {
                *members.entry(*g).or_default() += 1;
                at = at.max(self.rested[*g]);
            }
        }
        for (g, members) in members {
            let group = &self.problem.groups[g];
            let mut busy = group.busy.clone();
            busy.sort_unstable();
            // As many of those that others impact have to be over as leave room.
            let over = (busy.len() + members as usize).saturating_sub(group.limit as usize);
            if over > 0 {
                let until = *busy.get(over - 1)?;
                at = at.max(until);
            }
        }
        (at < NEVER).then_some(at)
    }

    fn impacted_until(&mut self, s: usize, ends: Seconds) {
        for g in &self.problem.servers[s].groups {
            let rested = ends + self.problem.groups[*g].recovery;
            self.rested[*g] = self.rested[*g].max(rested);
        }
    }

    fn add(&mut self, s: usize, h: usize) {
        let server = &self.problem.servers[s];
        self.used[h].iter_mut().zip(&server.need).for_each(|(used, need)| *used += need);
        server.groups.iter().for_each(|g| *self.members.entry((*g, h)).or_default() += 1);
    }

    fn take(&mut self, s: usize, h: usize) {
        let server = &self.problem.servers[s];
        self.used[h].iter_mut().zip(&server.need).for_each(|(used, need)| *used -= need);
        for g in &server.groups {
            self.members.entry((*g, h)).and_modify(|members| *members -= 1);
        }
    }
}
