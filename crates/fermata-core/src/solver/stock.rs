//! What is where while a plan is made, and what fits where.

use super::{Fate, HostSet, NEVER, Problem, Role};

/// What does not change while plans are made for a problem.
pub(super) struct Index<'p> {
    pub(super) problem: &'p Problem,
    pub(super) classes: usize,
    /// Hosts that something is to be done with.
    pub(super) todo: Vec<usize>,
    /// The servers on each host at the beginning.
    pub(super) on: Vec<Vec<usize>>,
    /// The members of each group that are somewhere.
    pub(super) members: Vec<Vec<usize>>,
    /// What each group allows when those that are impacted for an unknown time are taken off.
    pub(super) limit: Vec<u32>,
    /// What is used of each host at the beginning, per class.
    used: Vec<u64>,
    /// What stays on each host when it is drained, per class.
    kept: Vec<u64>,
    /// How hard a server is to place: the largest share of what there is that it takes.
    pub(super) size: Vec<f64>,
    /// In how many narrow placements a host is: these hosts are kept for servers that can go nowhere else.
    pub(super) sought: Vec<u32>,
    /// Which placements are narrow.
    narrow: Vec<bool>,
}

impl<'p> Index<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let classes = problem.classes.len();
        let on = problem.by_host();
        let mut members = vec![Vec::new(); problem.groups.len()];
        let mut used = vec![0; problem.hosts.len() * classes];
        let mut kept = used.clone();
        for (s, server) in problem.servers.iter().enumerate() {
            for group in &server.groups {
                members[*group].push(s);
            }
            let stays = server.fate == Fate::Stay && problem.hosts[server.host].role != Role::Spare;
            for (class, need) in server.need.iter().enumerate() {
                let at = server.host * classes + class;
                used[at] += need;
                kept[at] += if stays { *need } else { 0 };
            }
        }
        let limit = problem.groups.iter().map(|group| {
            let unknown = group.busy.iter().filter(|until| **until == NEVER).count();
            group.limit.saturating_sub(u32::try_from(unknown).unwrap_or(NEVER))
        });
        let offered: Vec<u64> = (0..classes)
            .map(|c| problem.hosts.iter().map(|h| h.offers[c]).max().unwrap_or(0).max(1))
            .collect();
        let share = |need: &[u64]| {
            let shares = need.iter().zip(&offered).map(|(n, o)| *n as f64 / *o as f64);
            shares.fold(0.0, f64::max)
        };
        let is_narrow = |set: &HostSet| set.len() * 2 <= problem.hosts.len();
        let mut sought = vec![0; problem.hosts.len()];
        for set in problem.placements.iter().filter(|set| is_narrow(set)) {
            set.iter().for_each(|h| sought[h] += 1);
        }
        Self {
            problem,
            classes,
            todo: problem.todo().collect(),
            on,
            members,
            limit: limit.collect(),
            used,
            kept,
            size: problem.servers.iter().map(|s| share(&s.need)).collect(),
            sought,
            narrow: problem.placements.iter().map(is_narrow).collect(),
        }
    }

    /// Whether a server can be on few hosts only.
    pub(super) fn is_narrow(&self, server: usize) -> bool {
        self.narrow[self.problem.servers[server].placement]
    }
}

/// What is where.
#[derive(Clone)]
pub(super) struct Stock<'i, 'p> {
    index: &'i Index<'p>,
    /// The host of each server.
    place: Vec<usize>,
    /// The servers on each host.
    on: Vec<Vec<usize>>,
    /// What is used of each host, per class.
    used: Vec<u64>,
}

impl<'i, 'p> Stock<'i, 'p> {
    pub(super) fn new(index: &'i Index<'p>) -> Self {
        Self {
            index,
            place: index.problem.servers.iter().map(|s| s.host).collect(),
            on: index.on.clone(),
            used: index.used.clone(),
        }
    }

    pub(super) fn free(&self, host: usize, class: usize) -> u64 {
        let used = self.used[host * self.index.classes + class];
        self.index.problem.hosts[host].offers[class].saturating_sub(used)
    }

    /// The smallest share of a host that is free in any class.
    pub(super) fn slack(&self, host: usize) -> f64 {
        let offers = &self.index.problem.hosts[host].offers;
        let shares = offers.iter().enumerate().map(|(class, offers)| {
            if *offers == 0 { 1.0 } else { self.free(host, class) as f64 / *offers as f64 }
        });
        shares.fold(1.0, f64::min)
    }

    /// Servers that leave a host when it is drained: all but those that stay on the host where they were from the
    /// beginning.
    pub(super) fn leaving(&self, host: usize) -> Vec<usize> {
        self.on[host].iter().copied().filter(|s| !self.stays(*s, host)).collect()
    }

    /// Servers that stay on a host when it is drained.
    pub(super) fn staying(&self, host: usize) -> Vec<usize> {
        self.on[host].iter().copied().filter(|s| self.stays(*s, host)).collect()
    }

    fn stays(&self, server: usize, host: usize) -> bool {
        let server = &self.index.problem.servers[server];
        server.fate == Fate::Stay
            && server.host == host
            && self.index.problem.hosts[host].role != Role::Spare
    }

    /// The servers on a host, and whether they stay on it.
    pub(super) fn servers_on(&self, host: usize) -> impl Iterator<Item = (usize, bool)> {
        self.on[host].iter().map(move |s| (*s, self.stays(*s, host)))
    }

    pub(super) fn groups_of(&self, server: usize) -> &'p [usize] {
        &self.index.problem.servers[server].groups
    }

    /// How much leaves a host when it is drained.
    pub(super) fn leaves(&self, host: usize, class: usize) -> u64 {
        let at = host * self.index.classes + class;
        self.used[at] - self.index.kept[at]
    }

    /// Whether a server may go to a host, room aside.
    pub(super) fn welcome(&self, server: usize, host: usize) -> bool {
        self.index.problem.permits(server, host) && self.keeps_apart(server, host)
    }

    fn keeps_apart(&self, server: usize, host: usize) -> bool {
        self.index.problem.servers[server].groups.iter().all(|g| {
            self.index.problem.groups[*g]
                .max_per_host
                .is_none_or(|most| self.members_on(*g, host) < most as usize)
        })
    }

    pub(super) fn members_on(&self, group: usize, host: usize) -> usize {
        self.index.members[group].iter().filter(|m| self.place[**m] == host).count()
    }

    pub(super) fn place(&self, server: usize) -> usize {
        self.place[server]
    }

    pub(super) fn go(&mut self, server: usize, to: usize) {
        let from = self.place[server];
        let classes = self.index.classes;
        for (class, need) in self.index.problem.servers[server].need.iter().enumerate() {
            self.used[from * classes + class] -= need;
            self.used[to * classes + class] += need;
        }
        self.on[from].retain(|s| *s != server);
        self.on[to].push(server);
        self.place[server] = to;
    }
}
