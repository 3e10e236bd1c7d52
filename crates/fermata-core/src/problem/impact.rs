//! What a plan means for each owner, and who is impacted without it.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use super::{NamedProblem, seconds};
use crate::Time;
use crate::id::{ProjectId, ServerId, SessionId};
use crate::ledger::{Cause, Impact, Ledger};
use crate::solver::{NEVER, Plan, Role, Seconds};
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

/// How long a move under way is expected to take at most.
const MOVING: Seconds = 60;

impl NamedProblem {
    /// Counts members that are impacted already, or of which the group recovers. `ours`: the session that is planned for.
    pub fn count_impacts(&mut self, ledger: &Ledger, ours: Option<SessionId>, now: Time) {
        let problem = &mut self.problem;
        let mut members: Vec<BTreeSet<ServerId>> = vec![BTreeSet::new(); problem.groups.len()];
        let mut planned = BTreeSet::new();
        for server in &problem.servers {
            for group in &server.groups {
                members[*group].insert(server.id.clone());
            }
            if problem.hosts[server.host].role != Role::Spare {
                planned.insert(server.id.clone());
            }
        }
        let ours = ours.map(Cause::Session);
        let groups = problem.groups.iter_mut().zip(&members).zip(&self.owners);
        for ((group, members), project) in groups {
            let recovery = group.recovery;
            let until = |impact: &Impact| match impact.ended_at {
                Some(ended) => seconds(ended - now + Duration::seconds(recovery.into())),
                None if Some(impact.cause) == ours => MOVING.saturating_add(recovery),
                None => NEVER,
            };
            let mut busy: BTreeMap<&ServerId, Seconds> = BTreeMap::new();
            for impact in ledger.impacts(project).iter().filter(|i| members.contains(&i.server)) {
                // One that is still on a host of the session is in the plan itself.
                let in_plan = impact.ended_at.is_none()
                    && Some(impact.cause) == ours
                    && planned.contains(&impact.server);
                if !in_plan {
                    let known = busy.entry(&impact.server).or_default();
                    *known = (*known).max(until(impact));
                }
            }
            group.busy = busy.into_values().filter(|until| *until > 0).collect();
        }
    }

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
