//! Projects by their names: as they are given, and as they are shown.

use std::collections::BTreeSet;

use fermata_client::v1::server_service_client::ServerServiceClient;
use fermata_client::v1::{ListProjectsRequest, Project};

use super::context::{Context, pages};
use crate::args::Format;
use crate::failure::Failure;
use crate::output::color::safe;
use crate::view::projects::{ProjectNames, ids_in};

/// So many are asked for at once.
const AT_ONCE: usize = 500;

impl Context<'_> {
    /// The id of a project that may be given by its name. What the server does not know may be an id all the same.
    pub(super) async fn project(&self, given: &str) -> Result<String, Failure> {
        Ok(self.found(given).await?.unwrap_or_else(|| given.to_owned()))
    }

    /// The same, with a note of a project that the cloud does not know: nothing is found there, and it may be a slip of the hand.
    /// It is no failure, because projects may come to exist later.
    pub(super) async fn known_project(&self, given: &str) -> Result<String, Failure> {
        if let Some(id) = self.found(given).await? {
            return Ok(id);
        }
        self.note(&format!("the cloud knows no project {}", safe(given)))?;
        Ok(given.to_owned())
    }

    /// The id of a project; `None`: the cloud knows none that is called so, or has that id.
    async fn found(&self, given: &str) -> Result<Option<String>, Failure> {
        let as_given = || Ok(Some(given.to_owned()));
        if given.is_empty() || ids_in(given).contains(given) {
            return as_given();
        }
        let one = || vec![given.to_owned()];
        // A failure is told by the call that follows.
        let Ok((found, notes)) = self.projects(one(), one()).await else { return as_given() };
        if found.iter().any(|project| project.project_id == given) {
            return as_given();
        }
        match found.as_slice() {
            // The server may not have been told of all of them.
            [] if !notes.is_empty() => as_given(),
            [] => Ok(None),
            [project] => Ok(Some(project.project_id.clone())),
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
            let found = self.projects(some.to_vec(), Vec::new()).await;
            let Ok((found, _)) = found else { return };
            some.iter().for_each(|id| names.asked(id));
            for Project { project_id, name, .. } in found {
                names.learn(project_id, name);
            }
        }
    }

    /// Projects, and why there may be more.
    async fn projects(
        &self,
        ids: Vec<String>,
        names: Vec<String>,
    ) -> Result<(Vec<Project>, Vec<String>), Failure> {
        let mut client = ServerServiceClient::new(self.channel().await?);
        let mut notes = Vec::new();
        let found = pages(usize::MAX, async |page_size, page_token| {
            let (ids, names) = (ids.clone(), names.clone());
            let request = ListProjectsRequest { ids, names, page_size, page_token };
            let page = self.ask(client.list_projects(request)).await?;
            notes = page.notes;
            Ok((page.projects, page.next_page_token))
        });
        let found = found.await?;
        Ok((found, notes))
    }
}
