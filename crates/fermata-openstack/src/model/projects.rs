//! Projects.

use fermata_core::cloud::Project;
use fermata_core::id::ProjectId;
use serde::Deserialize;

use super::record::{Fields, read_leniently};

/// `GET /v3/projects` (<https://docs.openstack.org/api-ref/identity/v3/#list-projects>).
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ProjectList {
    pub(crate) projects: Vec<ProjectRecord>,
    /// Keystone is configured to list no more (`list_limit`).
    #[serde(default)]
    pub(crate) truncated: bool,
}

/// A project.
#[derive(Debug)]
pub(crate) struct ProjectRecord {
    id: String,
    name: String,
    domain_id: String,
    odd: Vec<String>,
}

read_leniently!(ProjectRecord, "project", id);

impl ProjectRecord {
    fn read(mut fields: Fields) -> Self {
        Self {
            id: fields.needed("id"),
            name: fields.text("name").unwrap_or_default(),
            domain_id: fields.nullable("domain_id").unwrap_or_default(),
            odd: fields.odd(),
        }
    }

    /// `None` for a record that names nothing.
    pub(crate) fn into_project(self) -> Option<Project> {
        let Self { id, name, domain_id: domain, odd: _ } = self;
        let is_named = !id.is_empty() && !name.is_empty();
        is_named.then_some(Project { id: ProjectId(id), name, domain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn recorded_projects() {
        let list: ProjectList = serde_json::from_value(json!({
            "links": {"next": null, "self": "http://k/v3/projects", "previous": null},
            "projects": [
                {"id": "p1", "name": "ims", "domain_id": "default", "enabled": true, "is_domain": false,
                 "parent_id": "default", "description": "", "tags": [], "options": {}, "links": {"self": "http://k/v3/projects/p1"}},
                {"id": "p2", "name": null},
                "nonsense",
            ],
        }))
        .unwrap();
        assert!(!list.truncated);
        let known: Vec<_> =
            list.projects.into_iter().filter_map(ProjectRecord::into_project).collect();
        let ims = Project { id: "p1".into(), name: "ims".to_owned(), domain: "default".to_owned() };
        assert_eq!(known, [ims]);
    }
}
