//! Why there is no plan: a smallest set of constraints that exclude each other, and what would help.

use std::mem::discriminant;

use super::{NEVER, NoPlan, Plan, Problem, Role, Seconds, search};

/// Why there is no plan, as far as the planner can tell: where sites are nearly full, it may miss one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Constraints that cannot all be met, whatever becomes of the others; without any one of them, the rest can. Empty:
    /// there is no other host at all.
    pub constraints: Vec<Constraint>,
    /// Whether it is known that none of them can be left out. On a large site that would take too long to find out, where
    /// many are in conflict.
    pub smallest: bool,
    /// Hosts that cannot be drained under these constraints, or not in time, by index, ascending.
    pub hosts: Vec<usize>,
    /// Changes that would make a plan possible, the one that ends first before the others.
    pub relaxations: Vec<Relaxation>,
}

/// Something that a plan has to keep, and that somebody could give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constraint {
    /// The limit of a group (by index), recovery time and what impacts it already included.
    GroupLimit(usize),
    /// How many members of a group (by index) may be on one host.
    GroupSpread(usize),
    /// Where servers with this placement (by index) may be.
    Placement(usize),
    /// A server (by index) stays on its host.
    Stay(usize),
    /// Room in a resource class (by index).
    Capacity(usize),
    /// Hosts that are down or disabled take no servers.
    Takes,
    /// How many hosts may be out of service at once.
    ParallelHosts,
    /// How many servers may be acted on at once.
    ParallelActions,
    /// Hosts and servers are not touched before their times, and hosts come after others.
    Order,
    /// Everything has to be over by a time.
    Window,
}

/// A change that would make a plan possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// What is changed.
    pub change: Change,
    /// The plan there is then.
    pub plan: Plan,
}

/// What can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A group (by index) allows so many members to be impacted at once.
    Limit(usize, u32),
    /// A group (by index) allows so many members on one host.
    Spread(usize, u32),
    /// A server (by index) goes: its owner scales in. It needs nothing any more, and is in no group.
    ScaleIn(usize),
    /// Everything has to be over later, by this time.
    Window(Seconds),
    /// So many moves beyond the fewest are allowed.
    SecondMoves(u32),
    /// Nothing is done with a host (by index); if it was to leave for good, it takes no servers either.
    LeaveOut(usize),
    /// A constraint is given up.
    Without(Constraint),
}

/// At most so many changes are looked for.
const RELAXATIONS: usize = 8;
/// At most so many hosts are looked at alone.
const ALONE: usize = 8;
/// A change is only proposed if its plan ends so long before the window does: reading the proposal and asking again takes
/// time, and what begins at once begins later then.
const RESERVE: Seconds = 300;

/// What looking costs in all, in servers that are placed about once.
const MOST_LOOKS: usize = 1_500_000;
/// A look into a problem with a window costs so many times one without: a better plan is looked for.
const WINDOWED: usize = 8;

/// Finds out why there is no plan.
pub(super) fn explain(problem: &Problem, none: &NoPlan) -> Conflict {
    let unbound = Problem { window: None, ..problem.clone() };
    // If the window is not the reason, looks are quick without it.
    let (reduced, mut hosts) = match search::best(&Problem { effort: 0, ..unbound.clone() }) {
        Ok(_) => (problem, none.hosts.clone()),
        Err(none) => (&unbound, none.hosts),
    };
    let mut looks = Looks::new(problem);
    let constraints = looks.smallest(reduced, &hosts);
    let smallest = looks.left > 0;
    let relaxations = Looks::new(problem).relaxations(problem, &constraints, &hosts);
    hosts.sort_unstable();
    Conflict { constraints, smallest, hosts, relaxations }
}

/// How much may still be looked into.
struct Looks {
    left: usize,
}

impl Looks {
    fn new(problem: &Problem) -> Self {
        Self { left: MOST_LOOKS / problem.servers.len().max(1) }
    }

    fn spend(&mut self, problem: &Problem) -> bool {
        let is_quick = problem.window.is_none() || problem.todo().count() <= 1;
        self.left = self.left.saturating_sub(if is_quick { 1 } else { WINDOWED });
        self.left > 0
    }

    /// Whether there is a plan, as far as it may still be looked for.
    fn is_possible(&mut self, problem: &Problem) -> bool {
        let effort = if problem.window.is_some() { problem.effort } else { 0 };
        !self.spend(problem) || search::best(&Problem { effort, ..problem.clone() }).is_ok()
    }

    /// Constraints that exclude each other, none of which can be left out.
    fn smallest(&mut self, problem: &Problem, hosts: &[usize]) -> Vec<Constraint> {
        // Often one host tells it all, and a problem with one host is quickly looked into.
        for host in hosts.iter().take(ALONE) {
            let alone = problem.only_todo(*host);
            if self.is_possible(&alone) {
                continue;
            }
            let constraints = self.narrow(&alone);
            if !self.is_possible(&problem.only(&constraints)) {
                return self.thin_out(problem, constraints);
            }
        }
        let constraints = self.narrow(problem);
        self.thin_out(problem, constraints)
    }

    /// Few looks where few of many constraints are in conflict: leaves out whole sorts, and then divides and conquers
    /// (QuickXplain).
    fn narrow(&mut self, problem: &Problem) -> Vec<Constraint> {
        if !self.is_possible(&problem.only(&[])) {
            return Vec::new();
        }
        let mut among = problem.constraints();
        let mut sorts: Vec<_> = among.iter().map(discriminant).collect();
        sorts.dedup();
        for sort in sorts {
            let others: Vec<_> =
                among.iter().copied().filter(|c| discriminant(c) != sort).collect();
            if !self.is_possible(&problem.only(&others)) {
                among = others;
            }
        }
        let mut found = Vec::new();
        self.divide(problem, &mut Vec::new(), false, &among, &mut found);
        found
    }

    /// Adds to `found` what of `among` is needed beside `kept` for a conflict.
    fn divide(
        &mut self,
        problem: &Problem,
        kept: &mut Vec<Constraint>,
        grew: bool,
        among: &[Constraint],
        found: &mut Vec<Constraint>,
    ) {
        if grew && !self.is_possible(&problem.only(kept)) {
            return;
        }
        if let [one] = among {
            found.push(*one);
            return;
        }
        let (first, second) = among.split_at(among.len() / 2);
        let before = found.len();
        kept.extend(first);
        self.divide(problem, kept, !first.is_empty(), second, found);
        kept.truncate(kept.len() - first.len());
        let needed: Vec<_> = found[before..].to_vec();
        kept.extend(&needed);
        self.divide(problem, kept, !needed.is_empty(), first, found);
        kept.truncate(kept.len() - needed.len());
    }

    /// The search is not perfect: what it found to be needed at first may turn out not to be.
    fn thin_out(&mut self, problem: &Problem, mut constraints: Vec<Constraint>) -> Vec<Constraint> {
        let mut at = 0;
        while at < constraints.len() && self.left > 0 {
            let mut fewer = constraints.clone();
            fewer.remove(at);
            if self.is_possible(&problem.only(&fewer)) {
                at += 1;
            } else {
                constraints = fewer;
                at = 0;
            }
        }
        constraints.sort_unstable();
        constraints
    }

    /// What would help, the plan that ends first before the others.
    fn relaxations(
        &mut self,
        problem: &Problem,
        constraints: &[Constraint],
        hosts: &[usize],
    ) -> Vec<Relaxation> {
        let mut found: Vec<Relaxation> = Vec::new();
        let mut offer = |change: Change| -> bool {
            if !self.spend(problem) {
                return false;
            }
            let changed = problem.with(change);
            let in_time = |plan: &Plan| {
                changed.window.is_none_or(|window| plan.ends.saturating_add(RESERVE) <= window)
            };
            let plan = search::best(&changed).ok().filter(in_time);
            let possible = plan.is_some();
            found.extend(plan.map(|plan| Relaxation { change, plan }));
            possible
        };
        // Those of groups last: they are the many.
        for constraint in constraints.iter().rev() {
            match *constraint {
                Constraint::GroupLimit(g) => {
                    let group = &problem.groups[g];
                    let size = problem.members(g).count();
                    let more = group.limit.saturating_add(1)..=u32::try_from(size).unwrap_or(NEVER);
                    let _ = more.map(|limit| Change::Limit(g, limit)).any(&mut offer);
                    let _ = problem
                        .members(g)
                        .filter(|s| hosts.contains(&problem.servers[*s].host))
                        .map(Change::ScaleIn)
                        .any(&mut offer);
                }
                Constraint::GroupSpread(g) => {
                    let most = problem.groups[g].max_per_host.unwrap_or(0);
                    let size = u32::try_from(problem.members(g).count()).unwrap_or(NEVER);
                    let _ = (most + 1..=size).map(|most| Change::Spread(g, most)).any(&mut offer);
                }
                Constraint::Window => {
                    // Not without a window: where there is none, times are not looked at.
                    let unbound = Problem { window: Some(NEVER), ..problem.clone() };
                    if let Ok(plan) = search::best(&unbound) {
                        offer(Change::Window(plan.ends.saturating_add(RESERVE)));
                    }
                    let movers = problem
                        .servers
                        .iter()
                        .filter(|s| problem.hosts[s.host].role != Role::Spare);
                    let some = u32::try_from(movers.count() / 20).unwrap_or(NEVER);
                    let more = problem.second_moves.saturating_add(some.max(1));
                    offer(Change::SecondMoves(more));
                }
                Constraint::Capacity(_)
                | Constraint::Placement(_)
                | Constraint::Stay(_)
                | Constraint::Takes
                | Constraint::ParallelHosts
                | Constraint::ParallelActions
                | Constraint::Order => {
                    offer(Change::Without(*constraint));
                }
            }
        }
        // Without the only host there would be nothing to ask for.
        if problem.todo().nth(1).is_some() {
            for host in hosts.iter().take(ALONE) {
                offer(Change::LeaveOut(*host));
            }
        }
        found.sort_by_key(|relaxation| relaxation.plan.ends);
        found.truncate(RELAXATIONS);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solver::{Fate, Group, Host, HostSet, Server};
    use crate::spec::Kind;

    /// A host to be emptied into another one. Each of its servers is in a group of its own, and one of these allows nothing.
    fn forbidden() -> Problem {
        let host = |name: &str, role| Host {
            name: name.into(),
            offers: vec![16],
            role,
            takes: true,
            under_way: false,
            work: 60,
            not_before: 0,
            after: Vec::new(),
        };
        let group = |g: usize| Group {
            name: format!("g{g}"),
            limit: u32::from(g != 5),
            smaller: Vec::new(),
            recovery: 0,
            max_per_host: None,
            busy: Vec::new(),
        };
        let server = |s: usize| Server {
            id: format!("s{s}").into(),
            host: 0,
            need: vec![1],
            placement: 0,
            groups: vec![s],
            fate: Fate::Move,
            duration: 10,
            not_before: 0,
        };
        Problem {
            classes: vec!["VCPU".to_owned()],
            hosts: vec![host("a", Role::Todo(Kind::Temporary)), host("b", Role::Spare)],
            servers: (0..8).map(server).collect(),
            groups: (0..8).map(group).collect(),
            placements: vec![HostSet::from_iter([0, 1])],
            parallel_hosts: 1,
            parallel_actions: 4,
            reply: 0,
            window: None,
            stages: 1,
            second_moves: 0,
            seed: 1,
            effort: 1,
        }
    }

    #[test]
    fn who_may_look_less_names_more_but_still_a_conflict() {
        let problem = forbidden();
        let mut sizes = Vec::new();
        for left in [1, 9, 1_000] {
            let mut looks = Looks { left };
            let named = looks.smallest(&problem, &[]);
            assert!(named.contains(&Constraint::GroupLimit(5)), "{left}: {named:?}");
            assert!(search::best(&problem.only(&named)).is_err(), "{left}: {named:?}");
            assert_eq!(looks.left == 0, named.len() > 1, "{left}: {named:?}");
            sizes.push(named.len());
        }
        assert_eq!(sizes, [14, 8, 1]);
    }
}
