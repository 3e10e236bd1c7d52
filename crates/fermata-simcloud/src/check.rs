//! What makes a topology file wrong. Everything found is reported at once, each with its entry.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Capacity, GroupAffinity};
use fermata_core::placement::{Need, suits};

use crate::schedule::{Used, add, declared, need_of};
use crate::topology::{GroupEntry, HostEntry, ServerEntry, Topology};

/// Longer delays are surely a mistake, and would take times out of their range.
const LONGEST_DELAY_MS: u64 = 24 * 60 * 60 * 1000;

impl Topology {
    pub(crate) fn faults_found(&self) -> Vec<String> {
        let mut found = Found::default();
        self.check_names(&mut found);
        self.check_latencies(&mut found);
        self.check_aggregates(&mut found);
        let inventories: Vec<_> = self.hosts.iter().map(HostEntry::inventory).collect();
        let declared = declared(inventories.iter());
        for server in &self.servers {
            self.check_server(server, &declared, &mut found);
        }
        self.check_room(&declared, &mut found);
        for group in &self.groups {
            self.check_group(group, &mut found);
        }
        self.check_faults(&mut found);
        found.0
    }

    fn check_names(&self, found: &mut Found) {
        if self.hosts.is_empty() {
            found.add("hosts", "there are none");
        }
        found.unique("host", self.hosts.iter().map(|host| &host.name));
        found.unique("aggregate", self.aggregates.iter().map(|entry| &entry.name));
        found.unique("project", self.projects.iter().map(|entry| &entry.name));
        found.unique("project id", self.projects.iter().map(|entry| &entry.id));
        found.unique("flavor", self.flavors.iter().map(|flavor| &flavor.name));
        found.unique("server", self.servers.iter().map(|server| &server.name));
        let ids: Vec<String> = self.servers.iter().map(|server| self.server_id(server).0).collect();
        found.unique("server id", ids.iter());
        found.unique("group", self.groups.iter().map(|group| &group.name));
        for host in &self.hosts {
            found.sized(&format!("host {}", host.name), host.capacity());
        }
        for flavor in &self.flavors {
            found.sized(&format!("flavor {}", flavor.name), flavor.size());
            if let Some(name) = &flavor.aggregate
                && !self.aggregates.iter().any(|entry| entry.name == *name)
            {
                found.unknown(&format!("flavor {}", flavor.name), "aggregate", name);
            }
        }
    }

    fn check_latencies(&self, found: &mut Found) {
        for (name, span) in self.latencies.named() {
            let entry = format!("latencies.{name}");
            if span.min_ms > span.max_ms {
                found.add(&entry, "min_ms is more than max_ms");
            }
            if span.max_ms > LONGEST_DELAY_MS {
                found.add(&entry, "max_ms is more than a day");
            }
        }
    }

    fn check_aggregates(&self, found: &mut Found) {
        for aggregate in &self.aggregates {
            for name in aggregate.hosts.iter().filter(|name| !self.has_host(name)) {
                found.unknown(&format!("aggregate {}", aggregate.name), "host", name);
            }
        }
    }

    fn check_server(&self, server: &ServerEntry, declared: &BTreeSet<&str>, found: &mut Found) {
        let entry = format!("server {}", server.name);
        if self.project(&server.project).is_none() {
            found.unknown(&entry, "project", &server.project);
        }
        match (&server.flavor, server.size) {
            (Some(_), Some(_)) => found.add(&entry, "has both a flavor and a size"),
            (None, None) => found.add(&entry, "has neither a flavor nor a size"),
            (Some(name), None) if self.flavor(name).is_none() => {
                found.unknown(&entry, "flavor", name);
            }
            (Some(_), None) => {}
            (None, Some(size)) => found.sized(&entry, size),
        }
        let Some(host) = self.hosts.iter().find(|host| host.name == server.host) else {
            found.unknown(&entry, "host", &server.host);
            return;
        };
        let inventory = self.inventory_of(host);
        if let Some(need) = self.need_of(server, declared)
            && let Err(why) = suits(host.zone.as_deref(), &inventory, &need, server.zone.as_deref())
        {
            found.add(&entry, &format!("cannot be where it is: {why}"));
        }
    }

    fn need_of(&self, server: &ServerEntry, declared: &BTreeSet<&str>) -> Option<Need> {
        Some(need_of(&self.flavor_of(server)?, declared))
    }

    fn check_room(&self, declared: &BTreeSet<&str>, found: &mut Found) {
        let mut used: BTreeMap<&str, Used> = BTreeMap::new();
        for server in &self.servers {
            let sum = used.entry(&server.host).or_default();
            add(sum, &self.need_of(server, declared).unwrap_or_default());
        }
        for host in &self.hosts {
            let offered = host.inventory().amounts;
            for (class, amount) in used.get(host.name.as_str()).into_iter().flatten() {
                let has = offered.get(class).copied().unwrap_or(0);
                if *amount > has {
                    let what = format!("its servers need {amount} {class}, and it has {has}");
                    found.add(&format!("host {}", host.name), &what);
                }
            }
        }
    }

    fn check_group(&self, group: &GroupEntry, found: &mut Found) {
        let entry = format!("group {}", group.name);
        if let Some(name) = &group.project
            && self.project(name).is_none()
        {
            found.unknown(&entry, "project", name);
        }
        let mut on: BTreeMap<&str, u32> = BTreeMap::new();
        for name in &group.members {
            match self.servers.iter().find(|server| server.name == *name) {
                Some(server) => *on.entry(&server.host).or_default() += 1,
                None => found.unknown(&entry, "server", name),
            }
        }
        let most = on.values().max().copied().unwrap_or(0);
        match (group.policy, group.max_server_per_host) {
            (GroupAffinity::AntiAffinity, Some(0)) => {
                found.add(&entry, "max_server_per_host must be more than 0");
            }
            (GroupAffinity::AntiAffinity, None) if most > 1 => {
                found.add(&entry, "two of its members are on one host");
            }
            (GroupAffinity::AntiAffinity, Some(max)) if most > max => {
                found.add(&entry, "more of its members are on one host than may be");
            }
            (GroupAffinity::AntiAffinity, None | Some(_)) => {}
            // Nova refuses such a group.
            (_, Some(_)) => found.add(&entry, "max_server_per_host is for anti-affinity alone"),
            (GroupAffinity::Affinity, None) if on.len() > 1 => {
                found.add(&entry, "its members are on different hosts");
            }
            (
                GroupAffinity::Affinity
                | GroupAffinity::SoftAffinity
                | GroupAffinity::SoftAntiAffinity,
                None,
            ) => {}
        }
    }

    fn check_faults(&self, found: &mut Found) {
        for (index, fault) in self.faults.iter().enumerate() {
            let entry = format!("fault {}", index + 1);
            if let Some(name) = &fault.server
                && !self.servers.iter().any(|server| server.name == *name)
            {
                found.unknown(&entry, "server", name);
            }
            if let Some(name) = &fault.host
                && !self.has_host(name)
            {
                found.unknown(&entry, "host", name);
            }
            if let Err(error) = self.fault(fault).validate() {
                found.add(&entry, &error.to_string());
            }
        }
    }

    fn has_host(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host.name == name)
    }
}

#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn add(&mut self, entry: &str, what: &str) {
        self.0.push(format!("{entry}: {what}"));
    }

    fn unknown(&mut self, entry: &str, kind: &str, name: &str) {
        self.add(entry, &format!("there is no {kind} {name}"));
    }

    fn unique<'a>(&mut self, kind: &str, names: impl Iterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if name.is_empty() {
                self.add(kind, "one has an empty name");
            } else if !seen.insert(name) {
                self.add(&format!("{kind} {name}"), "is there twice");
            }
        }
    }

    fn sized(&mut self, entry: &str, size: Capacity) {
        if size.vcpus == 0 || size.memory_mib == 0 {
            self.add(entry, "vcpus and memory_mib must be more than 0");
        }
    }
}
