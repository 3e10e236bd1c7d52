//! A token that Nova no longer takes is renewed once, and the refused call is sent again.

use fermata_core::cloud::Cloud;
use fermata_openstack::{CloudSource, OpenStackCloud};
use serde_json::json;
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, header};

use crate::fake::{Fake, SERVER, fault, get, kind, ok, post_action};

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_call_repeated() {
    let fake = Fake::start().await;
    let stop = || post_action().and(body_json(json!({"os-stop": null})));
    let refusal = fault(401, "error", "The request you have made requires authentication.");
    fake.nova(stop().and(header("x-auth-token", "token-1")), refusal, 1).await;
    fake.nova(stop().and(header("x-auth-token", "token-2")), ResponseTemplate::new(202), 1).await;
    let cloud = fake.cloud();
    cloud.stop(&SERVER.into()).await.unwrap();
    assert_eq!(fake.sign_ins().await, 2);

    // And the new token is kept.
    let list = get("/os-aggregates").and(header("x-auth-token", "token-2"));
    fake.nova(list, ok(json!({"aggregates": []})), 1).await;
    fake.nova(get("/os-services"), ok(json!({"services": []})), 1).await;
    fake.nova(get("/os-hypervisors/detail"), ok(json!({"hypervisors": []})), 1).await;
    cloud.hosts().await.unwrap();
    assert_eq!(fake.sign_ins().await, 2);
}

#[tokio::test]
async fn identity_is_proven_anew_and_not_the_old_token_traded() {
    let fake = Fake::start().await;
    let refusal = fault(401, "error", "no");
    fake.nova(post_action(), refusal, 2).await;
    fake.cloud().stop(&SERVER.into()).await.unwrap_err();
    for sign_in in fake.requests_to("/v3/auth/tokens").await {
        let body: serde_json::Value = sign_in.body_json().unwrap();
        assert_eq!(body["auth"]["identity"]["methods"], json!(["password"]));
    }
}

#[tokio::test]
async fn an_application_credential_signs_in_and_renews() {
    let fake = Fake::start().await;
    fake.nova(post_action(), fault(401, "error", "no"), 2).await;
    let mut config = fake.config();
    config.source = CloudSource::from_variables(
        [
            ("OS_AUTH_URL", format!("{}/v3", fake.server.uri()).as_str()),
            ("OS_APPLICATION_CREDENTIAL_ID", "abc"),
            ("OS_APPLICATION_CREDENTIAL_SECRET", "secret"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let cloud = OpenStackCloud::new(config).unwrap();
    cloud.stop(&SERVER.into()).await.unwrap_err();
    let sign_ins = fake.requests_to("/v3/auth/tokens").await;
    assert_eq!(sign_ins.len(), 2);
    for sign_in in sign_ins {
        let body: serde_json::Value = sign_in.body_json().unwrap();
        let methods = &body["auth"]["identity"]["methods"];
        assert_eq!(*methods, json!(["application_credential"]));
    }
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_given_up() {
    let fake = Fake::start().await;
    fake.nova(post_action(), fault(401, "error", "no"), 2).await;
    let error = fake.cloud().stop(&SERVER.into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
    assert_eq!(fake.sign_ins().await, 2);
}

#[tokio::test]
async fn callers_that_come_together_sign_in_once() {
    let fake = Fake::start().await;
    fake.nova(post_action(), ResponseTemplate::new(202), 2).await;
    let cloud = fake.cloud();
    let server = SERVER.into();
    let (first, second) = tokio::join!(cloud.stop(&server), cloud.start(&server));
    first.unwrap();
    second.unwrap();
    assert_eq!(fake.sign_ins().await, 1);
}
