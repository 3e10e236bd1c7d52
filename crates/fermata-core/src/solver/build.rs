//! A plan from an order of hosts, wave by wave: each wave takes the hosts that come first and fit. Hosts whose servers
//! find no room, or whose groups are impacted by the wave already, are left for a later one.

mod room;

use self::room::{ANY_NUMBER, Targets};
use super::stock::{Index, Stock};
use super::timeline::{Drain, Timeline};
use super::{HostPlan, NEVER, NoPlan, Plan, Problem, Role, Seconds, Wave};

/// What a plan is built from.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// Hosts with lower ranks are tried first; the whole part is the wave that a host is meant for.
    pub(super) rank: Vec<f64>,
    /// So many servers may go to hosts that are still to be done, to make the first wave larger.
    pub(super) displaced: usize,
    /// One host after the other, those with the fewest servers before others.
    pub(super) one_by_one: bool,
    /// How much less full (0 to 1) hosts may seem; full ones are preferred when room is looked for. Empty: none, and hosts
    /// that few servers can go to are kept for these.
    pub(super) whims: Vec<f64>,
}

/// The waves of a plan, and what they cost.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub(super) waves: Vec<Filled>,
    pub(super) moves: usize,
    /// When it ends, if that matters.
    pub(super) ends: Seconds,
    /// Waves in which a host found no room that was to be in it: the class of which there was least, and how much of it
    /// could not be used.
    pub(super) short: Vec<Short>,
}

/// A wave, without times.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    /// It does not begin before.
    pub(super) at: Seconds,
    pub(super) drains: Vec<Drain>,
}

/// A wave in which a host found no room that was to be in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    pub(super) wave: usize,
    /// The class of which there was least.
    pub(super) class: usize,
    /// How much of it was left, in pieces too small.
    pub(super) unused: u64,
}

/// After so many hosts in a row for which there is no room, a wave is full.
const PATIENCE: usize = 64;
/// So many hosts are looked at to find the one that makes the fewest servers move twice.
const CANDIDATES: usize = 500;
/// For so many, room is made by moving things about.
const CARE: usize = 8;

/// Builds a plan.
pub(super) fn build(index: &Index<'_>, order: &Order) -> Result<Built, NoPlan> {
    let mut builder = Builder::new(index, order);
    // Times cost time.
    let timed = index.problem.window.is_some() || builder.due.iter().any(|due| *due > 0);
    let mut waves = Vec::new();
    let mut moves = 0;
    let mut short = Vec::new();
    let mut displaced = order.displaced;
    while !builder.waiting.is_empty() {
        let unused = builder.fill_wave(std::mem::take(&mut displaced), waves.len());
        short.extend(unused);
        if waves.is_empty() && !builder.all_under_way_are_in() {
            return Err(NoPlan { hosts: builder.waiting });
        }
        let drains = builder.take_wave();
        if drains.is_empty() {
            let Some(at) = builder.next_due() else {
                return Err(NoPlan { hosts: builder.waiting });
            };
            builder.timeline.wait_until(at);
            displaced = order.displaced;
            continue;
        }
        moves += drains.iter().map(|drain| drain.moves.len()).sum::<usize>();
        let at = builder.timeline.now();
        if timed {
            builder.timeline.wave(&drains);
        }
        waves.push(Filled { at, drains });
    }
    let ends = builder.timeline.now();
    Ok(Built { waves, moves, ends, short })
}

/// The waves with their times, and their end.
pub(super) fn play(index: &Index<'_>, waves: &[Filled]) -> (Vec<Wave>, Seconds) {
    let mut timeline = Timeline::new(index);
    let play = |filled: &Filled| {
        timeline.wait_until(filled.at);
        Wave { hosts: timeline.wave(&filled.drains) }
    };
    let waves: Vec<Wave> = waves.iter().map(play).collect();
    let ends = waves.iter().flat_map(|wave| &wave.hosts).map(|host| host.ends).max();
    (waves, ends.unwrap_or(0))
}

/// When everything is over if the waves of a plan are played with the times of another problem.
pub(super) fn replay(problem: &Problem, plan: &Plan) -> Seconds {
    let drain = |host: &HostPlan| Drain {
        host: host.host,
        moves: host.moves.iter().map(|m| (m.server, m.to)).collect(),
        stays: host.stays.iter().map(|stay| stay.server).collect(),
    };
    let fill = |wave: &Wave| Filled { at: 0, drains: wave.hosts.iter().map(drain).collect() };
    let waves: Vec<_> = plan.waves.iter().map(fill).collect();
    play(&Index::new(problem), &waves).1
}

/// Where a host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing is to be done with it.
    Spare,
    Waiting,
    /// It waits, and servers of the wave that is being filled go to it.
    Receives,
    InWave,
    Done,
}

struct Builder<'i, 'p, 'o> {
    order: &'o Order,
    index: &'i Index<'p>,
    stock: Stock<'i, 'p>,
    timeline: Timeline<'i, 'p>,
    standing: Vec<Standing>,
    /// Hosts that are still to be done, in order.
    waiting: Vec<usize>,
    /// The wave that is being filled.
    wave: Vec<Drain>,
    /// Members of each group on its hosts.
    members: Vec<Members>,
    /// Groups that have any.
    touched: Vec<usize>,
    /// The groups of each host that is still to be done, with their members there.
    groups: Vec<Vec<(usize, Members)>>,
    /// When it makes sense to begin with each host.
    due: Vec<Seconds>,
    /// Hosts that did not get into the wave only because there is no room.
    no_room: Vec<usize>,
    /// How many in a row.
    failures: usize,
}

/// Members of a group on hosts of a wave.
#[derive(Debug, Clone, Copy, Default)]
struct Members {
    all: u32,
    /// Those that stay on their hosts.
    stay: u32,
}

impl<'i, 'p, 'o> Builder<'i, 'p, 'o> {
    fn new(index: &'i Index<'p>, order: &'o Order) -> Self {
        let hosts = &index.problem.hosts;
        let mut waiting = index.todo.clone();
        waiting.sort_by(|a, b| {
            let rest = |h: usize| !hosts[h].under_way;
            let rank = |h: usize| order.rank[h];
            rest(*a).cmp(&rest(*b)).then(rank(*a).total_cmp(&rank(*b))).then(a.cmp(b))
        });
        let standing = hosts.iter().map(|host| match host.role {
            Role::Spare => Standing::Spare,
            Role::Todo(_) => Standing::Waiting,
        });
        let stock = Stock::new(index);
        let mut groups = vec![Vec::new(); hosts.len()];
        let mut due = vec![0; hosts.len()];
        for host in &index.todo {
            groups[*host] = members_on(&stock, *host);
            due[*host] = when_due(index, *host);
        }
        Self {
            order,
            index,
            stock,
            timeline: Timeline::new(index),
            standing: standing.collect(),
            waiting,
            wave: Vec::new(),
            members: vec![Members::default(); index.problem.groups.len()],
            touched: Vec::new(),
            groups,
            due,
            no_room: Vec::new(),
            failures: 0,
        }
    }

    fn all_under_way_are_in(&self) -> bool {
        !self.waiting.iter().any(|h| self.index.problem.hosts[*h].under_way && !self.in_wave(*h))
    }

    fn in_wave(&self, host: usize) -> bool {
        self.standing[host] == Standing::InWave
    }

    fn fill_wave(&mut self, displaced: usize, wave: usize) -> Option<Short> {
        if self.order.one_by_one {
            let (hosts, stock) = (&self.index.problem.hosts, &self.stock);
            let first = |h: &usize| (!hosts[*h].under_way, stock.leaving(*h).len());
            self.waiting.sort_by_key(first);
        }
        let mut targets = Targets { settled: self.settled(), later: None };
        self.fill(&mut targets, &self.waiting.clone());
        if displaced > 0 {
            targets.later = Some((self.later(), displaced));
            self.fill(&mut targets, &self.waiting.clone());
        }
        if self.wave.is_empty() && self.next_due().is_none() {
            self.begin_somewhere(&mut targets);
            targets.later = None;
            self.fill(&mut targets, &self.waiting.clone());
        }
        let left_out = self
            .no_room
            .iter()
            .any(|h| !self.in_wave(*h) && self.order.rank[*h] < (wave + 1) as f64);
        self.no_room.clear();
        let classes = (0..self.index.classes).map(|class| (targets.settled.total(class), class));
        let scarce = |class: usize| {
            let offered: u64 = self.index.problem.hosts.iter().map(|h| h.offers[class]).sum();
            targets.settled.total(class) as f64 / offered.max(1) as f64
        };
        let least = classes.min_by(|a, b| scarce(a.1).total_cmp(&scarce(b.1)));
        least.filter(|_| left_out).map(|(unused, class)| Short { wave, class, unused })
    }

    /// Where nothing has room, the host goes first that makes the fewest servers move twice.
    fn begin_somewhere(&mut self, targets: &mut Targets) {
        targets.later = Some((self.later(), ANY_NUMBER));
        let mut hosts = self.waiting.clone();
        // Stable: among hosts with as many servers, the order decides.
        hosts.sort_by_key(|h| self.stock.leaving(*h).len());
        let mut best: Option<(usize, usize)> = None;
        for host in hosts.into_iter().take(CANDIDATES) {
            if best.is_some_and(|(twice, _)| twice <= 1) {
                break;
            }
            if let Some(twice) = self.would_move_twice(host, targets)
                && best.is_none_or(|(least, _)| twice < least)
            {
                best = Some((twice, host));
            }
        }
        if let Some((_, host)) = best {
            self.fill(targets, &[host]);
        }
    }

    /// How many servers would go to hosts that are to be done, if this one went first.
    fn would_move_twice(&mut self, host: usize, targets: &mut Targets) -> Option<usize> {
        if !self.may_join(host) {
            return None;
        }
        let drain = self.place(host, targets)?;
        let waits = |(_, to): &&(usize, usize)| self.waits(*to);
        let twice = drain.moves.iter().filter(waits).count();
        self.take_back(host, drain.moves, targets);
        Some(twice)
    }

    /// Whether a host is still to be done, and not in this wave.
    fn waits(&self, host: usize) -> bool {
        matches!(self.standing[host], Standing::Waiting | Standing::Receives)
    }

    /// Whether a host may join the wave, if there is room for its servers.
    fn may_join(&self, host: usize) -> bool {
        let info = &self.index.problem.hosts[host];
        self.wave.len() < self.index.problem.parallel_hosts as usize
            && (self.wave.is_empty() || !self.order.one_by_one || info.under_way)
            && self.standing[host] == Standing::Waiting
            && self.may_begin(host)
            && self.groups[host].iter().all(|(group, of)| self.group_allows(*group, *of))
    }

    /// Takes hosts into the wave, in order, as long as they fit.
    fn fill(&mut self, targets: &mut Targets, hosts: &[usize]) {
        self.failures = 0;
        for host in hosts {
            if self.failures >= PATIENCE {
                return;
            }
            if !self.may_join(*host) {
                continue;
            }
            if let Some(drain) = self.place(*host, targets) {
                for (_, to) in &drain.moves {
                    if self.waits(*to) {
                        self.standing[*to] = Standing::Receives;
                        self.groups[*to] = members_on(&self.stock, *to);
                    }
                }
                for (group, of) in std::mem::take(&mut self.groups[*host]) {
                    if self.members[group].all == 0 {
                        self.touched.push(group);
                    }
                    self.members[group].all += of.all;
                    self.members[group].stay += of.stay;
                }
                self.standing[*host] = Standing::InWave;
                self.wave.push(drain);
                self.failures = 0;
            } else {
                self.no_room.push(*host);
                self.failures += 1;
            }
        }
    }

    /// The wave is full: its hosts are done when the next one is filled.
    fn take_wave(&mut self) -> Vec<Drain> {
        for group in self.touched.drain(..) {
            self.members[group] = Members::default();
        }
        self.waiting.retain(|host| self.standing[*host] != Standing::InWave);
        for standing in &mut self.standing {
            *standing = match *standing {
                Standing::InWave => Standing::Done,
                Standing::Receives => Standing::Waiting,
                standing @ (Standing::Spare | Standing::Waiting | Standing::Done) => standing,
            };
        }
        std::mem::take(&mut self.wave)
    }

    // --- when

    fn may_begin(&self, host: usize) -> bool {
        let info = &self.index.problem.hosts[host];
        let now = self.timeline.now();
        (info.under_way || self.due[host] <= now)
            && info
                .after
                .iter()
                .all(|h| matches!(self.standing[*h], Standing::Done | Standing::Spare))
    }

    /// When a host becomes due that was not yet.
    fn next_due(&self) -> Option<Seconds> {
        let due = self.waiting.iter().map(|h| self.due[*h]);
        due.filter(|at| *at > self.timeline.now() && *at != NEVER).min()
    }

    // --- whether

    /// Whether a wave that impacts so many members already may impact these as well.
    fn group_allows(&self, group: usize, of: Members) -> bool {
        let limit = self.index.limit[group];
        let in_wave = self.members[group];
        let at_once = limit.saturating_mul(self.index.problem.stages);
        limit > 0
            && in_wave.stay + of.stay <= limit
            && (in_wave.all == 0 || in_wave.all + of.all <= at_once)
    }
}

/// When it makes sense to begin with a host: its servers are not touched before their times.
fn when_due(index: &Index<'_>, host: usize) -> Seconds {
    let problem = index.problem;
    let touched = index.on[host].iter().map(|s| problem.servers[*s].not_before);
    let touched = touched.max().unwrap_or(0).saturating_sub(problem.reply);
    touched.max(problem.hosts[host].not_before)
}

/// How many members of which groups are on a host.
fn members_on(stock: &Stock<'_, '_>, host: usize) -> Vec<(usize, Members)> {
    let mut members: Vec<(usize, Members)> = Vec::new();
    for (server, stays) in stock.servers_on(host) {
        let stay = u32::from(stays);
        for group in stock.groups_of(server) {
            match members.iter_mut().find(|(of, _)| of == group) {
                Some((_, of)) => *of = Members { all: of.all + 1, stay: of.stay + stay },
                None => members.push((*group, Members { all: 1, stay })),
            }
        }
    }
    members
}
