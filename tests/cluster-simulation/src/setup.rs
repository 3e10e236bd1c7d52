//! A world from a seed: how big it is, who takes part, and everything that will go wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::{MigrationType, Policies, ServerPolicy};
use fermata_core::spec::{
    Action, Draft, Kind, OnFailure, OnObjection, OnSilence, Selection, StartMode,
};
use fermata_simcloud::{FaultKind, Operation, Sim, Topology};

use crate::checks::Checks;
use crate::client::Courier;
use crate::counts::Counts;
use crate::message::{Api, ClientAlarm, Event, Fate, Place, Trap};
use crate::network::{Network, Weather};
use crate::operator::{Operator, names};
use crate::owner::{Character, Owner};
use crate::queue::{Moment, Queue, date};
use crate::random::Random;
use crate::replica::{Process, Replica};
use crate::store::{ReplicaId, Store};
use crate::world::{CHECK_EVERY, World};

impl World {
    /// The world that this seed stands for.
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let mut random = Random::new(seed);
        let hosts = random.index(3) + 3;
        let topology = Topology::parse(&topology(&mut random, hosts)).expect("it is sound");
        let weather = if random.chance(300) {
            Weather::default()
        } else {
            let lost = random.pick(&[0, 5, 30]);
            let doubled = random.pick(&[0, 20, 100]);
            Weather { lost, doubled, late: random.pick(&[0, 10, 50]) }
        };
        let replicas = if random.chance(250) { 3 } else { 2 };
        let owners: Vec<_> = (1..=2)
            .map(|n| Owner::new(ProjectId::from(format!("project-{n}")), character(&mut random)))
            .collect();
        let interactive: BTreeSet<_> = owners
            .iter()
            .filter(|o| o.character != Character::Silent || random.chance(500))
            .map(|o| o.project.clone())
            .collect();
        let nobody = || Process::new(ReplicaId(0), Moment::ZERO, 0);
        let replica =
            || Replica { life: 0, up: false, paused_until: None, trap: None, process: nobody() };
        let checks = Checks { good_since: vec![None; replicas], ..Checks::default() };
        let mut world = Self {
            now: Moment::ZERO,
            queue: Queue::new(),
            network: Network::new(random.split(), weather),
            store: Store::default(),
            jumped: time::Duration::ZERO,
            database_away: 0,
            cloud_away: 0,
            cloud: Sim::new(&topology, date(Moment::ZERO)),
            replicas: (0..replicas).map(|_| replica()).collect(),
            couriers: (0..=owners.len()).map(|_| Courier::default()).collect(),
            owners,
            operator: Operator::default(),
            interactive,
            policies: policies(&mut Random::new(!seed)),
            last_id: 0,
            next_replica_id: 0,
            next_request: 0,
            healed: false,
            checks,
            counts: Counts::default(),
            trace: traced.then(Vec::new),
            random,
        };
        world.read_cloud_journal();
        for r in 0..replicas {
            world.boot(r);
        }
        for client in 0..world.owners.len() {
            let pause = world.random.millis(100, 2000);
            world.wake_client(client, pause, ClientAlarm::Pull);
        }
        world.plan_sessions(hosts);
        world.plan_trouble(hosts);
        world.queue.push(CHECK_EVERY, Event::CheckDue);
        world
    }

    fn plan_sessions(&mut self, hosts: usize) {
        let operator = self.owners.len();
        let count = self.random.pick(&[1, 1, 2, 2, 3]);
        self.operator.wanted = count;
        let mut at = self.random.millis(200, 2000);
        for _ in 0..count {
            let draft = draft(&mut self.random, hosts, at);
            let alarm = ClientAlarm::Say(Box::new(Api::Create(Box::new(draft))));
            self.wake_client(operator, at, alarm);
            at += self.random.millis(500, 30_000);
        }
        self.counts.sessions += count as u64;
        let pause = self.random.millis(2000, 6000);
        self.wake_client(operator, pause, ClientAlarm::Mind);
    }

    /// Everything that will go wrong, and when that is over.
    fn plan_trouble(&mut self, hosts: usize) {
        let end = self.random.millis(40_000, 110_000);
        let replicas = self.replicas.len();
        let count = self.random.pick(&[0, 3, 6, 10]);
        for _ in 0..count {
            let random = &mut self.random;
            let at = random.millis(500, 90_000).min(end);
            let r = random.index(replicas);
            let (fate, long) = match random.between(0, 100) {
                0..14 => (Fate::Crash(r), random.millis(100, 25_000)),
                14..22 => {
                    let trap = random.pick(&TRAPS);
                    (Fate::Trap(r, trap, random.millis(100, 20_000)), Duration::ZERO)
                }
                22..27 => (Fate::Resign(r), random.millis(500, 10_000)),
                27..42 => {
                    let long = random.millis(300, 20_000);
                    (Fate::Pause(r, long), long)
                }
                42..60 => {
                    let other = random.index(5);
                    let long = random.millis(500, 20_000);
                    let other = self.place(other);
                    (Fate::Cut(Place::Replica(r), other), long)
                }
                60..68 => (Fate::DatabaseAway, random.millis(500, 60_000)),
                68..74 => (Fate::CloudAway, random.millis(500, 20_000)),
                74..82 => (Fate::SlowCloud, random.millis(1000, 30_000)),
                82..87 => {
                    let millis = i64::try_from(random.between(0, 6001)).unwrap_or(0) - 3000;
                    (Fate::Jump(millis), Duration::ZERO)
                }
                87..92 => (cloud_fault(random), Duration::ZERO),
                92..97 => {
                    let (server, host) = (random.index(1000), random.index(hosts));
                    (Fate::Move { server, host }, Duration::ZERO)
                }
                _ => {
                    let (host, project) = (random.index(hosts), random.index(2));
                    (Fate::NewServer { host, project }, Duration::ZERO)
                }
            };
            self.queue.push(at, Event::Fate(fate.clone()));
            self.queue.push(at + long, Event::FateEnds(fate));
        }
        self.queue.push(end, Event::Heal);
    }
}

const TRAPS: [Trap; 4] = [Trap::CrashBegun, Trap::PauseBegun, Trap::CrashCalled, Trap::PauseCalled];

fn cloud_fault(random: &mut Random) -> Fate {
    let operation = random.pick(&[
        Operation::LiveMigrate,
        Operation::Migrate,
        Operation::ConfirmMigration,
        Operation::Stop,
        Operation::Start,
        Operation::SetScheduling,
        Operation::ServersOn,
        Operation::Progress,
    ]);
    let kind = random.pick(&[
        FaultKind::Fails,
        FaultKind::Hangs,
        FaultKind::Forgets,
        FaultKind::Error,
        FaultKind::LostAnswer,
        FaultKind::UnknownNotDone,
        FaultKind::Unavailable,
        FaultKind::Rejects,
    ]);
    // A switch of scheduling that Nova confirms and does not make is beyond what can be coped with.
    let kind = match (operation, kind) {
        (Operation::SetScheduling, FaultKind::Forgets) => FaultKind::LostAnswer,
        (_, kind) => kind,
    };
    Fate::CloudFault(operation, kind)
}

fn character(random: &mut Random) -> Character {
    let action =
        random.pick(&[Action::LiveMigrate, Action::LiveMigrate, Action::Migrate, Action::Keep]);
    match random.between(0, 100) {
        0..40 => Character::Agrees(action),
        40..55 => Character::Choosy,
        55..70 => Character::Silent,
        70..75 => Character::Objects,
        75..85 => Character::ObjectsForAWhile,
        85..92 => Character::Late,
        _ => Character::Stubborn,
    }
}

/// What owners have stored for some of the servers, whoever of them has the server.
fn policies(random: &mut Random) -> Policies {
    let mut servers = Vec::new();
    for n in 1..=10 {
        if random.chance(600) {
            continue;
        }
        let temporary = [Action::LiveMigrate, Action::Migrate, Action::Keep];
        let migrations: [&[MigrationType]; 4] = [
            &[],
            &[MigrationType::Offline],
            &[MigrationType::Live, MigrationType::Offline],
            &[MigrationType::None],
        ];
        let policy = ServerPolicy {
            controlled_temporary: random.chance(300).then(|| random.pick(&temporary)),
            controlled_permanent: random.chance(300).then_some(Action::Migrate),
            lead_time: random
                .chance(700)
                .then(|| time::Duration::try_from(random.millis(0, 45_000)).unwrap_or_default()),
            migrations: random.pick(&migrations).to_vec(),
            ..ServerPolicy::default()
        };
        let server = ServerId(format!("server-{n}"));
        let project = |n| ProjectId::from(format!("project-{n}"));
        servers.extend((1..=2).map(|n| (project(n), server.clone(), policy.clone())));
    }
    Policies::new(servers, [])
}

fn topology(random: &mut Random, hosts: usize) -> String {
    let mut text = format!("seed = {}\njournal_entries = 200000\n", random.next() >> 2);
    text.push_str("projects = [{ id = \"project-1\", name = \"one\" }, { id = \"project-2\", name = \"two\" }]\n");
    text.push_str("hosts = [\n");
    for name in names(hosts) {
        let _ = writeln!(
            text,
            "{{ name = \"{name}\", vcpus = 20, memory_mib = 20480, disk_gib = 100 }},"
        );
    }
    text.push_str("]\nservers = [\n");
    for n in 1..=random.between(3, 11) {
        let host = &names(hosts)[random.index(hosts)];
        let project = random.pick(&["one", "two"]);
        let status = random.pick(&["active", "active", "active", "active", "shutoff"]);
        let _ = writeln!(
            text,
            "{{ id = \"server-{n}\", name = \"server-{n}\", project = \"{project}\", host = \"{host}\", \
             status = \"{status}\", size = {{ vcpus = 2, memory_mib = 2048, disk_gib = 5 }} }},"
        );
    }
    let longest = random.pick(&[2500, 6000, 15_000]);
    let _ = write!(
        text,
        "]\n[latencies]\nlive_migrate = {{ min_ms = 1000, max_ms = {longest} }}\n\
         migrate = {{ min_ms = 1000, max_ms = {longest} }}\n"
    );
    text
}

fn draft(random: &mut Random, hosts: usize, at: Moment) -> Draft {
    let mut chosen = names(hosts);
    let count = random.index(hosts.min(3)) + 1;
    while chosen.len() > count {
        chosen.remove(random.index(chosen.len()));
    }
    let secs = |low: u64, high: u64, random: &mut Random| {
        Some(time::Duration::milliseconds(
            i64::try_from(random.between(low * 1000, high * 1000 + 1)).unwrap_or(0),
        ))
    };
    let retires = random.chance(150);
    let default_action = random.pick(&[Action::LiveMigrate, Action::Migrate, Action::Keep]);
    let start = random.chance(150).then(|| date(at + random.millis(5000, 20_000)));
    Draft {
        selection: Selection { names: chosen, ..Selection::default() },
        window_start: start,
        window_end: Some(date(at + random.millis(120_000, 900_000))),
        kind: if retires { Kind::Retirement } else { Kind::Temporary },
        reason: "new firmware".to_owned(),
        announce_reply_period: secs(0, 15, random),
        drain_reply_period: secs(2, 25, random),
        lead_time: secs(0, 10, random),
        on_silence: random.pick(&[OnSilence::Proceed, OnSilence::Hold, OnSilence::FailHost]),
        on_objection: random.pick(&[OnObjection::Hold, OnObjection::FailHost]),
        default_action: Some(if retires { Action::LiveMigrate } else { default_action }),
        on_failure: random.pick(&[OnFailure::Stop, OnFailure::Continue]),
        start_mode: random.pick(&[StartMode::Automatic, StartMode::Automatic, StartMode::Manual]),
        max_parallel_hosts: u32::try_from(random.between(1, 4)).unwrap_or(1),
        max_parallel_actions: u32::try_from(random.between(1, 5)).unwrap_or(1),
        drain_timeout: secs(60, 240, random),
        action_timeout: secs(15, 60, random),
        action_attempts: u32::try_from(random.between(1, 4)).unwrap_or(1),
        ..Draft::default()
    }
}
