//! Whether the cloud can be used at all.

use fermata_core::cloud::{Cloud, CloudError};
use fermata_openstack::{CloudSource, OpenStackCloud};
use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, ResponseTemplate};

use crate::fake::{Fake, fault, get, kind, ok};

#[tokio::test]
async fn a_nova_that_is_new_enough_can_be_used() {
    let fake = Fake::start().await;
    fake.has_service("h1").await;
    fake.cloud().check().await.unwrap();
}

#[tokio::test]
async fn a_nova_that_is_too_old_is_told_by_both_versions() {
    let fake = Fake::start().await;
    let too_old = fault(
        406,
        "computeFault",
        "Version 2.69 is not supported by the API. Minimum is 2.1 and maximum is 2.60.",
    );
    let list = get("/os-services").and(header("openstack-api-version", "compute 2.69"));
    fake.nova(list, too_old, 1).await;
    let error = fake.cloud().check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the cloud refused: list_services: GET {}/os-services?binary=nova-compute: HTTP 406 Not Acceptable: \
             Version 2.69 is not supported by the API. Minimum is 2.1 and maximum is 2.60. (req-42); \
             Nova must offer version 2.69 (Stein) of its API",
            fake.nova_url()
        )
    );
}

#[tokio::test]
async fn a_role_without_rights_is_refused() {
    let fake = Fake::start().await;
    let forbidden = fault(403, "forbidden", "Policy doesn't allow os-services:list");
    fake.nova(get("/os-services"), forbidden, 1).await;
    let error = fake.cloud().check().await.unwrap_err();
    assert_eq!(kind(&error), "rejected");
    let text = error.to_string();
    assert!(text.contains("os-services:list (req-42)"), "{text}");
    assert!(text.ends_with("lacks the policy rule os_compute_api:os-services:list"), "{text}");
}

#[tokio::test]
async fn wrong_credentials_are_told_from_a_keystone_that_is_away() {
    let fake = Fake::without_keystone().await;
    let refusal = json!({"error": {"code": 401, "title": "Unauthorized",
        "message": "The request you have made requires authentication."}});
    Mock::given(method("GET"))
        .and(path("/v3/"))
        .respond_with(ok(json!({"version": {"id": "v3.14", "status": "stable", "links": [
            {"rel": "self", "href": format!("{}/v3/", fake.server.uri())}]}})))
        .mount(&fake.server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .mount(&fake.server)
        .await;
    let cloud = fake.cloud();
    let error = cloud.check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the cloud refused: signing in to Keystone: asking for a token: POST {}/v3/auth/tokens: \
             HTTP 401 Unauthorized: The request you have made requires authentication.; check user, domains, project and \
             secret of the configuration",
            fake.server.uri()
        )
    );
    // Not the fault of what is asked for: a session waits for better credentials.
    let error = cloud.hosts().await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "{error}");
}

#[tokio::test]
async fn credentials_that_are_not_enough_are_refused_at_once() {
    let fake = Fake::start().await;
    for (name, value) in [("OS_PASSWORD", ""), ("OS_AUTH_TYPE", "carrier-pigeon")] {
        let mut variables = fake.variables();
        variables.insert(name.to_owned(), value.to_owned());
        let mut config = fake.config();
        config.source = CloudSource::from_variables(variables);
        let error = OpenStackCloud::new(config).err().unwrap().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_server_starts_while_its_cloud_is_away_and_finds_it_later() {
    let fake = Fake::without_keystone().await;
    let cloud = fake.cloud();
    assert_eq!(kind(&cloud.check().await.unwrap_err()), "unavailable");

    fake.keystone(&fake.nova_url()).await;
    fake.has_service("h1").await;
    cloud.check().await.unwrap();
}

#[tokio::test]
async fn nobody_listens() {
    let fake = Fake::start().await;
    let mut config = fake.config();
    let mut variables = fake.variables();
    variables.insert("OS_AUTH_URL".to_owned(), "http://127.0.0.1:1/v3".to_owned());
    config.source = CloudSource::from_variables(variables);
    let error = OpenStackCloud::new(config).unwrap().check().await.unwrap_err();
    assert!(matches!(error, CloudError::Unavailable { .. }), "{error}");
}
