//! Who signs in at Keystone.

use std::fmt;

use serde_json::{Value, json};

use crate::keystone::KeystoneError;

/// Who somebody is for Keystone.
#[derive(Clone)]
pub enum Identity {
    /// A user with a password.
    Password {
        /// Who.
        user: Named,
        /// The password.
        password: String,
        /// What the token is for.
        scope: Scope,
    },
    /// An application credential, which is best: it has its project in it, and can be withdrawn alone.
    ApplicationCredential {
        /// Its id.
        id: String,
        /// Its secret.
        secret: String,
    },
}

/// A user or a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(String),
    /// By its name in the domain with this id.
    InDomainId(String, String),
    /// By its name in the domain with this name.
    InDomain(String, String),
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project.
    Project(Named),
    /// The whole cloud, for operators.
    System,
}

impl Identity {
    /// What Keystone is asked for.
    pub(super) fn body(&self) -> Value {
        match self {
            Self::Password { user, password, scope } => {
                let mut user = user.json();
                user["password"] = json!(password);
                let scope = match scope {
                    Scope::Project(project) => json!({"project": project.json()}),
                    Scope::System => json!({"system": {"all": true}}),
                };
                let identity = json!({"methods": ["password"], "password": {"user": user}});
                json!({"auth": {"identity": identity, "scope": scope}})
            }
            Self::ApplicationCredential { id, secret } => {
                let credential = json!({"id": id, "secret": secret});
                let methods = ["application_credential"];
                json!({"auth": {"identity": {"methods": methods, "application_credential": credential}}})
            }
        }
    }

    pub(super) fn from_variables(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, KeystoneError> {
        let required = |name| variable(name).ok_or(KeystoneError::Variable(name));
        if let Some(id) = variable("OS_APPLICATION_CREDENTIAL_ID") {
            let secret = required("OS_APPLICATION_CREDENTIAL_SECRET")?;
            return Ok(Self::ApplicationCredential { id, secret });
        }
        let named = |[id, name, domain_id, domain_name]: [&'static str; 4]| {
            if let Some(id) = variable(id) {
                return Ok(Named::Id(id));
            }
            let name = required(name)?;
            Ok(match (variable(domain_name), variable(domain_id)) {
                (Some(domain), _) => Named::InDomain(name, domain),
                (None, Some(domain)) => Named::InDomainId(name, domain),
                (None, None) => Named::InDomainId(name, "default".to_owned()),
            })
        };
        let user =
            named(["OS_USER_ID", "OS_USERNAME", "OS_USER_DOMAIN_ID", "OS_USER_DOMAIN_NAME"])?;
        let password = required("OS_PASSWORD")?;
        let scope = if variable("OS_SYSTEM_SCOPE").as_deref() == Some("all") {
            Scope::System
        } else {
            Scope::Project(named([
                "OS_PROJECT_ID",
                "OS_PROJECT_NAME",
                "OS_PROJECT_DOMAIN_ID",
                "OS_PROJECT_DOMAIN_NAME",
            ])?)
        };
        Ok(Self::Password { user, password, scope })
    }
}

impl Named {
    fn json(&self) -> Value {
        match self {
            Self::Id(id) => json!({"id": id}),
            Self::InDomainId(name, domain) => json!({"name": name, "domain": {"id": domain}}),
            Self::InDomain(name, domain) => json!({"name": name, "domain": {"name": domain}}),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, scope, .. } => f
                .debug_struct("Password")
                .field("user", user)
                .field("scope", scope)
                .finish_non_exhaustive(),
            Self::ApplicationCredential { id, .. } => {
                f.debug_struct("ApplicationCredential").field("id", id).finish_non_exhaustive()
            }
        }
    }
}
