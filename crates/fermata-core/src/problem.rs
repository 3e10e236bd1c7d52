//! From what a cloud shows, what owners' policies say and what an operator asks for to a [`Problem`] that can be
//! planned: names become indices here, and times become seconds from the plan's beginning.
//!
//! - `preview`: the plan, or why there is none
//! - `others`: what other sessions are about to do
//! - `pace`: how long moves take
//! - `impact`: what a plan means for each owner
//! - `words`: bounds, constraints and changes as sentences

mod impact;
mod others;
mod pace;
mod preview;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use crate::Time;
use crate::cloud::{GroupAffinity, Scheduling, Server, Site, SiteHost};
use crate::id::{GroupId, HostName, ProjectId, ServerId};
use crate::ledger::Ledger;
use crate::placement::{self, Need};
use crate::policy::{GroupPolicy, Policies, ServerPolicy, metadata, unanswered};
use crate::solver::{Fate, Group, Host, HostSet, NEVER, Problem, Role, Seconds};
use crate::spec::{Action, Kind, Spec};
use crate::ways::{self, By, Way};

pub use impact::OwnerImpact;
pub use others::Others;
pub use pace::{Measured, Pace};
pub use preview::{Ends, Forecast, MAX_STAGES, PlanOptions, Preview};
pub use words::Said;

/// What a plan is asked for.
pub struct Asked<'a> {
    /// What the operator asks for.
    pub spec: &'a Spec,
    /// The hosts that are to be done.
    pub hosts: &'a BTreeSet<HostName>,
    /// What the cloud shows.
    pub site: &'a Site,
    /// What owners stored, with what this site says of groups.
    pub policies: &'a Policies,
    /// Who is impacted.
    pub ledger: &'a Ledger,
    /// What other sessions are about to do.
    pub others: &'a Others,
    /// How long moves take.
    pub pace: Pace,
    /// Now; owners are told now, too.
    pub now: Time,
}

/// A problem, and what its numbers stand for.
#[derive(Debug, Clone)]
pub struct NamedProblem {
    /// To be planned.
    pub problem: Problem,
    /// For each server of the problem: whose it is, and what is to happen to it.
    pub servers: Vec<Part>,
    /// For each group of the problem: whose it is.
    pub owners: Vec<ProjectId>,
    /// For each group of the problem: its id in that project. Of Nova's server groups `server_group:` and their id.
    pub group_ids: Vec<GroupId>,
    /// For each group of the problem: down to how many members its owner may be asked to scale in, if at all.
    pub least_sizes: Vec<Option<u32>>,
    /// When the plan begins.
    pub begins: Time,
    /// What servers need in resource classes that no host declares: whether there is room in them only the cloud knows.
    pub unchecked_resources: BTreeMap<String, u64>,
    /// What could not be known of the cloud, and what has to happen before hosts can be drained, for people.
    pub notes: Vec<String>,
}

/// A server's part in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub project: ProjectId,
    /// What happens to it, unless its owner decides otherwise; `None`: its host is not to be done, or its policy allows
    /// nothing that is possible.
    pub action: Option<Action>,
}

impl Asked<'_> {
    /// What is to be planned.
    pub fn problem(&self) -> NamedProblem {
        let begins = self.spec.window.start.max(self.now);
        let declared = placement::declared(&self.site.hosts);
        let on: BTreeMap<&HostName, usize> =
            self.site.hosts.iter().enumerate().map(|(at, h)| (&h.host.name, at)).collect();
        let placed: Vec<(&Server, usize)> = self
            .site
            .servers
            .iter()
            .filter_map(|s| {
                let promised = self.others.promised.get(&s.id).and_then(|host| on.get(host));
                Some((s, *promised.or_else(|| on.get(s.host.as_ref()?))?))
            })
            .collect();
        let mut unchecked_resources = BTreeMap::new();
        let needs: Vec<Need> = placed
            .iter()
            .map(|(server, _)| {
                let mut need = Need::from(&server.flavor);
                for (class, amount) in need.drop_undeclared(&declared) {
                    *unchecked_resources.entry(class).or_default() += amount;
                }
                need
            })
            .collect();
        let classes: Vec<String> = needs
            .iter()
            .flat_map(|need| need.amounts.keys().cloned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let gathering = self.groups(&placed);
        let owners = gathering.policies.iter().map(|policy| policy.project.clone()).collect();
        let group_ids = gathering.policies.iter().map(|policy| policy.id.clone()).collect();
        let least_sizes = gathering.policies.iter().map(|p| p.min_size_for_scale_in).collect();
        let (groups, member_of) = gathering.finish(placed.len());
        let mut placements = Placements::new(&self.site.hosts);
        let mut parts = Vec::new();
        let servers =
            placed.iter().zip(&needs).zip(member_of).map(|(((server, host), need), groups)| {
                let kind = self.kind(&self.site.hosts[*host]);
                let policy = self
                    .policies
                    .of(&server.project, &server.id, &metadata::own(&server.metadata))
                    .policy;
                let up = self.site.hosts[*host].host.up;
                let action = kind.filter(|_| up).and_then(|kind| {
                    let (action, _) = unanswered(&policy, self.spec.default_action, kind)?;
                    match ways::way(action, &server.status, kind) {
                        Way::Do(action) => Some(action),
                        Way::Rests => Some(Action::Keep),
                        // What the cloud is busy with may be anything soon.
                        Way::Blocked(obstacle) => (obstacle.by == By::Cloud).then_some(action),
                    }
                });
                parts.push(Part {
                    name: server.name.clone(),
                    project: server.project.clone(),
                    action,
                });
                crate::solver::Server {
                    id: server.id.clone(),
                    host: *host,
                    need: classes
                        .iter()
                        .map(|c| need.amounts.get(c).copied().unwrap_or(0))
                        .collect(),
                    placement: placements.of(need, server.pinned_zone.as_deref()),
                    groups,
                    // Where nothing is possible it stays, which is in conflict with a host that leaves for good.
                    fate: match action {
                        Some(Action::Keep) | None => Fate::Stay,
                        Some(Action::LiveMigrate | Action::Migrate | Action::OwnAction) => {
                            Fate::Move
                        }
                    },
                    duration: self.pace.of(server.flavor.memory_mib, action),
                    not_before: self.not_before(&policy, begins),
                }
            });
        let servers = servers.collect();
        let notes = self.notes();
        let problem = Problem {
            hosts: self.site.hosts.iter().map(|h| self.host(h, &classes)).collect(),
            classes,
            servers,
            groups,
            placements: placements.sets,
            parallel_hosts: self.spec.max_parallel_hosts.max(1),
            parallel_actions: self.spec.max_parallel_actions.max(1),
            reply: seconds(self.spec.drain_reply_period),
            window: Some(seconds(self.spec.window.end - begins)),
            stages: STAGES,
            second_moves: 0,
            seed: 1,
            effort: EFFORT,
        };
        NamedProblem {
            problem,
            servers: parts,
            owners,
            group_ids,
            least_sizes,
            begins,
            unchecked_resources,
            notes,
        }
    }

    /// What could not be known of the cloud, and what this plan cannot solve.
    fn notes(&self) -> Vec<String> {
        let action = |server: &Server| {
            let host = server.host.as_ref()?;
            let policy =
                self.policies.of(&server.project, &server.id, &metadata::own(&server.metadata));
            let kind = self.spec.kind_of(host);
            unanswered(&policy.policy, self.spec.default_action, kind).map(|(action, _)| action)
        };
        let of_servers = ways::notes(self.site, self.hosts, |host| self.spec.kind_of(host), action);
        let of_site = self.site.notes.iter().take(ways::NAMED).cloned();
        of_site.chain(of_servers).collect()
    }

    /// What is to be done with a host, if anything.
    fn kind(&self, host: &SiteHost) -> Option<Kind> {
        self.hosts.contains(&host.host.name).then(|| self.spec.kind_of(&host.host.name))
    }

    fn host(&self, host: &SiteHost, classes: &[String]) -> Host {
        let amount = |class: &String| host.inventory.amounts.get(class).copied().unwrap_or(0);
        Host {
            name: host.host.name.clone(),
            offers: classes.iter().map(amount).collect(),
            role: self.kind(host).map_or(Role::Spare, Role::Todo),
            // One that was disabled by somebody else before stays so afterwards.
            takes: host.host.up && host.host.scheduling == Scheduling::Enabled,
            under_way: false,
            work: seconds(self.spec.work_timeout.unwrap_or_default()),
            not_before: 0,
            after: Vec::new(),
        }
    }

    /// Owners are told now; their lead times may end before the plan begins.
    fn not_before(&self, policy: &ServerPolicy, begins: Time) -> Seconds {
        let lead = self.spec.lead_time.max(policy.lead_time.unwrap_or_default());
        seconds(self.now + lead - begins)
    }

    /// The groups with limits, and their members.
    fn groups(&self, placed: &[(&Server, usize)]) -> Gathering {
        let mut gathering = Gathering::default();
        for (at, (server, _)) in placed.iter().enumerate() {
            for policy in self.policies.groups_of(&server.project, &server.id) {
                gathering.member(self.policies, policy, at);
            }
        }
        let by_id: BTreeMap<&ServerId, usize> =
            placed.iter().enumerate().map(|(at, (s, _))| (&s.id, at)).collect();
        for group in &self.site.groups {
            // Soft rules are options. Affinity is not planned for yet: Nova's scheduler moves no member away from the others.
            if group.policy != GroupAffinity::AntiAffinity {
                continue;
            }
            let mut policy = GroupPolicy::new(
                GroupId(format!("server_group:{}", group.id)),
                group.project.clone(),
            );
            policy.name.clone_from(&group.name);
            policy.max_per_host = Some(group.max_per_host.unwrap_or(1));
            for at in group.members.iter().filter_map(|id| by_id.get(id)) {
                gathering.member(self.policies, &policy, *at);
            }
        }
        gathering
    }
}

/// In how many stages the hosts of a wave may be drained.
const STAGES: u32 = 4;
/// How long to look for a better plan.
const EFFORT: u32 = 4;

/// Whole seconds, rounded up; none if it is over.
pub(crate) fn seconds(span: Duration) -> Seconds {
    let whole = span.whole_seconds() + i64::from(span.subsec_nanoseconds() > 0);
    Seconds::try_from(whole.max(0)).unwrap_or(NEVER)
}

/// Sets of hosts on which servers may be, each once.
struct Placements<'a> {
    hosts: &'a [SiteHost],
    sets: Vec<HostSet>,
    known: BTreeMap<Binding, usize>,
}

/// What binds a server to some hosts.
type Binding = (BTreeSet<String>, BTreeSet<String>, BTreeMap<String, String>, Option<String>);

impl<'a> Placements<'a> {
    fn new(hosts: &'a [SiteHost]) -> Self {
        Self { hosts, sets: Vec::new(), known: BTreeMap::new() }
    }

    fn of(&mut self, need: &Need, zone: Option<&str>) -> usize {
        let binding = (
            need.required_traits.clone(),
            need.forbidden_traits.clone(),
            need.aggregate_specs.clone(),
            zone.map(str::to_owned),
        );
        *self.known.entry(binding).or_insert_with(|| {
            let may = |host: &usize| placement::permits(&self.hosts[*host], need, zone).is_ok();
            self.sets.push((0..self.hosts.len()).filter(may).collect());
            self.sets.len() - 1
        })
    }
}

/// Groups while their members are found.
#[derive(Default)]
struct Gathering {
    policies: Vec<GroupPolicy>,
    members: Vec<Vec<usize>>,
    known: BTreeMap<(ProjectId, GroupId), usize>,
}

impl Gathering {
    fn member(&mut self, policies: &Policies, policy: &GroupPolicy, server: usize) {
        let key = (policy.project.clone(), policy.id.clone());
        let at = *self.known.entry(key).or_insert_with(|| {
            let recovery_time = Some(policies.recovery_of(policy));
            self.policies.push(GroupPolicy { recovery_time, ..policy.clone() });
            self.members.push(Vec::new());
            self.policies.len() - 1
        });
        self.members[at].push(server);
    }

    /// The groups, and those of each server.
    fn finish(self, servers: usize) -> (Vec<Group>, Vec<Vec<usize>>) {
        let mut member_of = vec![Vec::new(); servers];
        let groups = self.policies.iter().zip(&self.members).enumerate();
        let groups = groups.map(|(at, (policy, members))| {
            members.iter().for_each(|server| member_of[*server].push(at));
            let size = u32::try_from(members.len()).unwrap_or(NEVER);
            Group {
                name: policy.title().to_owned(),
                limit: policy.limit(size),
                smaller: if policy.has_limits() {
                    (0..size).rev().map(|size| policy.limit(size)).collect()
                } else {
                    Vec::new()
                },
                recovery: seconds(policy.recovery_time.unwrap_or_default()),
                max_per_host: policy.per_host(),
                busy: Vec::new(),
            }
        });
        (groups.collect(), member_of)
    }
}
