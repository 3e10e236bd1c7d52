//! Goes through a plan from instant to instant: what is where, who is impacted, how many are acted on.
//!
//! What lasts from `begins` to `ends` is over at `ends`; what begins at that instant comes after it.

use std::collections::BTreeMap;

use fermata_core::solver::{Plan, Problem, Seconds};

/// A server that moves, or that stays and is stopped.
#[derive(Clone, Copy)]
struct Impact {
    server: usize,
    from: usize,
    /// Where it moves to; nowhere if it stays.
    to: Option<usize>,
    begins: Seconds,
    ends: Seconds,
}

/// In the order in which they count within one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    End,
    Begin,
    /// The end of what took no time at all.
    EndAtOnce,
}

/// What is wrong at some instant.
pub fn sweep(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut sweep = Sweep::new(problem);
    sweep.run(plan);
    sweep.findings
}

struct Sweep<'a> {
    problem: &'a Problem,
    /// Per host and class, what is on it and on its way to it. Signed: a plan that is wrong may take away too much.
    used: Vec<Vec<i128>>,
    /// Members of a group on a host and on their way to it.
    members: BTreeMap<(usize, usize), i64>,
    /// Members of each group that are impacted now.
    impacted: Vec<u64>,
    /// When the last impact of each group ended.
    ended: Vec<Option<Seconds>>,
    /// How many servers move now.
    moving: u64,
    findings: Vec<String>,
}

impl<'a> Sweep<'a> {
    fn new(problem: &'a Problem) -> Self {
        let mut used = vec![vec![0; problem.classes.len()]; problem.hosts.len()];
        let mut members = BTreeMap::new();
        for server in &problem.servers {
            for (used, need) in used[server.host].iter_mut().zip(&server.need) {
                *used += i128::from(*need);
            }
            for g in &server.groups {
                *members.entry((*g, server.host)).or_default() += 1;
            }
        }
        let groups = problem.groups.len();
        Self {
            problem,
            used,
            members,
            impacted: vec![0; groups],
            ended: vec![None; groups],
            moving: 0,
            findings: Vec::new(),
        }
    }

    fn run(&mut self, plan: &Plan) {
        let mut turns = Vec::new();
        for impact in impacts(plan) {
            let end = if impact.ends > impact.begins { Turn::End } else { Turn::EndAtOnce };
            turns.push((impact.begins, Turn::Begin, impact));
            turns.push((impact.ends, end, impact));
        }
        turns.sort_by_key(|(at, turn, _)| (*at, *turn));
        for (_, turn, impact) in &turns {
            match turn {
                Turn::Begin => self.begin(impact),
                Turn::End | Turn::EndAtOnce => self.end(impact),
            }
        }
    }

    fn begin(&mut self, impact: &Impact) {
        let (at, s) = (impact.begins, impact.server);
        for g in &self.problem.servers[s].groups {
            let group = &self.problem.groups[*g];
            let others = group.busy.iter().filter(|until| **until > at).count() as u64;
            self.impacted[*g] += 1;
            let together = self.impacted[*g] + others;
            if together > u64::from(group.limit) {
                self.findings.push(format!(
                    "group: {together} of group {g} are impacted at {at}, limit {}",
                    group.limit
                ));
            }
            let rested = self.ended[*g]
                .is_none_or(|ended| u64::from(at) >= u64::from(ended) + u64::from(group.recovery));
            if !rested {
                self.findings.push(format!(
                    "recovery: group {g} has its next impact at {at}, the one before ended at {:?}",
                    self.ended[*g]
                ));
            }
        }
        if let Some(to) = impact.to {
            self.arrive(s, to, at);
            self.moving += 1;
            if self.moving > u64::from(self.problem.parallel_actions) {
                self.findings.push(format!("parallel actions: {} at {at}", self.moving));
            }
        }
    }

    /// A server needs its new place from now on. Who is there from the start has a right to it, whatever the limits.
    fn arrive(&mut self, s: usize, to: usize, at: Seconds) {
        let server = &self.problem.servers[s];
        for (class, need) in server.need.iter().enumerate() {
            self.used[to][class] += i128::from(*need);
            let (used, offers) = (self.used[to][class], self.problem.hosts[to].offers[class]);
            if *need > 0 && used > i128::from(offers) {
                self.findings.push(format!(
                    "capacity: host {to} has {used} of {offers} of class {class} at {at}"
                ));
            }
        }
        for g in &server.groups {
            let members = self.members.entry((*g, to)).or_default();
            *members += 1;
            if self.problem.groups[*g].max_per_host.is_some_and(|most| *members > i64::from(most)) {
                self.findings.push(format!("spread: host {to} has {members} of group {g} at {at}"));
            }
        }
    }

    fn end(&mut self, impact: &Impact) {
        let server = &self.problem.servers[impact.server];
        for g in &server.groups {
            self.impacted[*g] = self.impacted[*g].saturating_sub(1);
            self.ended[*g] = self.ended[*g].max(Some(impact.ends));
        }
        if impact.to.is_some() {
            self.moving = self.moving.saturating_sub(1);
            for (used, need) in self.used[impact.from].iter_mut().zip(&server.need) {
                *used -= i128::from(*need);
            }
            for g in &server.groups {
                *self.members.entry((*g, impact.from)).or_default() -= 1;
            }
        }
    }
}

fn impacts(plan: &Plan) -> impl Iterator<Item = Impact> {
    plan.waves.iter().flat_map(|wave| &wave.hosts).flat_map(|host| {
        let moves = host.moves.iter().map(|step| Impact {
            server: step.server,
            from: host.host,
            to: Some(step.to),
            begins: step.begins,
            ends: step.ends,
        });
        let stays = host.stays.iter().map(|stay| Impact {
            server: stay.server,
            from: host.host,
            to: None,
            begins: stay.begins,
            ends: stay.ends,
        });
        moves.chain(stays)
    })
}
