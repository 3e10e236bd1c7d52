//! The plan of a session that is under way: which hosts may be drained now, and where servers go. It is made anew whenever
//! something happens that it did not foresee, from the site as it is then; what is under way stays as it is.
//!
//! Only the first wave of a plan is carried out: a host that comes back makes a new plan, in which others may join those
//! that are still out of service.

mod counter_offers;
mod scale_in;
pub mod turn;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::Time;
use crate::cloud::Site;
use crate::id::{HostName, ServerId};
use crate::ledger::Ledger;
use crate::policy::Policies;
use crate::problem::{Asked, NamedProblem, Others, Pace, seconds};
use crate::reason::{BlockCause, BlockReason};
use crate::session::{
    Goal, Op, SchedulingFact, ServerKey, ServerState, Session, SessionHost, SessionHostState,
    SessionServer, SessionState,
};
use crate::solver::{
    Change, Conflict, Fate, HostSet, NoPlan, Plan, Problem, Role, Server, explain, plan, soonest,
};
use crate::spec::{Action, Kind, Spec};

pub use counter_offers::{Judged, Judgement};
pub use scale_in::OwnerScaleIn;

/// Numbers of stages that a session tries in its first plan.
const STAGES: [u32; 3] = [1, 2, 4];
/// So many changes are named that would let a host be drained.
const HINTS: usize = 2;

/// What a session's plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Replan<'a> {
    /// The session.
    pub session: &'a Session,
    /// What the cloud shows.
    pub site: &'a Site,
    /// What owners stored, with what this site says of groups.
    pub policies: &'a Policies,
    /// Who is impacted, and who is asked to scale in.
    pub ledger: &'a Ledger,
    /// What other sessions are about to do.
    pub others: &'a Others,
    /// How long moves take.
    pub pace: Pace,
    /// Now.
    pub now: Time,
}

/// The plan that a session goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What it was made for ([`crate::session::Course::basis`]).
    pub basis: u64,
    /// In how many stages the hosts of a wave are drained.
    pub stages: u32,
    /// When each host comes that waits or is under way.
    pub turns: BTreeMap<HostName, Turn>,
    /// Where servers go.
    pub targets: BTreeMap<ServerKey, HostName>,
    /// When the drain of each host that waits is expected to begin.
    pub expected: BTreeMap<HostName, Time>,
    /// When everything is expected to be over, but for hosts that cannot be drained.
    pub ends: Time,
    /// What becomes of the counter-offers that were open; none of them is part of the plan yet.
    pub offers: Vec<Judged>,
    /// Room that owners are asked to make.
    pub scale_in: Vec<OwnerScaleIn>,
    /// What could not be known of the cloud, and what has to happen before hosts can be drained, for people.
    pub notes: Vec<String>,
    /// Servers for which other sessions asked when it was made.
    pub asked: BTreeSet<ServerId>,
}

/// When a host comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// In this wave of the plan, counted from 1: now.
    Wave(u32),
    /// It cannot be drained, and why.
    Blocked(BlockReason),
}

impl Replan<'_> {
    /// Makes the plan.
    pub fn plan(&self) -> Planned {
        let course = &self.session.head.course;
        let mut hosts = self.hosts();
        let waits = self.those_after_others(&mut hosts);
        let spec = self.spec();
        let asked = Asked {
            spec: &spec,
            hosts: &hosts,
            site: self.site,
            policies: self.policies,
            ledger: self.ledger,
            others: self.others,
            pace: self.pace,
            now: self.now,
        };
        let mut named = asked.problem();
        self.as_it_stands(&mut named);
        let bare = named.problem.clone();
        named.problem = self.with_terms(&bare, &self.terms(), named.begins);
        let stages = if course.stages == 0 { &STAGES[..] } else { &[course.stages][..] };
        let (found, blocked) = self.avoiding_others(&named.problem, stages);
        let name = |h: usize| named.problem.hosts[h].name.clone();
        let mut planned = Planned {
            basis: course.basis,
            stages: found.as_ref().map_or(course.stages, |(stages, _)| *stages),
            turns: BTreeMap::new(),
            targets: BTreeMap::new(),
            expected: BTreeMap::new(),
            ends: named.begins,
            offers: self.judge(&bare, named.begins, stages, (&found, &blocked)),
            scale_in: Vec::new(),
            notes: std::mem::take(&mut named.notes),
            asked: self.ledger.asked_by_others(self.session.head.id),
        };
        if let Some(none) = blocked {
            if let Some(plan) = begun(&named.problem, &none) {
                planned.add_targets(&plan, &named.problem);
            }
            let why = self.why(&named, &none);
            planned.turns.extend(none.hosts.iter().map(|h| (name(*h), Turn::Blocked(why.clone()))));
            planned.scale_in = self.scale_in(&named, stages, none.hosts.len(), &planned.asked);
        }
        if let Some((_, plan)) = &found {
            planned.ends += Duration::seconds(plan.ends.into());
            for (number, wave) in (1..).zip(&plan.waves) {
                for host in &wave.hosts {
                    planned.turns.insert(name(host.host), Turn::Wave(number));
                    if !named.problem.hosts[host.host].under_way {
                        let begins = named.begins + Duration::seconds(host.begins.into());
                        planned.expected.insert(name(host.host), begins);
                    }
                }
            }
            planned.add_targets(plan, &named.problem);
        }
        for (host, first) in waits {
            let why = BlockReason::after_blocked_host(&first);
            planned.turns.insert(host, Turn::Blocked(why));
        }
        // What the cloud does not list is found out by its drain.
        for host in hosts {
            planned.turns.entry(host).or_insert(Turn::Wave(1));
        }
        planned
    }

    /// What was asked for; a session that is yet to start waits for replies first.
    fn spec(&self) -> Spec {
        let mut spec = self.session.head.spec.clone();
        if self.session.head.state == SessionState::Scheduled {
            let replied = self.now + spec.announce_reply_period;
            spec.window.start = spec.window.start.max(replied);
        }
        spec
    }

    /// Hosts that something is still to be done with.
    fn hosts(&self) -> BTreeSet<HostName> {
        let open = |h: &SessionHost| match h.state {
            // What does not fit into the window waits for the operator.
            SessionHostState::Waiting => self.session.fits_window(&h.host, self.now),
            SessionHostState::Draining | SessionHostState::InMaintenance => true,
            SessionHostState::Returning => {
                h.goal == Some(Goal::Maintained) || h.goal == Some(Goal::Waiting)
            }
            SessionHostState::Maintained
            | SessionHostState::Retired
            | SessionHostState::DrainFailed
            | SessionHostState::MaintenanceFailed
            | SessionHostState::Skipped
            | SessionHostState::Cancelled => false,
        };
        self.session.hosts.values().filter(|h| open(h)).map(|h| h.host.clone()).collect()
    }

    /// Takes out hosts that come after one that nothing is going to be done with as things are; gives them, and that one.
    fn those_after_others(&self, hosts: &mut BTreeSet<HostName>) -> Vec<(HostName, HostName)> {
        let mut out = Vec::new();
        loop {
            let waits = hosts.iter().filter(|h| self.is_waiting(h)).find_map(|h| {
                let mut first = self.session.comes_after(h).into_iter();
                first.find(|f| !hosts.contains(f)).map(|f| (h.clone(), f))
            });
            let Some((host, first)) = waits else { return out };
            hosts.remove(&host);
            out.push((host, first));
        }
    }

    fn is_waiting(&self, host: &HostName) -> bool {
        self.session.hosts.get(host).is_some_and(|h| h.state == SessionHostState::Waiting)
    }

    /// What is under way is where it is, or where it will be; what was decided is decided.
    fn as_it_stands(&self, named: &mut NamedProblem) {
        let begins = named.begins;
        let problem = &mut named.problem;
        // What ends late is better than what is not done.
        problem.window = None;
        let at: BTreeMap<HostName, usize> =
            problem.hosts.iter().enumerate().map(|(at, h)| (h.name.clone(), at)).collect();
        for host in &mut problem.hosts {
            if let Some(entry) = self.session.hosts.get(&host.name) {
                let waits = entry.goal == Some(Goal::Waiting);
                host.under_way = entry.state.is_active() && host.role != Role::Spare && !waits;
                host.takes |= entry.state.is_active()
                    && entry.scheduling == SchedulingFact::DisabledByUs
                    && host.role != Role::Spare;
                host.work = match (entry.state, entry.work_deadline(self.session)) {
                    (SessionHostState::InMaintenance, Some(deadline)) => {
                        seconds(deadline - self.now)
                    }
                    (SessionHostState::Returning, _) => 0,
                    _ => host.work,
                };
            }
        }
        // What its owner takes care of needs no place from anybody.
        let stays: Vec<bool> =
            problem.servers.iter().map(|s| !self.goes_by_itself(problem, s)).collect();
        let mut keep = stays.iter();
        problem.servers.retain(|_| keep.next() == Some(&true));
        let mut keep = stays.iter();
        named.servers.retain(|_| keep.next() == Some(&true));
        // Limits that were lowered do not count for what is under way.
        let under_way = problem.hosts.iter().filter(|h| h.under_way).count();
        let under_way = u32::try_from(under_way).unwrap_or(u32::MAX);
        problem.parallel_hosts = problem.parallel_hosts.max(under_way);
        for at_server in 0..problem.servers.len() {
            self.server_as_it_stands(problem, at_server, &at, begins);
        }
        named.count_impacts(self.ledger, Some(self.session.head.id), begins);
    }

    fn goes_by_itself(&self, problem: &Problem, server: &Server) -> bool {
        let (host, server) = (problem.hosts[server.host].name.clone(), server.id.clone());
        let entry = self.session.servers.get(&ServerKey { host, server });
        let decision = entry.filter(|e| e.state.is_open()).and_then(|e| e.decision.as_ref());
        decision.is_some_and(|d| d.action == Action::OwnAction)
    }

    fn server_as_it_stands(
        &self,
        problem: &mut Problem,
        server: usize,
        at: &BTreeMap<HostName, usize>,
        begins: Time,
    ) {
        let host = problem.servers[server].host;
        let key = ServerKey {
            host: problem.hosts[host].name.clone(),
            server: problem.servers[server].id.clone(),
        };
        let Some(entry) = self.session.servers.get(&key) else { return };
        if let Some(target) = moves_to(entry).and_then(|target| at.get(target)) {
            problem.servers[server].host = *target;
            return;
        }
        let permanent = problem.hosts[host].role == Role::Todo(Kind::Retirement);
        problem.servers[server].fate = match entry.decision.as_ref().map(|d| d.action) {
            Some(Action::Keep) => Fate::Stay,
            Some(Action::LiveMigrate | Action::Migrate | Action::OwnAction) => Fate::Move,
            // Where its policy allows nothing, its owner or the operator will.
            None if permanent => Fate::Move,
            None => problem.servers[server].fate,
        };
        let touch = entry.lead_ends(&self.session.head.spec, self.now);
        problem.servers[server].not_before = seconds(touch - begins);
        let placement = problem.servers[server].placement;
        let elsewhere: HostSet = problem.placements[placement]
            .iter()
            .filter(|h| !entry.failed_targets.contains(&problem.hosts[*h].name))
            .collect();
        // It may have been the server's fault: with nowhere else to go, it is tried there again.
        if !entry.failed_targets.is_empty()
            && elsewhere
                .iter()
                .any(|h| problem.hosts[h].takes && problem.hosts[h].role == Role::Spare)
        {
            problem.placements.push(elsewhere);
            problem.servers[server].placement = problem.placements.len() - 1;
        }
    }

    /// The plan by which nobody goes where another session sends him on, unless fewer hosts can be drained so.
    fn avoiding_others(
        &self,
        problem: &Problem,
        stages: &[u32],
    ) -> (Option<(u32, Plan)>, Option<NoPlan>) {
        let Some(avoided) = self.others.avoided(problem) else {
            return self.soonest(problem, stages);
        };
        let first = self.soonest(&avoided, stages);
        let left = |none: &Option<NoPlan>| none.as_ref().map_or(0, |none| none.hosts.len());
        if left(&first.1) == 0 {
            return first;
        }
        let second = self.soonest(problem, stages);
        if left(&second.1) < left(&first.1) { second } else { first }
    }

    /// The plan for all hosts that can be drained, and those that cannot.
    fn soonest(&self, problem: &Problem, stages: &[u32]) -> (Option<(u32, Plan)>, Option<NoPlan>) {
        let mut problem = problem.clone();
        let mut blocked: Vec<usize> = Vec::new();
        loop {
            let none = match soonest(&problem, stages) {
                Ok(found) => {
                    let blocked = (!blocked.is_empty()).then_some(NoPlan { hosts: blocked });
                    return (Some(found), blocked);
                }
                Err(none) => none,
            };
            let left: Vec<usize> = problem.todo().collect();
            let out = if none.hosts.is_empty() { left } else { none.hosts };
            if out.iter().all(|h| problem.hosts[*h].role == Role::Spare) {
                return (None, Some(NoPlan { hosts: blocked }));
            }
            for host in with_those_after(&problem, out) {
                let takes = problem.hosts[host].takes && !problem.hosts[host].under_way;
                problem = problem.with(Change::LeaveOut(host));
                problem.hosts[host].takes &= takes;
                blocked.push(host);
            }
        }
    }

    /// Why hosts cannot be drained, and what would help. That takes a while: what was said before is said again as
    /// long as nothing else is blocked.
    fn why(&self, named: &NamedProblem, none: &NoPlan) -> BlockReason {
        let names = none.hosts.iter().map(|h| &named.problem.hosts[*h].name);
        let mut before = names.map(|name| match self.session.hosts.get(name)?.turn.as_ref()? {
            Turn::Blocked(why) => (why.cause() == BlockCause::NoPlan).then_some(why),
            Turn::Wave(_) => None,
        });
        if let Some(Some(why)) = before.next()
            && before.all(|other| other == Some(why))
        {
            return why.clone();
        }
        BlockReason::no_plan(&say(named, &explain(&named.problem, none)))
    }
}

impl Planned {
    fn add_targets(&mut self, plan: &Plan, problem: &Problem) {
        let name = |h: usize| problem.hosts[h].name.clone();
        for host in plan.waves.iter().flat_map(|wave| &wave.hosts) {
            for goes in &host.moves {
                let server = problem.servers[goes.server].id.clone();
                self.targets.insert(ServerKey { host: name(host.host), server }, name(goes.to));
            }
        }
    }
}

/// Hosts that cannot be drained, and those that come after them.
fn with_those_after(problem: &Problem, mut out: Vec<usize>) -> Vec<usize> {
    let mut at = 0;
    while at < out.len() {
        let waits = problem.todo().filter(|h| problem.hosts[*h].after.contains(&out[at]));
        let waits: Vec<_> = waits.filter(|h| !out.contains(h)).collect();
        out.extend(waits);
        at += 1;
    }
    out
}

/// Where servers go from hosts that are begun and that no plan would begin now, because groups have no room for it. They
/// wait for their groups, others on the host do not.
fn begun(problem: &Problem, blocked: &NoPlan) -> Option<Plan> {
    if blocked.hosts.iter().all(|h| !problem.hosts[*h].under_way) {
        return None;
    }
    let mut problem = problem.clone();
    for host in &mut problem.hosts {
        if host.role != Role::Spare && !host.under_way {
            host.role = Role::Spare;
            host.takes = false;
        }
    }
    for group in &mut problem.groups {
        (group.limit, group.recovery) = (u32::MAX, 0);
        group.busy.clear();
    }
    plan(&problem).ok()
}

/// Where a server is being moved to.
fn moves_to(entry: &SessionServer) -> Option<&HostName> {
    let act = entry.act.as_ref()?;
    match act.call.op {
        Op::LiveMigrate | Op::Migrate | Op::ConfirmMigration | Op::AbortMigration(_) => {
            act.target.as_ref()
        }
        Op::Stop | Op::Start | Op::DisableScheduling | Op::EnableScheduling => None,
    }
}

fn say(named: &NamedProblem, conflict: &Conflict) -> String {
    let reasons = conflict.constraints.iter().map(|c| named.say_constraint(*c, conflict).words);
    let mut text = reasons.collect::<Vec<_>>().join("; ");
    if text.is_empty() {
        "there is no other host".clone_into(&mut text);
    }
    let helps = conflict.relaxations.iter().take(HINTS);
    let helps: Vec<_> = helps.map(|r| named.say_change(r.change, conflict).words).collect();
    if !helps.is_empty() {
        text += &format!("; it would help to {}", helps.join(", or to "));
    }
    text
}

/// Where a server is on its way to, or is to go: other sessions count it there.
pub fn promises(entry: &SessionServer) -> Option<&HostName> {
    let decided = entry.decision.as_ref().map(|d| d.action);
    let goes = match (entry.state, decided) {
        (_, Some(Action::Keep | Action::OwnAction)) => false,
        (ServerState::Affected | ServerState::InAction, _) => true,
        (
            ServerState::OwnAction
            | ServerState::Moved
            | ServerState::Kept
            | ServerState::Restored
            | ServerState::Gone
            | ServerState::Failed
            | ServerState::HandedOver,
            _,
        ) => false,
    };
    moves_to(entry).or_else(|| entry.target.as_ref().filter(|_| goes))
}
