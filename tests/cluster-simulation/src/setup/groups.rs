//! Groups of servers: what owners stored, and what the cloud knows of them.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::id::{HostName, ServerId};
use fermata_core::policy::{GroupPolicy, MaxImpacted, MinPreserved};
use fermata_simcloud::{Event, Sim};

use super::site::{Placed, Site};
use crate::checks::groups::{AtSize, Group, Limit};
use crate::random::Random;

/// A server group of the cloud.
#[derive(Debug)]
pub(super) struct ServerGroup {
    pub(super) name: String,
    pub(super) policy: &'static str,
    /// How many may be on one host.
    pub(super) most: Option<u32>,
    pub(super) members: Vec<String>,
}

/// All groups of a world.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Each with the name of its server group, if it has one.
    stored: Vec<(GroupPolicy, Option<String>)>,
    pub(super) of_cloud: Vec<ServerGroup>,
    /// Where members are, once for each.
    pub(super) hosts: Vec<HostName>,
}

impl Groups {
    /// One to three groups of the servers of a site, and some servers more.
    pub(super) fn new(chance: &mut Random, site: &mut Site) -> Self {
        let project = chance.pick(&["one", "two"]);
        for _ in 0..chance.between(1, 6) {
            site.add_server(chance, project);
        }
        let mut groups = Self::default();
        for n in 1..=chance.pick(&[1, 2, 2, 3]) {
            let project = chance.pick(&[project, project, "one", "two"]);
            groups.add(chance, &format!("group-{n}"), project, &site.servers);
        }
        groups
    }

    fn add(&mut self, chance: &mut Random, id: &str, project: &str, servers: &[Placed]) {
        let mut all: Vec<_> = servers.iter().filter(|s| s.project == project).collect();
        let mut candidates = Vec::new();
        while !all.is_empty() {
            candidates.push(all.remove(chance.index(all.len())));
        }
        let (policy, most) = chance.pick(&[
            (None, None),
            (None, None),
            (Some("anti-affinity"), None),
            (Some("anti-affinity"), Some(2)),
            (Some("soft-anti-affinity"), None),
            (Some("soft-affinity"), None),
        ]);
        if policy == Some("anti-affinity") {
            keep_apart(&mut candidates, most.unwrap_or(1));
        }
        if candidates.len() < 2 {
            return;
        }
        let size = chance.between(2, candidates.len().min(8) as u64 + 1);
        candidates.truncate(usize::try_from(size).unwrap_or(2));
        self.hosts.extend(candidates.iter().map(|s| s.host.clone()));
        let members: Vec<_> = candidates.iter().map(|s| s.name.clone()).collect();
        let project = if project == "one" { "project-1" } else { "project-2" };
        let mut stored = GroupPolicy::new(id.into(), project.into());
        limit(chance, &mut stored, u32::try_from(size).unwrap_or(2));
        let Some(policy) = policy else {
            stored.members = members.iter().map(|name| ServerId::from(name.as_str())).collect();
            self.stored.push((stored, None));
            return;
        };
        if policy == "anti-affinity" {
            stored.anti_affinity = most.is_none();
            stored.max_per_host = most;
        }
        self.stored.push((stored, Some(id.to_owned())));
        self.of_cloud.push(ServerGroup { name: id.to_owned(), policy, most, members });
    }

    /// Some owners agree to have fewer members.
    pub(super) fn allow_scale_in(&mut self, chance: &mut Random) {
        for (group, _) in &mut self.stored {
            let allowed = chance.chance(300).then(|| chance.between(0, 6));
            group.min_size_for_scale_in = allowed.and_then(|least| u32::try_from(least).ok());
        }
    }

    /// One more group of servers of a project, which may be scaled in and has no limit.
    pub(super) fn add_to_scale_in(&mut self, chance: &mut Random, project: &str, site: &Site) {
        let servers = site.servers.iter().filter(|s| s.project == project);
        let members = servers.map(|s| ServerId::from(s.name.as_str()));
        let members: BTreeSet<_> = members.filter(|_| chance.chance(900)).collect();
        let project = if project == "one" { "project-1" } else { "project-2" };
        let mut stored = GroupPolicy::new("to-scale-in".into(), project.into());
        let least = chance.between(0, members.len() as u64 / 2 + 1);
        stored.min_size_for_scale_in = u32::try_from(least).ok();
        stored.members = members;
        self.stored.push((stored, None));
    }

    /// What owners store: the cloud has given its server groups ids.
    pub(super) fn wanted(&self, cloud: &Sim) -> Vec<GroupPolicy> {
        let told = cloud.journal(0).into_iter().filter_map(|entry| match entry.event {
            Event::Group { group, name, .. } => Some((name, group)),
            _ => None,
        });
        let ids: BTreeMap<_, _> = told.collect();
        let stored = self.stored.iter().map(|(policy, name)| GroupPolicy {
            server_group: name.as_ref().and_then(|name| ids.get(name)).cloned(),
            ..policy.clone()
        });
        stored.collect()
    }
}

/// Leaves out those that would be too many on their host.
fn keep_apart(servers: &mut Vec<&Placed>, most: u32) {
    let mut on: BTreeMap<&HostName, u32> = BTreeMap::new();
    servers.retain(|server| {
        let there = on.entry(&server.host).or_default();
        *there += 1;
        *there <= most
    });
}

/// How many members may be impacted at once: for most groups some, and not all.
fn limit(chance: &mut Random, group: &mut GroupPolicy, size: u32) {
    let some = u32::try_from(chance.between(1, size.into())).unwrap_or(1);
    let max = |group_size, max| MaxImpacted { group_size, max };
    let min = |group_size, min| MinPreserved { group_size, min };
    match chance.between(0, 100) {
        0..55 => group.max_impacted = vec![max(0, some)],
        55..75 => group.min_preserved = vec![min(0, size - some)],
        75..85 => {
            group.max_impacted = vec![max(1, 1), max(size, some)];
            group.min_preserved = vec![min(0, 1)];
        }
        // None may be touched.
        85..92 => group.min_preserved = vec![min(0, size)],
        _ => {}
    }
    if chance.chance(600) {
        group.recovery_time = time::Duration::try_from(chance.millis(0, 40_000)).ok();
    }
}

/// The same for the checks, which do not go by the rules of Fermata.
pub(super) fn checked(policy: &GroupPolicy) -> Group {
    let impacted = policy.max_impacted.iter();
    let preserved = policy.min_preserved.iter();
    Group {
        id: policy.id.to_string(),
        members: policy.members.clone(),
        server_group: policy.server_group.clone(),
        limit: Limit {
            impacted: impacted.map(|e| AtSize { size: e.group_size, number: e.max }).collect(),
            preserved: preserved.map(|e| AtSize { size: e.group_size, number: e.min }).collect(),
        },
        recovery: policy.recovery_time.unwrap_or_default(),
        per_host: if policy.anti_affinity { Some(1) } else { policy.max_per_host },
        least: policy.min_size_for_scale_in,
    }
}
