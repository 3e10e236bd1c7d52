//! Projects by their names: as they are given, and as they are shown.

use std::collections::BTreeSet;

use fermata_client::v1::server_service_client::ServerServiceClient;
use fermata_client::v1::{ListProjectsRequest, Project};

use super::context::{Context, pages};
use crate::args::Format;
use crate::failure::Failure;
use crate::view::projects::{ProjectNames, ids_in};

/// So many are asked for at once.
const AT_ONCE: usize = 500;

impl Context<'_> {
    /// The id of a project that may be given by its name. What the server does not know may be an id all the same.
    pub(super) async fn project(&self, given: &str) -> Result<String, Failure> {
        if given.is_empty() || ids_in(given).contains(given) {
            return Ok(given.to_owned());
        }
        let one = || vec![given.to_owned()];
        // A failure is told by the call that follows.
        let found = self.projects(one(), one()).await.unwrap_or_default();
        if found.iter().any(|project| project.project_id == given) {
            return Ok(given.to_owned());
        }
        match found.as_slice() {
            [] => Ok(given.to_owned()),
            [project] => Ok(project.project_id.clone()),
            several => {
                let listed = several.iter().map(|Project { project_id, domain_id, .. }| {
                    format!("{project_id} in domain {domain_id}")
                });
                let listed = listed.collect::<Vec<_>>().join(", ");
                Err(Failure::Usage(format!("several projects are called {given}: {listed}")))
            }
        }
    }

    /// What these projects are called, for tables and lines; nothing where programs read, or the server does not tell.
    pub(super) async fn names_of<I: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = I>,
    ) -> ProjectNames {
        let mut names = ProjectNames::default();
        self.learn(&mut names, ids).await;
        names
    }

    /// The same for ids of which it is not known yet.
    pub(super) async fn learn<I: AsRef<str>>(
        &self,
        names: &mut ProjectNames,
        ids: impl IntoIterator<Item = I>,
    ) {
        if self.screen.format == Format::Json || self.screen.is_names_only() {
            return;
        }
        let is_new = |id: &String| !id.is_empty() && names.is_new(id);
        let ids: BTreeSet<String> =
            ids.into_iter().map(|id| id.as_ref().to_owned()).filter(is_new).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        for some in ids.chunks(AT_ONCE) {
            let Ok(found) = self.projects(some.to_vec(), Vec::new()).await else { return };
            some.iter().for_each(|id| names.asked(id));
            for Project { project_id, name, .. } in found {
                names.learn(project_id, name);
            }
        }
    }

    async fn projects(
        &self,
        ids: Vec<String>,
        names: Vec<String>,
    ) -> Result<Vec<Project>, Failure> {
        let mut client = ServerServiceClient::new(self.channel().await?);
        pages(usize::MAX, async |page_size, page_token| {
            let (ids, names) = (ids.clone(), names.clone());
            let request = ListProjectsRequest { ids, names, page_size, page_token };
            let page = self.ask(client.list_projects(request)).await?;
            Ok((page.projects, page.next_page_token))
        })
        .await
    }
}
