//! Does what the server's runner does: makes due calls, reads what is wanted, watches actions, looks at the
//! clock; and crashes.

use std::sync::Arc;

use fermata_core::cloud::Scheduling;
use fermata_core::id::{HostName, ServerId};
use fermata_core::machine::{Input, Outage};
use fermata_core::policy::CloudGroups;
use fermata_core::problem::Pace;
use fermata_core::replan::Replan;
use fermata_core::scheduling;
use fermata_core::session::{Call, CallTarget, DueCall, Op, Phase, Read};
use fermata_core::{Duration, Time};

use super::World;

/// How often actions are looked at.
const WATCH: Duration = Duration::seconds(5);
/// Before a call whose server could not be read is tried again.
const AGAIN: Duration = Duration::seconds(2);

/// Where a crash can happen around a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrashPoint {
    /// The intent is recorded; the call is not made.
    BeforeCall,
    /// The call was made; its answer is not recorded.
    AfterCall,
}

/// Crashes that shall happen: at these calls, counted from the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crashes {
    pub(crate) at: Vec<(usize, CrashPoint, Duration)>,
    calls: usize,
}

impl World {
    /// Lets time pass.
    pub(crate) fn run_until(&mut self, until: Time) {
        loop {
            self.turn();
            match self.next_moment() {
                Some(at) if at <= until => self.now = at.max(self.now),
                Some(_) | None => break,
            }
        }
        self.now = until.max(self.now);
        self.turn();
    }

    /// Lets time pass until something holds.
    pub(crate) fn run_while(&mut self, most: Duration, mut goes_on: impl FnMut(&Self) -> bool) {
        let end = self.now + most;
        self.turn();
        while goes_on(self) && self.now < end {
            let next = self.next_moment().unwrap_or(end);
            if next > end {
                self.now = end.max(self.now);
                self.turn();
                return;
            }
            self.now = next.max(self.now);
            self.turn();
        }
    }

    /// Everything that is to be done at this moment.
    fn turn(&mut self) {
        // Each of these may be the cause of another; a moment has an end.
        for _ in 0..1000 {
            let revision = self.session.head.revision;
            self.cloud.advance(self.now);
            self.deliver();
            self.owners_act();
            self.make_calls();
            self.read_wanted();
            self.watch();
            self.plan();
            if self.session.next_due(self.seen).is_some_and(|at| at <= self.now) {
                self.apply(Input::Tick).unwrap();
                self.seen = self.now;
            }
            if self.session.head.revision == revision && !self.flights_due() {
                return;
            }
        }
        panic!("the session never comes to rest at {}", self.now);
    }

    fn next_moment(&self) -> Option<Time> {
        let calls = self.call_again.values().copied();
        let wants = self.session.wants().into_iter().filter_map(|w| {
            let key = (w.host, w.what);
            if self.reading.contains(&key) {
                return None;
            }
            Some(self.last_read.get(&key).map_or(self.now, |at| *at + w.every))
        });
        let watch = (!self.session.watched().is_empty())
            .then(|| self.last_progress.map_or(self.now, |at| at + WATCH));
        self.flights
            .iter()
            .map(|(at, _)| *at)
            .chain(self.plans.iter().map(|p| p.at))
            .chain(calls)
            .chain(wants)
            .chain(watch)
            .chain(self.plan_again)
            .chain(self.session.plan_due().filter(|_| !self.planning))
            .chain(self.session.next_due(self.seen))
            .filter(|at| *at > self.now)
            .min()
    }

    fn flights_due(&self) -> bool {
        self.flights.iter().any(|(at, _)| *at <= self.now)
    }

    /// Whether a plan is on its way that asks owners to scale in.
    pub(crate) fn is_about_to_ask(&self) -> bool {
        self.flights.iter().any(|(_, input)| match input {
            Input::Planned(Ok(planned)) => !planned.scale_in.is_empty(),
            _ => false,
        })
    }

    fn deliver(&mut self) {
        let now = self.now;
        self.call_again.retain(|_, at| *at > now);
        while let Some(i) = self.flights.iter().position(|(at, _)| *at <= now) {
            let (_, input) = self.flights.remove(i);
            match &input {
                Input::StatusRead { host, .. } => {
                    self.reading.remove(&(host.clone(), Read::Status));
                }
                Input::ServersRead { host, .. } => {
                    self.reading.remove(&(host.clone(), Read::Servers));
                }
                Input::Planned(_) => self.planning = false,
                _ => {}
            }
            self.apply(input).unwrap();
        }
    }

    /// Gives the session an input after it was on its way for a while.
    fn send(&mut self, input: Input) {
        let delay = self.chaos.span(self.latency.most);
        if delay.is_zero() {
            self.flights.push((self.now, input));
            self.deliver();
        } else {
            self.flights.push((self.now + delay, input));
        }
    }

    fn make_calls(&mut self) {
        for due in self.session.due_calls(self.now) {
            if self.call_again.contains_key(&due.id) {
                continue;
            }
            if self.make_call(&due) == NamedProblem::Crashed {
                return;
            }
        }
    }

    fn make_call(&mut self, due: &DueCall) -> NamedProblem {
        let seen = match &due.target {
            CallTarget::Host(_) => None,
            CallTarget::Server(id) => {
                match self
                    .cloud
                    .read_progress(std::slice::from_ref(id), self.session.head.created_at)
                {
                    Ok(seen) => Some(seen),
                    Err(error) => {
                        self.call_again.insert(due.id, self.now + AGAIN);
                        self.apply(Input::Progress(Err(error))).unwrap();
                        return NamedProblem::Fine;
                    }
                }
            }
        };
        self.apply(Input::Begin { call: due.id, epoch: self.epoch, seen }).unwrap();
        let Some(call) = self.call(due).filter(|c| c.id == due.id && c.phase == Phase::Begun)
        else {
            return NamedProblem::Fine;
        };
        let crash = self.crashes.next();
        if let Some((CrashPoint::BeforeCall, down)) = crash {
            self.crash(down);
            return NamedProblem::Crashed;
        }
        let result = match &due.target {
            CallTarget::Server(id) => {
                self.checks.calls(&self.session, &self.cloud, id, call.op, self.now);
                self.cloud.call_server(id, call.op, self.target(due).as_ref())
            }
            CallTarget::Host(host) => {
                let scheduling = if call.op == Op::EnableScheduling {
                    Scheduling::Enabled
                } else {
                    Scheduling::Disabled { reason: scheduling::reason(&self.session, host) }
                };
                self.cloud.call_host(host, scheduling)
            }
        };
        if let Some((CrashPoint::AfterCall, down)) = crash {
            self.crash(down);
            return NamedProblem::Crashed;
        }
        self.send(Input::Ended { call: due.id, result });
        NamedProblem::Fine
    }

    /// Where the call moves its server to.
    fn target(&self, due: &DueCall) -> Option<HostName> {
        let acts = self.session.servers.values().filter_map(|s| s.act.as_ref());
        acts.filter(|a| a.call.id == due.id).find_map(|a| a.target.clone())
    }

    fn call(&self, due: &DueCall) -> Option<Call> {
        match &due.target {
            CallTarget::Host(host) => self.session.hosts.get(host)?.call.clone(),
            CallTarget::Server(id) => self
                .session
                .servers
                .values()
                .filter(|s| s.key.server == *id)
                .filter_map(|s| s.act.as_ref())
                .map(|a| a.call.clone())
                .find(|c| c.id == due.id),
        }
    }

    fn read_wanted(&mut self) {
        for want in self.session.wants() {
            let key = (want.host.clone(), want.what);
            let fresh = self.last_read.get(&key).is_some_and(|at| *at + want.every > self.now);
            if fresh || self.reading.contains(&key) {
                continue;
            }
            self.last_read.insert(key.clone(), self.now);
            self.reading.insert(key);
            let (host, at) = (want.host, self.now);
            let input = match want.what {
                Read::Status => {
                    let result = self.cloud.read_host(&host);
                    Input::StatusRead { host, at, result }
                }
                Read::Servers => {
                    let result = self.cloud.read_servers(&host);
                    Input::ServersRead { host, at, result }
                }
            };
            self.send(input);
        }
    }

    fn watch(&mut self) {
        let watched: Vec<ServerId> = self.session.watched();
        if watched.is_empty() || self.last_progress.is_some_and(|at| at + WATCH > self.now) {
            return;
        }
        self.last_progress = Some(self.now);
        let result = self.cloud.read_progress(&watched, self.session.head.created_at);
        self.send(Input::Progress(result));
    }

    /// Makes a plan, if one is wanted.
    pub(crate) fn plan(&mut self) {
        if self.planning || !self.session.wants_plan(self.now) {
            return;
        }
        if self.plan_again.is_some_and(|at| at > self.now) {
            return;
        }
        let site = self.cloud.read_site();
        self.plan_again = site.is_err().then(|| self.now + AGAIN);
        self.planning = true;
        let planned = site.map(|site| {
            let groups = Arc::new(CloudGroups::from(&site));
            let policies = self.policies.clone().with_cloud(groups);
            let replan = Replan {
                session: &self.session,
                site: &site,
                policies: &policies,
                ledger: &self.ledger,
                others: &self.others,
                pace: Pace::default(),
                now: self.now,
            };
            replan.plan()
        });
        self.send(Input::Planned(planned));
    }

    /// The process ends and another one takes over after a while.
    pub(crate) fn crash(&mut self, down: Duration) {
        self.crash_often(&[down]);
    }

    /// The process ends, and so do all but the last of those that follow before they do anything.
    pub(crate) fn crash_often(&mut self, downs: &[Duration]) {
        self.flights.clear();
        self.reading.clear();
        self.planning = false;
        self.plan_again = None;
        self.last_read.clear();
        self.last_progress = None;
        self.call_again.clear();
        let mut outages = Vec::new();
        for down in downs {
            let since = self.now;
            self.now += *down;
            self.outages += 1;
            self.epoch += 1;
            outages.push(Outage { number: self.outages, since, until: self.now });
        }
        self.cloud.advance(self.now);
        self.apply(Input::Outages(outages)).unwrap();
        self.apply(Input::Recover { epoch: self.epoch }).unwrap();
    }
}

/// What became of the process that made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedProblem {
    Fine,
    Crashed,
}

impl Crashes {
    /// Whether the process ends around the next call.
    fn next(&mut self) -> Option<(CrashPoint, Duration)> {
        let call = self.calls;
        self.calls += 1;
        self.at.iter().find(|(at, _, _)| *at == call).map(|(_, point, down)| (*point, *down))
    }
}
