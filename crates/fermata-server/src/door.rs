//! The one way in. Every call passes it: [`layer`] turns metadata and connection into a [`Caller`] and looks up which roles
//! may call the method; [`Door::enter`] gives a handler its request and the [`App`], once the fields are within their bounds
//! and the project that the request names is the caller's. Who may call what is one table, [`access`].

pub mod access;
mod bodies;
mod caller;
mod deadline;
mod held;
mod identity;
pub mod intake;
mod keystone;
pub mod layer;
mod oidc;
mod principals;
mod shares;

use std::sync::{Arc, OnceLock};

use fermata_core::access::{Projects, Refusal, decide};
use fermata_core::actor::Who;
use fermata_core::id::ProjectId;
use fermata_core::spec::Violation;
use tonic::Request;

pub use caller::{Call, Caller, Credential};
pub use identity::{Authenticator, Identity, Presented, Unknown};
pub use keystone::{KeystoneRoles, KeystoneTokens, Validate};
pub use oidc::{IssuersError, OidcTokens};
pub use principals::{
    Certificates, Digest, Names as CertificateNames, NewPrincipal, Principals, PrincipalsError,
    Token, Tokens, add_principal,
};

use self::access::{Method, Names};
use self::caller::Known;
use crate::app::App;
use crate::bounds::look_through;
use crate::bounds::rule::{Bounded, Found};
use crate::error::ServeError;
use crate::listener::Peer;

/// The way of handlers to the app. Until migrations ran there is no app, and calls are answered with UNAVAILABLE.
#[derive(Clone, Default)]
pub struct Door {
    app: Arc<OnceLock<App>>,
    /// Who calls where no layer says it: within this process.
    within: Option<Arc<Caller>>,
}

/// A call that was let in, with its request.
pub struct Entered<'a, Q> {
    /// The request.
    pub message: Q,
    /// Who calls, and what it may see.
    pub call: Call,
    /// What stands behind the services.
    pub app: &'a App,
}

impl Door {
    /// A door to this app for callers within this process, who may do everything.
    pub fn within(app: App) -> Self {
        let door = Self { within: Some(Arc::new(identity::anybody())), ..Self::default() };
        door.open(app);
        door
    }

    /// Opens the door.
    pub fn open(&self, app: App) {
        // A second opening would be of the same server.
        let _ = self.app.set(app);
    }

    /// The app, for what is no call.
    pub fn app(&self) -> Option<&App> {
        self.app.get()
    }

    /// Lets a call in. Every handler begins with it.
    ///
    /// # Errors
    /// Every field that is out of its bounds; or the caller may not do that; or the server has not finished its start.
    pub fn enter<Q: Bounded + Method>(
        &self,
        request: Request<Q>,
    ) -> Result<Entered<'_, Q>, ServeError> {
        let known = request.extensions().get().map(|Known(caller)| Arc::clone(caller));
        let caller = known.or_else(|| self.within.clone()).ok_or(ServeError::CredentialsMissing)?;
        let leave_at = request.extensions().get().and_then(|peer: &Peer| peer.link.leave_at());
        let message = request.into_inner();
        let Found { violations, projects, request_id } = look_through(&message);
        let call = Call { leave_at, ..admit::<Q>(&caller, &projects, request_id)? };
        if !violations.is_empty() {
            return Err(ServeError::Violations(violations));
        }
        let app = self.app.get().ok_or(ServeError::Starting)?;
        Ok(Entered { message, call, app })
    }
}

/// Decides by the table alone whether a request is the caller's business. `named`: the projects in it, each with its field.
fn admit<Q: Method>(
    caller: &Caller,
    named: &[(String, ProjectId)],
    request_id: Option<String>,
) -> Result<Call, ServeError> {
    let row = Q::ROW;
    let roles = row.roles();
    let grant = decide(&caller.rights, roles, named.iter().map(|(_, project)| project));
    let grant = grant.map_err(|refusal| match refusal {
        Refusal::Role => ServeError::role_required(roles),
        Refusal::Project(project) => match row.names {
            Names::Resource { absent, .. } => absent.error(),
            Names::Nothing | Names::Project { .. } | Names::Filter { .. } => {
                ServeError::ProjectForeign { project }
            }
        },
    })?;
    match row.names {
        Names::Resource { field, .. } | Names::Project { field }
            if named.is_empty() && grant.projects != Projects::All =>
        {
            let violation = Violation::field(field, "is required");
            return Err(ServeError::Violations(vec![violation]));
        }
        Names::Resource { .. } | Names::Project { .. } | Names::Filter { .. } | Names::Nothing => {}
    }
    Ok(Call {
        who: Who { principal: caller.principal.clone(), role: grant.role },
        projects: grant.projects,
        method: row.method,
        project: named.first().map(|(_, project)| project.clone()),
        request_id,
        credential: caller.credential.clone(),
        leave_at: None,
    })
}
