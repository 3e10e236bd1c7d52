//! A small cloud whose time the test moves.

use std::collections::BTreeMap;

use fermata_core::Time;
use fermata_core::cloud::{
    Capacity, CloudError, Migration, Scheduling, Server, ServerSeen, ServerStatus,
};
use fermata_core::id::{HostName, ProjectId, ServerId};
use fermata_simcloud::{Action, NewServer, Sim, Topology};
use time::macros::datetime;

pub(crate) const START: Time = datetime!(2030-01-01 00:00 UTC);

/// Three hosts for two servers each; `db-1` and `db-2` must stay apart.
pub(crate) const SMALL: &str = r#"
seed = 1
hosts = [
  { name = "h1", zone = "z1", vcpus = 8, memory_mib = 8192, disk_gib = 100 },
  { name = "h2", zone = "z1", vcpus = 8, memory_mib = 8192, disk_gib = 100 },
  { name = "h3", zone = "z2", vcpus = 8, memory_mib = 8192, disk_gib = 100 },
]
aggregates = [{ name = "fast", hosts = ["h1", "h3"] }]
projects = [{ id = "p1", name = "one" }, { id = "p2", name = "two" }]
flavors = [
  { name = "half", vcpus = 4, memory_mib = 4096, disk_gib = 50 },
  { name = "fast-half", vcpus = 4, memory_mib = 4096, disk_gib = 50, aggregate = "fast" },
]
servers = [
  { id = "db-1", name = "db-1", project = "one", host = "h1", flavor = "half" },
  { id = "db-2", name = "db-2", project = "one", host = "h2", flavor = "half" },
]
groups = [{ name = "db", policy = "anti-affinity", members = ["db-1", "db-2"] }]

[latencies]
schedule = { min_ms = 100, max_ms = 200 }
live_migrate = { min_ms = 1000, max_ms = 2000 }
"#;

/// A simulated cloud and the time it is told.
pub(crate) struct Lab {
    pub(crate) sim: Sim,
    pub(crate) now: Time,
}

impl Lab {
    pub(crate) fn new(topology: &str) -> Self {
        let topology = Topology::parse(topology).unwrap();
        Self { sim: Sim::new(&topology, START), now: START }
    }

    pub(crate) fn wait_ms(&mut self, milliseconds: i64) {
        self.now += time::Duration::milliseconds(milliseconds);
        self.sim.advance(self.now);
    }

    /// Longer than anything takes that ends.
    pub(crate) fn settle(&mut self) {
        self.wait_ms(60_000);
    }

    pub(crate) fn act(&mut self, server: &str, action: Action) -> Result<(), CloudError> {
        self.sim.act(self.now, &id(server), action)
    }

    pub(crate) fn live(&mut self, server: &str, target: &str) -> Result<(), CloudError> {
        let target = Some(host(target));
        self.act(server, Action::LiveMigrate { target })
    }

    pub(crate) fn cold(&mut self, server: &str, target: &str) -> Result<(), CloudError> {
        let target = Some(host(target));
        self.act(server, Action::Migrate { target })
    }

    pub(crate) fn server(&mut self, server: &str) -> Server {
        match self.seen(server) {
            ServerSeen::Present(server) => server,
            ServerSeen::Gone(id) => panic!("{id} is gone"),
        }
    }

    pub(crate) fn seen(&mut self, server: &str) -> ServerSeen {
        let progress = self.sim.progress(self.now, &[id(server)], START).unwrap();
        progress.servers.into_iter().next().unwrap()
    }

    pub(crate) fn migrations(&mut self, server: &str) -> Vec<Migration> {
        let progress = self.sim.progress(self.now, &[id(server)], START);
        progress.unwrap().migrations
    }

    /// Asserts that nothing is done with a server, where it is and what it is.
    pub(crate) fn assert_at(&mut self, server: &str, on: &str, status: ServerStatus) {
        let found = self.server(server);
        assert_eq!(found.task, None, "{found:?}");
        assert_eq!(found.host, Some(host(on)), "{found:?}");
        assert_eq!(found.status, status, "{found:?}");
    }

    pub(crate) fn disable(&mut self, name: &str) {
        let reason = "work".to_owned();
        let disabled = Scheduling::Disabled { reason };
        self.sim.set_scheduling(self.now, &host(name), &disabled).unwrap();
    }

    /// How much of a class is taken on a host.
    pub(crate) fn used(&self, name: &str, class: &str) -> u64 {
        self.sim.used_on(&host(name)).get(class).copied().unwrap_or(0)
    }

    pub(crate) fn create(&mut self, name: &str, on: &str) -> Result<ServerId, CloudError> {
        self.sim.create_server(self.now, small_server(name, on))
    }
}

pub(crate) fn id(server: &str) -> ServerId {
    ServerId::from(server)
}

pub(crate) fn host(name: &str) -> HostName {
    HostName::from(name)
}

/// A server that takes an eighth of a host.
pub(crate) fn small_server(name: &str, on: &str) -> NewServer {
    NewServer {
        name: name.to_owned(),
        project: ProjectId::from("p2"),
        host: host(on),
        size: Capacity { vcpus: 1, memory_mib: 1024, disk_gib: 10 },
        extra_specs: BTreeMap::new(),
        metadata: BTreeMap::new(),
        group: None,
    }
}
