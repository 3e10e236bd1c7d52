//! Whatever is done to a cloud, some things hold.

use std::collections::BTreeMap;

use fermata_core::cloud::{MigrationStatus, Scheduling, ServerSeen, ServerStatus};
use fermata_core::id::{HostName, ServerId};
use fermata_simcloud::{Action, Event, Fault, FaultKind, Operation};
use proptest::prelude::*;

use crate::common::{Lab, SMALL, START, host, id, small_server};

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Act(usize, Action),
    Abort(usize),
    Scheduling(usize, Scheduling),
    Inject(Operation, FaultKind),
    ClearFaults,
    Down(usize),
    Up(usize),
    Create(usize),
    Delete(usize),
    Move(usize, usize),
}

const HOSTS: [&str; 3] = ["h1", "h2", "h3"];

fn action() -> impl Strategy<Value = Action> {
    let target = || proptest::option::of((0..3_usize).prop_map(|n| host(HOSTS[n])));
    prop_oneof![
        3 => target().prop_map(|target| Action::LiveMigrate { target }),
        3 => target().prop_map(|target| Action::Migrate { target }),
        2 => Just(Action::ConfirmMigration),
        1 => Just(Action::Stop),
        1 => Just(Action::Start),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let scheduling = prop_oneof![
        2 => Just(Scheduling::Enabled),
        1 => Just(Scheduling::Disabled { reason: String::new() }),
    ];
    let operation = prop_oneof![
        Just(Operation::LiveMigrate),
        Just(Operation::Migrate),
        Just(Operation::ConfirmMigration),
        Just(Operation::AbortMigration),
        Just(Operation::Stop),
    ];
    let kind = prop_oneof![
        Just(FaultKind::Fails),
        Just(FaultKind::Hangs),
        Just(FaultKind::Forgets),
        Just(FaultKind::Error),
        Just(FaultKind::LostAnswer),
        Just(FaultKind::UnknownNotDone),
    ];
    prop_oneof![
        8 => (0..4_000_i64).prop_map(Step::Wait),
        8 => (0..8_usize, action()).prop_map(|(n, action)| Step::Act(n, action)),
        1 => (0..8_usize).prop_map(Step::Abort),
        2 => (0..3_usize, scheduling).prop_map(|(n, scheduling)| Step::Scheduling(n, scheduling)),
        1 => (operation, kind).prop_map(|(operation, kind)| Step::Inject(operation, kind)),
        1 => Just(Step::ClearFaults),
        1 => (0..3_usize).prop_map(Step::Down),
        2 => (0..3_usize).prop_map(Step::Up),
        2 => (0..3_usize).prop_map(Step::Create),
        1 => (0..8_usize).prop_map(Step::Delete),
        1 => (0..8_usize, 0..3_usize).prop_map(|(n, host)| Step::Move(n, host)),
    ]
}

/// A cloud, and the servers that there ever were.
struct World {
    lab: Lab,
    servers: Vec<ServerId>,
}

impl World {
    fn new() -> Self {
        Self { lab: Lab::new(SMALL), servers: vec![id("db-1"), id("db-2")] }
    }

    /// What the cloud answers is not looked at: it may refuse anything, but not break.
    fn take(&mut self, step: &Step) {
        let now = self.lab.now;
        let sim = &mut self.lab.sim;
        let server = |n: usize| self.servers[n % self.servers.len()].clone();
        match step.clone() {
            Step::Wait(milliseconds) => self.lab.wait_ms(milliseconds),
            Step::Act(n, action) => drop(sim.act(now, &server(n), action)),
            Step::Abort(n) => {
                let progress = sim.progress(now, &[server(n)], START).unwrap();
                if let Some(migration) = progress.migrations.last().map(|last| last.id) {
                    drop(sim.act(now, &server(n), Action::AbortMigration { migration }));
                }
            }
            Step::Scheduling(n, to) => sim.set_scheduling(now, &host(HOSTS[n]), &to).unwrap(),
            Step::Inject(operation, kind) => {
                let times = Some(1);
                let fault = Fault { times, ..Fault::always(operation, kind) };
                sim.inject(fault).unwrap();
            }
            Step::ClearFaults => sim.clear_faults(now),
            Step::Down(n) => sim.host_goes_down(now, &host(HOSTS[n])).unwrap(),
            Step::Up(n) => sim.host_comes_up(now, &host(HOSTS[n])).unwrap(),
            Step::Create(n) => {
                let created = sim.create_server(now, small_server("new", HOSTS[n]));
                self.servers.extend(created);
            }
            Step::Delete(n) => drop(sim.delete_server(now, &server(n))),
            Step::Move(n, to) => drop(sim.move_server(now, &server(n), &host(HOSTS[to]))),
        }
    }

    fn state(&self) -> String {
        serde_json::to_string(&self.lab.sim).unwrap()
    }
}

/// Replays the journal as an outsider would, and checks it entry by entry.
#[derive(Default)]
struct Checker {
    open: BTreeMap<HostName, bool>,
    servers: BTreeMap<ServerId, (HostName, Option<HostName>)>,
    migrations: BTreeMap<i64, String>,
}

impl Checker {
    fn check(&mut self, event: &Event) {
        match event {
            Event::Call { .. } | Event::Group { .. } => {}
            Event::Host { host, up, scheduling, .. } => {
                let open = *up && *scheduling == Scheduling::Enabled;
                self.open.insert(host.clone(), open);
            }
            Event::HostGone { host } => {
                self.open.remove(host);
            }
            Event::Server { server, host, reserved, .. } => {
                let ends = (host.clone(), reserved.clone());
                self.servers.insert(server.clone(), ends);
                self.check_apart();
            }
            Event::Gone { server } => {
                self.servers.remove(server);
            }
            Event::Migration { migration, status, destination, .. } => {
                let before = self.migrations.insert(migration.0, status.clone());
                if before.is_none() && status != "error" {
                    let to = destination.as_ref().unwrap();
                    assert!(self.open[to], "{event:?}: its host takes no servers");
                }
                if let Some(before) = before {
                    let over = ["completed", "confirmed", "failed", "error", "cancelled"];
                    assert!(!over.contains(&before.as_str()), "{event:?} was {before}");
                }
            }
        }
    }

    fn check_apart(&self) {
        let ends = |name: &str| -> Vec<&HostName> {
            let found = self.servers.get(&id(name));
            found.map_or_else(Vec::new, |(on, other)| std::iter::once(on).chain(other).collect())
        };
        let (one, two) = (ends("db-1"), ends("db-2"));
        assert!(!one.iter().any(|host| two.contains(host)), "{one:?} {two:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn capacity_groups_and_endings_hold(steps in proptest::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        let mut checker = Checker::default();
        for step in &steps {
            world.take(step);
            for name in HOSTS {
                for (class, most) in [("VCPU", 8), ("MEMORY_MB", 8192), ("DISK_GB", 100)] {
                    prop_assert!(world.lab.used(name, class) <= most);
                }
            }
        }
        world.lab.sim.clear_faults(world.lab.now);
        for name in HOSTS {
            world.lab.sim.host_comes_up(world.lab.now, &host(name)).unwrap();
        }
        world.lab.settle();
        let entries = world.lab.sim.journal(0);
        prop_assert!(entries.is_sorted_by_key(|entry| entry.at));
        for entry in &entries {
            checker.check(&entry.event);
        }
        let progress = world.lab.sim.progress(world.lab.now, &world.servers, START).unwrap();
        let settled = |seen: &ServerSeen| match seen {
            ServerSeen::Present(server) => server.task.is_none(),
            ServerSeen::Gone(_) => true,
        };
        prop_assert!(progress.servers.iter().all(settled), "{:?}", progress.servers);
        let under_way = |status: &MigrationStatus| *status == MigrationStatus::InProgress;
        prop_assert!(!progress.migrations.iter().any(|found| under_way(&found.status)));
        for seen in &progress.servers {
            if let ServerSeen::Present(server) = seen {
                let waits = progress.migrations.iter().any(|found| {
                    found.server == server.id
                        && found.status == MigrationStatus::AwaitsConfirmation
                });
                prop_assert_eq!(waits, server.status == ServerStatus::VerifyResize);
            }
        }
    }

    #[test]
    fn a_cloud_goes_on_the_same_from_its_saved_state(
        before in proptest::collection::vec(step(), 1..40),
        after in proptest::collection::vec(step(), 1..40),
    ) {
        let mut kept = World::new();
        for step in &before {
            kept.take(step);
        }
        let mut restored = World {
            lab: Lab { sim: serde_json::from_str(&kept.state()).unwrap(), now: kept.lab.now },
            servers: kept.servers.clone(),
        };
        for step in &after {
            kept.take(step);
            restored.take(step);
        }
        prop_assert_eq!(kept.state(), restored.state());
    }
}
