//! Invariant 13: no host has more than it has room for, and none has more members of a group than the group wants
//! because of a move of Fermata's. What is under way counts at both ends.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::cloud::GroupAffinity;
use fermata_core::id::{HostName, ServerGroupId, ServerId};
use fermata_simcloud::{Entry, Event};

use super::impacts::Cause;
use super::{By, Finding, Kind, Watch};

/// Amounts by resource class.
type Amounts = BTreeMap<String, u64>;

/// Where servers are or may come, and what they take there.
#[derive(Debug, Default)]
pub(super) struct Room {
    offers: BTreeMap<HostName, Amounts>,
    servers: BTreeMap<ServerId, (BTreeSet<HostName>, Amounts)>,
    /// Hosts of which it was told.
    told: BTreeSet<HostName>,
    /// Server groups that want their members apart: how many may be on one host, and who they are.
    apart: BTreeMap<ServerGroupId, (u32, BTreeSet<ServerId>)>,
}

impl Room {
    pub(super) fn take(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Host { host, offers, .. } => {
                self.offers.insert(host.clone(), offers.clone());
            }
            Event::Server { server, host, reserved, takes, .. } => {
                let ends = std::iter::once(host).chain(reserved).cloned().collect();
                self.servers.insert(server.clone(), (ends, takes.clone()));
            }
            Event::HostGone { host } => {
                self.offers.remove(host);
            }
            Event::Gone { server } => {
                self.servers.remove(server);
            }
            Event::Group { group, policy, max_per_host, members, .. } => {
                if *policy == GroupAffinity::AntiAffinity {
                    let most = max_per_host.unwrap_or(1);
                    self.apart.insert(group.clone(), (most, members.clone()));
                }
            }
            Event::Call { .. } | Event::Migration { .. } => {}
        }
    }

    /// Hosts that have become too small, once each.
    pub(super) fn overfull(&mut self) -> Vec<Finding> {
        let mut taken: BTreeMap<&HostName, BTreeMap<&str, u64>> = BTreeMap::new();
        for (ends, takes) in self.servers.values() {
            for host in ends {
                for (class, amount) in takes {
                    *taken.entry(host).or_default().entry(class).or_default() += amount;
                }
            }
        }
        let mut found = Vec::new();
        let mut over = BTreeSet::new();
        for (host, taken) in taken {
            for (class, amount) in taken {
                let has = self.offers.get(host).and_then(|has| has.get(class)).copied();
                let has = has.unwrap_or(0);
                if amount > has && over.insert(host.clone()) && !self.told.contains(host) {
                    let text =
                        format!("{amount} {class} are taken or kept on {host}, which has {has}");
                    found.push(Finding { kind: Kind::NoRoom, text });
                }
            }
        }
        self.told = over;
        found
    }

    fn others_on(&self, members: impl Iterator<Item = ServerId>, host: &HostName) -> Vec<ServerId> {
        let there =
            |id: &ServerId| self.servers.get(id).is_some_and(|(ends, _)| ends.contains(host));
        members.filter(there).collect()
    }
}

impl Watch {
    /// A server is now at these hosts: whether Fermata moves it to one where its groups do not want it.
    pub(super) fn crowds(&self, server: &ServerId, ends: &BTreeSet<&HostName>) -> Vec<Finding> {
        if !self.impacts.of(server).any(|(cause, _)| cause == Cause::Moved(By::Fermata)) {
            return Vec::new();
        }
        let nowhere = BTreeSet::new();
        let before = self.room.servers.get(server).map_or(&nowhere, |(ends, _)| ends);
        let policies = self.groups.iter().filter_map(|watched| {
            let group = &watched.group;
            let members: Vec<_> = self.members(group).cloned().collect();
            Some((group.id.clone(), group.per_host?, members))
        });
        let of_cloud = self.room.apart.iter().map(|(id, (most, members))| {
            (format!("server group {id}"), *most, members.iter().cloned().collect())
        });
        let mut found = Vec::new();
        for (group, most, members) in policies.chain(of_cloud) {
            if !members.contains(server) {
                continue;
            }
            for host in ends.iter().filter(|host| !before.contains(**host)) {
                let others = members.iter().filter(|member| *member != server).cloned();
                let there = self.room.others_on(others, host);
                if there.len() < usize::try_from(most).unwrap_or(usize::MAX) {
                    continue;
                }
                let names: Vec<_> = there.iter().map(ToString::to_string).collect();
                let text = format!(
                    "Fermata moves {server} of {group} to {host}, which may have {most} of its members and has {}",
                    names.join(", ")
                );
                found.push(Finding { kind: Kind::TooManyOnHost, text });
            }
        }
        found
    }
}
