//! The matrix of methods, roles and projects for each kind of credential: whoever is let in is let in to the same.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_core::cloud::CloudError;
use fermata_openstack::{Scope, TokenFacts};
use fermata_server::clock;
use fermata_server::door::{
    Identity, KeystoneRoles, KeystoneTokens, NewPrincipal, Token, Validate, add_principal,
};
use futures::future::BoxFuture;
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::matrix::{Counts, Holder, Holders};
use super::{Callers, projects};
use crate::harness::Site;
use crate::oidc::issuer::{Issuer, Signer};
use crate::secure::{Secure, uri};
use crate::world::World;

/// Every project of an owner, none of anybody else.
fn owned(role: Role) -> Vec<String> {
    if role == Role::Owner { vec!["orange".to_owned()] } else { Vec::new() }
}

fn report(kind: &str, counts: &Counts) {
    println!("{kind}: {counts:?}");
    assert!(counts.methods >= 42 && counts.foreign_absent >= 10, "{kind}: {counts:?}");
}

#[tokio::test]
async fn by_whatever_a_server_is_made_to_know() {
    let callers = Callers::default();
    for role in Role::ALL {
        callers.know(role.name(), &[role], projects(&["orange"]));
    }
    callers.know("nothing", &[], Projects::All);
    callers.expire("expired");
    let mut site = Site::for_callers(&World::small(), callers.identity()).await;
    let channel = site.channel().await;
    let by = |token: &str| Holder::of_token(&channel, token);
    let everybody = Holders {
        roles: Role::ALL.map(|role| (role, by(role.name()))).into(),
        nothing: Some(by("nothing")),
        nobody: Holder { channel: channel.clone(), header: None },
        bad: vec![
            (by("unheard-of"), "CREDENTIALS_INVALID"),
            (by("expired"), "CREDENTIALS_EXPIRED"),
        ],
    };
    report("any", &everybody.walk().await);
    site.stop().await;
}

#[tokio::test]
async fn by_static_tokens() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("principals.toml");
    let create = |name: &str, role: Role, expires: Option<&str>| {
        let token = Token::new();
        let principal = NewPrincipal {
            name: name.to_owned(),
            roles: vec![role.name().to_owned()],
            projects: owned(role),
            expires: expires.map(str::to_owned),
            digest: token.digest(),
        };
        add_principal(&file, &principal).unwrap();
        token.text().to_owned()
    };
    let tokens = Role::ALL.map(|role| (role, create(role.name(), role, None)));
    let expired = create("expired", Role::Operator, Some("2020-01-01T00:00:00Z"));
    let mut site =
        Site::with(&World::small(), |config| config.principals = Some(file.clone())).await;
    let channel = site.channel().await;
    let by = |token: &str| Holder::of_token(&channel, token);
    let everybody = Holders {
        roles: tokens.iter().map(|(role, token)| (*role, by(token))).collect(),
        nothing: None,
        nobody: Holder { channel: channel.clone(), header: None },
        bad: vec![
            (by(Token::new().text()), "CREDENTIALS_INVALID"),
            (by(&expired), "CREDENTIALS_EXPIRED"),
        ],
    };
    report("static tokens", &everybody.walk().await);
    site.stop().await;
}

#[tokio::test]
async fn by_certificates() {
    let mut secure = Secure::start().await;
    let name = |who: &str| format!("spiffe://site/{who}");
    let entry = |who: &str, role: Role, more: &str| {
        format!(
            "[[principal]]\nname = \"{who}\"\nroles = [\"{role}\"]\nprojects = {:?}\n\
             certificates = [\"uri:{}\"]\n{more}\n",
            owned(role),
            name(who)
        )
    };
    let mut text: String = Role::ALL.map(|role| entry(role.name(), role, "")).concat();
    text += &entry("expired", Role::Operator, "expires = \"2020-01-01T00:00:00Z\"");
    fs::write(secure.principals(), text).unwrap();
    let mut holders = HashMap::new();
    for who in Role::ALL.map(Role::name).into_iter().chain(["expired", "unheard-of"]) {
        let channel = secure.channel(Some(&secure.issue(&[uri(&name(who))]))).await.unwrap();
        holders.insert(who, Holder { channel, header: None });
    }
    let nobody = Holder { channel: secure.channel(None).await.unwrap(), header: None };
    let everybody = Holders {
        roles: Role::ALL.map(|role| (role, holders[role.name()].clone())).into(),
        nothing: None,
        nobody,
        bad: vec![
            (holders["unheard-of"].clone(), "CREDENTIALS_INVALID"),
            (holders["expired"].clone(), "CREDENTIALS_EXPIRED"),
        ],
    };
    secure.is_known(&holders["operator"].channel).await;
    report("certificates", &everybody.walk().await);
    secure.stop().await;
}

#[tokio::test]
async fn by_tokens_of_an_issuer() {
    let (signer, thief) =
        (Signer::new("key", Algorithm::ES256), Signer::new("key", Algorithm::ES256));
    let issuer = Issuer::start(&[&signer]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("issuers.toml");
    fs::write(&file, issuer.entry("")).unwrap();
    let now = clock::system()().unix_timestamp();
    let claims = |role: &str| {
        let mut claims = issuer.claims(now);
        claims["sub"] = json!(role);
        claims["roles"] = json!([format!("is-{role}")]);
        claims
    };
    let mut site = Site::with(&World::small(), |config| config.oidc = Some(file.clone())).await;
    let channel = site.channel().await;
    let by = |token: &str| Holder::of_token(&channel, token);
    let mut expired = claims("operator");
    expired["exp"] = json!(now - 3600);
    let everybody = Holders {
        roles: Role::ALL.map(|role| (role, by(&signer.token(&claims(role.name()))))).into(),
        nothing: Some(by(&signer.token(&claims("nothing")))),
        nobody: Holder { channel: channel.clone(), header: None },
        bad: vec![
            (by(&thief.token(&claims("operator"))), "CREDENTIALS_INVALID"),
            (by(&signer.token(&expired)), "CREDENTIALS_EXPIRED"),
        ],
    };
    report("tokens of an issuer", &everybody.walk().await);
    site.stop().await;
}

/// A Keystone that knows these tokens.
struct FakeKeystone(BTreeMap<String, TokenFacts>);

impl Validate for FakeKeystone {
    fn validate<'a>(
        &'a self,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<TokenFacts>, CloudError>> {
        Box::pin(std::future::ready(Ok(self.0.get(token).cloned())))
    }
}

/// Keystone has no role for administrators of Fermata: operators of the cloud are.
#[tokio::test]
async fn by_tokens_of_keystone() {
    let now = clock::system()();
    let facts = |name: &str, lasts: Duration| TokenFacts {
        user_id: format!("id of {name}"),
        user_name: name.to_owned(),
        user_domain: "Default".to_owned(),
        scope: Scope::Project("orange".to_owned()),
        roles: [format!("is-{name}")].into(),
        expires_at: now - Duration::from_secs(60) + lasts,
    };
    let names = ["operator", "owner", "monitor", "auditor", "nothing"];
    let hour = Duration::from_secs(3600);
    let mut known: BTreeMap<_, _> = names.map(|name| (name.to_owned(), facts(name, hour))).into();
    known.insert("expired".to_owned(), facts("operator", Duration::ZERO));
    let role = |name: &str| [format!("is-{name}")].into();
    let roles = KeystoneRoles {
        operator: role("operator"),
        owner: role("owner"),
        monitor: role("monitor"),
        auditor: role("auditor"),
    };
    let tokens = KeystoneTokens::new(Arc::new(FakeKeystone(known)), roles, clock::system());
    let identity = Identity::of(vec![Box::new(tokens)]);
    let mut site = Site::for_callers(&World::small(), identity).await;
    let channel = site.channel().await;
    // As OpenStack's own services take it; `any` sends bearer tokens.
    let by = |token: &str| Holder {
        channel: channel.clone(),
        header: Some(("x-auth-token", token.to_owned())),
    };
    let roles = [Role::Operator, Role::Owner, Role::Monitor, Role::Auditor];
    let everybody = Holders {
        roles: roles.map(|role| (role, by(role.name()))).into(),
        nothing: Some(by("nothing")),
        nobody: Holder { channel: channel.clone(), header: None },
        bad: vec![
            (by("unheard-of"), "CREDENTIALS_INVALID"),
            (by("expired"), "CREDENTIALS_EXPIRED"),
        ],
    };
    report("tokens of Keystone", &everybody.walk().await);
    site.stop().await;
}
