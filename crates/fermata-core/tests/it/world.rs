//! A deterministic world around one session: a fake cloud, owners, a virtual clock, and a runner.
//!
//! - [`cloud`]: hosts, servers, migrations and the actions under way on them
//! - [`faults`]: what goes wrong, from a script or from a seed
//! - [`runner`]: does what the server's runner does, and crashes
//! - [`owners`]: owners that reply and act by a script
//! - [`story`]: words for scenarios

pub(crate) mod cloud;
pub(crate) mod faults;
pub(crate) mod owners;
pub(crate) mod runner;
pub(crate) mod story;

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::audit::Entry;
use fermata_core::event::{HostEvent, OperatorEvent, OwnerEvent};
use fermata_core::host_state::{self, Seen, Standing};
use fermata_core::id::{HostName, ProjectId};
use fermata_core::ledger::Ledger;
use fermata_core::machine::{Context, Input, Reject, Transition, create, step};
use fermata_core::policy::Policies;
use fermata_core::problem::Others;
use fermata_core::session::{CallId, Read, Session, SessionHostState};
use fermata_core::spec::Spec;
use fermata_core::{Duration, Time};
use time::macros::datetime;
use uuid::Uuid;

use crate::invariants::Checks;
use cloud::FakeCloud;
use owners::{Owner, Plan};

/// When every world begins.
pub(crate) const DAWN: Time = datetime!(2026-03-01 08:00 UTC);

/// Everything that was told, with the time.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) owners: Vec<(Time, ProjectId, OwnerEvent)>,
    pub(crate) operators: Vec<(Time, OperatorEvent)>,
    pub(crate) hosts: Vec<(Time, HostEvent)>,
    pub(crate) audits: Vec<(Time, Entry)>,
}

/// How long things take on their way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency {
    /// From the beginning of a read to its arrival, and from a call's arrival at the cloud to its answer.
    pub(crate) most: Duration,
}

/// A session and everything around it.
pub(crate) struct World {
    pub(crate) cloud: FakeCloud,
    pub(crate) session: Session,
    pub(crate) now: Time,
    pub(crate) interactive: BTreeSet<ProjectId>,
    pub(crate) policies: Policies,
    pub(crate) ledger: Ledger,
    /// What other sessions are about to do.
    pub(crate) others: Others,
    pub(crate) told: Told,
    /// How hosts stand, as the store keeps it; nobody reads the cloud's list of hosts again.
    standings: BTreeMap<HostName, Standing>,
    pub(crate) checks: Checks,
    pub(crate) owners: BTreeMap<ProjectId, Owner>,
    plans: Vec<Plan>,
    next_id: u128,
    epoch: u64,
    outages: u64,
    pub(crate) latency: Latency,
    chaos: faults::Rng,
    flights: Vec<(Time, Input)>,
    pub(crate) crashes: runner::Crashes,
    last_read: BTreeMap<(HostName, Read), Time>,
    reading: BTreeSet<(HostName, Read)>,
    last_progress: Option<Time>,
    call_again: BTreeMap<CallId, Time>,
    /// A plan is being made.
    planning: bool,
    /// The site could not be read, and is not read again before.
    plan_again: Option<Time>,
    seen: Time,
}

impl World {
    /// Creates the session and lets the first rules work.
    pub(crate) fn begin(
        mut cloud: FakeCloud,
        spec: Spec,
        owners: BTreeMap<ProjectId, Owner>,
        interactive: BTreeSet<ProjectId>,
        policies: Policies,
        seed: u64,
        latency: Latency,
    ) -> Result<Self, Reject> {
        let now = DAWN;
        cloud.advance(now);
        let hosts = cloud.hosts();
        let chosen = fermata_core::spec::select(&spec.selection, &hosts).expect("hosts exist");
        let servers = chosen.iter().flat_map(|h| cloud.servers_at(&h.name)).collect();
        let mut next_id = 0;
        let born = {
            let mut ids = || new_id(&mut next_id);
            let context = Context {
                now,
                interactive: &interactive,
                policies: &policies,
                ledger: None,
                ids: &mut ids,
            };
            create(story::operator(), spec, &chosen, servers, None, 0, context)?
        };
        let standings = hosts.iter().map(|h| {
            let seen = Seen::from(h);
            (h.name.clone(), Standing { seen, state: Some(host_state::state(seen, None)) })
        });
        let mut world = Self {
            standings: standings.collect(),
            cloud,
            session: born.next.clone(),
            now,
            interactive,
            told: Told::default(),
            checks: Checks::new(hosts, policies.clone()),
            policies,
            ledger: Ledger::default(),
            others: Others::default(),
            owners,
            plans: Vec::new(),
            next_id,
            epoch: 1,
            outages: 0,
            latency,
            chaos: faults::Rng::new(seed),
            flights: Vec::new(),
            crashes: runner::Crashes::default(),
            last_read: BTreeMap::new(),
            reading: BTreeSet::new(),
            last_progress: None,
            call_again: BTreeMap::new(),
            planning: false,
            plan_again: None,
            seen: now,
        };
        world.checks.created(&born, now);
        world.tell(None, born);
        world.nothing_follows();
        Ok(world)
    }

    /// Gives the session an input, as a transaction of the server would, and checks what comes out.
    /// `Ok(true)`: something changed.
    pub(crate) fn apply(&mut self, input: Input) -> Result<bool, Reject> {
        let before = self.session.clone();
        let shown = input.clone();
        let made = self.step(input);
        self.seen = self.now;
        match made {
            Err(reject) => Err(reject),
            Ok(None) => Ok(false),
            Ok(Some(transition)) => {
                self.session = transition.next.clone();
                for posting in &transition.ledger.entries {
                    self.ledger.post(posting, self.now);
                }
                self.checks.stepped(
                    &before,
                    &transition,
                    &shown,
                    &self.cloud,
                    &self.interactive,
                    self.now,
                );
                self.tell(Some(&before), transition);
                self.nothing_follows();
                Ok(true)
            }
        }
    }

    fn step(&mut self, input: Input) -> Result<Option<Transition>, Reject> {
        let mut ids = || new_id(&mut self.next_id);
        // Nobody says policies where they are said not to matter.
        let nothing = Policies::default();
        let matters = input.may_ask_or_act(&self.session);
        let policies = if matters { &self.policies } else { &nothing };
        let ledger = matters.then_some(&self.ledger);
        let interactive = &self.interactive;
        let context = Context { now: self.now, interactive, policies, ledger, ids: &mut ids };
        step(&self.session, input, context)
    }

    /// A look at the clock in the same moment finds nothing to do.
    fn nothing_follows(&mut self) {
        let again = self.step(Input::Tick).expect("a tick is never refused");
        assert!(again.is_none(), "a second look at {} changed something: {again:#?}", self.now);
    }

    fn tell(&mut self, before: Option<&Session>, transition: Transition) {
        crate::reasons::record(&transition);
        self.tell_hosts(before, &transition);
        let now = self.now;
        for (project, event) in transition.outbox.owners {
            self.owner_hears(&project, &event);
            self.told.owners.push((now, project, event));
        }
        let outbox = transition.outbox.operators;
        self.told.operators.extend(outbox.into_iter().map(|e| (now, e)));
        self.told.audits.extend(transition.audit.map(|entry| (now, entry)));
    }

    /// What the store tells of hosts, in the commit of the step.
    fn tell_hosts(
        &mut self,
        before: Option<&Session>,
        Transition { next, outbox, .. }: &Transition,
    ) {
        let is_over = next.head.state.is_terminal();
        for host in host_state::touched(before, next, outbox) {
            let standing = self.standings.entry(host.clone()).or_insert(Standing::UNTOLD);
            let counts = |state| !is_over || state == SessionHostState::Retired;
            let held = next.hosts.get(&host).filter(|row| counts(row.state));
            let seen = standing.seen.after_all(&host, outbox);
            if let Some(change) = standing.update(seen, held.map(AsRef::as_ref)) {
                self.told.hosts.push((self.now, HostEvent::of_step(next, host, change)));
            }
        }
        for alarm in &outbox.alarms {
            let state = self.standings[&alarm.host].state.expect("it was told");
            self.told.hosts.push((self.now, HostEvent::of_alarm(next, alarm, state)));
        }
    }
}

fn new_id(last: &mut u128) -> Uuid {
    *last += 1;
    Uuid::from_u128((7 << 76) | (2 << 62) | *last)
}
