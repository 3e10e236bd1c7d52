//! Looks for a better order of hosts: builds plans from several simple orders, and then tries to do with one wave less,
//! as long as that works.

use super::bounds::{Bounds, Outline};
use super::build::{Built, Order, build, play};
use super::color::{Coloring, signed};
use super::random::Random;
use super::stock::Index;
use super::{NoPlan, Plan, Problem, Role, Seconds};
use crate::spec::Kind;

/// The best plan that is found.
pub(super) fn best(problem: &Problem) -> Result<Plan, NoPlan> {
    let index = Index::new(problem);
    let outline = Outline::new(&index);
    let search = Search { index: &index, outline: &outline };
    search.run()
}

/// Steps of the search per host and effort.
const STEPS: usize = 10;
/// Servers that are placed per effort to try single hosts in other waves.
const SHUFFLES: usize = 2_000;
/// Servers that are placed to find a plan at all, or one with fewer moves.
const CAREFUL: usize = 20_000;
/// So many plans are built from what was found.
const ROUNDS: u32 = 6;

struct Search<'i, 'p> {
    index: &'i Index<'p>,
    outline: &'i Outline,
}

impl Search<'_, '_> {
    fn run(&self) -> Result<Plan, NoPlan> {
        let problem = self.index.problem;
        let mut random = Random::new(problem.seed);
        let mut best = self.in_simple_orders(0, &mut random)?;
        let most = best.moves + problem.second_moves as usize;
        let mut displaced = 0;
        for more in [problem.second_moves / 2, problem.second_moves] {
            let more = more as usize;
            if let Ok(other) = self.in_simple_orders(more, &mut random)
                && other.moves <= most
                && is_better(&other, &best, true)
            {
                (best, displaced) = (other, more);
            }
        }
        if problem.effort > 0 {
            self.improve(&mut best, displaced, most, &mut random);
            self.shuffle(&mut best, displaced, most, &mut random);
        }
        let bounds = self.bounds(&best);
        let (waves, ends) = play(self.index, &best.waves);
        let late = |end: &Seconds| problem.window.is_some_and(|window| *end > window);
        if late(&ends) {
            let hosts = waves.iter().flat_map(|wave| &wave.hosts);
            let hosts = hosts.filter(|host| late(&host.ends)).map(|host| host.host).collect();
            return Err(NoPlan { hosts });
        }
        Ok(Plan { waves, ends, bounds })
    }

    fn bounds(&self, built: &Built) -> Bounds {
        self.outline.bounds(self.index, built.moves)
    }

    /// The best plan from some simple orders. Where these find none, or make servers move twice, hosts are done one by
    /// one: that leaves more room.
    fn in_simple_orders(&self, displaced: usize, random: &mut Random) -> Result<Built, NoPlan> {
        let index = self.index;
        let hosts = index.problem.hosts.len();
        let fewest = self.outline.moves(index) + displaced;
        let mut best: Option<Built> = None;
        let mut none = NoPlan { hosts: index.todo.clone() };
        let mut attempt = |best: &mut Option<Built>, order: &Order| match build(index, order) {
            Ok(built) => keep_better(best, built),
            Err(error) => none = error,
        };
        for share in [0.0, 0.3, 1.0] {
            let rank = self.simple_rank(share, 2.0);
            attempt(&mut best, &Order { rank, displaced, one_by_one: false, whims: Vec::new() });
            if index.problem.effort == 0 && best.is_some() {
                break;
            }
        }
        // Random orders, more of them where they cost little.
        let effort = index.problem.effort.clamp(1, 5) as usize;
        let tries = (CAREFUL * effort / index.problem.servers.len().max(1)).clamp(4, 40 * effort);
        for number in 0..tries {
            let enough = |b: &Built| b.moves <= fewest || index.problem.effort == 0;
            if best.as_ref().is_some_and(enough) {
                break;
            }
            // Hosts that leave for good take room and give none: last, or first, while there is some.
            let leaver = if number % 2 == 0 { 2.0 } else { -2.0 };
            let mut rank = self.simple_rank(0.0, leaver);
            let whims: Vec<f64> = match number {
                0 => Vec::new(),
                1 => vec![0.0; hosts],
                _ => (0..hosts).map(|_| random.share()).collect(),
            };
            rank.iter_mut().zip(&whims).for_each(|(rank, whim)| *rank += whim);
            let one_by_one = number % 4 < 2;
            attempt(&mut best, &Order { rank, displaced: 0, one_by_one, whims });
        }
        best.ok_or(none)
    }

    /// Hosts that give much room for what leaves them first, or those with the most ties to others.
    fn simple_rank(&self, ties: f64, leaver: f64) -> Vec<f64> {
        let (scarce, tied) = (self.outline.fullness(self.index), self.outline.ties());
        let mut rank = vec![0.0; self.index.problem.hosts.len()];
        for (at, host) in self.outline.hosts.iter().enumerate() {
            let role = self.index.problem.hosts[host.host].role;
            let first = if role == Role::Todo(Kind::Retirement) { leaver } else { 0.0 };
            rank[host.host] = first + (1.0 - ties) * scarce[at] - ties * tied[at];
        }
        rank
    }

    /// Tries to do with fewer waves, one less each time, as long as that works by the figures; then with servers.
    fn improve(&self, best: &mut Built, displaced: usize, most: usize, random: &mut Random) {
        let hosts = self.outline.hosts.len();
        let fullness = self.outline.fullness(self.index);
        let least = self.bounds(best).waves;
        let mut steps = self.index.problem.effort as usize * STEPS * hosts;
        let mut latest = best.clone();
        for _ in 0..ROUNDS {
            let Some(start) =
                self.fewer_waves(&latest, best.waves.len(), least, &mut steps, random)
            else {
                return;
            };
            let mut rank = vec![0.0; self.index.problem.hosts.len()];
            for (at, host) in self.outline.hosts.iter().enumerate() {
                rank[host.host] = start[at] as f64 + 0.4 * fullness[at];
            }
            let Ok(built) =
                build(self.index, &Order { rank, displaced, one_by_one: false, whims: Vec::new() })
            else {
                return;
            };
            latest = built;
            if latest.moves <= most && is_better(&latest, best, displaced > 0) {
                best.clone_from(&latest);
            }
        }
    }

    /// Hosts into fewer waves than before, by the figures, with what is known of room from the last plan.
    fn fewer_waves(
        &self,
        latest: &Built,
        before: usize,
        least: usize,
        steps: &mut usize,
        random: &mut Random,
    ) -> Option<Vec<usize>> {
        let mut room = self.room_in(latest);
        room.resize(before.max(room.len()), self.settled_room());
        let mut start = self.waves_of(latest);
        let mut found = None;
        let mut waves = before;
        while waves > least && *steps > 0 {
            waves -= 1;
            let mut coloring = Coloring::new(self.index, self.outline, &room, &start, waves);
            if !coloring.run(steps, random) {
                break;
            }
            start = coloring.into_best();
            found = Some(start.clone());
        }
        found
    }

    /// Room beside what hosts that are done give: on hosts that are not to be done, and on others for servers that move
    /// twice; without what could not be used. For each wave of a plan, per class.
    fn room_in(&self, built: &Built) -> Vec<Vec<i64>> {
        let problem = self.index.problem;
        let wave_of: Vec<usize> = {
            let mut wave = vec![usize::MAX; problem.hosts.len()];
            for (w, of) in built.waves.iter().enumerate() {
                of.drains.iter().for_each(|drain| wave[drain.host] = w);
            }
            wave
        };
        let mut room: Vec<Vec<i64>> = vec![self.settled_room(); built.waves.len()];
        for (w, wave) in built.waves.iter().enumerate() {
            for (server, to) in wave.drains.iter().flat_map(|drain| &drain.moves) {
                // A guest on a host that is to be done takes no room elsewhere until then.
                let until = wave_of[*to];
                if until != usize::MAX && until > w {
                    for room in &mut room[w..until] {
                        for (class, need) in problem.servers[*server].need.iter().enumerate() {
                            room[class] += signed(*need);
                        }
                    }
                }
            }
        }
        for short in &built.short {
            room[short.wave][short.class] -= signed(short.unused);
        }
        room
    }

    fn settled_room(&self) -> Vec<i64> {
        self.outline.room.iter().map(|room| signed(*room)).collect()
    }

    /// Puts single hosts into other waves, and keeps what is not worse: for sites so small that plans cost nothing.
    fn shuffle(&self, best: &mut Built, displaced: usize, most: usize, random: &mut Random) {
        let problem = self.index.problem;
        let hosts = self.outline.hosts.len();
        let tries = problem.effort as usize * SHUFFLES / (problem.servers.len() + hosts).max(1);
        let bounds = self.bounds(best);
        let mut current = best.clone();
        let mut wave = self.waves_of(best);
        for _ in 0..tries {
            if best.moves <= bounds.moves && best.waves.len() <= bounds.waves {
                return;
            }
            let mut other = wave.clone();
            for _ in 0..=random.below(2) {
                other[random.below(hosts)] = random.below(current.waves.len());
            }
            let mut rank = vec![0.0; problem.hosts.len()];
            for (at, host) in self.outline.hosts.iter().enumerate() {
                rank[host.host] = other[at] as f64 + random.share();
            }
            let whims = match random.below(2) {
                0 => Vec::new(),
                _ => problem.hosts.iter().map(|_| random.share()).collect(),
            };
            let Ok(built) = build(self.index, &Order { rank, displaced, one_by_one: false, whims })
            else {
                continue;
            };
            if built.moves > most || loose_ends(&built) > loose_ends(&current) {
                continue;
            }
            wave = self.waves_of(&built);
            current = built;
            if is_better(&current, best, displaced > 0) {
                best.clone_from(&current);
            }
        }
    }

    /// The wave of each host.
    fn waves_of(&self, built: &Built) -> Vec<usize> {
        let mut wave = vec![0; self.index.problem.hosts.len()];
        for (w, of) in built.waves.iter().enumerate() {
            of.drains.iter().for_each(|drain| wave[drain.host] = w);
        }
        self.outline.hosts.iter().map(|host| wave[host.host]).collect()
    }
}

/// How far a plan is from one wave less.
fn loose_ends(built: &Built) -> (usize, usize, usize) {
    let last = built.waves.last().map_or(0, |wave| wave.drains.len());
    (built.moves, built.waves.len(), last)
}

/// Fewer moves first, unless moves are allowed for the sake of waves.
fn is_better(a: &Built, b: &Built, moves_allowed: bool) -> bool {
    let key = |built: &Built| {
        let waves = built.waves.len();
        let first = if moves_allowed { waves } else { built.moves };
        (first, waves, built.moves, built.ends)
    };
    key(a) < key(b)
}

fn keep_better(best: &mut Option<Built>, built: Built) {
    if best.as_ref().is_none_or(|best| is_better(&built, best, false)) {
        *best = Some(built);
    }
}
