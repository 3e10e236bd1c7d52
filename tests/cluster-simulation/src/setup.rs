//! A world from a seed: how big it is, who takes part, and everything that will go wrong.
//!
//! - [`site`]: the cloud
//! - [`groups`]: groups of servers, and what their owners want for them
//! - [`sessions`]: what the operator wants to do, and when

mod groups;
mod sessions;
mod site;

use std::collections::BTreeSet;
use std::time::Duration;

use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_core::policy::{MigrationType, Policies, ServerPolicy};
use fermata_core::spec::Action;
use fermata_simcloud::{FaultKind, Operation, Sim};

use crate::checks::Checks;
use crate::checks::groups::Watch;
use crate::checks::groups::held::TOLERANCE;
use crate::client::Courier;
use crate::counts::Counts;
use crate::message::{ClientAlarm, Event, Fate, Place, Trap};
use crate::network::{Network, Weather};
use crate::operator::Operator;
use crate::owner::{Character, Habit, Owner};
use crate::queue::{Moment, Queue, date};
use crate::random::Random;
use crate::replica::{Process, Replica};
use crate::store::{ReplicaId, Store};
use crate::world::{CHECK_EVERY, World};
use groups::Groups;
use site::Site;

impl World {
    /// The world that this seed stands for.
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let mut random = Random::new(seed);
        let hosts = random.index(3) + 3;
        let mut site = Site::new(&mut random, hosts);
        // With a chance of its own: worlds without groups are what they are without this.
        let mut chance = Random::new(seed ^ GROUPS);
        let grouped = chance.chance(600);
        let mut groups =
            if grouped { Groups::new(&mut chance, &mut site) } else { Groups::default() };
        let mut willing = Random::new(seed ^ OFFERS);
        groups.allow_scale_in(&mut willing);
        if willing.chance(50) {
            let project = willing.pick(&["one", "two"]);
            site.fill(&mut willing, project);
            groups.add_to_scale_in(&mut willing, project, &site);
        }
        let cloud = Sim::new(&site.topology(&groups.of_cloud), date(Moment::ZERO));
        let wanted = groups.wanted(&cloud);
        let weather = if random.chance(300) {
            Weather::default()
        } else {
            let lost = random.pick(&[0, 5, 30]);
            let doubled = random.pick(&[0, 20, 100]);
            Weather { lost, doubled, late: random.pick(&[0, 10, 50]) }
        };
        let replicas = if random.chance(250) { 3 } else { 2 };
        let mut owners: Vec<_> = (1..=2)
            .map(|n| {
                let project = ProjectId::from(format!("project-{n}"));
                Owner::new(project, character(&mut random), willing.split())
            })
            .collect();
        if willing.chance(500) {
            owners.iter_mut().for_each(|owner| owner.habit = habit(&mut willing));
        }
        let interactive: BTreeSet<_> = owners
            .iter()
            .filter(|o| o.character != Character::Silent || random.chance(500))
            .map(|o| o.project.clone())
            .collect();
        let nobody = || Process::new(ReplicaId(0), Moment::ZERO, 0);
        let replica =
            || Replica { life: 0, up: false, paused_until: None, trap: None, process: nobody() };
        let watch = Watch::new(TOLERANCE, wanted.iter().map(groups::checked));
        let checks = Checks { watch, good_since: vec![None; replicas], ..Checks::default() };
        let mut world = Self {
            now: Moment::ZERO,
            queue: Queue::new(),
            network: Network::new(random.split(), weather),
            store: Store::default(),
            jumped: time::Duration::ZERO,
            database_away: 0,
            cloud_away: 0,
            cloud,
            down: BTreeSet::new(),
            replicas: (0..replicas).map(|_| replica()).collect(),
            couriers: (0..=owners.len()).map(|_| Courier::default()).collect(),
            owners,
            operator: Operator::default(),
            interactive,
            policies: Policies::new(policies(&mut Random::new(!seed)), wanted),
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
        if grouped && chance.chance(700) {
            world.plan_two_sessions(&mut chance, hosts);
        } else {
            world.plan_sessions(hosts);
        }
        let healed = world.plan_trouble(hosts);
        world.plan_host_faults(&mut chance, &groups.hosts, healed);
        world.queue.push(CHECK_EVERY, Event::CheckDue);
        world
    }

    /// Everything that will go wrong. Answers when that is over.
    fn plan_trouble(&mut self, hosts: usize) -> Moment {
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
        end
    }

    /// Hosts go down for a while: such that had members of groups at the beginning.
    fn plan_host_faults(&mut self, chance: &mut Random, hosts: &[HostName], healed: Moment) {
        if hosts.is_empty() {
            return;
        }
        for _ in 0..chance.pick(&[0, 0, 1, 1, 2]) {
            let at = chance.millis(2000, 70_000).min(healed);
            let fate = Fate::HostDown(hosts[chance.index(hosts.len())].clone());
            let long = chance.millis(3000, 60_000);
            self.queue.push(at, Event::Fate(fate.clone()));
            self.queue.push(at + long, Event::FateEnds(fate));
        }
    }
}

/// Apart from everything else that a seed gives.
const GROUPS: u64 = 0x6772_6f75_7073;
const OFFERS: u64 = 0x6f66_6665_7273;

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

/// How often an owner makes offers, in a world where that is done.
fn habit(willing: &mut Random) -> Habit {
    let offers = willing.pick(&[0, 300, 600, 900]);
    Habit { offers, most: willing.pick(&[1, 1, 2]) }
}

/// What owners have stored for some of the servers, whoever of them has the server.
fn policies(random: &mut Random) -> Vec<(ProjectId, ServerId, ServerPolicy)> {
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
            migration_types: random.pick(&migrations).to_vec(),
            ..ServerPolicy::default()
        };
        let server = ServerId(format!("server-{n}"));
        let project = |n| ProjectId::from(format!("project-{n}"));
        servers.extend((1..=2).map(|n| (project(n), server.clone(), policy.clone())));
    }
    servers
}
