//! Policies of owners: of servers, and of groups.

use std::collections::BTreeMap;

use fermata_core::access::Projects;
use fermata_core::audit::Resource;
use fermata_core::cloud::{CloudError, ServerSeen};
use fermata_core::id::{ProjectId, ServerId};
use fermata_core::policy::{Effective, GroupPolicy};
use fermata_store::{
    Asked, OwnersPolicy, PolicyOfServer, PolicyQuery, PutMode, PutPolicy, StoreError, Stored,
};

use super::{App, refused};
use crate::door::Call;
use crate::engine::journal;
use crate::error::ServeError;
use crate::requests::Once;

/// Policies, for one call.
pub struct Policies<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

/// What is said of something that is not there.
pub trait Absent: OwnersPolicy {
    /// That.
    const ABSENT: ServeError;
}

impl Absent for PolicyOfServer {
    const ABSENT: ServeError = ServeError::PolicyNotFound;
}

impl Absent for GroupPolicy {
    const ABSENT: ServeError = ServeError::ServerGroupNotFound;
}

impl Policies<'_> {
    /// A policy of this project.
    ///
    /// # Errors
    /// There is none, or the database does not answer.
    pub async fn find<P: Absent>(
        &self,
        project: &ProjectId,
        id: &str,
    ) -> Result<Stored<P>, ServeError> {
        self.app.store.policy(project, id).await?.ok_or(P::ABSENT)
    }

    /// What is stored for a server, and what counts for it.
    ///
    /// # Errors
    /// Nothing is known of it; then also that the cloud does not answer. The database does not answer.
    pub async fn of_server(
        &self,
        project: &ProjectId,
        server: &ServerId,
    ) -> Result<(Option<Stored<PolicyOfServer>>, Effective), ServeError> {
        let stored = self.app.store.policy(project, server.as_str()).await?;
        let policies = self.app.engine.policies_of(project).await?;
        let (metadata, away) = match self.metadata_of(project, server).await {
            Ok(metadata) => (metadata, None),
            Err(error) => (BTreeMap::new(), Some(error)),
        };
        let counts = policies.of(project, server, &metadata);
        if stored.is_none() && counts.is_unset() {
            return Err(away.map_or(ServeError::PolicyNotFound, ServeError::Cloud));
        }
        Ok((stored, counts))
    }

    /// What a server of this project says in its metadata; nothing if the project has no such server.
    async fn metadata_of(
        &self,
        project: &ProjectId,
        server: &ServerId,
    ) -> Result<BTreeMap<String, String>, CloudError> {
        let found = self.app.cloud.progress(std::slice::from_ref(server), self.app.now()).await;
        let seen = match found {
            Ok(found) => found.servers.into_iter().next(),
            Err(CloudError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(match seen {
            Some(ServerSeen::Present(found)) if found.project == *project => found.metadata,
            Some(ServerSeen::Present(_) | ServerSeen::Gone(_)) | None => BTreeMap::new(),
        })
    }

    /// Policies that the call may see, by project and id.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list<P: OwnersPolicy>(
        &self,
        after: Option<(ProjectId, String)>,
        limit: u64,
    ) -> Result<Vec<Stored<P>>, ServeError> {
        let projects = match self.call.listed() {
            Projects::All => None,
            Projects::Of(projects) => Some(projects),
        };
        Ok(self.app.store.list_policies(&PolicyQuery { projects, after, limit }).await?)
    }

    /// Creates or replaces a policy. `revision`: the one that must be current.
    ///
    /// # Errors
    /// The mode or the etag does not allow it; the database does not answer.
    pub async fn put<P: Absent>(
        &self,
        policy: P,
        mode: PutMode,
        revision: Option<u64>,
        once: Once<'_, Stored<P>>,
    ) -> Result<Stored<P>, ServeError> {
        let (project, id) = (policy.project().clone(), policy.id().to_owned());
        let record = |stored: &Stored<P>| once.record(stored);
        let entry = once.entry(Resource::of(P::RESOURCE, &project, &id), String::new());
        let asked = Asked { entry: &entry, record: &record, now: self.app.now() };
        let how = PutPolicy { mode, revision, asked };
        match self.app.store.put_policy(policy, how).await {
            Ok(stored) => {
                journal::asked(&entry);
                Ok(stored)
            }
            Err(error) => Err(self.refused::<P>(&project, &id, revision, error).await),
        }
    }

    /// Deletes a policy. `revision`: the one that must be current.
    ///
    /// # Errors
    /// There is none; the etag is not current; the database does not answer.
    pub async fn delete<P: Absent>(
        &self,
        project: &ProjectId,
        id: &str,
        revision: Option<u64>,
        once: Once<'_, ()>,
    ) -> Result<(), ServeError> {
        let record = |(): &()| once.record(&());
        let entry = once.entry(Resource::of(P::RESOURCE, project, id), String::new());
        let asked = Asked { entry: &entry, record: &record, now: self.app.now() };
        match self.app.store.delete_policy::<P>(project, id, revision, asked).await {
            Ok(()) => {
                journal::asked(&entry);
                Ok(())
            }
            Err(error) => Err(self.refused::<P>(project, id, revision, error).await),
        }
    }

    async fn refused<P: Absent>(
        &self,
        project: &ProjectId,
        id: &str,
        revision: Option<u64>,
        error: StoreError,
    ) -> ServeError {
        let current = async {
            Ok(self.app.store.policy::<P>(project, id).await?.map(|stored| stored.revision))
        };
        refused(error, P::ABSENT, revision.is_some(), current).await
    }
}
