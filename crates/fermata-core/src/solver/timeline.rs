//! When each thing happens: plays a wave as it would be carried out, action by action, under the rule by which an impact
//! may begin.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::stock::Index;
use super::{HostPlan, Move, NEVER, Problem, Seconds, Stay};

/// A host that is about to be drained: where the servers that leave it go, and which stay on it.
#[derive(Debug, Clone)]
pub(super) struct Drain {
    pub(super) host: usize,
    pub(super) moves: Vec<(usize, usize)>,
    pub(super) stays: Vec<usize>,
}

/// The time that has passed, and what the groups remember of it.
#[derive(Clone)]
pub(super) struct Timeline<'i, 'p> {
    index: &'i Index<'p>,
    now: Seconds,
    /// When the last impact on each group ended.
    recovers: Vec<Seconds>,
}

/// Something that is done to a server.
struct Action {
    server: usize,
    /// Which of the wave's hosts.
    drain: usize,
    /// Where it goes; `None`: it stays.
    to: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Action(usize),
    Host(usize),
}

impl<'i, 'p> Timeline<'i, 'p> {
    pub(super) fn new(index: &'i Index<'p>) -> Self {
        Self { index, now: 0, recovers: vec![0; index.problem.groups.len()] }
    }

    pub(super) fn now(&self) -> Seconds {
        self.now
    }

    pub(super) fn wait_until(&mut self, at: Seconds) {
        self.now = self.now.max(at);
    }

    /// Plays a wave. Time goes on to its end.
    pub(super) fn wave(&mut self, drains: &[Drain]) -> Vec<HostPlan> {
        let mut wave = Playing::new(self, drains);
        wave.run();
        let Playing { plans, recovers, .. } = wave;
        self.recovers = recovers;
        self.now = plans.iter().map(|plan| plan.ends).max().unwrap_or(self.now).max(self.now);
        plans
    }
}

/// A wave under way.
struct Playing<'p> {
    problem: &'p Problem,
    actions: Vec<Action>,
    plans: Vec<HostPlan>,
    /// Moves of each host that have not ended, and servers that have not been stopped.
    open: Vec<(usize, usize)>,
    /// Actions that wait for a time.
    later: BinaryHeap<Reverse<(Seconds, usize)>>,
    /// Moves that wait for nothing but room among the parallel ones.
    ready: BTreeSet<usize>,
    /// Actions that wait for an impact on this group to end.
    blocked: BTreeMap<usize, Vec<usize>>,
    ends: BinaryHeap<Reverse<(Seconds, End)>>,
    running: u32,
    impacted: Vec<u32>,
    recovers: Vec<Seconds>,
}

impl<'p> Playing<'p> {
    fn new(timeline: &Timeline<'_, 'p>, drains: &[Drain]) -> Self {
        let problem = timeline.index.problem;
        let mut playing = Self {
            problem,
            actions: Vec::new(),
            plans: Vec::new(),
            open: Vec::new(),
            later: BinaryHeap::new(),
            ready: BTreeSet::new(),
            blocked: BTreeMap::new(),
            ends: BinaryHeap::new(),
            running: 0,
            impacted: vec![0; problem.groups.len()],
            recovers: timeline.recovers.clone(),
        };
        for (at, drain) in drains.iter().enumerate() {
            playing.begin(at, drain, timeline.now);
        }
        playing
    }

    fn begin(&mut self, at: usize, drain: &Drain, now: Seconds) {
        let host = &self.problem.hosts[drain.host];
        let begins = now.max(host.not_before);
        let asked = if host.under_way { 0 } else { self.problem.reply };
        self.plans.push(HostPlan {
            host: drain.host,
            begins,
            emptied: begins,
            ends: begins,
            stages: 0,
            moves: Vec::with_capacity(drain.moves.len()),
            stays: Vec::with_capacity(drain.stays.len()),
        });
        self.open.push((drain.moves.len(), drain.stays.len()));
        let touched = begins.saturating_add(asked);
        for (server, to) in &drain.moves {
            self.plan_action(Action { server: *server, drain: at, to: Some(*to) }, touched);
        }
        for server in &drain.stays {
            let action = self.actions.len();
            self.actions.push(Action { server: *server, drain: at, to: None });
            if drain.moves.is_empty() {
                self.wait(action, touched);
            }
        }
        if drain.moves.is_empty() && drain.stays.is_empty() {
            self.emptied(at, begins);
        }
    }

    fn plan_action(&mut self, action: Action, at: Seconds) {
        let number = self.actions.len();
        self.actions.push(action);
        self.wait(number, at);
    }

    fn wait(&mut self, action: usize, at: Seconds) {
        let not_before = self.problem.servers[self.actions[action].server].not_before;
        self.later.push(Reverse((at.max(not_before), action)));
    }

    fn run(&mut self) {
        loop {
            let next_end = self.ends.peek().map(|Reverse((at, _))| *at);
            let next_later = self.later.peek().map(|Reverse((at, _))| *at);
            let Some(now) = next_end.into_iter().chain(next_later).min() else { return };
            while let Some(Reverse((at, end))) = self.ends.peek().copied()
                && at <= now
            {
                self.ends.pop();
                self.ended(end, now);
            }
            while let Some(Reverse((at, action))) = self.later.peek().copied()
                && at <= now
            {
                self.later.pop();
                if self.actions[action].to.is_some() {
                    self.ready.insert(action);
                } else {
                    self.try_to_start(action, now);
                }
            }
            while self.running < self.problem.parallel_actions
                && let Some(action) = self.ready.pop_first()
            {
                self.try_to_start(action, now);
            }
        }
    }

    fn try_to_start(&mut self, action: usize, now: Seconds) {
        match self.in_the_way(action, now) {
            None => self.start(action, now),
            Some(Obstacle::Until(at)) => self.later.push(Reverse((at, action))),
            Some(Obstacle::Impact(group)) => self.blocked.entry(group).or_default().push(action),
        }
    }

    /// What keeps an impact from beginning now.
    fn in_the_way(&self, action: usize, now: Seconds) -> Option<Obstacle> {
        let groups = &self.problem.servers[self.actions[action].server].groups;
        let recovering = groups.iter().map(|g| self.recovers[*g]).max().unwrap_or(0);
        if recovering > now {
            return Some(Obstacle::Until(recovering));
        }
        groups.iter().find_map(|g| {
            let group = &self.problem.groups[*g];
            let busy = group.busy.iter().filter(|until| **until > now);
            let others = u32::try_from(busy.clone().count()).unwrap_or(NEVER);
            if self.impacted[*g].saturating_add(others) < group.limit {
                return None;
            }
            let soonest = busy.filter(|until| **until != NEVER).min();
            Some(match soonest {
                Some(at) if self.impacted[*g] == 0 => Obstacle::Until(*at),
                Some(_) | None => Obstacle::Impact(*g),
            })
        })
    }

    fn start(&mut self, action: usize, now: Seconds) {
        let Action { server, drain, to } = self.actions[action];
        let info = &self.problem.servers[server];
        info.groups.iter().for_each(|g| self.impacted[*g] += 1);
        let ends = now.saturating_add(info.duration);
        let plan = &mut self.plans[drain];
        match to {
            Some(to) => {
                plan.moves.push(Move { server, to, begins: now, ends });
                self.running += 1;
            }
            // Until when is known when the host is back.
            None => plan.stays.push(Stay { server, begins: now, ends: NEVER }),
        }
        self.ends.push(Reverse((ends, End::Action(action))));
    }

    fn ended(&mut self, end: End, now: Seconds) {
        match end {
            End::Action(action) => {
                let Action { server, drain, to } = self.actions[action];
                if to.is_some() {
                    self.running -= 1;
                    self.impact_ended(server, now);
                    self.open[drain].0 -= 1;
                    if self.open[drain].0 == 0 {
                        self.stop_those_that_stay(drain, now);
                    }
                } else {
                    self.open[drain].1 -= 1;
                }
                if self.open[drain] == (0, 0) {
                    self.emptied(drain, now);
                }
            }
            End::Host(drain) => {
                let stays = std::mem::take(&mut self.plans[drain].stays);
                for stay in &stays {
                    self.impact_ended(stay.server, now);
                }
                self.plans[drain].stays =
                    stays.into_iter().map(|stay| Stay { ends: now, ..stay }).collect();
            }
        }
    }

    fn stop_those_that_stay(&mut self, drain: usize, now: Seconds) {
        for action in 0..self.actions.len() {
            if self.actions[action].drain == drain && self.actions[action].to.is_none() {
                self.wait(action, now);
            }
        }
    }

    fn emptied(&mut self, drain: usize, now: Seconds) {
        let stays = &self.plans[drain].stays;
        let start = stays.iter().map(|stay| self.problem.servers[stay.server].duration).max();
        let plan = &mut self.plans[drain];
        plan.emptied = now;
        plan.ends = now
            .saturating_add(self.problem.hosts[plan.host].work)
            .saturating_add(start.unwrap_or(0));
        self.ends.push(Reverse((plan.ends, End::Host(drain))));
        self.plans[drain].stages = self.stages(drain);
    }

    /// So often the servers that leave are more than the limits of their groups allow at once.
    fn stages(&self, drain: usize) -> u32 {
        let moves = &self.plans[drain].moves;
        let mut leaving: BTreeMap<usize, u32> = BTreeMap::new();
        for group in moves.iter().flat_map(|m| &self.problem.servers[m.server].groups) {
            *leaving.entry(*group).or_default() += 1;
        }
        let staged = leaving
            .into_iter()
            .map(|(g, members)| members.div_ceil(self.problem.groups[g].limit.max(1)));
        staged.max().unwrap_or(u32::from(!moves.is_empty()))
    }

    fn impact_ended(&mut self, server: usize, now: Seconds) {
        for g in &self.problem.servers[server].groups {
            self.impacted[*g] -= 1;
            let recovery = self.problem.groups[*g].recovery;
            self.recovers[*g] = self.recovers[*g].max(now.saturating_add(recovery));
            let at = self.recovers[*g];
            let free = self.blocked.remove(g).unwrap_or_default();
            self.later.extend(free.into_iter().map(|action| Reverse((at, action))));
        }
    }
}

/// What keeps an impact from beginning.
enum Obstacle {
    /// Nothing but time.
    Until(Seconds),
    /// An impact on this group.
    Impact(usize),
}
