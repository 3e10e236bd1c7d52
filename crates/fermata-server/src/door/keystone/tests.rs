use std::sync::atomic::{AtomicUsize, Ordering};

use fermata_core::Time;
use fermata_core::cloud::OutageKind;
use http::{Extensions, HeaderMap};

use super::*;

/// A Keystone that knows some tokens, counts how often it is asked, and may be away.
#[derive(Default)]
struct Fake {
    known: Mutex<HashMap<String, TokenFacts>>,
    asked: AtomicUsize,
    is_away: Mutex<bool>,
}

impl Fake {
    fn know(&self, token: &str, scope: Scope, roles: &[&str]) {
        let facts = TokenFacts {
            user_id: "u1".to_owned(),
            user_name: "kim".to_owned(),
            user_domain: "Default".to_owned(),
            scope,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            expires_at: now() + Duration::from_secs(3600),
        };
        self.known.lock().unwrap().insert(token.to_owned(), facts);
    }

    fn forget(&self, token: &str) {
        self.known.lock().unwrap().remove(token);
    }
}

impl Validate for Fake {
    fn validate<'a>(
        &'a self,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<TokenFacts>, CloudError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            // Others come meanwhile.
            tokio::task::yield_now().await;
            if *self.is_away.lock().unwrap() {
                let detail = "away".to_owned();
                return Err(CloudError::Unavailable { kind: OutageKind::Unreachable, detail });
            }
            Ok(self.known.lock().unwrap().get(token).cloned())
        })
    }
}

fn now() -> Time {
    Time::from_unix_timestamp(1_000_000).unwrap()
}

fn roles() -> KeystoneRoles {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    KeystoneRoles {
        operator: set(&["admin"]),
        owner: set(&["member"]),
        monitor: set(&["watcher"]),
        auditor: set(&["auditor"]),
    }
}

fn tokens(fake: &Arc<Fake>) -> KeystoneTokens {
    KeystoneTokens::new(Arc::clone(fake) as Arc<dyn Validate>, roles(), Arc::new(now))
}

async fn caller(
    tokens: &KeystoneTokens,
    headers: &[(&'static str, &str)],
) -> Result<Option<Caller>, Unknown> {
    let mut metadata = HeaderMap::new();
    for (name, value) in headers {
        metadata.append(*name, value.parse().unwrap());
    }
    let connection = Extensions::new();
    tokens.authenticate(Presented { metadata: &metadata, connection: &connection }).await
}

fn project(id: &str) -> Scope {
    Scope::Project(id.to_owned())
}

/// Scope and roles of a token; what its bearer then is, and of which projects.
type Case<'a> = (Scope, &'a [&'a str], &'a [Role], &'a [&'a str]);

#[tokio::test]
async fn roles_and_scope_make_a_caller() {
    let fake = Arc::new(Fake::default());
    let cases: [Case<'_>; 8] = [
        (project("p"), &["member"], &[Role::Owner], &["p"]),
        (project("p"), &["member", "admin"], &[Role::Operator, Role::Owner], &["p"]),
        (project("p"), &["watcher", "auditor"], &[Role::Monitor, Role::Auditor], &["p"]),
        (project("p"), &["reader"], &[], &["p"]),
        (Scope::System, &["admin"], &[Role::Operator], &[]),
        (Scope::System, &["member"], &[], &[]),
        (Scope::Domain("d".to_owned()), &["admin", "member"], &[], &[]),
        (Scope::None, &[], &[], &[]),
    ];
    for (i, (scope, names, expected, projects)) in cases.into_iter().enumerate() {
        let token = format!("token-{i}");
        fake.know(&token, scope, names);
        let found = caller(&tokens(&fake), &[("x-auth-token", &token)]).await.unwrap().unwrap();
        assert_eq!(found.principal.as_str(), "kim@Default/u1");
        assert_eq!(found.rights.roles, expected.iter().copied().collect(), "{i}");
        let of = projects.iter().map(|id| ProjectId::from(*id)).collect();
        assert_eq!(found.rights.projects, Projects::Of(of), "{i}");
        assert!(found.credential.expires_at.is_some());
    }
}

#[tokio::test]
async fn a_token_comes_in_one_of_two_headers() {
    let fake = Arc::new(Fake::default());
    fake.know("good", project("p"), &["member"]);
    let tokens = tokens(&fake);
    for headers in [
        &[("x-auth-token", "good")][..],
        &[("authorization", "Bearer good")],
        &[("authorization", "bearer  good")],
        &[("x-auth-token", "good"), ("authorization", "Bearer other")],
    ] {
        assert!(caller(&tokens, headers).await.unwrap().is_some(), "{headers:?}");
    }
    assert!(caller(&tokens, &[]).await.unwrap().is_none());
    for headers in [
        &[("x-auth-token", "bad")][..],
        &[("x-auth-token", "good"), ("x-auth-token", "good")],
        &[("authorization", "Basic good")],
        &[("authorization", "good")],
    ] {
        assert_eq!(caller(&tokens, headers).await.unwrap_err(), Unknown::Invalid, "{headers:?}");
    }
}

#[tokio::test]
async fn keystone_is_asked_once_for_many() {
    let fake = Arc::new(Fake::default());
    fake.know("good", project("p"), &["member"]);
    let tokens = tokens(&fake);
    let asks = (0..100).map(|i| {
        let tokens = tokens.clone();
        async move { tokens.look(if i % 2 == 0 { "good" } else { "bad" }).await.is_ok() }
    });
    let let_in = futures::future::join_all(asks).await;
    assert_eq!(let_in.iter().filter(|is_in| **is_in).count(), 50);
    assert_eq!(fake.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_keystone_that_is_away_is_no_verdict() {
    let fake = Arc::new(Fake::default());
    fake.know("good", project("p"), &["member"]);
    let tokens = tokens(&fake);
    *fake.is_away.lock().unwrap() = true;
    assert_eq!(tokens.look("good").await.unwrap_err(), Unknown::Undecided("Keystone"));
    *fake.is_away.lock().unwrap() = false;
    // It was not remembered.
    let _in_use = tokens.look("good").await.unwrap();
    *fake.is_away.lock().unwrap() = true;
    // What was said before holds for a while.
    assert!(tokens.look("good").await.is_ok());
    assert!(tokens.look_again().await.is_err());
}

#[tokio::test]
async fn a_revoked_token_ends_what_it_opened() {
    let fake = Arc::new(Fake::default());
    for token in ["stays", "goes"] {
        fake.know(token, project("p"), &["member"]);
    }
    let tokens = tokens(&fake);
    let (stays, goes) = (tokens.look("stays").await.unwrap(), tokens.look("goes").await.unwrap());
    fake.forget("goes");
    assert_eq!(tokens.look_again().await.unwrap(), "2 tokens in use, 1 revoked");
    assert!(goes.credential.revoked.is_cancelled() && !stays.credential.revoked.is_cancelled());
    assert_eq!(tokens.look("goes").await.unwrap_err(), Unknown::Invalid);
    assert!(tokens.look("stays").await.is_ok());

    // Nobody holds it any more: nobody is asked about it.
    drop(stays);
    drop(goes);
    assert_eq!(tokens.look_again().await.unwrap(), "0 tokens in use, 0 revoked");

    // One that is still remembered is watched over again as soon as somebody uses it.
    let asked = fake.asked.load(Ordering::SeqCst);
    let again = tokens.look("stays").await.unwrap();
    assert_eq!(fake.asked.load(Ordering::SeqCst), asked);
    assert_eq!(tokens.look_again().await.unwrap(), "1 tokens in use, 0 revoked");
    drop(again);
}

#[tokio::test]
async fn an_expired_token_is_told_as_such() {
    let fake = Arc::new(Fake::default());
    fake.know("old", project("p"), &["member"]);
    fake.known.lock().unwrap().get_mut("old").unwrap().expires_at = now();
    assert_eq!(tokens(&fake).look("old").await.unwrap_err(), Unknown::Expired);
}
