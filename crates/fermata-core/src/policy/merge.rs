//! Which of several sources counts, field by field: the policy of the server itself (API) before the member policies
//! of its groups (API) before the server's metadata in Nova.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{CloudGroups, Field, GroupPolicy, ServerPolicy, metadata};
use crate::id::{GroupId, ProjectId, ServerGroupId, ServerId};

/// The policies of owners, of the projects that matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    servers: BTreeMap<(ProjectId, ServerId), ServerPolicy>,
    /// By project, in order of their ids.
    groups: BTreeMap<ProjectId, BTreeMap<GroupId, GroupPolicy>>,
    /// The groups that name a server.
    of_server: BTreeMap<(ProjectId, ServerId), BTreeSet<GroupId>>,
    /// The groups that go by a server group of the cloud.
    of_server_group: BTreeMap<(ProjectId, ServerGroupId), BTreeSet<GroupId>>,
    cloud: Arc<CloudGroups>,
    longest_wait: Option<Duration>,
}

/// Where a field of an effective policy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The policy of the server, by the API.
    Server,
    /// The member policy of this group, by the API.
    Group(GroupId),
    /// The server's metadata.
    Metadata,
}

/// A value in a server's metadata that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidValue {
    /// The key.
    pub key: String,
    /// What is wrong with it, and what to do.
    pub message: String,
}

/// What counts for a server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Effective {
    /// The merged policy.
    pub policy: ServerPolicy,
    /// Where each field that is set comes from.
    pub sources: BTreeMap<Field, Source>,
    /// What the server's metadata say that cannot be meant.
    pub invalid_values: Vec<InvalidValue>,
}

impl Effective {
    /// Whether nobody said anything.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

impl Policies {
    /// These policies of servers and groups.
    pub fn new(
        servers: impl IntoIterator<Item = (ProjectId, ServerId, ServerPolicy)>,
        groups: impl IntoIterator<Item = GroupPolicy>,
    ) -> Self {
        let servers = servers.into_iter().map(|(p, s, policy)| ((p, s), policy)).collect();
        let mut by_project: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        let mut of_server: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut of_server_group: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for group in groups {
            for member in &group.members {
                let key = (group.project.clone(), member.clone());
                of_server.entry(key).or_default().insert(group.id.clone());
            }
            if let Some(id) = &group.server_group {
                let key = (group.project.clone(), id.clone());
                of_server_group.entry(key).or_default().insert(group.id.clone());
            }
            let of_project = by_project.entry(group.project.clone()).or_default();
            of_project.insert(group.id.clone(), group);
        }
        Self {
            servers,
            groups: by_project,
            of_server,
            of_server_group,
            cloud: Arc::default(),
            longest_wait: None,
        }
    }

    /// Whether there are groups, so that it matters which servers there are, and what the cloud's server groups are.
    pub fn have_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether a group goes by a server group of the cloud.
    pub fn name_server_groups(&self) -> bool {
        !self.of_server_group.is_empty()
    }

    /// With what the cloud says of groups.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Arc<CloudGroups>) -> Self {
        self.cloud = cloud;
        self
    }

    /// With the longest lead time and recovery time that the operator lets owners ask for; longer ones count as this.
    #[must_use]
    pub fn waiting_at_most(mut self, longest: Duration) -> Self {
        self.longest_wait = Some(longest);
        self
    }

    /// How long a group takes to recover.
    pub fn recovery_of(&self, group: &GroupPolicy) -> Duration {
        self.at_most(group.recovery_time).unwrap_or_default()
    }

    /// The longest time that a group takes to recover.
    pub fn longest_recovery(&self) -> Duration {
        let stored = self.groups.values().flat_map(BTreeMap::values);
        let all = stored.chain(self.cloud.by_metadata());
        all.map(|group| self.recovery_of(group)).max().unwrap_or_default()
    }

    fn at_most(&self, wait: Option<Duration>) -> Option<Duration> {
        wait.map(|wait| self.longest_wait.map_or(wait, |longest| wait.min(longest)))
    }

    /// The groups of this project that the server is in: those that were stored, in order of their ids, then those of
    /// metadata.
    pub fn groups_of<'a>(
        &'a self,
        project: &ProjectId,
        server: &ServerId,
    ) -> impl Iterator<Item = &'a GroupPolicy> + use<'a> {
        let by_name = self.of_server.get(&(project.clone(), server.clone()));
        let by_cloud = self.cloud.server_groups_of(server);
        let by_cloud =
            by_cloud.filter_map(|id| self.of_server_group.get(&(project.clone(), id.clone())));
        let ids: BTreeSet<&GroupId> = by_name.into_iter().chain(by_cloud).flatten().collect();
        let stored = self.groups.get(project);
        let stored = ids.into_iter().filter_map(move |id| stored?.get(id));
        stored.chain(self.cloud.of_metadata(project, server))
    }

    /// The members that a group has: those of its project that it names, and those of its server group.
    pub fn members_of<'a>(&'a self, group: &'a GroupPolicy) -> BTreeSet<&'a ServerId> {
        let of_cloud = group.server_group.as_ref().map(|id| self.cloud.members(id));
        let named = group.members.iter().chain(of_cloud.into_iter().flatten());
        named.filter(|server| self.cloud.exists(&group.project, server)).collect()
    }

    /// Whether a server that its project does not have any more may have been a member of a group. Who was in a server
    /// group of the cloud, or in a group that metadata name, is not known any more.
    pub fn may_have_lost(&self, group: &GroupPolicy, server: &ServerId) -> bool {
        let stored = self.groups.get(&group.project).and_then(|groups| groups.get(&group.id));
        let told = stored.is_some_and(|s| std::ptr::eq(s, group) && s.server_group.is_none());
        !self.cloud.exists(&group.project, server) && (!told || group.members.contains(server))
    }

    /// What counts for a server with this metadata.
    ///
    /// A field is taken from the first of these that sets it: the policy of the server; the member policies of its
    /// groups; its metadata. Of several groups that of the first id counts, but for times: there the one that
    /// asks for more, the longest lead time and the shortest interruption.
    pub fn of(
        &self,
        project: &ProjectId,
        server: &ServerId,
        metadata: &BTreeMap<String, String>,
    ) -> Effective {
        let (said, invalid_values) = metadata::policy(metadata);
        let mut effective = Effective { invalid_values, ..Effective::default() };
        let own = self.servers.get(&(project.clone(), server.clone()));
        for field in Field::ALL {
            let own = own.filter(|p| p.sets(field)).map(|p| (p, Source::Server));
            let groups = self.groups_of(project, server).filter(|g| g.member_policy.sets(field));
            let group = match field {
                Field::LeadTime => groups.max_by_key(|g| g.member_policy.lead_time),
                Field::MaxInterruption => groups.min_by_key(|g| g.member_policy.max_interruption),
                Field::ControlledTemporary
                | Field::ControlledPermanent
                | Field::UnexpectedTemporary
                | Field::UnexpectedPermanent
                | Field::MigrationTypes
                | Field::MitigationRequested => groups.min_by(|a, b| a.id.cmp(&b.id)),
            };
            let group = group.map(|g| (&g.member_policy, Source::Group(g.id.clone())));
            let metadata = Some((&said, Source::Metadata)).filter(|(p, _)| p.sets(field));
            if let Some((policy, source)) = own.or(group).or(metadata) {
                effective.policy.take(field, policy);
                effective.sources.insert(field, source);
            }
        }
        effective.policy.lead_time = self.at_most(effective.policy.lead_time);
        effective
    }
}

#[cfg(test)]
mod tests;
