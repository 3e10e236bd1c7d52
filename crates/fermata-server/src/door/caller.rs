//! Who calls, as its credential says.

use std::any::Any;
use std::sync::Arc;

use fermata_core::Time;
use fermata_core::access::{Projects, Rights};
use fermata_core::actor::{Principal, Who};
use fermata_core::id::ProjectId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The name that its credential carries.
    pub principal: Principal,
    /// What it may do.
    pub rights: Rights,
    /// What proves it.
    pub credential: Credential,
}

impl Caller {
    /// A caller who may do everything, for ever.
    pub fn almighty(principal: &str) -> Self {
        let principal = Principal::new(principal);
        Self { principal, rights: Rights::all(), credential: Credential::default() }
    }
}

/// How long a credential holds.
#[derive(Debug, Clone, Default)]
pub struct Credential {
    /// When it expires; `None`: never.
    pub expires_at: Option<Time>,
    /// Cancelled when it is revoked.
    pub revoked: CancellationToken,
    /// Cancelled when whom it stands for is taken out of a file, which is not whoever revokes it.
    pub taken_out: CancellationToken,
    /// Tells whoever watches over it that somebody still uses it.
    pub held: Option<Arc<dyn Any + Send + Sync>>,
}

/// A call that was let in: who calls, what it may see, and by what it is known.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who, in the role in which it is let in.
    pub who: Who,
    /// The projects that it may see.
    pub projects: Projects,
    /// The name of the method in its service.
    pub method: &'static str,
    /// The project that the request names.
    pub project: Option<ProjectId>,
    /// The id by which the request may be repeated.
    pub request_id: Option<String>,
    /// What proves who calls.
    pub(crate) credential: Credential,
    /// When a stream should end, because its connection is old.
    pub(crate) leave_at: Option<Instant>,
}

impl Call {
    /// To whom the request's id belongs: the principal, and the project for which it acts. Neither holds a line break.
    pub fn owner_of_request(&self) -> String {
        match &self.project {
            None => self.who.principal.to_string(),
            Some(project) => format!("{}\nproject/{project}", self.who.principal),
        }
    }

    /// The projects of which a list may speak: the named one, or all that the caller may see.
    pub fn listed(&self) -> Projects {
        match &self.project {
            None => self.projects.clone(),
            Some(project) => Projects::Of([project.clone()].into_iter().collect()),
        }
    }
}

/// The caller of a request, as the layer hands it on.
#[derive(Debug, Clone)]
pub(super) struct Known(pub Arc<Caller>);
