//! How Fermata proves who it is to Keystone, and what the token is for.

use std::fmt;

use url::Url;

use super::ConfigError;
use super::entry::url;
use super::node::Node;

/// A text that is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The settings of `auth`.
pub(super) struct Secrets(Node);

impl Secrets {
    pub(super) fn new(auth: Node) -> Self {
        Self(auth)
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Node::text)
    }

    fn owned(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    fn needed(&self, key: &'static str, kind: &str) -> Result<String, ConfigError> {
        let missing = || ConfigError::Missing { setting: key, kind: kind.to_owned() };
        self.owned(key).ok_or_else(missing)
    }
}

/// A proof of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Method {
    Password {
        user: User,
        password: Secret,
    },
    Token(Secret),
    ApplicationCredential {
        credential: Credential,
        secret: Secret,
    },
    /// One code; Keystone takes each once.
    Totp {
        user: User,
        passcode: Secret,
    },
    /// All of them together.
    Several(Vec<Self>),
    /// By an access token of an OpenID Connect provider, which Keystone trades for one of its own.
    Oidc(Oidc),
}

/// A user, or a name that is one in its domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Id(String),
    Name { name: String, domain: Domain },
}

pub(crate) type User = Named;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Domain {
    Id(String),
    Name(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Id(String),
    Name { name: String, user: User },
}

/// Where and how an access token is got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Oidc {
    pub(crate) identity_provider: String,
    pub(crate) protocol: String,
    pub(crate) grant: Grant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    AccessToken(Secret),
    Password { client: Client, username: String, password: Secret },
    ClientCredentials(Client),
}

/// A client of an OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) scope: String,
    pub(crate) token_endpoint: TokenEndpoint,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenEndpoint {
    At(Url),
    /// Named by the provider's discovery document.
    DiscoveredAt(Url),
}

/// What a token is for (<https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    Project(Named),
    Domain(Domain),
    System,
    Trust(String),
    /// What Keystone makes of it: the user's default project, if there is one.
    Unsaid,
}

const KINDS: &str = "Fermata signs in by password, token, v3applicationcredential, v3totp, v3multifactor, v3oidcpassword, \
                     v3oidcclientcredentials and v3oidcaccesstoken";

impl Method {
    pub(super) fn read(kind: Option<&str>, auth: &Secrets) -> Result<Self, ConfigError> {
        let guessed = || {
            if auth.get("application_credential_secret").is_some() {
                "v3applicationcredential"
            } else if auth.get("token").is_some() && auth.get("password").is_none() {
                "token"
            } else {
                "password"
            }
        };
        let kind = kind.unwrap_or_else(guessed);
        match kind {
            "password" | "v3password" => Ok(Self::Password {
                user: user(auth, kind)?,
                password: Secret(auth.needed("password", kind)?),
            }),
            "token" | "v3token" => Ok(Self::Token(Secret(auth.needed("token", kind)?))),
            "v3applicationcredential" => Ok(Self::ApplicationCredential {
                credential: credential(auth, kind)?,
                secret: Secret(auth.needed("application_credential_secret", kind)?),
            }),
            "v3totp" => Ok(Self::Totp {
                user: user(auth, kind)?,
                passcode: Secret(auth.needed("passcode", kind)?),
            }),
            "v3multifactor" => {
                let named = auth.0.get("auth_methods").map(Node::texts).unwrap_or_default();
                if named.is_empty() {
                    let kind = kind.to_owned();
                    return Err(ConfigError::Missing { setting: "auth_methods", kind });
                }
                let parts = named.into_iter().map(|part| {
                    let read = Self::read(Some(part), auth)?;
                    match read {
                        Self::Several(_) | Self::Oidc(_) => {
                            Err(unsupported("auth_methods", part, "it cannot be one of several"))
                        }
                        Self::Password { .. }
                        | Self::Token(_)
                        | Self::ApplicationCredential { .. }
                        | Self::Totp { .. } => Ok(read),
                    }
                });
                parts.collect::<Result<_, _>>().map(Self::Several)
            }
            "v3oidcpassword" => {
                let grant = Grant::Password {
                    client: client(auth, kind)?,
                    username: auth.needed("username", kind)?,
                    password: Secret(auth.needed("password", kind)?),
                };
                oidc(auth, kind, grant)
            }
            "v3oidcclientcredentials" => {
                let client = client(auth, kind)?;
                if client.secret.is_none() {
                    let kind = kind.to_owned();
                    return Err(ConfigError::Missing { setting: "client_secret", kind });
                }
                oidc(auth, kind, Grant::ClientCredentials(client))
            }
            "v3oidcaccesstoken" => {
                let token = Secret(auth.needed("access_token", kind)?);
                oidc(auth, kind, Grant::AccessToken(token))
            }
            other => Err(unsupported("auth_type", other, KINDS)),
        }
    }

    /// As whom it proves to come, without the secret.
    pub(crate) fn account(&self) -> String {
        match self {
            Self::Password { user, .. } | Self::Totp { user, .. } => user.name().to_owned(),
            Self::Token(_) => String::new(),
            Self::ApplicationCredential { credential, .. } => {
                let (Credential::Id(name) | Credential::Name { name, .. }) = credential;
                format!("application credential {name}")
            }
            Self::Several(parts) => parts.first().map_or_else(String::new, Self::account),
            Self::Oidc(oidc) => match &oidc.grant {
                Grant::AccessToken(_) => String::new(),
                Grant::Password { username, .. } => username.clone(),
                Grant::ClientCredentials(client) => client.id.clone(),
            },
        }
    }
}

impl Named {
    fn name(&self) -> &str {
        let (Self::Id(name) | Self::Name { name, .. }) = self;
        name
    }
}

impl Scope {
    pub(super) fn read(auth: &Secrets) -> Result<Self, ConfigError> {
        if let Some(trust) = auth.get("trust_id") {
            return Ok(Self::Trust(trust.to_owned()));
        }
        if let Some(system) = auth.get("system_scope") {
            return match system {
                "all" => Ok(Self::System),
                _ => Err(unsupported("system_scope", system, "it can only be all")),
            };
        }
        if let Some(id) = auth.get("project_id").or_else(|| auth.get("tenant_id")) {
            return Ok(Self::Project(Named::Id(id.to_owned())));
        }
        if let Some(name) = auth.get("project_name").or_else(|| auth.get("tenant_name")) {
            let name = name.to_owned();
            return Ok(Self::Project(Named::Name { name, domain: domain(auth, "project") }));
        }
        if let Some(id) = auth.get("domain_id") {
            return Ok(Self::Domain(Domain::Id(id.to_owned())));
        }
        let name = auth.get("domain_name");
        Ok(name.map_or(Self::Unsaid, |name| Self::Domain(Domain::Name(name.to_owned()))))
    }
}

fn user(auth: &Secrets, kind: &str) -> Result<User, ConfigError> {
    if let Some(id) = auth.get("user_id") {
        return Ok(Named::Id(id.to_owned()));
    }
    match auth.owned("username").or_else(|| auth.owned("user_name")) {
        Some(name) => Ok(Named::Name { name, domain: domain(auth, "user") }),
        None => Err(ConfigError::Missing { setting: "username", kind: kind.to_owned() }),
    }
}

/// The domain of a user or a project. Where nothing names one it is `default`, as for openstackclient.
fn domain(auth: &Secrets, of: &str) -> Domain {
    let own = |what: &str| auth.owned(&format!("{of}_domain_{what}"));
    let id = own("id").map(Domain::Id);
    id.or_else(|| own("name").map(Domain::Name))
        .or_else(|| auth.owned("default_domain_id").map(Domain::Id))
        .or_else(|| auth.owned("default_domain_name").map(Domain::Name))
        .or_else(|| auth.owned("default_domain").map(Domain::Id))
        .unwrap_or_else(|| Domain::Id("default".to_owned()))
}

fn credential(auth: &Secrets, kind: &str) -> Result<Credential, ConfigError> {
    if let Some(id) = auth.owned("application_credential_id") {
        return Ok(Credential::Id(id));
    }
    match auth.owned("application_credential_name") {
        Some(name) => Ok(Credential::Name { name, user: user(auth, kind)? }),
        None => {
            let kind = kind.to_owned();
            Err(ConfigError::Missing { setting: "application_credential_id", kind })
        }
    }
}

fn client(auth: &Secrets, kind: &str) -> Result<Client, ConfigError> {
    let token_endpoint = match (auth.get("access_token_endpoint"), auth.get("discovery_endpoint")) {
        (Some(at), _) => TokenEndpoint::At(url("access_token_endpoint", at)?),
        (None, Some(at)) => TokenEndpoint::DiscoveredAt(url("discovery_endpoint", at)?),
        (None, None) => {
            let kind = kind.to_owned();
            return Err(ConfigError::Missing { setting: "discovery_endpoint", kind });
        }
    };
    Ok(Client {
        id: auth.needed("client_id", kind)?,
        secret: auth.owned("client_secret").map(Secret),
        scope: auth.owned("openid_scope").unwrap_or_else(|| "openid profile".to_owned()),
        token_endpoint,
    })
}

fn oidc(auth: &Secrets, kind: &str, grant: Grant) -> Result<Method, ConfigError> {
    Ok(Method::Oidc(Oidc {
        identity_provider: auth.needed("identity_provider", kind)?,
        protocol: auth.needed("protocol", kind)?,
        grant,
    }))
}

fn unsupported(setting: &str, value: &str, instead: &'static str) -> ConfigError {
    ConfigError::Unsupported { setting: setting.to_owned(), value: value.to_owned(), instead }
}
