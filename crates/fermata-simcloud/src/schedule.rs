//! Which host a server may move to: what Nova's scheduler filters, and its weighing by groups and free memory. A host
//! that is named is checked like any other: Nova asks its scheduler about it
//! (`requested_destination` of `migrate` since 2.56 and of `os-migrateLive` since 2.30).

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::{Flavor, GroupAffinity, Inventory, Scheduling};
use fermata_core::id::{HostName, ServerId};
use fermata_core::placement::{HUGEPAGES_MB, MEMORY_MB, Need, PCI_PREFIX, suits};

use crate::state::{Group, HostState, ServerState, Sim};

/// How much is taken, by resource class.
pub(crate) type Used = BTreeMap<String, u64>;

impl Sim {
    /// How much of a host is taken, by resource class. A move counts at both ends until it is over, a cold
    /// migration until it is confirmed.
    pub fn used_on(&self, host: &HostName) -> BTreeMap<String, u64> {
        self.used().remove(host).unwrap_or_default()
    }

    fn used(&self) -> BTreeMap<&HostName, Used> {
        let mut used: BTreeMap<&HostName, Used> = BTreeMap::new();
        for server in self.servers.values() {
            for host in std::iter::once(&server.host).chain(server.reserved()) {
                add(used.entry(host).or_default(), &server.need);
            }
        }
        used
    }

    /// The host for a move: `target` if it will do, or the best one if there is no target.
    pub(crate) fn choose(&mut self, id: &ServerId, target: Option<&HostName>) -> Option<HostName> {
        let server = self.servers.get(id)?;
        let used = self.used();
        let nothing = Used::new();
        let mut best: Vec<&HostName> = Vec::new();
        let mut best_weight = None;
        for (name, host) in &self.hosts {
            let taken = used.get(name).unwrap_or(&nothing);
            let takes = target.is_none_or(|target| target == name)
                && *name != server.host
                && takes(server, host, taken)
                && self.group_allows(id, name);
            if !takes {
                continue;
            }
            let weight = Some((self.group_weight(id, name), free_memory(host, taken)));
            if weight > best_weight {
                best.clear();
                best_weight = weight;
            }
            if weight == best_weight {
                best.push(name);
            }
        }
        let ties = u64::try_from(best.len()).unwrap_or(u64::MAX);
        let best: Vec<HostName> = best.into_iter().cloned().collect();
        let index = usize::try_from(self.jitter.below(ties)).unwrap_or(0);
        best.into_iter().nth(index)
    }

    /// Whether the server's groups allow it on a host.
    pub(crate) fn group_allows(&self, id: &ServerId, host: &HostName) -> bool {
        self.groups_of(id).all(|group| {
            let (there, elsewhere) = self.others(group, id, host);
            match group.policy {
                GroupAffinity::Affinity => elsewhere == 0,
                GroupAffinity::AntiAffinity => there < group.max_per_host.unwrap_or(1),
                GroupAffinity::SoftAffinity | GroupAffinity::SoftAntiAffinity => true,
            }
        })
    }

    /// How much the server's soft groups want it on a host.
    fn group_weight(&self, id: &ServerId, host: &HostName) -> i64 {
        let weight = |group: &Group| {
            let there = i64::from(self.others(group, id, host).0);
            match group.policy {
                GroupAffinity::SoftAffinity => there,
                GroupAffinity::SoftAntiAffinity => -there,
                GroupAffinity::Affinity | GroupAffinity::AntiAffinity => 0,
            }
        };
        self.groups_of(id).map(weight).sum()
    }

    fn groups_of(&self, id: &ServerId) -> impl Iterator<Item = &Group> {
        self.groups.values().filter(|group| group.members.contains(id))
    }

    /// How many other members of a group are on a host, and how many are not. One that is between two
    /// hosts is on both, since it may end on either.
    fn others(&self, group: &Group, id: &ServerId, host: &HostName) -> (u32, u32) {
        let others = group.members.iter().filter(|member| *member != id);
        others.filter_map(|member| self.servers.get(member)).fold((0, 0), |(there, not), other| {
            if other.host == *host || other.reserved() == Some(host) {
                (there + 1, not)
            } else {
                (there, not + 1)
            }
        })
    }
}

fn takes(server: &ServerState, host: &HostState, taken: &Used) -> bool {
    let (zone, pinned) = (host.zone.as_deref(), server.zone.as_deref());
    host.up
        && host.scheduling == Scheduling::Enabled
        && suits(zone, &host.inventory, &server.need, pinned).is_ok()
        && fits(&server.need, taken, &host.inventory)
}

fn free_memory(host: &HostState, taken: &Used) -> u64 {
    let of = |amounts: &Used| amounts.get(MEMORY_MB).copied().unwrap_or(0);
    of(&host.inventory.amounts).saturating_sub(of(taken))
}

/// The resource classes that these hosts declare.
pub(crate) fn declared<'a>(hosts: impl Iterator<Item = &'a Inventory>) -> BTreeSet<&'a str> {
    hosts.flat_map(|host| host.amounts.keys().map(String::as_str)).collect()
}

/// What a flavor needs on a cloud whose hosts declare these classes. Placement's classes are needed even if no host has
/// them; pages and devices are only counted where a host says how many it has.
pub(crate) fn need_of(flavor: &Flavor, declared: &BTreeSet<&str>) -> Need {
    let mut need = Need::from(flavor);
    let dropped = need.drop_undeclared(declared);
    let is_placements = |class: &String| class != HUGEPAGES_MB && !class.starts_with(PCI_PREFIX);
    need.amounts.extend(dropped.into_iter().filter(|(class, _)| is_placements(class)));
    need
}

pub(crate) fn add(used: &mut Used, need: &Need) {
    for (class, amount) in &need.amounts {
        let sum = used.entry(class.clone()).or_default();
        *sum = sum.saturating_add(*amount);
    }
}

/// Whether what is needed fits beside what is taken.
pub(crate) fn fits(need: &Need, taken: &Used, inventory: &Inventory) -> bool {
    need.amounts.iter().all(|(class, amount)| {
        let of = |amounts: &Used| amounts.get(class).copied().unwrap_or(0);
        of(taken).saturating_add(*amount) <= of(&inventory.amounts)
    })
}
