//! Which owners could make room for hosts that cannot be emptied: the fewest servers, of groups whose owners allow it.

use std::collections::{BTreeMap, BTreeSet};

use super::Replan;
use crate::id::{ProjectId, ServerId};
use crate::problem::NamedProblem;
use crate::session::{ScaleIn, SessionState};
use crate::solver::{Problem, Role};

/// Room that an owner is asked to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerScaleIn {
    /// The owner.
    pub project: ProjectId,
    /// What it is asked for.
    pub scale_in: ScaleIn,
}

/// At most so many servers are left out one by one to see whether they are needed.
const MOST_SINGLE: usize = 16;

impl Replan<'_> {
    /// What owners are asked for while so many hosts cannot be drained. As long as an answer is awaited, nothing else.
    pub(super) fn scale_in(
        &self,
        named: &NamedProblem,
        stages: &[u32],
        blocked: usize,
        asked: &BTreeSet<ServerId>,
    ) -> Vec<OwnerScaleIn> {
        if self.session.head.state != SessionState::Running {
            return Vec::new();
        }
        let open = self.session.open_scale_ins();
        let open: Vec<_> = open
            .map(|(n, scale_in)| OwnerScaleIn {
                project: n.project.clone(),
                scale_in: scale_in.clone(),
            })
            .collect();
        if !open.is_empty() {
            return open;
        }
        let candidates = self.candidates(named, asked);
        let left = |gone: &[usize]| {
            let problem = without(&named.problem, gone);
            self.avoiding_others(&problem, stages).1.map_or(0, |none| none.hosts.len())
        };
        let most = left(&candidates);
        if candidates.is_empty() || most >= blocked {
            return Vec::new();
        }
        // The shortest beginning of the list that does as much as all of it.
        let (mut less, mut enough) = (0, candidates.len());
        while enough - less > 1 {
            let middle = less + (enough - less) / 2;
            if left(&candidates[..middle]) <= most {
                enough = middle;
            } else {
                less = middle;
            }
        }
        let mut gone = candidates[..enough].to_vec();
        if gone.len() <= MOST_SINGLE {
            for server in gone.clone() {
                let others: Vec<_> = gone.iter().copied().filter(|s| *s != server).collect();
                if left(&others) <= most {
                    gone = others;
                }
            }
        }
        self.requests(named, &gone)
    }

    /// Servers whose owners allow it, no more of a group than it allows: those on hosts that are to be done before others,
    /// and of those the ones that need most.
    fn candidates(&self, named: &NamedProblem, asked: &BTreeSet<ServerId>) -> Vec<usize> {
        let problem = &named.problem;
        let mut sizes = vec![0_u32; problem.groups.len()];
        problem.servers.iter().flat_map(|s| &s.groups).for_each(|g| sizes[*g] += 1);
        let may: Vec<bool> = (0..problem.groups.len())
            .map(|g| {
                let (project, group) = (&named.owners[g], &named.group_ids[g]);
                self.session.may_ask_to_scale_in(project, group, sizes[g])
            })
            .collect();
        let asked = |s: &usize| asked.contains(&problem.servers[*s].id);
        // As if what others ask for were gone.
        let mut gone = vec![0_u32; problem.groups.len()];
        let gives = (0..problem.servers.len()).filter(asked);
        gives.flat_map(|s| &problem.servers[s].groups).for_each(|g| gone[*g] += 1);
        // Who is in several groups is asked for only if all of them allow it.
        let allowed = |s: &usize| {
            let (project, server) = (&named.servers[*s].project, &problem.servers[*s].id);
            let mut groups = self.policies.groups_of(project, server);
            groups.all(|group| group.min_size_for_scale_in.is_some())
        };
        let mut servers: Vec<usize> = (0..problem.servers.len())
            .filter(|s| asked_as(named, *s).is_some() && !asked(s) && allowed(s))
            .collect();
        servers.sort_by_key(|s| {
            let server = &problem.servers[*s];
            let stays = problem.hosts[server.host].role == Role::Spare;
            (stays, std::cmp::Reverse(server.need.clone()), &server.id)
        });
        // In whichever name a server is asked for, it is one less in each of its groups; and none may be left with members
        // of which no limit allows any to be impacted.
        let bears = |g: usize, gone: u32| {
            let limit = |gone| problem.groups[g].limit_without(gone);
            let least = named.least_sizes[g].unwrap_or(0);
            gone + least < sizes[g]
                && (limit(gone + 1) > 0 || limit(gone) == 0 || gone + 1 == sizes[g])
        };
        servers.retain(|s| {
            let groups = &problem.servers[*s].groups;
            let goes = asked_as(named, *s).is_some_and(|g| may[g])
                && groups.iter().all(|g| bears(*g, gone[*g]));
            groups.iter().for_each(|g| gone[*g] += u32::from(goes));
            goes
        });
        servers
    }

    fn requests(&self, named: &NamedProblem, gone: &[usize]) -> Vec<OwnerScaleIn> {
        let problem = &named.problem;
        let mut by_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for server in gone {
            if let Some(group) = asked_as(named, *server) {
                by_group.entry(group).or_default().push(*server);
            }
        }
        let scale_in = |(group, servers): (usize, Vec<usize>)| {
            let mut resources = BTreeMap::new();
            for server in &servers {
                for (class, amount) in problem.classes.iter().zip(&problem.servers[*server].need) {
                    *resources.entry(class.clone()).or_default() += amount;
                }
            }
            resources.retain(|_, amount| *amount > 0);
            let size = problem.servers.iter().filter(|s| s.groups.contains(&group)).count();
            OwnerScaleIn {
                project: named.owners[group].clone(),
                scale_in: ScaleIn {
                    group: named.group_ids[group].clone(),
                    name: problem.groups[group].name.clone(),
                    servers: u32::try_from(servers.len()).unwrap_or(u32::MAX),
                    suggested: servers.iter().map(|s| problem.servers[*s].id.clone()).collect(),
                    resources,
                    size: u32::try_from(size).unwrap_or(u32::MAX),
                },
            }
        };
        by_group.into_iter().map(scale_in).collect()
    }
}

/// The group by which the owner of a server may be asked for it.
fn asked_as(named: &NamedProblem, server: usize) -> Option<usize> {
    let groups = named.problem.servers[server].groups.iter().copied();
    groups.filter(|g| named.least_sizes[*g].is_some()).min_by_key(|g| &named.group_ids[*g])
}

/// The same problem, as if these servers were gone. What limits of groups allow goes by who is left.
fn without(problem: &Problem, gone: &[usize]) -> Problem {
    let gone: BTreeSet<_> = gone.iter().collect();
    let mut problem = problem.clone();
    for server in &gone {
        for group in &problem.servers[**server].groups {
            problem.groups[*group].shrink();
        }
    }
    let mut at = 0..;
    problem.servers.retain(|_| at.next().is_some_and(|s: usize| !gone.contains(&s)));
    problem
}
