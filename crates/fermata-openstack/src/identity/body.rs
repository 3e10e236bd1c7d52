//! What is sent to Keystone to get a token
//! (<https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management>).

use serde_json::{Map, Value, json};

use crate::config::{Credential, Domain, Method, Named, Scope};

/// The body of `POST /v3/auth/tokens`.
pub(super) fn of(method: &Method, scope: &Scope) -> Value {
    let mut names = Vec::new();
    let mut identity = Map::new();
    add(method, &mut names, &mut identity);
    identity.insert("methods".to_owned(), json!(names));
    let mut auth = json!({"identity": identity});
    // An application credential is for a project already; Keystone refuses to be told of another one.
    let is_bound = names.contains(&"application_credential");
    if let (Some(scope), false) = (self::scope(scope), is_bound) {
        auth["scope"] = scope;
    }
    json!({"auth": auth})
}

/// The body that trades a token for one with a scope.
pub(super) fn rescope(token: &str, scope: &Scope) -> Value {
    let mut auth = json!({"identity": {"methods": ["token"], "token": {"id": token}}});
    if let Some(scope) = self::scope(scope) {
        auth["scope"] = scope;
    }
    json!({"auth": auth})
}

fn add(method: &Method, names: &mut Vec<&'static str>, identity: &mut Map<String, Value>) {
    let (name, proof) = match method {
        Method::Password { user, password } => {
            let mut user = named(user);
            user["password"] = json!(password.reveal());
            ("password", json!({"user": user}))
        }
        Method::Totp { user, passcode } => {
            let mut user = named(user);
            user["passcode"] = json!(passcode.reveal());
            ("totp", json!({"user": user}))
        }
        Method::Token(token) => ("token", json!({"id": token.reveal()})),
        Method::ApplicationCredential { credential, secret } => {
            let mut proof = match credential {
                Credential::Id(id) => json!({"id": id}),
                Credential::Name { name, user } => json!({"name": name, "user": named(user)}),
            };
            proof["secret"] = json!(secret.reveal());
            ("application_credential", proof)
        }
        Method::Several(parts) => {
            parts.iter().for_each(|part| add(part, names, identity));
            return;
        }
        // Proves itself elsewhere.
        Method::Oidc(_) => return,
    };
    names.push(name);
    identity.insert(name.to_owned(), proof);
}

fn named(thing: &Named) -> Value {
    match thing {
        Named::Id(id) => json!({"id": id}),
        Named::Name { name, domain } => json!({"name": name, "domain": self::domain(domain)}),
    }
}

fn domain(domain: &Domain) -> Value {
    match domain {
        Domain::Id(id) => json!({"id": id}),
        Domain::Name(name) => json!({"name": name}),
    }
}

fn scope(scope: &Scope) -> Option<Value> {
    match scope {
        Scope::Project(project) => Some(json!({"project": named(project)})),
        Scope::Domain(domain) => Some(json!({"domain": self::domain(domain)})),
        Scope::System => Some(json!({"system": {"all": true}})),
        Scope::Trust(id) => Some(json!({"OS-TRUST:trust": {"id": id}})),
        Scope::Unsaid => None,
    }
}
