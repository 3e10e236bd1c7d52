//! What Keystone says of callers' tokens.

use fermata_core::cloud::{CloudError, OutageKind};
use fermata_openstack::{Keystone, Scope};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, ResponseTemplate};

use crate::fake::Fake;

async fn says(fake: &Fake, token: &str, status: u16, body: Value) {
    Mock::given(method("GET"))
        .and(path("/v3/auth/tokens"))
        .and(query_param("nocatalog", "true"))
        .and(header("x-subject-token", token))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&fake.server)
        .await;
}

fn of(scope: Value) -> Value {
    let mut token = json!({
        "methods": ["password"],
        "user": {"id": "u1", "name": "kim", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": "r1", "name": "member"}, {"id": "r2", "name": "reader"}],
        "issued_at": "2026-11-30T08:00:00.000000Z",
        "expires_at": "2026-11-30T09:00:00.000000Z",
    });
    for (key, value) in scope.as_object().unwrap() {
        token[key] = value.clone();
    }
    json!({ "token": token })
}

#[tokio::test]
async fn a_token_is_whose_it_is_and_for_what() {
    let fake = Fake::start().await;
    let domain = json!({"id": "default", "name": "Default"});
    let project = json!({"project": {"id": "p1", "name": "core", "domain": domain}});
    let scopes = [
        ("a", project, Scope::Project("p1".to_owned())),
        ("b", json!({"domain": domain}), Scope::Domain("default".to_owned())),
        ("c", json!({"system": {"all": true}}), Scope::System),
        ("d", json!({}), Scope::None),
    ];
    for (token, scope, _) in &scopes {
        says(&fake, token, 200, of(scope.clone())).await;
    }
    let keystone = Keystone::new(fake.config()).unwrap();
    for (token, _, expected) in scopes {
        let facts = keystone.validate(token).await.unwrap().unwrap();
        assert_eq!(facts.scope, expected);
        assert_eq!((facts.user_id.as_str(), facts.user_name.as_str()), ("u1", "kim"));
        assert_eq!(facts.user_domain, "Default");
        assert!(facts.roles.contains("member") && facts.roles.contains("reader"));
        assert_eq!(facts.expires_at.unix_timestamp(), 1_796_029_200);
    }
    assert_eq!(fake.sign_ins().await, 5, "one of its own, and each token once");
}

#[tokio::test]
async fn what_keystone_does_not_know_is_no_token() {
    let fake = Fake::start().await;
    let unknown = json!({"error": {"code": 404, "message": "Could not recognize Fernet token", "title": "Not Found"}});
    says(&fake, "gone", 404, unknown).await;
    let keystone = Keystone::new(fake.config()).unwrap();
    for token in ["gone", "", "a\nb", &"x".repeat(5000)] {
        assert_eq!(keystone.validate(token).await, Ok(None));
    }
}

#[tokio::test]
async fn trouble_is_no_verdict() {
    let fake = Fake::start().await;
    let refused =
        json!({"error": {"code": 403, "message": "You are not authorized", "title": "Forbidden"}});
    says(&fake, "refused", 403, refused).await;
    says(&fake, "lost", 404, json!({"detail": "no route"})).await;
    says(&fake, "broken", 500, json!({})).await;
    says(&fake, "odd", 200, json!({"token": {"user": 1}})).await;
    let keystone = Keystone::new(fake.config()).unwrap();
    let refused = keystone.validate("refused").await.unwrap_err();
    assert!(
        matches!(&refused, CloudError::Rejected { detail } if detail.contains("not authorized"))
    );
    for token in ["lost", "broken", "odd"] {
        let error = keystone.validate(token).await.unwrap_err();
        let is_passing =
            matches!(error, CloudError::Unavailable { kind: OutageKind::BadAnswer, .. });
        assert!(is_passing, "{token}: {error:?}");
    }
}
