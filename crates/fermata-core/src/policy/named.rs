//! Whether what an owner names is there. A policy of a server that does not exist protects nobody, and says so.

use super::{CloudGroups, GroupPolicy};
use crate::id::{ProjectId, ServerGroupId, ServerId};
use crate::spec::Violation;

/// So many are named in a text.
const NAMED: usize = 3;

/// Something that was stored and may not be what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caution {
    /// The field, as a path in the request.
    pub field: String,
    /// What may be wrong, and what to do.
    pub message: String,
}

/// What was found to be wrong with names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// What is certainly not what was meant: nothing is stored.
    pub violations: Vec<Violation>,
    /// What is not there, and may still come.
    pub cautions: Vec<Caution>,
}

impl Named {
    /// Nothing could be looked up in the cloud.
    pub fn not_looked_up(field: &str) -> Self {
        let why =
            "was not looked up, because the cloud does not answer: see that the ids are right";
        Self { cautions: vec![caution(field, why.to_owned())], ..Self::default() }
    }

    /// The server of a policy.
    pub fn server(
        field: &str,
        project: &ProjectId,
        server: &ServerId,
        cloud: &CloudGroups,
    ) -> Self {
        let mut named = Self::default();
        named.servers(field, project, std::slice::from_ref(server), cloud);
        named
    }

    /// The members of a group, and its server group of the cloud.
    pub fn group(field: &str, group: &GroupPolicy, cloud: &CloudGroups) -> Self {
        let mut named = Self::default();
        let members: Vec<ServerId> = group.members.iter().cloned().collect();
        named.servers(&format!("{field}.member_ids"), &group.project, &members, cloud);
        if let Some(id) = &group.server_group
            && !cloud.has_server_group(id)
        {
            let field = format!("{field}.nova_server_group_id");
            named.cautions.push(caution(&field, no_server_group(id)));
        }
        named
    }

    /// The project of a subscription.
    pub fn project(field: &str, project: &ProjectId, cloud: &CloudGroups) -> Self {
        let mut named = Self::default();
        named.owner(field, project, cloud);
        named
    }

    /// A project without servers, unless it is known to be one.
    fn owner(&mut self, field: &str, project: &ProjectId, cloud: &CloudGroups) {
        if cloud.is_project(project) {
            return;
        }
        match cloud.projects_called(project.as_str()).as_slice() {
            [] if cloud.has_servers_of(project) => {}
            [] => self.cautions.push(caution(field, nobody(project))),
            // Its servers are known, so it is a project as well.
            _ if cloud.are_read() && cloud.has_servers_of(project) => {}
            ids => {
                let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
                let what = ["a project's name", "projects"];
                self.violations
                    .push(Violation::field(field, is_a_name(project.as_str(), &ids, what)));
            }
        }
    }

    fn servers(
        &mut self,
        field: &str,
        project: &ProjectId,
        servers: &[ServerId],
        cloud: &CloudGroups,
    ) {
        let absent: Vec<_> = servers.iter().filter(|s| !cloud.exists(project, s)).collect();
        if absent.is_empty() {
            return;
        }
        let mut missing = Vec::new();
        for server in absent {
            match cloud.servers_called(project, server.as_str()).as_slice() {
                [] => missing.push(server.as_str()),
                ids => {
                    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
                    let text = is_a_name(server.as_str(), &ids, ["a server's name", "servers"]);
                    self.violations.push(Violation::field(field, text));
                }
            }
        }
        if !missing.is_empty() && !cloud.has_servers_of(project) && !cloud.is_project(project) {
            self.owner(field, project, cloud);
        } else if !missing.is_empty() {
            self.cautions.push(caution(field, not_there(project, &missing)));
        }
    }
}

fn caution(field: &str, message: String) -> Caution {
    Caution { field: field.to_owned(), message }
}

fn is_a_name(name: &str, ids: &[&str], [one, several]: [&str; 2]) -> String {
    let listed = some_of(ids);
    match ids {
        [_] => format!("'{name}' is {one}, not its id; its id is {listed}"),
        _ => format!(
            "'{name}' is the name of {} {several}, not an id; their ids are {listed}",
            ids.len()
        ),
    }
}

fn not_there(project: &ProjectId, missing: &[&str]) -> String {
    let listed = some_of(missing);
    format!(
        "project {project} has no server {listed}; this has no effect before there is one. If it is a \
         name, give the id that the cloud has for it"
    )
}

fn nobody(project: &ProjectId) -> String {
    format!(
        "no server in the cloud belongs to project {project}; this has no effect before one does. If it is \
         a name, give the project's id"
    )
}

fn no_server_group(id: &ServerGroupId) -> String {
    format!("the cloud has no server group {id}; it adds no members before there is one")
}

fn some_of(all: &[&str]) -> String {
    let named = all.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
