//! What a step is told of the world beside its session: owners' policies, and who is impacted.

use std::collections::BTreeSet;
use std::sync::Arc;

use fermata_core::Time;
use fermata_core::cloud::Projects;
use fermata_core::id::ProjectId;
use fermata_core::ledger::Ledger;
use fermata_core::machine::Input;
use fermata_core::policy::{CloudGroups, Named, Policies, metadata};
use fermata_core::session::Session;

use super::Engine;
use crate::error::ServeError;

/// What a step is told.
#[derive(Default)]
pub(super) struct Outside {
    /// Policies of those whom the step may ask.
    pub policies: Policies,
    /// Their accounts, if actions may begin.
    pub ledger: Option<Ledger>,
}

impl Engine {
    /// What a step has to know; `None` if the cloud has to be asked first, which no step waits for.
    pub(super) async fn outside(
        &self,
        session: &Session,
        input: &Input,
    ) -> Result<Option<Outside>, ServeError> {
        if !input.may_ask_or_act(session) {
            return Ok(Some(Outside::default()));
        }
        let mut owners = session.projects();
        let mut by_metadata =
            session.servers.values().any(|s| s.metadata.contains_key(metadata::GROUP));
        if let Input::ServersRead { result: Ok(found), .. } = input {
            owners.extend(found.present.iter().map(|s| s.project.clone()));
            by_metadata |= found.present.iter().any(|s| s.metadata.contains_key(metadata::GROUP));
        }
        if let Input::Planned(Ok(planned)) = input {
            owners.extend(planned.scale_in.iter().map(|scale_in| scale_in.project.clone()));
        }
        let mut policies = self.store.policies(&owners).await?;
        if policies.have_groups() || by_metadata {
            let Some(groups) = self.groups.recent() else { return Ok(None) };
            policies = policies.with_cloud(groups);
        }
        let now = self.now();
        let since = session.head.course.planned_at.unwrap_or(now).min(now);
        let ledger = self.ledger(&owners, &policies, since).await?;
        Ok(Some(Outside { policies, ledger: Some(ledger) }))
    }

    /// The accounts of these projects, as far back as their groups take to recover until then.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger(
        &self,
        projects: &BTreeSet<ProjectId>,
        policies: &Policies,
        until: Time,
    ) -> Result<Ledger, ServeError> {
        Ok(self.store.ledger(projects, until - policies.longest_recovery()).await?)
    }

    /// What the cloud's projects are called, read again if one of these is not among them.
    pub async fn projects(
        &self,
        ids: &BTreeSet<ProjectId>,
        names: &BTreeSet<String>,
    ) -> Arc<Projects> {
        let all_there = |found: &Projects| {
            ids.iter().all(|id| found.known.iter().any(|project| project.id == *id))
                && names.iter().all(|name| found.known.iter().any(|p| p.name == *name))
        };
        self.groups.projects.looked_up(&*self.cloud, all_there).await
    }

    /// The policies of a project as they count outside of sessions, with what was last read of groups.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn policies_of(&self, project: &ProjectId) -> Result<Policies, ServeError> {
        let policies = self.store.policies(&BTreeSet::from([project.clone()])).await?;
        if !policies.name_server_groups() {
            return Ok(policies);
        }
        Ok(policies.with_cloud(self.groups.refreshed(&*self.cloud).await))
    }

    /// Whether what an owner names is there. A cloud that does not answer is no reason to refuse it.
    pub async fn named(&self, field: &str, look: impl Fn(&CloudGroups) -> Named) -> Named {
        let all_there = |groups: &CloudGroups| look(groups) == Named::default();
        match self.groups.looked_up(&*self.cloud, all_there).await {
            Some(groups) => look(&groups),
            None => Named::not_looked_up(field),
        }
    }
}
