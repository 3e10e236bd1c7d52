//! Tokens of callers: whose they are, what for, and whether they still hold. Keystone is asked with the credentials of the
//! configuration, whose user needs the right to validate tokens (the role `service` or `admin`).

use std::collections::BTreeSet;

use fermata_core::Time;
use fermata_core::cloud::{CloudError, OutageKind};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;

use crate::client::Client;
use crate::config::{ConfigError, OpenStackConfig};
use crate::endpoints::tokens;
use crate::errors;

/// Fernet tokens and JWS tokens have some hundred characters; headers of 8 KiB are where HTTP servers stop reading.
const LONGEST_TOKEN: usize = 4096;
const SUBJECT: HeaderName = HeaderName::from_static("x-subject-token");

/// A Keystone.
pub struct Keystone {
    client: Client,
}

/// What Keystone says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The id of its user.
    pub user_id: String,
    /// The name of its user.
    pub user_name: String,
    /// The name of its user's domain.
    pub user_domain: String,
    /// What it is for.
    pub scope: Scope,
    /// The names of the user's roles in that scope.
    pub roles: BTreeSet<String>,
    /// When it expires.
    pub expires_at: Time,
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project, by its id.
    Project(String),
    /// A domain, by its id.
    Domain(String),
    /// The whole cloud.
    System,
    /// Nothing yet.
    None,
}

impl Keystone {
    /// Prepares the use of a Keystone. Reads files, and calls nothing.
    ///
    /// # Errors
    /// [`ConfigError`] when the configuration cannot be used.
    pub fn new(config: OpenStackConfig) -> Result<Self, ConfigError> {
        let cloud = config.source.resolve()?;
        Ok(Self { client: Client::new(cloud, config.request_timeout, config.headers)? })
    }

    /// A token of whom the configuration names, for services that take tokens. It may be one that was had before.
    ///
    /// # Errors
    /// [`CloudError::Unavailable`] if Keystone gives none.
    pub async fn own_token(&self) -> Result<String, CloudError> {
        self.client.own_token().await
    }

    /// What Keystone says of a token; `None`: it is none, has expired, or was revoked.
    ///
    /// # Errors
    /// [`CloudError::Unavailable`] if Keystone cannot tell now; [`CloudError::Rejected`] if it does not let this client ask.
    pub async fn validate(&self, token: &str) -> Result<Option<TokenFacts>, CloudError> {
        if token.is_empty() || token.len() > LONGEST_TOKEN {
            return Ok(None);
        }
        let Ok(mut value) = HeaderValue::from_str(token) else { return Ok(None) };
        value.set_sensitive(true);
        let call = tokens::validate();
        let headers = HeaderMap::from_iter([(SUBJECT, value)]);
        let answer = self.client.ask(&call, headers).await?;
        match answer.status {
            StatusCode::OK => {
                let found: Answer = serde_json::from_slice(&answer.body)
                    .map_err(|error| errors::from_body(&call, &answer, &error))?;
                found.token.facts().map(Some)
            }
            // Keystone's own; a proxy that lost its way has no such body.
            StatusCode::NOT_FOUND if serde_json::from_slice::<NotFound>(&answer.body).is_ok() => {
                Ok(None)
            }
            _ => Err(errors::from_answer(&call, &answer)),
        }
    }
}

#[derive(Deserialize)]
struct NotFound {
    #[allow(dead_code, reason = "that it is there is all")]
    error: NotFoundError,
}

#[derive(Deserialize)]
struct NotFoundError {
    #[allow(dead_code, reason = "that it is there is all")]
    code: u16,
}

#[derive(Deserialize)]
struct Answer {
    token: TokenRecord,
}

#[derive(Deserialize)]
struct TokenRecord {
    user: UserRecord,
    project: Option<IdRecord>,
    domain: Option<IdRecord>,
    system: Option<SystemRecord>,
    #[serde(default)]
    roles: Vec<NameRecord>,
    expires_at: String,
}

#[derive(Deserialize)]
struct UserRecord {
    id: String,
    name: String,
    domain: NameRecord,
}

#[derive(Deserialize)]
struct IdRecord {
    id: String,
}

#[derive(Deserialize)]
struct NameRecord {
    name: String,
}

#[derive(Deserialize)]
struct SystemRecord {
    #[serde(default)]
    all: bool,
}

impl TokenRecord {
    fn facts(self) -> Result<TokenFacts, CloudError> {
        let expires_at = Time::parse(&self.expires_at, &Rfc3339).map_err(|error| {
            let detail =
                format!("Keystone says that a token expires at {:?}: {error}", self.expires_at);
            CloudError::Unavailable { kind: OutageKind::BadAnswer, detail }
        })?;
        let scope = match (self.project, self.domain, self.system) {
            (Some(project), ..) => Scope::Project(project.id),
            (None, Some(domain), _) => Scope::Domain(domain.id),
            (None, None, Some(system)) if system.all => Scope::System,
            (None, None, _) => Scope::None,
        };
        Ok(TokenFacts {
            user_id: self.user.id,
            user_name: self.user.name,
            user_domain: self.user.domain.name,
            scope,
            roles: self.roles.into_iter().map(|role| role.name).collect(),
            expires_at,
        })
    }
}
