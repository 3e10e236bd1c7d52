//! What a plan means for each owner.

use std::collections::{BTreeMap, BTreeSet};

use super::Outlook;
use crate::id::ProjectId;
use crate::plan::{Plan, Seconds};
use crate::spec::Action;

/// What a plan means for an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerImpact {
    /// The owner.
    pub project: ProjectId,
    /// How many of its servers are impacted.
    pub servers: usize,
    /// How many of them for each action, those with none left out.
    pub actions: Vec<(Action, usize)>,
    /// When the first impact begins.
    pub first: Seconds,
    /// When the last one ends.
    pub last: Seconds,
    /// How long the longest one takes.
    pub longest: Seconds,
}

impl Outlook {
    /// What a plan means for each owner, in order of projects. A server that moves is impacted from the beginning of its
    /// move to the end; one that stays, from its stop until it runs again.
    pub fn impacts(&self, plan: &Plan) -> Vec<OwnerImpact> {
        let mut by_owner: BTreeMap<&ProjectId, Vec<(usize, Seconds, Seconds)>> = BTreeMap::new();
        for host in plan.waves.iter().flat_map(|wave| &wave.hosts) {
            let moves = host.moves.iter().map(|m| (m.server, m.begins, m.ends));
            let stays = host.stays.iter().map(|s| (s.server, s.begins, s.ends));
            for impact in moves.chain(stays) {
                by_owner.entry(&self.servers[impact.0].project).or_default().push(impact);
            }
        }
        let of_owner = |(project, impacts): (&ProjectId, Vec<(usize, Seconds, Seconds)>)| {
            let servers: BTreeSet<usize> = impacts.iter().map(|(server, ..)| *server).collect();
            let actions = [Action::LiveMigrate, Action::Migrate, Action::OwnAction, Action::Keep]
                .map(|a| {
                    (a, servers.iter().filter(|s| self.servers[**s].action == Some(a)).count())
                });
            OwnerImpact {
                project: project.clone(),
                servers: servers.len(),
                actions: actions.into_iter().filter(|(_, servers)| *servers > 0).collect(),
                first: impacts.iter().map(|(_, begins, _)| *begins).min().unwrap_or(0),
                last: impacts.iter().map(|(.., ends)| *ends).max().unwrap_or(0),
                longest: impacts.iter().map(|(_, from, to)| to - from).max().unwrap_or(0),
            }
        };
        by_owner.into_iter().map(of_owner).collect()
    }
}
