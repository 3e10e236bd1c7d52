//! Projects and their names, for whoever may see them.

use std::collections::BTreeSet;

use fermata_core::cloud::Project;
use fermata_core::id::ProjectId;
use fermata_core::policy::{CloudGroups, Named};

use super::App;
use crate::door::Call;
use crate::error::ServeError;

/// Projects, for one call.
pub struct Projects<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

impl Projects<'_> {
    /// The projects with one of these ids or names, all without either, by id; and why there may be others. Only those that
    /// the call may see.
    pub async fn list(
        &self,
        ids: &BTreeSet<ProjectId>,
        names: &BTreeSet<String>,
    ) -> (Vec<Project>, Vec<String>) {
        let found = self.app.engine.projects(ids, names).await;
        let own = self.call.listed();
        let visible = |project: &&Project| own.have(&project.id);
        let wanted = |project: &&Project| {
            let any = ids.is_empty() && names.is_empty();
            any || ids.contains(&project.id) || names.contains(&project.name)
        };
        let mut projects: Vec<Project> =
            found.known.iter().filter(wanted).filter(visible).cloned().collect();
        projects.sort_by(|a, b| a.id.cmp(&b.id));
        (projects, found.notes.clone())
    }

    /// Refuses a project's name in the place of its id: whoever gives it would wait for what never comes. For projects of which
    /// Fermata knows nothing, because the cloud may be asked. A cloud that does not answer is no reason to refuse anything.
    ///
    /// # Errors
    /// The text names the id.
    pub async fn refuse_name(&self, field: &str, project: &ProjectId) -> Result<(), ServeError> {
        let wanted = BTreeSet::from([project.clone()]);
        let found = self.app.engine.projects(&wanted, &BTreeSet::new()).await;
        // All that the caller may see: the one that the request names is none of them.
        let own = &self.call.projects;
        let visible = found.known.iter().filter(|project| own.have(&project.id));
        let names = visible.map(|project| (project.id.clone(), project.name.clone()));
        let cloud = CloudGroups::default().naming(names);
        match Named::project(field, project, &cloud).violations {
            none if none.is_empty() => Ok(()),
            violations => Err(ServeError::Violations(violations)),
        }
    }
}
