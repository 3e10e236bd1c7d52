//! The fewest moves and waves of tiny sites, by trying everything. Nothing in here is clever, so that it is right.

use std::collections::HashMap;

use fermata_core::solver::{Fate, NEVER, Problem, Role, Server};
use fermata_core::spec::Kind;

use super::relaxed::Relaxed;
use super::{Found, Small, fewest};
use crate::plans::generate::{Dice, Site};

/// Moves and waves; the fewest moves come first. None: there is no plan.
type Best = Option<(usize, usize)>;

/// The best plan of all.
fn best(problem: &Problem) -> Best {
    let at: Vec<_> = problem.servers.iter().map(|server| server.host).collect();
    Brute { problem, known: HashMap::new() }.from(&vec![false; problem.hosts.len()], &at)
}

struct Brute<'a> {
    problem: &'a Problem,
    /// By which hosts are done, and where servers are.
    known: HashMap<(Vec<bool>, Vec<usize>), Best>,
}

impl Brute<'_> {
    fn from(&mut self, done: &[bool], at: &[usize]) -> Best {
        let rest: Vec<_> = self.problem.todo().filter(|h| !done[*h]).collect();
        if rest.is_empty() {
            return Some((0, 0));
        }
        let key = (done.to_vec(), at.to_vec());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut best = None;
        for set in 1..1u32 << rest.len() {
            let bits = rest.iter().enumerate();
            let wave: Vec<_> = bits.filter(|(i, _)| set >> i & 1 == 1).map(|(_, h)| *h).collect();
            if !self.allowed(done, at, &wave) {
                continue;
            }
            let leave: Vec<_> =
                (0..at.len()).filter(|s| wave.contains(&at[*s]) && !self.stays(*s, at)).collect();
            let mut then = done.to_vec();
            wave.iter().for_each(|h| then[*h] = true);
            let mut places = Vec::new();
            self.places(&wave, &leave, &mut at.to_vec(), &mut places);
            for after in places {
                if let Some((moves, waves)) = self.from(&then, &after) {
                    let here = (moves + leave.len(), waves + 1);
                    best = Some(best.map_or(here, |best| here.min(best)));
                }
            }
        }
        self.known.insert(key, best);
        best
    }

    /// Every way to place these servers, as where all servers are then.
    fn places(
        &self,
        wave: &[usize],
        leave: &[usize],
        at: &mut Vec<usize>,
        found: &mut Vec<Vec<usize>>,
    ) {
        let Some((s, others)) = leave.split_first() else {
            found.push(at.clone());
            return;
        };
        let from = at[*s];
        for h in 0..self.problem.hosts.len() {
            if self.takes(wave, at, *s, h) {
                at[*s] = h;
                self.places(wave, others, at, found);
                at[*s] = from;
            }
        }
    }

    fn takes(&self, wave: &[usize], at: &[usize], s: usize, h: usize) -> bool {
        let (problem, host, server) =
            (self.problem, &self.problem.hosts[h], &self.problem.servers[s]);
        let there: Vec<_> = (0..at.len()).filter(|other| at[*other] == h).collect();
        let room = (0..problem.classes.len()).all(|class| {
            let used: u64 = there.iter().map(|other| problem.servers[*other].need[class]).sum();
            server.need[class] == 0 || used + server.need[class] <= host.offers[class]
        });
        let spread = server.groups.iter().all(|g| {
            let members = there.iter().filter(|other| problem.servers[**other].groups.contains(g));
            problem.groups[*g].max_per_host.is_none_or(|most| (members.count() as u32) < most)
        });
        // A host that leaves for good is no target, done or not.
        let role = host.role != Role::Todo(Kind::Retirement);
        role && host.takes && !wave.contains(&h) && problem.permits(s, h) && room && spread
    }

    fn allowed(&self, done: &[bool], at: &[usize], wave: &[usize]) -> bool {
        let problem = self.problem;
        let first = done.iter().all(|done| !done);
        let under_way = problem.todo().filter(|h| problem.hosts[*h].under_way);
        let after = wave.iter().flat_map(|h| &problem.hosts[*h].after);
        let stay = |s: usize| wave.contains(&at[s]) && self.stays(s, at);
        let gone = |s: usize| problem.hosts[at[s]].role == Role::Todo(Kind::Retirement);
        wave.len() <= problem.parallel_hosts as usize
            && (!first || under_way.into_iter().all(|h| wave.contains(&h)))
            && after.into_iter().all(|a| done[*a] || problem.hosts[*a].role == Role::Spare)
            && !(0..at.len()).any(|s| stay(s) && gone(s))
            && (0..problem.groups.len()).all(|g| self.within_limit(g, at, wave))
    }

    fn within_limit(&self, g: usize, at: &[usize], wave: &[usize]) -> bool {
        let group = &self.problem.groups[g];
        let member = |s: &usize| self.problem.servers[*s].groups.contains(&g);
        let on = |h: usize| (0..at.len()).filter(member).filter(move |s| at[*s] == h).collect();
        let per_host: Vec<Vec<usize>> = wave.iter().map(|h| on(*h)).collect();
        let all: Vec<_> = per_host.concat();
        let kept = all.iter().filter(|s| self.stays(**s, at)).count();
        let forever = group.busy.iter().filter(|until| **until == NEVER).count();
        let limit = group.limit as usize;
        let alone = per_host.iter().filter(|members| !members.is_empty()).count() <= 1;
        all.is_empty()
            || (alone || all.len() <= limit * self.problem.stages as usize)
                && kept + forever <= limit
                && forever < limit
    }

    fn stays(&self, s: usize, at: &[usize]) -> bool {
        let server = &self.problem.servers[s];
        server.fate == Fate::Stay && at[s] == server.host
    }
}

/// So small that everything can be tried.
fn tiny(seed: u64) -> Problem {
    let mut dice = Dice::new(seed);
    let any = Site::any(dice.any());
    let hosts = dice.between(3, 5);
    let spare = dice.between(0, hosts - 2).min(2);
    let site = Site {
        hosts,
        spare,
        servers_per_host: dice.between(1, 2),
        empty: if spare > 0 { dice.between(0, 1) } else { 0 },
        under_way: any.under_way.min(1),
        retired: any.retired.min(1),
        fill: dice.between(40, 80) as u64,
        parallel_hosts: dice.pick(&[1, 2, 3, NEVER]),
        ..any
    };
    let mut problem = site.build();
    while problem.servers.len() > 5 {
        problem.servers.swap_remove(dice.between(0, problem.servers.len() - 1));
    }
    problem
}

#[test]
fn exact_answers_are_those_of_trying_everything() {
    let (mut direct, mut twice, mut other, mut several, mut none, mut relaxed) = (0, 0, 0, 0, 0, 0);
    for seed in 0..800 {
        let problem = tiny(seed);
        let small = Small::new(&problem);
        let movers: usize = small.todo.iter().map(|h| small.movers[*h].len()).sum();
        let retired = |s: &Server| problem.hosts[s.host].role == Role::Todo(Kind::Retirement);
        if problem.servers.iter().any(|s| s.fate == Fate::Stay && retired(s)) {
            continue;
        }
        let most = small.todo.len();
        let Some((moves, waves)) = best(&problem) else {
            // Nobody moving twice is impossible, too.
            assert_eq!(fewest(&small, None, most), Found::None, "seed {seed}");
            none += 1;
            continue;
        };
        several += usize::from(waves > 2);
        if moves == movers {
            assert_eq!(fewest(&small, None, most), Found::Waves(waves), "seed {seed}");
            relaxed += usize::from(Relaxed::new(&small, None).fewest() == waves);
            direct += 1;
            continue;
        }
        assert_eq!(fewest(&small, None, most), Found::None, "seed {seed}");
        let firsts = small.firsts(moves - movers);
        if firsts.is_empty() {
            other += 1;
            continue;
        }
        let found = firsts.iter().filter_map(|first| match fewest(&small, Some(*first), most) {
            Found::Waves(waves) => Some(waves),
            Found::None => None,
            Found::Unknown => panic!("seed {seed}: too long"),
        });
        assert_eq!(found.min(), Some(waves), "seed {seed}");
        twice += 1;
    }
    println!(
        "tiny sites: {direct} with no second moves (sums are enough for {relaxed}), {twice} with \
         those of one host, {other} with others, {none} impossible; {several} of more than 2 waves"
    );
    assert!(direct > 200 && twice > 20 && several > 50);
}
