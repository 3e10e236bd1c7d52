//! Hosts into a given number of waves, by figures only: hosts that are in no wave are put into one, and those that do
//! not fit beside them are taken out again, until none is left (tabu search over partial colourings).

use super::bounds::Outline;
use super::random::Random;
use super::stock::Index;

/// So many hosts are looked at in each step.
const LOOKED_AT: usize = 12;
/// In no wave.
const NONE: usize = usize::MAX;

/// Which host is in which wave. Hosts are places in the outline.
pub(super) struct Coloring<'i, 'p> {
    index: &'i Index<'p>,
    outline: &'i Outline,
    waves: usize,
    wave: Vec<usize>,
    /// Hosts that are in no wave.
    left: Vec<usize>,
    /// Hosts of each group, with members on them, and how many of these stay.
    on: Vec<Vec<(usize, u32, u32)>>,
    /// The same over all hosts of a wave: `wave * groups + group`.
    members: Vec<(u32, u32)>,
    /// How many groups keep a host out of a wave: `host * waves + wave`.
    against: Vec<u32>,
    /// The hosts in each wave, and the place of each among them.
    hosts: Vec<Vec<usize>>,
    place: Vec<usize>,
    /// Room that is left in each wave, and that grows with each host that is done before: `wave * classes + class`.
    room: Vec<i64>,
    /// Until which step a host does not go back into a wave: `host * waves + wave`.
    tabu: Vec<usize>,
    best: Vec<usize>,
    fewest_left: usize,
}

impl<'i, 'p> Coloring<'i, 'p> {
    /// Begins with these waves; hosts of later ones are to be put into these. `room`: beside what hosts give that are done,
    /// for each wave and class.
    pub(super) fn new(
        index: &'i Index<'p>,
        outline: &'i Outline,
        room: &[Vec<i64>],
        start: &[usize],
        waves: usize,
    ) -> Self {
        let n = outline.hosts.len();
        let groups = index.problem.groups.len();
        let mut coloring = Self {
            index,
            outline,
            waves,
            wave: vec![NONE; n],
            left: Vec::new(),
            on: outline.hosts_of_groups(),
            members: vec![(0, 0); waves * groups],
            against: vec![0; n * waves],
            hosts: vec![Vec::new(); waves],
            place: vec![0; n],
            room: room.iter().take(waves).flatten().copied().collect(),
            tabu: vec![0; n * waves],
            best: Vec::new(),
            fewest_left: NONE,
        };
        let mut hosts: Vec<_> = (0..n).collect();
        hosts.sort_by_key(|h| start[*h]);
        for host in hosts {
            let wave = start[host];
            if wave < waves
                && coloring.against[host * waves + wave] == 0
                && coloring.has_room(host, wave, &[])
            {
                coloring.put(host, wave);
            } else {
                coloring.left.push(host);
            }
        }
        coloring.note();
        coloring
    }

    /// The wave of each host, as far as one was found.
    pub(super) fn into_best(self) -> Vec<usize> {
        self.best
    }

    /// Searches until every host is in a wave, or no step is left.
    pub(super) fn run(&mut self, steps: &mut usize, random: &mut Random) -> bool {
        for step in 0..*steps {
            if self.left.is_empty() {
                *steps -= step;
                return true;
            }
            let Some((pick, wave)) = self.choose(step, random) else { continue };
            let host = self.left[pick];
            let tenure = step + random.below(10) + self.left.len() * 6 / 10 + 1;
            match self.in_the_way(host, wave, random) {
                Some(out) => {
                    self.left.swap_remove(pick);
                    for other in out {
                        self.take(other, wave);
                        self.left.push(other);
                        self.tabu[other * self.waves + wave] = tenure;
                    }
                    self.put(host, wave);
                    self.note();
                }
                None => self.tabu[host * self.waves + wave] = tenure,
            }
        }
        *steps = 0;
        self.left.is_empty()
    }

    fn note(&mut self) {
        if self.left.len() < self.fewest_left {
            self.fewest_left = self.left.len();
            self.best.clone_from(&self.wave);
        }
    }

    /// The host and the wave that go together best; chance decides among equals.
    fn choose(&self, step: usize, random: &mut Random) -> Option<(usize, usize)> {
        let mut least = u32::MAX;
        let mut ties = 0;
        let mut best = None;
        // Of many, some will do.
        let (some, first) = (self.left.len().min(LOOKED_AT), random.below(self.left.len()));
        for pick in (0..some).map(|at| (first + at) % self.left.len()) {
            let host = self.left[pick];
            let from = host * self.waves;
            for wave in 0..self.waves {
                let mut against = self.against[from + wave];
                if against > least || self.tabu[from + wave] > step {
                    continue;
                }
                // Without room for it, at least one other host has to go.
                against += u32::from(!self.has_room(host, wave, &[]));
                if against > least {
                    continue;
                }
                if against < least {
                    least = against;
                    ties = 0;
                }
                ties += 1;
                if random.below(ties) == 0 {
                    best = Some((pick, wave));
                }
            }
        }
        best
    }

    fn put(&mut self, host: usize, wave: usize) {
        self.wave[host] = wave;
        self.place[host] = self.hosts[wave].len();
        self.hosts[wave].push(host);
        self.shift_room(host, wave, 1);
        self.shift_members(host, wave, |of, all, stay| (of.0 + all, of.1 + stay));
    }

    fn take(&mut self, host: usize, wave: usize) {
        self.wave[host] = NONE;
        self.hosts[wave].swap_remove(self.place[host]);
        if let Some(moved) = self.hosts[wave].get(self.place[host]) {
            self.place[*moved] = self.place[host];
        }
        self.shift_room(host, wave, -1);
        self.shift_members(host, wave, |of, all, stay| (of.0 - all, of.1 - stay));
    }

    fn shift_room(&mut self, host: usize, wave: usize, sign: i64) {
        let figures = &self.outline.hosts[host];
        let classes = self.index.classes;
        for class in 0..classes {
            let leaving = signed(figures.leaving[class]) * sign;
            let after = signed(figures.returns[class]) * sign - leaving;
            self.room[wave * classes + class] -= leaving;
            for later in wave + 1..self.waves {
                self.room[later * classes + class] += after;
            }
        }
    }

    fn shift_members(
        &mut self,
        host: usize,
        wave: usize,
        change: impl Fn((u32, u32), u32, u32) -> (u32, u32),
    ) {
        let outline = self.outline;
        for (g, all, stay) in &outline.hosts[host].groups {
            let of = &mut self.members[wave * self.on.len() + g];
            let before = *of;
            *of = change(before, *all, *stay);
            let after = *of;
            for (other, all, stay) in &self.on[*g] {
                if *other == host {
                    continue;
                }
                // What a host has itself does not keep it out.
                let own = if self.wave[*other] == wave { (*all, *stay) } else { (0, 0) };
                let too_many = |of: (u32, u32)| {
                    outline.is_too_many(*g, (of.0 - own.0, of.1 - own.1), (*all, *stay))
                };
                let (was, is) = (too_many(before), too_many(after));
                let against = &mut self.against[other * self.waves + wave];
                *against = *against + u32::from(is) - u32::from(was);
            }
        }
    }

    /// Hosts that have to leave a wave so that this one fits, if there is such a set.
    fn in_the_way(&self, host: usize, wave: usize, random: &mut Random) -> Option<Vec<usize>> {
        let mut out: Vec<usize> = Vec::new();
        for (g, all, stay) in &self.outline.hosts[host].groups {
            let mut of = self.members[wave * self.on.len() + g];
            if !self.outline.is_too_many(*g, of, (*all, *stay)) {
                continue;
            }
            let here = |other: usize| self.wave[other] == wave;
            for (_, a, s) in self.on[*g].iter().filter(|(other, ..)| out.contains(other)) {
                of = (of.0 - a, of.1 - s);
            }
            for (other, a, s) in self.on[*g].iter().filter(|(other, ..)| here(*other)) {
                if !self.outline.is_too_many(*g, of, (*all, *stay)) {
                    break;
                }
                if !out.contains(other) {
                    of = (of.0 - a, of.1 - s);
                    out.push(*other);
                }
            }
            if self.outline.is_too_many(*g, of, (*all, *stay)) {
                return None;
            }
        }
        let full = self.hosts[wave].len() - out.len() >= self.index.problem.parallel_hosts as usize;
        if full || !self.has_room(host, wave, &out) {
            let other = self.one_more(host, wave, &mut out, random)?;
            out.push(other);
        }
        Some(out)
    }

    /// A host that makes room if it leaves the wave as well; some are looked at, from a random one on.
    fn one_more(
        &self,
        host: usize,
        wave: usize,
        out: &mut Vec<usize>,
        random: &mut Random,
    ) -> Option<usize> {
        let hosts = &self.hosts[wave];
        let from = random.below(hosts.len().max(1));
        let some = (0..hosts.len().min(LOOKED_AT)).map(|at| hosts[(at + from) % hosts.len()]);
        some.into_iter().find(|other| {
            if out.contains(other) {
                return false;
            }
            out.push(*other);
            let fits = self.has_room(host, wave, out);
            out.pop();
            fits
        })
    }

    /// Whether everything still finds room, in this wave and in all later ones, if a host comes and others go.
    fn has_room(&self, host: usize, wave: usize, out: &[usize]) -> bool {
        let classes = self.index.classes;
        (0..classes).all(|class| {
            let leaving = |h: usize| signed(self.outline.hosts[h].leaving[class]);
            let after = |h: usize| signed(self.outline.hosts[h].returns[class]) - leaving(h);
            let need = leaving(host) - out.iter().map(|h| leaving(*h)).sum::<i64>();
            let later = after(host) - out.iter().map(|h| after(*h)).sum::<i64>();
            self.room[wave * classes + class] >= need
                && (later >= 0
                    || (wave + 1..self.waves).all(|w| {
                        // A wave that is short of room already does not get shorter.
                        self.room[w * classes + class] + later >= 0
                    }))
        })
    }
}

pub(super) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
