//! Against a Keystone that the test makes up.

use std::collections::HashMap;

use serde_json::{Value, json};
use time::OffsetDateTime;
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

fn credential() -> Identity {
    Identity::ApplicationCredential { id: "id".to_owned(), secret: "s3cret".to_owned() }
}

/// An answer with a token that ends so many seconds from now.
fn token(value: &str, seconds: i64) -> ResponseTemplate {
    let ends = OffsetDateTime::from(clock::now()) + time::Duration::seconds(seconds);
    let body = json!({"token": {"expires_at": ends.format(&Rfc3339).unwrap()}});
    ResponseTemplate::new(201).insert_header("x-subject-token", value).set_body_json(body)
}

async fn answering(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    for answer in answers {
        let mock = Mock::given(method("POST")).and(path("/identity/v3/auth/tokens"));
        mock.respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    server
}

fn at(server: &MockServer) -> Keystone {
    Keystone::new(&format!("{}/identity/v3/", server.uri()), &credential()).unwrap()
}

#[tokio::test]
async fn a_token_is_kept_until_a_minute_before_its_end() {
    let server = answering(vec![token("short", 59), token("long", 3600)]).await;
    let keystone = at(&server);
    for expected in ["short", "long", "long"] {
        assert_eq!(keystone.token().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_token_that_the_server_does_not_take_is_renewed() {
    let server = answering(vec![token("one", 3600), token("two", 3600)]).await;
    let keystone = at(&server);
    assert_eq!(keystone.token().await.unwrap(), "one");
    assert!(keystone.renew());
    assert_eq!(keystone.token().await.unwrap(), "two");
    assert_eq!(keystone.token().await.unwrap(), "two");
}

#[tokio::test]
async fn a_refusal_is_another_error_than_silence() {
    let answers = [401, 503].map(ResponseTemplate::new);
    let server = answering(answers.into()).await;
    let keystone = at(&server);
    assert_eq!(keystone.token().await.unwrap_err().code(), tonic::Code::Unauthenticated);
    assert_eq!(keystone.token().await.unwrap_err().code(), tonic::Code::Unavailable);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Keystone::new(&format!("http://{nobody}"), &credential()).unwrap();
    assert_eq!(nobody.token().await.unwrap_err().code(), tonic::Code::Unavailable);
}

/// What Keystone is asked for, by these variables.
fn asked(variables: &[(&'static str, &str)]) -> Result<Value, String> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let made = Keystone::from_variables(|name| variables.get(name).map(|v| (*v).to_owned()));
    made.map(|keystone| keystone.body).map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_variables_of_openstack_say_who_signs_in() {
    let url = ("OS_AUTH_URL", "http://keystone.example");
    let by_credential = asked(&[
        url,
        ("OS_APPLICATION_CREDENTIAL_ID", "id"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s3cret"),
    ]);
    assert_eq!(by_credential.unwrap(), credential().body());
    let user = [url, ("OS_USERNAME", "vnfm"), ("OS_PASSWORD", "pw"), ("OS_PROJECT_NAME", "core")];
    let domains = [("OS_USER_DOMAIN_NAME", "Default"), ("OS_PROJECT_DOMAIN_ID", "d")];
    assert_eq!(
        asked(&[&user[..], &domains[..]].concat()).unwrap(),
        json!({"auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": "vnfm", "domain": {"name": "Default"}, "password": "pw"}},
            },
            "scope": {"project": {"name": "core", "domain": {"id": "d"}}},
        }})
    );
    let system = asked(&[&user[..3], &[("OS_SYSTEM_SCOPE", "all")]].concat()).unwrap();
    assert_eq!(system["auth"]["scope"], json!({"system": {"all": true}}));
    assert_eq!(asked(&user[..3]).unwrap_err(), "OS_PROJECT_NAME is not set");
    assert_eq!(asked(&[("OS_AUTH_URL", "")]).unwrap_err(), "OS_AUTH_URL is not set");
}

#[tokio::test]
async fn what_is_sent_is_what_the_identity_says_and_secrets_are_not_shown() {
    let server = MockServer::start().await;
    let mock = Mock::given(body_json(credential().body())).respond_with(token("one", 3600));
    mock.mount(&server).await;
    let keystone = Keystone::new(&server.uri(), &credential()).unwrap();
    assert_eq!(keystone.token().await.unwrap(), "one");
    assert!(!format!("{keystone:?} {:?}", credential()).contains("s3cret"));
}
