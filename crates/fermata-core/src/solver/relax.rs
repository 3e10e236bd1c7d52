//! A problem without some of its constraints, or changed otherwise.

use std::collections::BTreeSet;

use super::{Change, Constraint, Fate, NEVER, Problem, Role, Server};
use crate::spec::Kind;

impl Problem {
    /// Every constraint that matters and that somebody could give up.
    pub fn constraints(&self) -> Vec<Constraint> {
        let todo = |s: &&Server| self.hosts[s.host].role != Role::Spare;
        let touched: BTreeSet<_> =
            self.servers.iter().filter(todo).flat_map(|s| &s.groups).collect();
        let used: BTreeSet<_> = self.servers.iter().filter(todo).map(|s| s.placement).collect();
        let limits = touched.iter().map(|g| Constraint::GroupLimit(**g));
        let spreads = touched
            .iter()
            .filter(|g| self.groups[***g].max_per_host.is_some())
            .map(|g| Constraint::GroupSpread(**g));
        let narrow = |p: &usize| self.placements[*p].len() < self.hosts.len();
        let placements = used.into_iter().filter(narrow).map(Constraint::Placement);
        let stays = self.servers.iter().enumerate().filter_map(|(s, server)| {
            let todo = self.hosts[server.host].role != Role::Spare;
            (server.fate == Fate::Stay && todo).then_some(Constraint::Stay(s))
        });
        let classes = (0..self.classes.len()).map(Constraint::Capacity);
        let whole = [
            Constraint::Takes,
            Constraint::ParallelHosts,
            Constraint::ParallelActions,
            Constraint::Order,
            Constraint::Window,
        ];
        limits.chain(spreads).chain(placements).chain(stays).chain(classes).chain(whole).collect()
    }

    /// The same problem with no constraints but these.
    pub fn only(&self, constraints: &[Constraint]) -> Self {
        let kept: BTreeSet<_> = constraints.iter().copied().collect();
        self.without(
            &self.constraints().into_iter().filter(|c| !kept.contains(c)).collect::<Vec<_>>(),
        )
    }

    /// The same problem without these constraints.
    pub fn without(&self, constraints: &[Constraint]) -> Self {
        let mut problem = self.clone();
        for constraint in constraints {
            problem.give_up(*constraint);
        }
        problem
    }

    /// The members of a group.
    pub(super) fn members(&self, group: usize) -> impl Iterator<Item = usize> {
        (0..self.servers.len()).filter(move |s| self.servers[*s].groups.contains(&group))
    }

    /// The same problem, where nothing is to be done but with one host.
    pub(super) fn only_todo(&self, host: usize) -> Self {
        let mut problem = self.clone();
        let others = problem.hosts.iter_mut().enumerate().filter(|(h, _)| *h != host);
        for (_, other) in others {
            other.role = Role::Spare;
            other.under_way = false;
            other.after.clear();
        }
        problem.hosts[host].after.clear();
        problem
    }

    /// The same problem with a change.
    pub fn with(&self, change: Change) -> Self {
        let mut problem = self.clone();
        match change {
            Change::Limit(g, limit) => {
                problem.groups[g].limit = limit;
                problem.groups[g].smaller.clear();
            }
            Change::Spread(g, most) => problem.groups[g].max_per_host = Some(most),
            Change::ScaleIn(s) => {
                problem.servers[s].need.fill(0);
                for group in std::mem::take(&mut problem.servers[s].groups) {
                    problem.groups[group].shrink();
                }
            }
            Change::Window(end) => problem.window = Some(end),
            Change::SecondMoves(moves) => problem.second_moves = moves,
            Change::LeaveOut(h) => {
                let host = &mut problem.hosts[h];
                // One that leaves for good later is no place to go to.
                host.takes &= host.role != Role::Todo(Kind::Retirement);
                host.role = Role::Spare;
                host.under_way = false;
                problem.hosts.iter_mut().for_each(|other| other.after.retain(|b| *b != h));
            }
            Change::Without(constraint) => problem.give_up(constraint),
        }
        problem
    }

    fn give_up(&mut self, constraint: Constraint) {
        match constraint {
            Constraint::GroupLimit(g) => {
                let group = &mut self.groups[g];
                group.limit = NEVER;
                group.smaller.clear();
                group.recovery = 0;
                group.busy.clear();
            }
            Constraint::GroupSpread(g) => self.groups[g].max_per_host = None,
            Constraint::Placement(p) => self.placements[p] = (0..self.hosts.len()).collect(),
            Constraint::Stay(s) => self.servers[s].fate = Fate::Move,
            Constraint::Capacity(class) => {
                for host in &mut self.hosts {
                    // Far more than anything can ask for, and far from overflowing in sums.
                    host.offers[class] = u64::from(u32::MAX) << 16;
                }
            }
            Constraint::Takes => self.hosts.iter_mut().for_each(|host| host.takes = true),
            Constraint::ParallelHosts => self.parallel_hosts = NEVER,
            Constraint::ParallelActions => self.parallel_actions = NEVER,
            Constraint::Order => {
                self.servers.iter_mut().for_each(|server| server.not_before = 0);
                for host in &mut self.hosts {
                    host.not_before = 0;
                    host.after.clear();
                }
            }
            Constraint::Window => self.window = None,
        }
    }
}
