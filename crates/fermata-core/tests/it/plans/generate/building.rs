//! Builds a site, one step after the other: hosts, servers on them, where these may be, groups, who stays, and when.

use fermata_core::id::{HostName, ServerId};
use fermata_core::solver::{Fate, Group, Host, HostSet, NEVER, Problem, Role, Server};
use fermata_core::spec::Kind;

use super::{Dice, Site};

/// Resource classes every site has.
const CLASSES: [&str; 3] = ["VCPU", "MEMORY_MB", "DISK_GB"];
/// One that only some hosts of some sites have.
const CUSTOM: &str = "CUSTOM_ACCELERATOR";
/// What a flavour takes of `CLASSES`, and how many servers of a hundred have it.
const FLAVOURS: [([u64; 3], u64); 6] = [
    ([1, 2_048, 10], 30),
    ([2, 4_096, 20], 30),
    ([4, 8_192, 40], 20),
    ([8, 16_384, 80], 10),
    ([4, 24_576, 40], 6),
    ([2, 4_096, 200], 4),
];
/// Percent of what the flavours take on average that hosts have of each class: sites are short of one thing first.
const PROVISION: [u64; 3] = [100, 108, 125];

/// A site that is being built.
pub struct Building<'a> {
    site: &'a Site,
    dice: Dice,
    /// Servers on each host.
    on: Vec<Vec<usize>>,
}

impl<'a> Building<'a> {
    pub fn new(site: &'a Site) -> Self {
        Self { site, dice: Dice::new(site.seed), on: Vec::new() }
    }

    pub fn problem(mut self) -> Problem {
        let mut problem = self.hosts();
        self.servers(&mut problem);
        self.places(&mut problem);
        self.groups(&mut problem);
        self.stays(&mut problem);
        self.times(&mut problem);
        self.faults(&mut problem);
        problem
    }

    /// Hosts, still without servers. The empty ones come first, then the others that are spare.
    fn hosts(&mut self) -> Problem {
        let site = self.site;
        let mut classes: Vec<_> = CLASSES.iter().map(|class| (*class).to_owned()).collect();
        if site.custom > 0 {
            classes.push(CUSTOM.to_owned());
        }
        let offers: Vec<u64> = (0..CLASSES.len())
            .map(|class| {
                let hundred: u64 = FLAVOURS.iter().map(|(need, share)| need[class] * share).sum();
                let used = hundred * site.servers_per_host as u64 * PROVISION[class] / 100;
                // Room for the biggest flavour, if nothing else.
                let most = FLAVOURS.iter().map(|(need, _)| need[class]).max().unwrap_or(0);
                (used / site.fill).max(most)
            })
            .collect();
        let hosts = (0..site.hosts)
            .map(|h| {
                let bigger = site.two_types && h % 2 == 1;
                let mut offers: Vec<_> =
                    offers.iter().map(|amount| amount * if bigger { 3 } else { 2 } / 2).collect();
                if site.custom > 0 {
                    offers.push(if self.dice.chance(site.custom) { 4 } else { 0 });
                }
                let todo = h >= site.spare;
                let retired = todo && h >= site.hosts - site.retired.min(site.hosts - site.spare);
                Host {
                    name: HostName(format!("host-{h:04}")),
                    offers,
                    role: match (todo, retired) {
                        (false, _) => Role::Spare,
                        (true, false) => Role::Todo(Kind::Temporary),
                        (true, true) => Role::Todo(Kind::Retirement),
                    },
                    takes: true,
                    under_way: todo && h - site.spare < site.under_way,
                    work: self.dice.seconds(300, 1_800),
                    not_before: 0,
                    after: Vec::new(),
                }
            })
            .collect();
        Problem {
            classes,
            hosts,
            servers: Vec::with_capacity(site.hosts * site.servers_per_host),
            groups: Vec::new(),
            placements: vec![(0..site.hosts).collect()],
            parallel_hosts: site.parallel_hosts,
            parallel_actions: site.parallel_actions,
            reply: site.reply,
            window: None,
            stages: site.stages,
            second_moves: site.second_moves,
            seed: site.seed,
            effort: site.effort,
        }
    }

    /// Fills hosts with servers, each a bit more or less than the others.
    fn servers(&mut self, problem: &mut Problem) {
        self.on = vec![Vec::new(); problem.hosts.len()];
        for h in self.site.empty..problem.hosts.len() {
            let percent = (self.site.fill + 8).min(97) - self.dice.any() % 16;
            let room: Vec<u64> =
                problem.hosts[h].offers.iter().map(|offer| offer * percent / 100).collect();
            let mut used = vec![0; room.len()];
            // So many that did not fit: the host counts as full then.
            let mut misses = 0;
            while misses < 12 {
                let need = self.flavour(room.get(CLASSES.len()).copied());
                if need.iter().zip(&used).zip(&room).any(|((need, used), room)| used + need > *room)
                {
                    misses += 1;
                    continue;
                }
                used.iter_mut().zip(&need).for_each(|(used, need)| *used += need);
                self.on[h].push(problem.servers.len());
                problem.servers.push(Server {
                    id: ServerId(format!("server-{:06}", problem.servers.len())),
                    host: h,
                    need,
                    placement: 0,
                    groups: Vec::new(),
                    fate: Fate::Move,
                    duration: self.dice.seconds(5, 120),
                    not_before: 0,
                });
            }
        }
    }

    /// What a server takes; `custom` is there if the site has the custom class, and says how much the host has.
    fn flavour(&mut self, custom: Option<u64>) -> Vec<u64> {
        let mut at = self.dice.any() % 100;
        let found = FLAVOURS.iter().find(|(_, share)| {
            let here = at < *share;
            at = at.saturating_sub(*share);
            here
        });
        let mut need = found.map_or(FLAVOURS[0].0, |(need, _)| *need).to_vec();
        if let Some(offer) = custom {
            need.push(u64::from(offer > 0 && self.dice.chance(20)));
        }
        need
    }

    /// Zones and aggregates: some servers are bound to one that their host is in.
    fn places(&mut self, problem: &mut Problem) {
        let hosts = problem.hosts.len();
        let zones = self.site.zones;
        if zones > 1 {
            problem.placements.extend((0..zones).map(|z| (z..hosts).step_by(zones).collect()));
        }
        let first = problem.placements.len();
        for _ in 0..self.site.aggregates {
            let share = self.dice.between(30, 80) as u64;
            let hosts: HostSet = (0..hosts).filter(|_| self.dice.chance(share)).collect();
            problem.placements.push(hosts);
        }
        if problem.placements.len() == 1 {
            return;
        }
        for server in &mut problem.servers {
            let aggregate =
                self.dice.between(first.saturating_sub(1), problem.placements.len() - 1);
            if aggregate >= first && problem.placements[aggregate].has(server.host) {
                server.placement = aggregate;
            } else if zones > 1 && self.dice.chance(50) {
                server.placement = 1 + server.host % zones;
            }
        }
    }

    /// Groups across hosts, and groups on one host.
    fn groups(&mut self, problem: &mut Problem) {
        let mut order: Vec<_> = (0..problem.servers.len()).collect();
        self.dice.shuffle(&mut order);
        order.truncate(order.len() * self.site.grouped as usize / 100);
        let mut rest = order.as_slice();
        while rest.len() >= 2 {
            let (members, others) = rest.split_at(self.dice.between(2, 8).min(rest.len()));
            rest = others;
            let spread = self.dice.chance(self.site.spread).then(|| self.dice.between(1, 2) as u32);
            self.group(problem, members.to_vec(), spread);
        }
        for h in 0..problem.hosts.len() {
            if self.dice.chance(self.site.colocated) && self.on[h].len() >= 2 {
                let mut members = self.on[h].clone();
                self.dice.shuffle(&mut members);
                members.truncate(self.dice.between(2, 5));
                self.group(problem, members, None);
            }
        }
    }

    fn group(&mut self, problem: &mut Problem, mut members: Vec<usize>, spread: Option<u32>) {
        if let Some(most) = spread {
            let mut hosts: Vec<usize> = Vec::new();
            members.retain(|s| {
                let host = problem.servers[*s].host;
                hosts.push(host);
                hosts.iter().filter(|other| **other == host).count() <= most as usize
            });
        }
        let most = if self.site.limit_one { 1 } else { members.len().saturating_sub(1).max(1) };
        let limit = self.dice.between(1, most) as u32;
        let recovery =
            if self.dice.chance(self.site.recovery) { self.dice.seconds(1, 120) } else { 0 };
        let mut busy = Vec::new();
        if self.dice.chance(self.site.busy) {
            busy.push(self.dice.seconds(1, 900));
            // One that may never end is harmless where another member may be impacted beside it.
            if limit > 1 && self.dice.chance(50) {
                busy.push(NEVER);
            }
        }
        let smaller = (1..members.len()).map(|fewer| limit.saturating_sub(fewer as u32 / 2));
        let smaller = smaller.collect();
        let group = problem.groups.len();
        for s in members {
            problem.servers[s].groups.push(group);
        }
        let name = format!("group-{group}");
        problem.groups.push(Group { name, limit, smaller, recovery, max_per_host: spread, busy });
    }

    /// Servers that stay, no more on one host than their groups allow.
    fn stays(&mut self, problem: &mut Problem) {
        if self.site.stays == 0 {
            return;
        }
        for h in 0..problem.hosts.len() {
            if problem.hosts[h].role != Role::Todo(Kind::Temporary) {
                continue;
            }
            let mut kept: Vec<usize> = Vec::new();
            for s in &self.on[h] {
                let server = &mut problem.servers[*s];
                let fits = server.groups.iter().all(|g| {
                    let group = &problem.groups[*g];
                    let forever = group.busy.iter().filter(|until| **until == NEVER).count();
                    kept.iter().filter(|k| *k == g).count() + forever < group.limit as usize
                });
                if fits && self.dice.chance(self.site.stays) {
                    server.fate = Fate::Stay;
                    kept.extend(&server.groups);
                }
            }
        }
    }

    /// Times before which nothing happens, and hosts that come after others.
    fn times(&mut self, problem: &mut Problem) {
        let share = self.site.ordered;
        if share == 0 {
            return;
        }
        for server in &mut problem.servers {
            if self.dice.chance(share / 4) {
                server.not_before = self.dice.seconds(1, 7_200);
            }
        }
        for h in 0..problem.hosts.len() {
            let host = &mut problem.hosts[h];
            if host.role == Role::Spare || host.under_way {
                continue;
            }
            if self.dice.chance(share) {
                host.not_before = self.dice.seconds(1, 7_200);
            }
            if h > self.site.spare && self.dice.chance(share) {
                host.after.push(self.dice.between(self.site.spare, h - 1));
            }
        }
    }

    /// Hosts that take nothing, and hosts that have more on them than they offer.
    fn faults(&mut self, problem: &mut Problem) {
        for h in 0..problem.hosts.len() {
            problem.hosts[h].takes = !self.dice.chance(self.site.closed);
            if self.dice.chance(self.site.overfull) {
                let used: u64 = self.on[h].iter().map(|s| problem.servers[*s].need[1]).sum();
                problem.hosts[h].offers[1] = used * 9 / 10;
            }
        }
    }
}
