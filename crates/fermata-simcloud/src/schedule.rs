//! Which host a server may move to: what Nova's scheduler filters, and its weighing by free memory.

use std::collections::BTreeMap;

use fermata_core::cloud::{Capacity, Scheduling};
use fermata_core::id::{HostName, ServerId};

use crate::state::{GroupPolicy, HostState, ServerState, Sim};

impl Sim {
    /// How much of a host is taken. A move counts at both ends until it is over, a cold migration
    /// until it is confirmed.
    pub fn used_on(&self, host: &HostName) -> Capacity {
        self.used().remove(host).unwrap_or_default()
    }

    fn used(&self) -> BTreeMap<&HostName, Capacity> {
        let mut used: BTreeMap<&HostName, Capacity> = BTreeMap::new();
        for server in self.servers.values() {
            for host in std::iter::once(&server.host).chain(server.reserved()) {
                let sum = used.entry(host).or_default();
                *sum = plus(*sum, server.size);
            }
        }
        used
    }

    /// The host for a move: `target` if it will do, or the best one if there is no target.
    pub(crate) fn choose(&mut self, id: &ServerId, target: Option<&HostName>) -> Option<HostName> {
        let server = self.servers.get(id)?;
        let used = self.used();
        let free_memory = |name: &HostName, host: &HostState| {
            let used = used.get(name).map_or(0, |sum| sum.memory_mib);
            host.capacity.memory_mib.saturating_sub(used)
        };
        let mut best: Vec<&HostName> = Vec::new();
        let mut best_memory = 0;
        for (name, host) in &self.hosts {
            let wanted = target.is_none_or(|target| target == name);
            let taken = used.get(name).copied().unwrap_or_default();
            let takes = wanted
                && *name != server.host
                && host.up
                && host.scheduling == Scheduling::Enabled
                && suits(server, host)
                && fits(server.size, taken, host.capacity)
                && self.group_allows(id, name);
            if !takes {
                continue;
            }
            let memory = free_memory(name, host);
            if memory > best_memory || best.is_empty() {
                best.clear();
                best_memory = memory;
            }
            if memory == best_memory {
                best.push(name);
            }
        }
        let ties = u64::try_from(best.len()).unwrap_or(u64::MAX);
        let best: Vec<HostName> = best.into_iter().cloned().collect();
        let index = usize::try_from(self.jitter.below(ties)).unwrap_or(0);
        best.into_iter().nth(index)
    }

    /// Whether a host has room for one more server of this size, whoever puts it there.
    pub(crate) fn has_room(&self, name: &HostName, size: Capacity) -> bool {
        self.hosts.get(name).is_some_and(|host| fits(size, self.used_on(name), host.capacity))
    }

    /// Whether the server's groups allow it on a host. A member that is between two hosts counts
    /// on both, since it may end on either.
    pub(crate) fn group_allows(&self, id: &ServerId, host: &HostName) -> bool {
        self.groups.values().filter(|group| group.members.contains(id)).all(|group| {
            let mut others = group
                .members
                .iter()
                .filter(|member| *member != id)
                .filter_map(|member| self.servers.get(member));
            let is_there =
                |member: &ServerState| member.host == *host || member.reserved() == Some(host);
            match group.policy {
                GroupPolicy::Affinity => others.all(is_there),
                GroupPolicy::AntiAffinity => !others.any(is_there),
            }
        })
    }
}

fn suits(server: &ServerState, host: &HostState) -> bool {
    let zone = server.zone.is_none() || server.zone == host.zone;
    let aggregate = server.aggregate.as_ref();
    zone && aggregate.is_none_or(|name| host.aggregates.contains(name))
}

pub(crate) fn plus(a: Capacity, b: Capacity) -> Capacity {
    Capacity {
        vcpus: a.vcpus.saturating_add(b.vcpus),
        memory_mib: a.memory_mib.saturating_add(b.memory_mib),
        disk_gib: a.disk_gib.saturating_add(b.disk_gib),
    }
}

/// Whether `size` fits beside what is `taken` of `total`.
pub(crate) fn fits(size: Capacity, taken: Capacity, total: Capacity) -> bool {
    let sum = plus(size, taken);
    sum.vcpus <= total.vcpus && sum.memory_mib <= total.memory_mib && sum.disk_gib <= total.disk_gib
}
