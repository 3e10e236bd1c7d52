//! Checks a plan against what `fermata_core::plan` promises. Knows nothing of how plans are made: it follows the
//! servers from wave to wave, and (in [`sweep`]) from instant to instant.

pub mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::solver::{Fate, HostPlan, Move, Plan, Problem, Role};
use fermata_core::spec::Kind;

/// What is wrong with a plan; nothing if it is fine. Every finding begins with the rule it is about.
pub fn check(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut checker = Checker::new(problem, plan);
    checker.indices();
    if checker.findings.is_empty() {
        checker.order();
        checker.hosts();
        checker.servers();
        checker.totals();
        checker.findings.extend(sweep::sweep(problem, plan));
    }
    checker.findings
}

/// How many moves end on a host that is still to be done, so that the server moves again.
pub fn second_moves(problem: &Problem, plan: &Plan) -> usize {
    let checker = Checker::new(problem, plan);
    let to_later = |w: usize, to: usize| checker.wave_of.get(&to).is_some_and(|wave| *wave > w);
    steps(plan).filter(|(w, _, step)| to_later(*w, step.to)).count()
}

/// A finding if a plan has more than `unavoidable` second moves though none are asked for and there is a host that
/// takes servers from the start.
pub fn needless(problem: &Problem, plan: &Plan, unavoidable: usize) -> Option<String> {
    let open = problem.hosts.iter().any(|host| host.role == Role::Spare && host.takes);
    let found = second_moves(problem, plan);
    (open && problem.second_moves == 0 && found > unavoidable)
        .then(|| format!("second moves: {found}, and {unavoidable} cannot be avoided"))
}

/// All moves, with their wave and the host they start from.
fn steps(plan: &Plan) -> impl Iterator<Item = (usize, usize, &Move)> {
    plan.waves.iter().enumerate().flat_map(|(w, wave)| {
        wave.hosts
            .iter()
            .flat_map(move |host| host.moves.iter().map(move |step| (w, host.host, step)))
    })
}

struct Checker<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    /// The wave of each host that is in one.
    wave_of: BTreeMap<usize, usize>,
    findings: Vec<String>,
}

impl<'a> Checker<'a> {
    fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let waves = plan.waves.iter().enumerate();
        let wave_of =
            waves.flat_map(|(w, wave)| wave.hosts.iter().map(move |host| (host.host, w))).collect();
        Self { problem, plan, wave_of, findings: Vec::new() }
    }

    fn must(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.findings.push(finding());
        }
    }

    fn indices(&mut self) {
        let (hosts, servers) = (self.problem.hosts.len(), self.problem.servers.len());
        for host in self.plan.waves.iter().flat_map(|wave| &wave.hosts) {
            let known = host.host < hosts
                && host.moves.iter().all(|step| step.server < servers && step.to < hosts)
                && host.stays.iter().all(|stay| stay.server < servers);
            self.must(known, || format!("index: host {} has what does not exist", host.host));
        }
    }

    /// Which hosts are in which wave, and that waves follow each other.
    fn order(&mut self) {
        let (problem, plan) = (self.problem, self.plan);
        let mut seen = BTreeSet::new();
        let mut before = 0;
        for (w, wave) in plan.waves.iter().enumerate() {
            self.must(!wave.hosts.is_empty(), || format!("waves: wave {w} has no hosts"));
            let most = problem.parallel_hosts as usize;
            self.must(wave.hosts.len() <= most, || {
                format!("parallel hosts: {} in wave {w}, {most} allowed", wave.hosts.len())
            });
            for host in &wave.hosts {
                let h = host.host;
                let about = &problem.hosts[h];
                self.must(seen.insert(h), || format!("waves: host {h} comes twice"));
                let todo = about.role != Role::Spare;
                self.must(todo, || format!("waves: nothing is to be done with host {h}"));
                self.must(host.begins >= before, || {
                    format!(
                        "waves: host {h} begins at {}, wave before ends at {before}",
                        host.begins
                    )
                });
                self.must(host.begins >= about.not_before, || {
                    format!("not before: host {h} begins at {}", host.begins)
                });
                self.must(!about.under_way || w == 0, || {
                    format!("under way: host {h} is in wave {w}")
                });
                for earlier in about.after.iter().filter(|a| problem.hosts[**a].role != Role::Spare)
                {
                    let fine = self.wave_of.get(earlier).is_some_and(|wave| *wave < w);
                    self.must(fine, || format!("after: host {h} does not come after {earlier}"));
                }
            }
            before = wave.hosts.iter().map(|host| host.ends).max().unwrap_or(before);
        }
        for h in problem.todo() {
            self.must(seen.contains(&h), || format!("waves: host {h} is in none"));
        }
    }

    /// Each host's own times.
    fn hosts(&mut self) {
        for host in self.plan.waves.iter().flat_map(|wave| &wave.hosts) {
            let h = host.host;
            let about = &self.problem.hosts[h];
            self.must(host.begins <= host.emptied && host.emptied <= host.ends, || {
                format!("times: host {h} {}, {}, {}", host.begins, host.emptied, host.ends)
            });
            let work = host.ends.saturating_sub(host.emptied);
            self.must(work >= about.work, || {
                format!("work: host {h} has {work} s, work takes {} s", about.work)
            });
            self.touches(host);
        }
    }

    /// When the servers of a host are touched, and for how long.
    fn touches(&mut self, host: &HostPlan) {
        let problem = self.problem;
        let (h, about) = (host.host, &problem.hosts[host.host]);
        let reply = if about.under_way { 0 } else { u64::from(problem.reply) };
        let asked = u64::from(host.begins) + reply;
        for step in &host.moves {
            let (s, server) = (step.server, &problem.servers[step.server]);
            self.must(u64::from(step.begins) >= asked, || {
                format!("reply: server {s} moves at {}, owners have until {asked}", step.begins)
            });
            self.must(step.begins >= server.not_before, || {
                format!("not before: server {s} moves at {}", step.begins)
            });
            let long = step.ends.checked_sub(step.begins).is_some_and(|d| d >= server.duration);
            self.must(long, || {
                format!("duration: server {s} moves from {} to {}", step.begins, step.ends)
            });
            self.must(step.ends <= host.emptied, || {
                format!("times: server {s} arrives at {}, host {h} is empty before", step.ends)
            });
        }
        let left = host.moves.iter().map(|step| step.ends).max().unwrap_or(0);
        for stay in &host.stays {
            let (s, server) = (stay.server, &problem.servers[stay.server]);
            self.must(u64::from(stay.begins) >= asked, || {
                format!("reply: server {s} stops at {}, owners have until {asked}", stay.begins)
            });
            self.must(stay.begins >= server.not_before, || {
                format!("not before: server {s} stops at {}", stay.begins)
            });
            self.must(stay.begins >= left, || {
                format!("stays: server {s} stops at {}, others leave until {left}", stay.begins)
            });
            self.must(stay.begins <= host.emptied, || {
                format!("times: server {s} stops at {}, host {h} is empty before", stay.begins)
            });
            self.must(stay.ends == host.ends, || {
                format!("stays: server {s} runs at {}, host {h} ends at {}", stay.ends, host.ends)
            });
            let least = u64::from(stay.begins) + u64::from(server.duration) + u64::from(about.work);
            self.must(u64::from(stay.ends) >= least, || {
                format!("duration: server {s} runs at {}, not possible before {least}", stay.ends)
            });
        }
    }

    /// Follows the servers from wave to wave: who is on a host has to leave it or to stay.
    fn servers(&mut self) {
        let (problem, plan) = (self.problem, self.plan);
        let mut on = vec![BTreeSet::new(); problem.hosts.len()];
        for (s, server) in problem.servers.iter().enumerate() {
            on[server.host].insert(s);
        }
        for (w, wave) in plan.waves.iter().enumerate() {
            let mut arrivals = Vec::new();
            for host in &wave.hosts {
                let h = host.host;
                // Who came from elsewhere was promised to move, and moves on.
                let (stay, leave): (BTreeSet<_>, BTreeSet<_>) = on[h].iter().partition(|s| {
                    let server = &problem.servers[**s];
                    server.fate == Fate::Stay && server.host == h
                });
                let gone = problem.hosts[h].role == Role::Todo(Kind::Retirement);
                self.must(!gone || (stay.is_empty() && host.stays.is_empty()), || {
                    format!("retirement: servers stay on host {h}")
                });
                let moves: BTreeSet<_> = host.moves.iter().map(|step| step.server).collect();
                let stays: BTreeSet<_> = host.stays.iter().map(|stay| stay.server).collect();
                self.must(moves == leave && host.moves.len() == moves.len(), || {
                    format!("servers: host {h} has movers {leave:?} and moves {moves:?}")
                });
                self.must(stays == stay && host.stays.len() == stays.len(), || {
                    format!("servers: host {h} has stayers {stay:?} and keeps {stays:?}")
                });
                for step in &host.moves {
                    self.target(w, host, step);
                    on[h].remove(&step.server);
                    arrivals.push((step.to, step.server));
                }
                self.stages(host);
            }
            for (to, server) in arrivals {
                on[to].insert(server);
            }
            self.together(w);
        }
    }

    /// Where a server goes.
    fn target(&mut self, w: usize, host: &HostPlan, step: &Move) {
        let (s, to) = (step.server, step.to);
        let target = &self.problem.hosts[to];
        self.must(to != host.host, || format!("target: server {s} goes where it is"));
        self.must(self.problem.permits(s, to), || {
            format!("placement: server {s} may not be on host {to}")
        });
        self.must(target.takes, || format!("takes: server {s} goes to host {to}"));
        match target.role {
            Role::Spare => {}
            Role::Todo(Kind::Retirement) => {
                self.findings.push(format!("retirement: server {s} goes to host {to}"));
            }
            Role::Todo(Kind::Temporary) => {
                let wave = self.wave_of.get(&to).copied();
                self.must(wave != Some(w), || {
                    format!("target: server {s} goes to host {to} of the same wave")
                });
                let mut done = self.plan.waves[..w].iter().flat_map(|wave| &wave.hosts);
                if let Some(done) = done.find(|done| done.host == to) {
                    self.must(step.begins >= done.ends, || {
                        format!("target: server {s} goes to host {to} before it is back")
                    });
                }
            }
        }
    }

    /// A stage moves no more members of a group than its limit.
    fn stages(&mut self, host: &HostPlan) {
        let mut moved: BTreeMap<usize, u64> = BTreeMap::new();
        for step in &host.moves {
            for g in &self.problem.servers[step.server].groups {
                *moved.entry(*g).or_default() += 1;
            }
        }
        for (g, moved) in moved {
            let most = u64::from(self.problem.groups[g].limit) * u64::from(host.stages);
            self.must(moved <= most, || {
                format!("stages: {moved} of group {g} leave host {} in {}", host.host, host.stages)
            });
        }
    }

    /// The members of each group on the hosts of a wave fit its limit, or as many stages as are allowed.
    fn together(&mut self, w: usize) {
        let problem = self.problem;
        let mut touched: BTreeMap<usize, (u64, u64, BTreeSet<usize>)> = BTreeMap::new();
        for host in &self.plan.waves[w].hosts {
            let moves = host.moves.iter().map(|step| (step.server, 0));
            let stays = host.stays.iter().map(|stay| (stay.server, 1));
            for (server, kept) in moves.chain(stays) {
                for g in &problem.servers[server].groups {
                    let group = touched.entry(*g).or_default();
                    group.0 += 1;
                    group.1 += kept;
                    group.2.insert(host.host);
                }
            }
        }
        for (g, (members, kept, hosts)) in touched {
            let limit = u64::from(problem.groups[g].limit);
            let staged = limit * u64::from(problem.stages);
            self.must(hosts.len() == 1 || members <= staged, || {
                format!("wave: {members} of group {g} in wave {w}, limit {limit}")
            });
            self.must(kept <= limit, || {
                format!("wave: {kept} of group {g} kept in wave {w}, limit {limit}")
            });
        }
    }

    fn totals(&mut self) {
        let (problem, plan) = (self.problem, self.plan);
        let last = plan.waves.iter().flat_map(|wave| &wave.hosts).map(|host| host.ends).max();
        let last = last.unwrap_or(0);
        self.must(plan.ends == last, || format!("ends: {} instead of {last}", plan.ends));
        self.must(problem.window.is_none_or(|window| last <= window), || {
            format!("window: ends at {last}")
        });
        let bounds = &plan.bounds;
        let least = bounds.moves <= plan.moves()
            && bounds.waves <= plan.waves.len()
            && bounds.ends <= plan.ends;
        self.must(least, || format!("bounds: the plan beats {bounds:?}"));
    }
}
