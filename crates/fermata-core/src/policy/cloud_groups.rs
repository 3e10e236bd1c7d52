//! What the cloud says of groups: members of its server groups, groups that servers' metadata name, and which servers
//! there are at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{GroupPolicy, metadata};
use crate::cloud::Site;
use crate::id::{ProjectId, ServerGroupId, ServerId};

/// What the cloud says of groups. The default: nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CloudGroups {
    members: BTreeMap<ServerGroupId, BTreeSet<ServerId>>,
    server_groups: BTreeMap<ServerId, Vec<ServerGroupId>>,
    /// Groups of metadata, and which of them each server is in.
    by_metadata: BTreeMap<ProjectId, Vec<GroupPolicy>>,
    named: BTreeMap<ServerId, usize>,
    /// Whose each server is; `None`: it is not known which servers there are.
    servers: Option<BTreeMap<ServerId, ProjectId>>,
    /// What servers are called.
    names: BTreeMap<(ProjectId, String), Vec<ServerId>>,
    /// What projects are called, as far as that is known.
    projects: BTreeMap<ProjectId, String>,
}

impl From<&Site> for CloudGroups {
    fn from(site: &Site) -> Self {
        let mut groups =
            Self::new(site.groups.iter().map(|g| (g.id.clone(), g.members.iter().cloned())));
        let own: Vec<_> =
            site.servers.iter().map(|s| (&s.project, &s.id, metadata::own(&s.metadata))).collect();
        for group in metadata::groups(own.iter().map(|(p, s, m)| (*p, *s, m))) {
            let of_project = groups.by_metadata.entry(group.group.project.clone()).or_default();
            let at = of_project.len();
            groups.named.extend(group.group.members.iter().map(|m| (m.clone(), at)));
            of_project.push(group.group);
        }
        for server in site.servers.iter().filter(|s| !s.name.is_empty()) {
            groups.call(&server.project, &server.name, &server.id);
        }
        groups.knowing(site.servers.iter().map(|s| (s.id.clone(), s.project.clone())))
    }
}

impl CloudGroups {
    /// Server groups with these members; nothing else is known.
    pub fn new<M: IntoIterator<Item = ServerId>>(
        server_groups: impl IntoIterator<Item = (ServerGroupId, M)>,
    ) -> Self {
        let mut groups = Self::default();
        for (id, members) in server_groups {
            let members: BTreeSet<_> = members.into_iter().collect();
            for member in &members {
                groups.server_groups.entry(member.clone()).or_default().push(id.clone());
            }
            groups.members.insert(id, members);
        }
        groups
    }

    /// Where these are all servers there are, and whose.
    #[must_use]
    pub fn knowing(mut self, servers: impl IntoIterator<Item = (ServerId, ProjectId)>) -> Self {
        self.servers = Some(servers.into_iter().collect());
        self
    }

    /// Where projects are called so.
    #[must_use]
    pub fn naming(mut self, projects: impl IntoIterator<Item = (ProjectId, String)>) -> Self {
        self.projects = projects.into_iter().collect();
        self
    }

    /// Whether it is known which servers there are.
    pub fn are_read(&self) -> bool {
        self.servers.is_some()
    }

    /// The members of a server group.
    pub(super) fn members(&self, id: &ServerGroupId) -> impl Iterator<Item = &ServerId> {
        self.members.get(id).into_iter().flatten()
    }

    /// The server groups that a server is in.
    pub(super) fn server_groups_of(
        &self,
        server: &ServerId,
    ) -> impl Iterator<Item = &ServerGroupId> {
        self.server_groups.get(server).into_iter().flatten()
    }

    /// The groups that metadata name.
    pub(super) fn by_metadata(&self) -> impl Iterator<Item = &GroupPolicy> {
        self.by_metadata.values().flatten()
    }

    /// The group that a server's metadata name.
    pub(super) fn of_metadata(
        &self,
        project: &ProjectId,
        server: &ServerId,
    ) -> Option<&GroupPolicy> {
        self.by_metadata.get(project)?.get(*self.named.get(server)?)
    }

    /// Whether a project has a server; where that is not known, it has.
    pub(super) fn exists(&self, project: &ProjectId, server: &ServerId) -> bool {
        self.servers.as_ref().is_none_or(|servers| servers.get(server) == Some(project))
    }

    /// Remembers what a server is called.
    pub(super) fn call(&mut self, project: &ProjectId, name: &str, server: &ServerId) {
        let name = (project.clone(), name.to_owned());
        self.names.entry(name).or_default().push(server.clone());
    }

    /// Whether a project has any server; where that is not known, it has.
    pub(super) fn has_servers_of(&self, project: &ProjectId) -> bool {
        self.servers.as_ref().is_none_or(|servers| servers.values().any(|p| p == project))
    }

    /// Whether there is known to be a project with this id.
    pub(super) fn is_project(&self, project: &ProjectId) -> bool {
        self.projects.contains_key(project)
    }

    /// The projects that are called so.
    pub(super) fn projects_called(&self, name: &str) -> Vec<&ProjectId> {
        self.projects.iter().filter(|(_, of_it)| *of_it == name).map(|(id, _)| id).collect()
    }

    /// Whether there is such a server group; where nothing is known, there is.
    pub(super) fn has_server_group(&self, id: &ServerGroupId) -> bool {
        self.servers.is_none() || self.members.contains_key(id)
    }

    /// The servers of a project that are called so.
    pub(super) fn servers_called(&self, project: &ProjectId, name: &str) -> Vec<&ServerId> {
        let name = (project.clone(), name.to_owned());
        self.names.get(&name).into_iter().flatten().collect()
    }
}
