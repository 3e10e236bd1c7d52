//! Projects and their names, for whoever may see them.

use std::collections::BTreeSet;

use fermata_core::cloud::Project;
use fermata_core::id::ProjectId;

use super::App;
use crate::door::Call;

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
}
