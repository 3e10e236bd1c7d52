//! Signing in as clouds.yaml says it: by every kind, to a Keystone that does not know where it is, for any interface.

use fermata_core::cloud::Cloud;
use fermata_openstack::{CloudSource, OpenStackCloud, OpenStackConfig};
use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fake::{Fake, REQUEST_TIMEOUT, SERVER, fault, kind, ok, post_action};

/// A Keystone whose tokens are asked for at `tokens`, and a Nova that each interface has its own address of.
struct Site {
    server: MockServer,
}

impl Site {
    async fn with_tokens_at(tokens: &str) -> Self {
        let server = MockServer::start().await;
        let uri = server.uri();
        let endpoint = |interface: &str, region: &str| {
            json!({"interface": interface, "region": region, "region_id": region, "id": "e",
                "url": format!("{uri}/{interface}/{region}/v2.1")})
        };
        let endpoints: Vec<Value> = ["public", "internal", "admin"]
            .iter()
            .flat_map(|interface| ["north", "south"].map(|region| endpoint(interface, region)))
            .collect();
        let catalog = json!([
            {"type": "compute", "name": "nova", "endpoints": endpoints},
            // As kolla-ansible registers it: without a version.
            {"type": "identity", "name": "keystone", "endpoints": [
                {"interface": "internal", "region": "north", "id": "k", "url": format!("{uri}/identity")}]},
        ]);
        let token = json!({"token": {"methods": ["password"], "roles": [{"id": "r", "name": "admin"}],
            "user": {"id": "u", "name": "fermata"}, "catalog": catalog}});
        Mock::given(method("POST"))
            .and(path(tokens))
            .respond_with(
                ResponseTemplate::new(201)
                    .insert_header("x-subject-token", "token-1")
                    .set_body_json(token),
            )
            .mount(&server)
            .await;
        Self { server }
    }

    /// Nova answers at this address of the catalog, and nowhere else.
    async fn nova_at(&self, at: &str) {
        let services = json!({"services": [{"binary": "nova-compute", "host": "h1", "id": "i",
            "status": "enabled", "state": "up"}]});
        Mock::given(method("GET"))
            .and(path(format!("{at}/os-services")))
            .and(header("x-auth-token", "token-1"))
            .respond_with(ok(services))
            .mount(&self.server)
            .await;
    }

    async fn discovery(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    fn cloud(&self, auth_path: &str, settings: &[(&str, &str)]) -> OpenStackCloud {
        let auth_url = format!("{}{auth_path}", self.server.uri());
        let common = [
            ("OS_AUTH_URL", auth_url.as_str()),
            ("OS_USERNAME", "u"),
            ("OS_PASSWORD", "p"),
            ("OS_PROJECT_NAME", "admin"),
        ];
        let settings = common.iter().chain(settings);
        let variables = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut config = OpenStackConfig::new(CloudSource::from_variables(variables));
        config.request_timeout = REQUEST_TIMEOUT;
        OpenStackCloud::new(config).unwrap()
    }

    /// What Keystone was sent for the last token.
    async fn proof(&self, tokens: &str) -> Value {
        let requests = self.server.received_requests().await.unwrap();
        let last = requests.into_iter().rfind(|request| request.url.path() == tokens).unwrap();
        last.body_json().unwrap()
    }
}

fn document(href: &str) -> Value {
    json!({"versions": {"values": [
        {"id": "v2.0", "status": "deprecated", "links": [{"rel": "self", "href": href.replace("v3", "v2.0")}]},
        {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": href}]}]}})
}

#[tokio::test]
async fn the_interface_is_novas_and_the_token_comes_from_auth_url() {
    for (settings, nova) in [
        (vec![], "/public/north/v2.1"),
        (vec![("OS_INTERFACE", "internal")], "/internal/north/v2.1"),
        (vec![("OS_ENDPOINT_TYPE", "internalURL")], "/internal/north/v2.1"),
        (vec![("OS_INTERFACE", "admin"), ("OS_REGION_NAME", "south")], "/admin/south/v2.1"),
        (
            vec![("OS_INTERFACE", "internal"), ("OS_COMPUTE_INTERFACE", "public")],
            "/public/north/v2.1",
        ),
    ] {
        for auth_path in ["/identity", "/identity/", "/identity/v3", "/identity/v3/"] {
            let site = Site::with_tokens_at("/identity/v3/auth/tokens").await;
            let link = format!("{}/identity/v3/", site.server.uri());
            let versions = ResponseTemplate::new(300).set_body_json(document(&link));
            site.discovery(auth_path, versions).await;
            site.nova_at(nova).await;
            let checked = site.cloud(auth_path, &settings).check().await;
            assert_eq!(checked, Ok(()), "{settings:?} {auth_path}");
        }
    }
}

#[tokio::test]
async fn a_keystone_that_does_not_know_where_it_is_is_found() {
    let links = |href: &str| ResponseTemplate::new(300).set_body_json(document(href));
    let html = ResponseTemplate::new(200).set_body_string("<html>portal</html>");
    for (auth_path, answer, tokens) in [
        ("/identity", links("http://127.0.0.1:5/identity/v3/"), "/identity/v3/auth/tokens"),
        ("/identity", links("https://keystone.internal/identity/v3/"), "/identity/v3/auth/tokens"),
        ("/identity", links("http://10.0.0.5:5000/v3/"), "/identity/v3/auth/tokens"),
        ("/identity", links("/v3"), "/identity/v3/auth/tokens"),
        ("", links("http://10.0.0.5:5000/identity/v3/"), "/identity/v3/auth/tokens"),
        ("", links("http://10.0.0.5:5000/v3/"), "/v3/auth/tokens"),
        // The link is right although the prefix is another one.
        ("/keystone", links("http://10.0.0.5/identity/v3/"), "/identity/v3/auth/tokens"),
        ("/identity", ResponseTemplate::new(403), "/identity/v3/auth/tokens"),
        ("/identity", ResponseTemplate::new(404), "/identity/v3/auth/tokens"),
        ("/identity", html, "/identity/v3/auth/tokens"),
        ("/identity/v2.0", ResponseTemplate::new(404), "/identity/v3/auth/tokens"),
        ("/identity/v3", ResponseTemplate::new(403), "/identity/v3/auth/tokens"),
    ] {
        let site = Site::with_tokens_at(tokens).await;
        site.nova_at("/public/north/v2.1").await;
        site.discovery(if auth_path.is_empty() { "/" } else { auth_path }, answer).await;
        assert_eq!(site.cloud(auth_path, &[]).check().await, Ok(()), "{auth_path} {tokens}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_on_the_same_host_alone() {
    let site = Site::with_tokens_at("/identity/v3/auth/tokens").await;
    site.nova_at("/public/north/v2.1").await;
    let moved = |to: String| ResponseTemplate::new(308).insert_header("location", to.as_str());
    let to = format!("{}/identity/v3/auth/tokens", site.server.uri());
    let old = Mock::given(method("POST")).and(path("/old/v3/auth/tokens"));
    old.respond_with(moved(to)).mount(&site.server).await;
    assert_eq!(site.cloud("/old/v3", &[]).check().await, Ok(()));
    let foreign = Mock::given(method("POST")).and(path("/foreign/v3/auth/tokens"));
    let other = MockServer::start().await;
    let to = format!("{}/v3/auth/tokens", other.uri().replace("127.0.0.1", "localhost"));
    foreign.respond_with(moved(to)).mount(&site.server).await;
    assert!(site.cloud("/foreign/v3", &[]).check().await.is_err());
    let sent = other.received_requests().await.unwrap();
    assert!(sent.is_empty(), "a password must not go elsewhere");
}

#[tokio::test]
async fn every_kind_of_proof() {
    let user = json!({"name": "u", "domain": {"id": "default"}});
    let with = |key: &str, value: &str| {
        let mut user = user.clone();
        user[key] = json!(value);
        user
    };
    let project = json!({"project": {"name": "admin", "domain": {"id": "default"}}});
    let secret = ("OS_APPLICATION_CREDENTIAL_SECRET", "s");
    for (settings, identity, scope) in [
        (
            vec![],
            json!({"methods": ["password"], "password": {"user": with("password", "p")}}),
            Some(project.clone()),
        ),
        (
            vec![("OS_AUTH_TYPE", "v3token"), ("OS_TOKEN", "t")],
            json!({"methods": ["token"], "token": {"id": "t"}}),
            Some(project.clone()),
        ),
        (
            vec![("OS_APPLICATION_CREDENTIAL_ID", "c"), secret],
            json!({"methods": ["application_credential"], "application_credential": {"id": "c", "secret": "s"}}),
            None,
        ),
        (
            vec![("OS_APPLICATION_CREDENTIAL_NAME", "n"), secret],
            json!({"methods": ["application_credential"],
                "application_credential": {"name": "n", "user": user, "secret": "s"}}),
            None,
        ),
        (
            vec![
                ("OS_AUTH_TYPE", "v3multifactor"),
                ("OS_AUTH_METHODS", "v3password,v3totp"),
                ("OS_PASSCODE", "123456"),
            ],
            json!({"methods": ["password", "totp"], "password": {"user": with("password", "p")},
                "totp": {"user": with("passcode", "123456")}}),
            Some(project.clone()),
        ),
        (
            vec![("OS_TRUST_ID", "x")],
            json!({"methods": ["password"], "password": {"user": with("password", "p")}}),
            Some(json!({"OS-TRUST:trust": {"id": "x"}})),
        ),
        (
            vec![("OS_SYSTEM_SCOPE", "all")],
            json!({"methods": ["password"], "password": {"user": with("password", "p")}}),
            Some(json!({"system": {"all": true}})),
        ),
    ] {
        let site = Site::with_tokens_at("/v3/auth/tokens").await;
        site.nova_at("/public/north/v2.1").await;
        assert_eq!(site.cloud("/v3", &settings).check().await, Ok(()), "{settings:?}");
        let mut expected = json!({"auth": {"identity": identity}});
        if let Some(scope) = scope {
            expected["auth"]["scope"] = scope;
        }
        assert_eq!(site.proof("/v3/auth/tokens").await, expected, "{settings:?}");
    }
}

#[tokio::test]
async fn an_openid_connect_provider_vouches() {
    let common = [("OS_IDENTITY_PROVIDER", "idp"), ("OS_PROTOCOL", "openid")];
    let client = [("OS_CLIENT_ID", "c"), ("OS_CLIENT_SECRET", "s")];
    for (kind, settings, form) in [
        ("v3oidcaccesstoken", vec![("OS_ACCESS_TOKEN", "access")], None),
        ("v3oidcpassword", client.to_vec(), Some("grant_type=password&username=u&password=p")),
        ("v3oidcclientcredentials", client.to_vec(), Some("grant_type=client_credentials")),
    ] {
        let site = Site::with_tokens_at("/v3/auth/tokens").await;
        site.nova_at("/public/north/v2.1").await;
        let uri = site.server.uri();
        let found = json!({"token_endpoint": format!("{uri}/oidc/token")});
        site.discovery("/oidc/.well-known", ok(found)).await;
        if let Some(form) = form {
            Mock::given(method("POST"))
                .and(path("/oidc/token"))
                // c:s
                .and(header("authorization", "Basic Yzpz"))
                .and(body_string_contains(form))
                .respond_with(ok(json!({"access_token": "access", "token_type": "Bearer"})))
                .expect(1)
                .mount(&site.server)
                .await;
        }
        Mock::given(method("POST"))
            .and(path("/v3/OS-FEDERATION/identity_providers/idp/protocols/openid/auth"))
            .and(header("authorization", "Bearer access"))
            .respond_with(
                ResponseTemplate::new(201)
                    .insert_header("x-subject-token", "unscoped")
                    .set_body_json(json!({"token": {}})),
            )
            .expect(1)
            .mount(&site.server)
            .await;
        let discovery = format!("{uri}/oidc/.well-known");
        let mut all = vec![("OS_AUTH_TYPE", kind), ("OS_DISCOVERY_ENDPOINT", discovery.as_str())];
        all.extend(common.iter().chain(&settings));
        assert_eq!(site.cloud("/v3", &all).check().await, Ok(()), "{kind}");
        let proof = site.proof("/v3/auth/tokens").await;
        assert_eq!(
            proof["auth"]["identity"],
            json!({"methods": ["token"], "token": {"id": "unscoped"}})
        );
        assert_eq!(proof["auth"]["scope"]["project"]["name"], "admin");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_in_the_catalog_is_named_with_those_that_are() {
    let site = Site::with_tokens_at("/v3/auth/tokens").await;
    let error = site.cloud("/v3", &[("OS_REGION_NAME", "east")]).hosts().await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("no compute endpoint with interface public in region \"east\""),
        "{text}"
    );
    assert!(text.contains("public in \"north\""), "{text}");
    let nova = format!("{}/own/v2.1", site.server.uri());
    site.nova_at("/own/v2.1").await;
    let overridden = [("OS_REGION_NAME", "east"), ("OS_COMPUTE_ENDPOINT_OVERRIDE", nova.as_str())];
    assert_eq!(site.cloud("/v3", &overridden).check().await, Ok(()));
}

#[tokio::test]
async fn a_file_of_certificates_that_is_not_there_is_named() {
    let fake = Fake::start().await;
    let mut variables = fake.variables();
    variables.insert("OS_CACERT".to_owned(), "/nowhere/ca.pem".to_owned());
    let mut config = fake.config();
    config.source = CloudSource::from_variables(variables);
    let error = OpenStackCloud::new(config).err().unwrap().to_string();
    assert_eq!(error, "cacert: /nowhere/ca.pem cannot be used");
}

#[tokio::test]
async fn a_renewal_that_fails_says_so() {
    let fake = Fake::start().await;
    fake.keystone_gives_no_more_tokens_than(1).await;
    fake.nova(post_action(), fault(401, "error", "token expired"), 1).await;
    let error = fake.cloud().stop(&SERVER.into()).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable");
    let text = error.to_string();
    assert!(text.contains("Nova refused the token (401 Unauthorized, http://"), "{text}");
    assert!(text.contains("and it could not be renewed: asking for a token: POST "), "{text}");
    assert!(text.contains("HTTP 503 Service Unavailable: busy"), "{text}");
}
