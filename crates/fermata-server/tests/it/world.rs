//! Small clouds to test on, and what really happened in them: the journal in the state file.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use fermata_core::cloud::Cloud;
use fermata_core::id::ServerId;
use fermata_simcloud::{Answer, Entry, Event, Operation, Outcome, SimCloud, Topology};

/// A cloud to be: hosts `compute-1`, `compute-2` … in two zones, and servers on them. Actions take some
/// hundredths of a second.
#[derive(Clone)]
pub struct World {
    latencies: String,
    projects: BTreeSet<String>,
    text: String,
}

impl World {
    /// A cloud of so many hosts: odd ones in zone `east` and aggregate `fast`, even ones in zone `west`.
    pub fn of_hosts(count: usize) -> Self {
        let mut text = String::new();
        for i in 1..=count {
            let zone = if i % 2 == 1 { "east" } else { "west" };
            let _ = writeln!(
                text,
                "[[hosts]]\nname = \"compute-{i}\"\nzone = \"{zone}\"\nvcpus = 2000\n\
                 memory_mib = 4194304\ndisk_gib = 100000\n"
            );
        }
        let fast: Vec<_> = (1..=count).step_by(2).map(|i| format!("\"compute-{i}\"")).collect();
        let _ = writeln!(text, "[[aggregates]]\nname = \"fast\"\nhosts = [{}]\n", fast.join(", "));
        Self { latencies: String::new(), projects: BTreeSet::new(), text }
    }

    /// With so many vCPUs on each host; a server takes one.
    pub fn vcpus(mut self, vcpus: u32) -> Self {
        self.text = self.text.replace("vcpus = 2000", &format!("vcpus = {vcpus}"));
        self
    }

    /// Four hosts; `orange` and `violet` have a server each on `compute-1` and on `compute-2`.
    pub fn small() -> Self {
        Self::of_hosts(4)
            .server("orange-web", "orange", "compute-1")
            .server("orange-db", "orange", "compute-2")
            .server("violet-web", "violet", "compute-1")
            .server("violet-db", "violet", "compute-2")
    }

    /// With a server; its id is its name with `-id` behind it.
    pub fn server(self, name: &str, project: &str, host: &str) -> Self {
        self.server_that_is("active", name, project, host)
    }

    /// With a server in this condition.
    pub fn server_that_is(mut self, status: &str, name: &str, project: &str, host: &str) -> Self {
        self.projects.insert(project.to_owned());
        let _ = writeln!(
            self.text,
            "[[servers]]\nid = \"{name}-id\"\nname = \"{name}\"\nproject = \"{project}\"\n\
             host = \"{host}\"\nstatus = \"{status}\"\n\
             size = {{ vcpus = 1, memory_mib = 1024, disk_gib = 1 }}\n"
        );
        self
    }

    /// With this in the metadata of the server that was named last.
    pub fn noting(mut self, key: &str, value: &str) -> Self {
        self.text.truncate(self.text.trim_end().len());
        let _ = writeln!(self.text, "\nmetadata.\"{key}\" = \"{value}\"\n");
        self
    }

    /// With a server group that keeps its members apart.
    pub fn group(mut self, name: &str, members: &[&str]) -> Self {
        let _ = writeln!(
            self.text,
            "[[groups]]\nname = \"{name}\"\npolicy = \"anti-affinity\"\nmembers = {members:?}\n"
        );
        self
    }

    /// The cloud's id of its server group.
    pub async fn group_id(&self) -> String {
        let topology = Topology::parse(&self.text()).unwrap();
        let cloud = SimCloud::new(&topology, fermata_server::clock::system());
        cloud.site().await.unwrap().groups.remove(0).id.to_string()
    }

    /// With a fault, as in a topology file: `operation = "stop", kind = "fails", times = 1`.
    pub fn fault(mut self, fields: &str) -> Self {
        let _ = writeln!(self.text, "[[faults]]\n{}\n", fields.replace(", ", "\n"));
        self
    }

    /// Something takes so long, in milliseconds.
    pub fn taking(mut self, what: &str, millis: u64) -> Self {
        let _ = writeln!(self.latencies, "{what} = {{ min_ms = {millis}, max_ms = {millis} }}");
        self
    }

    /// The topology file.
    pub fn text(&self) -> String {
        let mut latencies = self.latencies.clone();
        for (what, min, max) in [
            ("schedule", 1, 5),
            ("live_migrate", 20, 40),
            ("migrate", 20, 40),
            ("confirm_migration", 5, 10),
            ("abort_migration", 5, 10),
            ("stop", 5, 20),
            ("start", 5, 20),
        ] {
            if !latencies.lines().any(|l| l.starts_with(what)) {
                let _ = writeln!(latencies, "{what} = {{ min_ms = {min}, max_ms = {max} }}");
            }
        }
        let mut text = format!("seed = 1\n\n[latencies]\n{latencies}\n{}", self.text);
        for project in &self.projects {
            let _ = writeln!(text, "[[projects]]\nid = \"{project}\"\nname = \"{project}\"\n");
        }
        text
    }
}

/// What really happened in the cloud of a directory.
pub struct Journal(Vec<Entry>);

impl Journal {
    pub fn of(dir: &Path) -> Self {
        let text = std::fs::read(dir.join("cloud.json")).unwrap();
        let mut state: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let entries = state["sim"]["journal"]["entries"].take();
        Self(serde_json::from_value(entries).unwrap())
    }

    /// The calls of this kind on a server, with what came of them and what the caller was told.
    pub fn calls(&self, wanted: Operation, on: &str) -> Vec<(Outcome, Answer)> {
        let on = ServerId(format!("{on}-id"));
        self.0
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Call { operation, server, outcome, answer, .. }
                    if *operation == wanted && server.as_ref() == Some(&on) =>
                {
                    Some((*outcome, *answer))
                }
                _ => None,
            })
            .collect()
    }

    /// How many migrations a server ever had.
    pub fn migrations(&self, of: &str) -> usize {
        let of = ServerId(format!("{of}-id"));
        let ids: BTreeSet<_> = self
            .0
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Migration { migration, server, .. } if *server == of => Some(*migration),
                _ => None,
            })
            .collect();
        ids.len()
    }
}
