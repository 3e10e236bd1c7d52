//! The fewest waves that are possible for a small site, over all plans with the fewest moves. Times are left aside:
//! whatever fits into a wave can be done in it one after the other.
//!
//! While nobody moves twice, where servers end is one question for all waves together, as nobody leaves a host that is
//! done. That makes the search small enough: first with sums only ([`relaxed`]), which no plan can beat, then server by
//! server ([`place`]). [`brute`] shows on tiny sites that both are right.
//!
//! Second moves are understood in one case: no host takes servers from the start, so that those of the first host have
//! to move twice.

mod brute;
mod place;
mod relaxed;

use fermata_core::solver::{Fate, NEVER, Plan, Problem, Role};
use fermata_core::spec::Kind;

use super::checker;
use place::Place;
use relaxed::Relaxed;

/// Servers that are tried on hosts before a question counts as undecided.
const TRIES: usize = 200_000;

/// What is known about the number of waves of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No plan with as few moves has fewer waves.
    Optimal,
    /// There is a plan with as few moves and so many waves.
    Beaten(usize),
    /// Not known: the search was too long.
    TooLong,
    /// Not known: it is not clear whether there is a plan with fewer moves.
    Moves,
}

/// Judges the number of waves of a plan.
pub fn judge(problem: &Problem, plan: &Plan) -> Verdict {
    let small = Small::new(problem);
    let second = checker::second_moves(problem, plan);
    let firsts = match second {
        0 => vec![None],
        moves => small.firsts(moves).into_iter().map(Some).collect(),
    };
    if firsts.is_empty() {
        return Verdict::Moves;
    }
    let mut verdict = Verdict::Optimal;
    for first in firsts {
        match fewest(&small, first, plan.waves.len() - 1) {
            Found::Waves(waves) => return Verdict::Beaten(waves),
            Found::None => {}
            Found::Unknown => verdict = Verdict::TooLong,
        }
    }
    verdict
}

/// The answer of a search for few waves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// So many waves, and no fewer.
    Waves(usize),
    /// Not with so few.
    None,
    /// The search was too long.
    Unknown,
}

/// The fewest waves, if they are no more than `most`. `first`: this one alone is the first wave, and its servers go to
/// hosts that are still to be done.
pub fn fewest(small: &Small, first: Option<usize>, most: usize) -> Found {
    let relaxed = Relaxed::new(small, first);
    let mut place = Place::new(small, &relaxed, first);
    let mut unknown = false;
    for waves in relaxed.fewest()..=most {
        match place.possible(waves, TRIES) {
            Some(true) if unknown => return Found::Unknown,
            Some(true) => return Found::Waves(waves),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { Found::Unknown } else { Found::None }
}

/// A small problem. Hosts to be done are bits of sets, in the order of `todo`.
pub struct Small<'a> {
    problem: &'a Problem,
    todo: Vec<usize>,
    /// Per host of the problem: servers that leave it when it is done.
    movers: Vec<Vec<usize>>,
    /// Per host of the problem: what is there of each class when it is empty, but for servers that stay.
    emptied: Vec<Vec<u64>>,
    /// What is free of each class today.
    today: Vec<Vec<u64>>,
    /// Per host to be done: hosts that have to be done before.
    after: Vec<u32>,
    under_way: u32,
}

impl<'a> Small<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        let todo: Vec<_> = problem.todo().collect();
        assert!(todo.len() <= 16, "too many hosts for an exact answer");
        let bits = |hosts: &dyn Fn(usize) -> bool| -> u32 {
            todo.iter().enumerate().map(|(bit, h)| u32::from(hosts(*h)) << bit).sum()
        };
        let hosts = 0..problem.hosts.len();
        let free = |h: usize, counts: &dyn Fn(usize) -> bool| -> Vec<u64> {
            let servers: Vec<_> = problem
                .servers
                .iter()
                .enumerate()
                .filter(|(s, server)| server.host == h && counts(*s))
                .collect();
            let offers = problem.hosts[h].offers.iter().enumerate();
            offers
                .map(|(class, offer)| {
                    let used: u64 = servers.iter().map(|(_, server)| server.need[class]).sum();
                    offer.saturating_sub(used)
                })
                .collect()
        };
        let stays = |s: usize| problem.servers[s].fate == Fate::Stay;
        let leaves = |h: usize, s: usize| {
            problem.servers[s].host == h && problem.hosts[h].role != Role::Spare && !stays(s)
        };
        Self {
            movers: hosts
                .clone()
                .map(|h| (0..problem.servers.len()).filter(|s| leaves(h, *s)).collect())
                .collect(),
            emptied: hosts.clone().map(|h| free(h, &stays)).collect(),
            today: hosts.map(|h| free(h, &|_| true)).collect(),
            after: todo
                .iter()
                .map(|h| bits(&|other| problem.hosts[*h].after.contains(&other)))
                .collect(),
            under_way: bits(&|h| problem.hosts[h].under_way),
            todo,
            problem,
        }
    }

    fn all(&self) -> u32 {
        (1 << self.todo.len()) - 1
    }

    /// Hosts of a set.
    fn hosts(&self, set: u32) -> impl Iterator<Item = usize> {
        self.todo.iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1).map(|(_, h)| *h)
    }

    fn spare(&self, h: usize) -> bool {
        self.problem.hosts[h].role == Role::Spare && self.problem.hosts[h].takes
    }

    /// Takes servers before it is done, and after.
    fn returns(&self, h: usize) -> bool {
        self.problem.hosts[h].role == Role::Todo(Kind::Temporary) && self.problem.hosts[h].takes
    }

    /// Hosts whose servers have to move twice if so many second moves are the fewest that are possible; none if they
    /// may not be.
    pub fn firsts(&self, moves: usize) -> Vec<usize> {
        let open = (0..self.problem.hosts.len()).any(|h| self.spare(h));
        let least = self.todo.iter().map(|h| self.movers[*h].len()).min();
        if open || self.under_way != 0 || least != Some(moves) {
            return Vec::new();
        }
        self.todo.iter().copied().filter(|h| self.movers[*h].len() == moves).collect()
    }

    /// Whether these hosts may be in one wave, room aside, with these servers to leave each.
    fn together(&self, set: u32, movers: &[Vec<usize>]) -> bool {
        let problem = self.problem;
        if set.count_ones() > problem.parallel_hosts {
            return false;
        }
        let mut touched = vec![(0u64, 0u64, 0u32, usize::MAX); problem.groups.len()];
        for h in self.hosts(set) {
            let stays = problem
                .servers
                .iter()
                .enumerate()
                .filter(|(_, server)| server.host == h && server.fate == Fate::Stay);
            let moves = movers[h].iter().map(|s| (*s, 0));
            for (s, kept) in moves.chain(stays.map(|(s, _)| (s, 1))) {
                for g in &problem.servers[s].groups {
                    let group = &mut touched[*g];
                    group.0 += 1;
                    group.1 += kept;
                    group.2 += u32::from(group.3 != h);
                    group.3 = h;
                }
            }
        }
        problem.groups.iter().zip(touched).all(|(group, (members, kept, hosts, _))| {
            let forever = group.busy.iter().filter(|until| **until == NEVER).count() as u64;
            let limit = u64::from(group.limit);
            let staged = limit * u64::from(problem.stages);
            (hosts <= 1 || members <= staged)
                && kept <= limit
                && (members == 0 || forever + kept.max(1) <= limit)
        })
    }
}
