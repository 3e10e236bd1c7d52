//! What no plan can beat.

use super::stock::{Index, Stock};
use super::{Fate, Role, Seconds};

/// Lower bounds on a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// On the number of moves.
    pub moves: usize,
    /// On the number of waves, for a plan with no more moves than the one it stands beside.
    pub waves: usize,
    /// What the bound on waves comes from.
    pub waves_by: WaveBound,
    /// On the time that everything takes, in seconds.
    pub ends: Seconds,
}

/// What bounds the number of waves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaveBound {
    /// There is something to do at all.
    Work,
    /// So many hosts may be out of service at once.
    Parallelism,
    /// What is in use has to fit beside the hosts of a wave, in this resource class (by index).
    Capacity(usize),
    /// Servers go only where there is room on hosts that are done or not to be done, and only hosts that are done add to
    /// it, in this resource class (by index).
    Growth(usize),
    /// The members of this group (by index) are on too many hosts for its limit.
    Group(usize),
    /// No two of so many hosts fit in one wave, for the limits of groups.
    Clique,
    /// Hosts come after others; the longest such chain.
    Order,
}

/// A host that is to be done, in figures.
pub(super) struct Figures {
    pub(super) host: usize,
    /// What leaves it, per class.
    pub(super) leaving: Vec<u64>,
    /// What it gives room for when it is done, per class.
    pub(super) returns: Vec<u64>,
    /// What it takes away while it is out of service, per class.
    out: Vec<u64>,
    /// Its groups, with members that are on it, and how many of them stay.
    pub(super) groups: Vec<(usize, u32, u32)>,
    /// How many servers leave it.
    pub(super) movers: usize,
    /// The least time it takes.
    least: Seconds,
}

/// A problem in figures: what bounds and search look at instead of servers.
pub(super) struct Outline {
    pub(super) hosts: Vec<Figures>,
    /// Room on hosts that are not to be done, per class.
    pub(super) room: Vec<u64>,
    /// What is free in all, per class.
    free: Vec<u64>,
    /// How many members of a group a wave may impact.
    pub(super) at_once: Vec<u32>,
    /// How many members of a group may be down at once.
    pub(super) limit: Vec<u32>,
}

impl Outline {
    pub(super) fn new(index: &Index<'_>) -> Self {
        let problem = index.problem;
        let stock = Stock::new(index);
        let classes = 0..index.classes;
        let used = |h: usize, class: usize| -> u64 {
            index.on[h].iter().map(|s| problem.servers[*s].need[class]).sum()
        };
        let sum = |servers: &[usize], class: usize| -> u64 {
            servers.iter().map(|s| problem.servers[*s].need[class]).sum()
        };
        let hosts = index.todo.iter().map(|h| {
            let host = &problem.hosts[*h];
            let (leaving, staying) = (stock.leaving(*h), stock.staying(*h));
            let kept: Vec<u64> = classes.clone().map(|c| sum(&staying, c)).collect();
            let returns = classes.clone().map(|c| {
                if problem.takes_when_done(*h) { host.offers[c].saturating_sub(kept[c]) } else { 0 }
            });
            let out = classes.clone().map(|c| {
                let held = if host.takes { host.offers[c].max(used(*h, c)) } else { used(*h, c) };
                held - kept[c]
            });
            let mut groups: Vec<(usize, u32, u32)> = Vec::new();
            for s in leaving.iter().chain(&staying) {
                let stays = u32::from(problem.servers[*s].fate == Fate::Stay);
                for g in &problem.servers[*s].groups {
                    match groups.iter_mut().find(|(of, ..)| of == g) {
                        Some((_, all, stay)) => (*all, *stay) = (*all + 1, *stay + stays),
                        None => groups.push((*g, 1, stays)),
                    }
                }
            }
            let longest = |servers: &[usize]| {
                servers.iter().map(|s| problem.servers[*s].duration).max().unwrap_or(0)
            };
            let asked = if index.on[*h].is_empty() || host.under_way { 0 } else { problem.reply };
            let spans = [asked, longest(&leaving), longest(&staying), longest(&staying), host.work];
            Figures {
                host: *h,
                leaving: classes.clone().map(|c| sum(&leaving, c)).collect(),
                returns: returns.collect(),
                out: out.collect(),
                groups,
                movers: leaving.len(),
                least: spans.into_iter().fold(0, Seconds::saturating_add),
            }
        });
        let hosts: Vec<Figures> = hosts.collect();
        let all = 0..problem.hosts.len();
        let taking = |spare_only: bool| {
            let all = all.clone();
            classes.clone().map(move |c| {
                all.clone()
                    .filter(|h| problem.hosts[*h].takes)
                    .filter(|h| !spare_only || problem.hosts[*h].role == Role::Spare)
                    .map(|h| problem.hosts[h].offers[c].saturating_sub(used(h, c)))
                    .sum()
            })
        };
        Self {
            room: taking(true).collect(),
            free: taking(false).collect(),
            at_once: index.limit.iter().map(|l| l.saturating_mul(problem.stages)).collect(),
            limit: index.limit.clone(),
            hosts,
        }
    }

    /// The bounds for a plan in which so many servers move.
    pub(super) fn bounds(&self, index: &Index<'_>, moves: usize) -> Bounds {
        let fewest = self.moves(index);
        let once: usize = self.hosts.iter().map(|h| h.movers).sum();
        let (waves, waves_by) = self.waves(index, moves.saturating_sub(once));
        Bounds { moves: fewest, waves, waves_by, ends: self.ends(index, waves) }
    }

    /// Every server that leaves moves once. Where even the first host to be drained has servers that find no room on
    /// hosts that are settled, these go to hosts that are to be done, and so move again.
    pub(super) fn moves(&self, index: &Index<'_>) -> usize {
        let once: usize = self.hosts.iter().map(|h| h.movers).sum();
        let mut room = self.room.clone();
        for host in self.hosts.iter().filter(|h| h.movers == 0) {
            room.iter_mut().zip(&host.returns).for_each(|(room, returns)| *room += returns);
        }
        let twice = self.hosts.iter().filter(|h| h.movers > 0).map(|host| {
            let least = (0..index.classes).map(|c| {
                let on = index.on[host.host].iter();
                let servers = on.map(|s| &index.problem.servers[*s]);
                let mut needs: Vec<u64> =
                    servers.filter(|s| s.fate == Fate::Move).map(|s| s.need[c]).collect();
                needs.sort_unstable();
                let mut left = room[c];
                let fit = needs.iter().take_while(|need| {
                    let fits = **need <= left;
                    left = left.saturating_sub(**need);
                    fits
                });
                needs.len() - fit.count()
            });
            least.max().unwrap_or(0)
        });
        once + twice.min().unwrap_or(0)
    }

    /// `twice`: how many servers may go to hosts that are still to be done.
    fn waves(&self, index: &Index<'_>, twice: usize) -> (usize, WaveBound) {
        let problem = index.problem;
        let n = self.hosts.len();
        let mut best = (n.min(1), WaveBound::Work);
        let mut offer = |waves: usize, by: WaveBound| {
            if waves > best.0 {
                best = (waves, by);
            }
        };
        offer(n.div_ceil(problem.parallel_hosts.max(1) as usize), WaveBound::Parallelism);
        for class in 0..index.classes {
            let out: u64 = self.hosts.iter().map(|h| h.out[class]).sum();
            if let Some(waves) = out.div_ceil(self.free[class].max(1)).try_into().ok()
                && self.free[class] > 0
            {
                offer(waves, WaveBound::Capacity(class));
            }
            offer(self.growth(index, class, twice), WaveBound::Growth(class));
        }
        let on = self.hosts_of_groups();
        for (g, hosts) in on.iter().enumerate() {
            offer(self.group(g, hosts), WaveBound::Group(g));
        }
        offer(self.clique(&on), WaveBound::Clique);
        offer(chain(index), WaveBound::Order);
        best
    }

    /// Hosts with the most room for what leaves them go first, in parts if need be: no order makes room faster.
    fn growth(&self, index: &Index<'_>, class: usize, twice: usize) -> usize {
        let mut needs: Vec<u64> = self
            .hosts
            .iter()
            .flat_map(|h| &index.on[h.host])
            .map(|s| index.problem.servers[*s].need[class])
            .collect();
        needs.sort_unstable_by(|a, b| b.cmp(a));
        let elsewhere: u64 = needs.iter().take(twice).sum();
        let start = self.room[class] + elsewhere;
        let mut hosts: Vec<(u64, u64)> =
            self.hosts.iter().map(|h| (h.leaving[class], h.returns[class])).collect();
        let cross = |a: u64, b: u64| u128::from(a) * u128::from(b);
        // Empty ones first, those that give no room last.
        let sort = |host: &(u64, u64)| u8::from(host.0 > 0) + u8::from(host.0 > 0 && host.1 == 0);
        hosts.sort_by(|a, b| sort(a).cmp(&sort(b)).then(cross(a.0, b.1).cmp(&cross(b.0, a.1))));
        let total: u64 = hosts.iter().map(|(leaving, _)| leaving).sum();
        let mut left = 0;
        let mut waves = 1;
        while left < total {
            // What the hosts done so far give room for; the last one in part, rounded in favour of the bound.
            let mut given = 0_u128;
            let mut rest = left;
            for (leaving, returns) in &hosts {
                if *leaving <= rest {
                    given += u128::from(*returns);
                    rest -= leaving;
                } else {
                    given += (cross(*returns, rest)).div_ceil(u128::from(*leaving));
                    break;
                }
            }
            let given = if waves == 1 { 0 } else { u64::try_from(given).unwrap_or(u64::MAX) };
            let next = start.saturating_add(given).min(total);
            if next <= left && waves > 1 {
                // Nothing more fits: there is no plan, and no bound.
                return 0;
            }
            left = next;
            if left < total {
                waves += 1;
            }
        }
        waves
    }

    /// For each group, its hosts (as places in the outline) with members and those that stay.
    pub(super) fn hosts_of_groups(&self) -> Vec<Vec<(usize, u32, u32)>> {
        let mut on = vec![Vec::new(); self.limit.len()];
        for (at, host) in self.hosts.iter().enumerate() {
            for (g, all, stay) in &host.groups {
                on[*g].push((at, *all, *stay));
            }
        }
        on
    }

    fn group(&self, g: usize, hosts: &[(usize, u32, u32)]) -> usize {
        let (at_once, limit) = (self.at_once[g].max(1), self.limit[g].max(1));
        let all: u64 = hosts.iter().map(|(_, all, _)| u64::from(*all.min(&at_once))).sum();
        let stay: u64 = hosts.iter().map(|(_, _, stay)| u64::from(*stay)).sum();
        let alone = hosts.iter().filter(|(_, all, _)| all.saturating_mul(2) > at_once).count();
        let waves = all.div_ceil(u64::from(at_once)).max(stay.div_ceil(u64::from(limit)));
        usize::try_from(waves).unwrap_or(usize::MAX).max(alone)
    }

    /// Whether these members of a group, and those that stay of them, are too many beside those in a wave already.
    pub(super) fn is_too_many(&self, g: usize, there: (u32, u32), more: (u32, u32)) -> bool {
        (there.0 > 0 && there.0.saturating_add(more.0) > self.at_once[g])
            || there.1.saturating_add(more.1) > self.limit[g]
    }

    /// Whether two hosts (as places in the outline) cannot be in one wave.
    fn exclude(&self, a: usize, b: usize) -> bool {
        let other = &self.hosts[b].groups;
        self.hosts[a].groups.iter().any(|(g, all, stay)| {
            let same = other.iter().filter(|(of, ..)| of == g);
            same.into_iter()
                .any(|(_, more, stays)| self.is_too_many(*g, (*all, *stay), (*more, *stays)))
        })
    }

    /// Hosts of which no two fit into one wave, grown from the groups that exclude most.
    fn clique(&self, on: &[Vec<(usize, u32, u32)>]) -> usize {
        /// Groups to grow from.
        const SEEDS: usize = 20;
        let mut groups: Vec<_> = (0..on.len()).map(|g| (self.group(g, &on[g]), g)).collect();
        groups.sort_by(|a, b| b.cmp(a));
        let grow = |g: usize| {
            let mut clique: Vec<usize> = Vec::new();
            let near = |at: usize| self.hosts[at].groups.iter().flat_map(|(g, ..)| &on[*g]);
            let first = on[g].iter().map(|(at, ..)| *at);
            let second =
                on[g].first().into_iter().flat_map(|(at, ..)| near(*at).map(|(at, ..)| *at));
            for at in first.chain(second) {
                if !clique.contains(&at) && clique.iter().all(|other| self.exclude(at, *other)) {
                    clique.push(at);
                }
            }
            clique.len()
        };
        groups.iter().take(SEEDS).map(|(_, g)| grow(*g)).max().unwrap_or(0)
    }

    /// How little room a host gives for what leaves it, in the class of which there is least: 0 for an empty host.
    pub(super) fn fullness(&self, index: &Index<'_>) -> Vec<f64> {
        let share = |class: usize| {
            let leaving: u64 = self.hosts.iter().map(|h| h.leaving[class]).sum();
            let returns: u64 = self.hosts.iter().map(|h| h.returns[class]).sum();
            leaving as f64 / (returns + self.room[class]).max(1) as f64
        };
        let scarcest = (0..index.classes).max_by(|a, b| share(*a).total_cmp(&share(*b)));
        let of = |host: &Figures| match scarcest {
            Some(class) if host.leaving[class] > 0 => {
                // One that gives no room at all comes last.
                host.leaving[class] as f64 / host.returns[class].max(1) as f64
            }
            Some(_) | None => 0.0,
        };
        self.hosts.iter().map(|host| of(host).min(2.0)).collect()
    }

    /// How many other hosts a host excludes from its wave through its groups, from 0 to 1.
    pub(super) fn ties(&self) -> Vec<f64> {
        let on = self.hosts_of_groups();
        let of = |host: &Figures| -> f64 {
            let groups = host.groups.iter().map(|(g, all, _)| {
                let members: u32 = on[*g].iter().map(|(_, all, _)| all).sum();
                f64::from(members - all) / f64::from(self.at_once[*g].max(1))
            });
            groups.sum()
        };
        let ties: Vec<f64> = self.hosts.iter().map(of).collect();
        let most = ties.iter().copied().fold(1.0, f64::max);
        ties.into_iter().map(|tie| tie / most).collect()
    }

    fn ends(&self, index: &Index<'_>, waves: usize) -> Seconds {
        let problem = index.problem;
        let mut least: Vec<Seconds> = self.hosts.iter().map(|h| h.least).collect();
        least.sort_unstable();
        let one_by_one = least.iter().take(waves).fold(0, |a: Seconds, b| a.saturating_add(*b));
        let longest = self.hosts.iter().map(|h| {
            let at = problem.hosts[h.host].not_before;
            (if problem.hosts[h.host].under_way { 0 } else { at }).saturating_add(h.least)
        });
        one_by_one.max(longest.max().unwrap_or(0))
    }
}

/// How many hosts the longest chain has in which each comes after the one before.
fn chain(index: &Index<'_>) -> usize {
    let hosts = &index.problem.hosts;
    let mut length = vec![0_usize; hosts.len()];
    // As many rounds as the longest chain has links; a circle has no plan, and ends at the number of hosts.
    for _ in 0..index.todo.len() {
        let mut changed = false;
        for h in &index.todo {
            let before = hosts[*h].after.iter().map(|b| length[*b]).max().unwrap_or(0);
            changed |= length[*h] < before + 1;
            length[*h] = length[*h].max(before + 1);
        }
        if !changed {
            break;
        }
    }
    length.into_iter().max().unwrap_or(0).min(index.todo.len())
}
