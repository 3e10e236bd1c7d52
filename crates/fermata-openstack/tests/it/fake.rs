//! A fake Keystone, Nova and Placement on one mock server. Tests mount the answers of the latter two themselves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fermata_core::cloud::CloudError;
use fermata_openstack::{CloudSource, OpenStackCloud, OpenStackConfig};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockBuilder, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const PASSWORD: &str = "correct-horse-battery";
pub(crate) const SERVER: &str = "73313a2b-1b22-4470-9a30-9b578617e705";
/// Long enough for a loaded machine, short enough for a test that waits for it.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Fake {
    pub(crate) server: MockServer,
}

impl Fake {
    /// Keystone's catalog names Nova and Placement.
    pub(crate) async fn start() -> Self {
        let fake = Self::without_keystone().await;
        fake.keystone(&fake.nova_url()).await;
        fake
    }

    /// Keystone's catalog names Nova alone.
    pub(crate) async fn without_placement() -> Self {
        let fake = Self::without_keystone().await;
        fake.catalog(&[("compute", fake.nova_url())]).await;
        fake
    }

    pub(crate) fn nova_url(&self) -> String {
        format!("{}/compute/v2.1", self.server.uri())
    }

    /// Keystone alone; Nova is said to be at `nova`.
    pub(crate) async fn with_nova_at(nova: &str) -> Self {
        let fake = Self::without_keystone().await;
        fake.keystone(nova).await;
        fake
    }

    pub(crate) async fn without_keystone() -> Self {
        Self { server: MockServer::start().await }
    }

    /// Keystone answers from now on, and says that Nova is at `nova`.
    pub(crate) async fn keystone(&self, nova: &str) {
        let placement = format!("{}/placement", self.server.uri());
        self.catalog(&[("compute", nova.to_owned()), ("placement", placement)]).await;
    }

    async fn catalog(&self, services: &[(&str, String)]) {
        let identity = format!("{}/v3/", self.server.uri());
        let document = json!({"version": {
            "id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
            "links": [{"rel": "self", "href": identity}],
        }});
        Mock::given(method("GET"))
            .and(path("/v3/"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .mount(&self.server)
            .await;
        Mock::given(method("POST"))
            .and(path("/v3/auth/tokens"))
            .respond_with(Tokens::new(&identity, services))
            .mount(&self.server)
            .await;
    }

    /// The variables an `openrc` file for this cloud would set.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        [
            ("OS_AUTH_URL", format!("{}/v3", self.server.uri()).as_str()),
            ("OS_USERNAME", "fermata"),
            ("OS_PASSWORD", PASSWORD),
            ("OS_PROJECT_NAME", "admin"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) fn config(&self) -> OpenStackConfig {
        let mut config = OpenStackConfig::new(CloudSource::from_variables(self.variables()));
        config.request_timeout = REQUEST_TIMEOUT;
        config
    }

    pub(crate) fn cloud(&self) -> OpenStackCloud {
        OpenStackCloud::new(self.config()).unwrap()
    }

    /// Mounts an answer of Nova's that is expected exactly `times` times.
    pub(crate) async fn nova(&self, request: MockBuilder, answer: ResponseTemplate, times: u64) {
        request.respond_with(answer).expect(times).mount(&self.server).await;
    }

    /// The compute service of `host` is there and enabled.
    pub(crate) async fn has_service(&self, host: &str) {
        let service = json!({
            "binary": "nova-compute", "host": host, "id": "95b1a471-92da-4141-a580-98c16380646b",
            "zone": "nova", "status": "enabled", "state": "up", "disabled_reason": null,
        });
        self.nova(get("/os-services"), ok(json!({"services": [service]})), 1).await;
    }

    /// Keystone gives that many tokens from now on, and is busy afterwards.
    pub(crate) async fn keystone_gives_no_more_tokens_than(&self, tokens: u32) {
        let asked = AtomicU32::new(0);
        let services = [("compute", self.nova_url())];
        let giving = Tokens::new(&format!("{}/v3/", self.server.uri()), &services);
        Mock::given(method("POST"))
            .and(path("/v3/auth/tokens"))
            .respond_with(move |request: &Request| {
                if asked.fetch_add(1, Ordering::Relaxed) < tokens {
                    giving.respond(request)
                } else {
                    ResponseTemplate::new(503).set_body_string("busy")
                }
            })
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    pub(crate) async fn sign_ins(&self) -> usize {
        self.requests_to("/v3/auth/tokens").await.len()
    }

    pub(crate) async fn requests_to(&self, path: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter().filter(|request| request.url.path() == path).collect()
    }
}

/// A GET of Nova's.
pub(crate) fn get(nova_path: &str) -> MockBuilder {
    Mock::given(method("GET")).and(path(format!("/compute/v2.1{nova_path}")))
}

/// A GET of Placement's.
pub(crate) fn get_placement(what: &str) -> MockBuilder {
    Mock::given(method("GET")).and(path(format!("/placement{what}")))
}

/// The action resource of [`SERVER`].
pub(crate) fn post_action() -> MockBuilder {
    Mock::given(method("POST")).and(path(format!("/compute/v2.1/servers/{SERVER}/action")))
}

pub(crate) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A fault as Nova words it.
pub(crate) fn fault(status: u16, name: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-openstack-request-id", "req-42")
        .set_body_json(json!({name: {"code": status, "message": message}}))
}

/// A server as `servers/detail` shows it.
pub(crate) fn server(id: &str, host: &str, status: &str) -> Value {
    json!({
        "id": id, "name": format!("name of {id}"), "status": status, "tenant_id": "project-1",
        "hostId": "opaque", "OS-EXT-SRV-ATTR:host": host, "OS-EXT-STS:task_state": null,
    })
}

/// Whether the call cannot have happened, may have happened, and so on.
pub(crate) fn kind(error: &CloudError) -> &'static str {
    match error {
        CloudError::NotFound { .. } => "not found",
        CloudError::Conflict { .. } => "conflict",
        CloudError::Rejected { .. } => "rejected",
        CloudError::Unavailable { .. } => "unavailable",
        CloudError::Unknown { .. } => "unknown",
    }
}

/// Hands out `token-1`, `token-2` and so on.
struct Tokens {
    given: AtomicU32,
    body: Value,
}

impl Tokens {
    fn new(identity: &str, services: &[(&str, String)]) -> Self {
        let endpoint = |url: &str| json!([{"id": "e", "interface": "public", "region": "north", "region_id": "north", "url": url}]);
        let entry = |kind: &str, url: &str| json!({"id": kind, "type": kind, "name": kind, "endpoints": endpoint(url)});
        let catalog: Vec<Value> = std::iter::once(entry("identity", identity))
            .chain(services.iter().map(|(kind, url)| entry(kind, url)))
            .collect();
        Self {
            given: AtomicU32::new(0),
            body: json!({"token": {
                "methods": ["password"],
                "issued_at": "2026-01-01T00:00:00.000000Z",
                "expires_at": "2099-01-01T00:00:00.000000Z",
                "user": {"id": "u1", "name": "fermata", "domain": {"id": "default", "name": "Default"}},
                "project": {"id": "p1", "name": "admin", "domain": {"id": "default", "name": "Default"}},
                "roles": [{"id": "r1", "name": "admin"}],
                "catalog": catalog,
            }}),
        }
    }
}

impl Respond for Tokens {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        ResponseTemplate::new(201)
            .insert_header("x-subject-token", format!("token-{number}"))
            .set_body_json(&self.body)
    }
}
