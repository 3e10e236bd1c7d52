//! The cloud of a world.

use std::fmt::Write as _;

use fermata_core::id::HostName;
use fermata_simcloud::Topology;

use super::groups::ServerGroup;
use crate::operator::names;
use crate::random::Random;

/// So many servers fit on a host.
const ROOM: usize = 10;

/// A server at the beginning.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) name: String,
    /// The name of its project.
    pub(super) project: &'static str,
    pub(super) host: HostName,
    status: &'static str,
}

/// What there is at the beginning.
#[derive(Debug)]
pub(super) struct Site {
    seed: u64,
    hosts: Vec<HostName>,
    pub(super) servers: Vec<Placed>,
    /// The longest move.
    longest_ms: u64,
    /// So many servers fit on a host.
    room: usize,
}

impl Site {
    pub(super) fn new(random: &mut Random, hosts: usize) -> Self {
        let seed = random.next() >> 2;
        let hosts = names(hosts);
        let count = random.between(3, 11);
        let mut servers = Vec::new();
        for n in 1..=count {
            let host = hosts[random.index(hosts.len())].clone();
            let project = random.pick(&["one", "two"]);
            let status = random.pick(&["active", "active", "active", "active", "shutoff"]);
            servers.push(Placed { name: format!("server-{n}"), project, host, status });
        }
        let longest_ms = random.pick(&[2500, 6000, 15_000]);
        Self { seed, hosts, servers, longest_ms, room: ROOM }
    }

    /// One more server of a project, where there is room.
    pub(super) fn add_server(&mut self, chance: &mut Random, project: &'static str) {
        let host = self.hosts[chance.index(self.hosts.len())].clone();
        // There is always a place left.
        if self.count(&host) + 1 < self.room {
            self.place(project, host);
        }
    }

    fn count(&self, host: &HostName) -> usize {
        self.servers.iter().filter(|server| server.host == *host).count()
    }

    fn place(&mut self, project: &'static str, host: HostName) {
        let name = format!("server-{}", self.servers.len() + 1);
        self.servers.push(Placed { name, project, host, status: "active" });
    }

    /// Hosts are no bigger than they have to be, and full but for a few places.
    pub(super) fn fill(&mut self, chance: &mut Random, project: &'static str) {
        let most = self.hosts.iter().map(|host| self.count(host)).max().unwrap_or(0);
        self.room = most.max(2);
        let mut free: usize = self.hosts.iter().map(|host| self.room - self.count(host)).sum();
        let left = chance.index(self.room);
        while free > left {
            let host = self.hosts[chance.index(self.hosts.len())].clone();
            if self.count(&host) < self.room {
                self.place(project, host);
                free -= 1;
            }
        }
    }

    pub(super) fn topology(&self, groups: &[ServerGroup]) -> Topology {
        let mut text = format!("seed = {}\njournal_entries = 200000\n", self.seed);
        text.push_str("projects = [{ id = \"project-1\", name = \"one\" }, { id = \"project-2\", name = \"two\" }]\n");
        text.push_str("hosts = [\n");
        let (vcpus, memory) = (2 * self.room, 2048 * self.room);
        for name in &self.hosts {
            let _ = writeln!(
                text,
                "{{ name = \"{name}\", vcpus = {vcpus}, memory_mib = {memory}, disk_gib = 100 }},"
            );
        }
        text.push_str("]\nservers = [\n");
        for Placed { name, project, host, status } in &self.servers {
            let _ = writeln!(
                text,
                "{{ id = \"{name}\", name = \"{name}\", project = \"{project}\", host = \"{host}\", \
                 status = \"{status}\", size = {{ vcpus = 2, memory_mib = 2048, disk_gib = 5 }} }},"
            );
        }
        text.push_str("]\ngroups = [\n");
        for ServerGroup { name, policy, most, members } in groups {
            let most = most.map(|most| format!("max_server_per_host = {most}, "));
            let _ = writeln!(
                text,
                "{{ name = \"{name}\", policy = \"{policy}\", {}members = {members:?} }},",
                most.unwrap_or_default()
            );
        }
        let longest = self.longest_ms;
        let _ = write!(
            text,
            "]\n[latencies]\nlive_migrate = {{ min_ms = 1000, max_ms = {longest} }}\n\
             migrate = {{ min_ms = 1000, max_ms = {longest} }}\n"
        );
        Topology::parse(&text).expect("it is sound")
    }
}
