//! Which of several sources counts, field by field: the policy of the server itself (API) before the member policies
//! of its groups (API) before the server's metadata in Nova.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Field, GroupPolicy, ServerPolicy, metadata};
use crate::id::{GroupId, ProjectId, ServerGroupId, ServerId};

/// Members of the server groups of the cloud.
pub type ServerGroups = BTreeMap<ServerGroupId, BTreeSet<ServerId>>;

/// The policies that owners stored, of the projects that matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    servers: BTreeMap<(ProjectId, ServerId), ServerPolicy>,
    /// By project, in order of their ids.
    groups: BTreeMap<ProjectId, BTreeMap<GroupId, GroupPolicy>>,
    server_groups: ServerGroups,
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
pub struct BadValue {
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
    pub bad_values: Vec<BadValue>,
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
        for group in groups {
            let of_project = by_project.entry(group.project.clone()).or_default();
            of_project.insert(group.id.clone(), group);
        }
        Self { servers, groups: by_project, server_groups: ServerGroups::new() }
    }

    /// Whether a group goes by a server group of the cloud, so that its members matter.
    pub fn name_server_groups(&self) -> bool {
        self.groups.values().flat_map(BTreeMap::values).any(|group| group.server_group.is_some())
    }

    /// With the members of the cloud's server groups.
    #[must_use]
    pub fn with_server_groups(mut self, server_groups: ServerGroups) -> Self {
        self.server_groups = server_groups;
        self
    }

    /// The groups of this project that the server is in, in order of their ids.
    pub fn groups_of<'a>(
        &'a self,
        project: &ProjectId,
        server: &'a ServerId,
    ) -> impl Iterator<Item = &'a GroupPolicy> {
        let groups = self.groups.get(project).into_iter().flat_map(BTreeMap::values);
        groups.filter(move |group| {
            let of_cloud = group.server_group.as_ref().and_then(|id| self.server_groups.get(id));
            group.members.contains(server) || of_cloud.is_some_and(|m| m.contains(server))
        })
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
        let (said, bad_values) = metadata::policy(metadata);
        let mut effective = Effective { bad_values, ..Effective::default() };
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
                | Field::Migrations
                | Field::MitigationRequested => groups.min_by(|a, b| a.id.cmp(&b.id)),
            };
            let group = group.map(|g| (&g.member_policy, Source::Group(g.id.clone())));
            let metadata = Some((&said, Source::Metadata)).filter(|(p, _)| p.sets(field));
            if let Some((policy, source)) = own.or(group).or(metadata) {
                effective.policy.take(field, policy);
                effective.sources.insert(field, source);
            }
        }
        effective
    }
}

#[cfg(test)]
mod tests;
