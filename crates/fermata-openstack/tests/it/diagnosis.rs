//! What of a cloud can be used.

use fermata_openstack::{CloudSource, DiagnosisError, Verdict, diagnose};
use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, ResponseTemplate};

use crate::fake::{Fake, fault, get, ok};

#[tokio::test]
async fn each_endpoint_version_role_and_missing_rule_is_named() {
    let fake = Fake::without_placement().await;
    let version = json!({"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}});
    get("/").respond_with(ok(version)).mount(&fake.server).await;
    let empty = json!({"services": [], "aggregates": [], "servers": [], "migrations": [], "hypervisors": []});
    for list in ["/os-services", "/os-aggregates", "/servers/detail", "/os-hypervisors/detail"] {
        get(list).respond_with(ok(empty.clone())).mount(&fake.server).await;
    }
    let forbidden = || fault(403, "forbidden", "Policy doesn't allow it.");
    get("/os-server-groups").respond_with(forbidden()).mount(&fake.server).await;
    get("/os-migrations").respond_with(forbidden()).mount(&fake.server).await;
    let mut variables = fake.variables();
    variables.insert("OS_REGOIN_NAME".to_owned(), "north".to_owned());
    let mut config = fake.config();
    config.source = CloudSource::from_variables(variables);
    let found = diagnose(config).await.unwrap();

    assert_eq!((found.user.as_str(), found.scope.as_str()), ("fermata", "project admin"));
    assert_eq!(found.roles, ["admin"]);
    assert_eq!(found.unknown_settings, ["regoin_name"]);
    assert!(!found.is_usable());
    let line = |service: &str, call: &str| {
        let its = |finding: &&fermata_openstack::Finding| {
            finding.service == service && finding.call == call
        };
        found.findings.iter().find(its).unwrap()
    };
    let nova = line("Nova", "endpoint");
    assert_eq!((nova.rule.as_str(), nova.version.as_str()), (fake.nova_url().as_str(), "2.96"));
    let keystone = line("Keystone", "endpoint");
    assert_eq!((keystone.version.as_str(), keystone.verdict), ("v3.14", Verdict::Usable));
    for (service, call, verdict) in [
        ("Placement", "endpoint", Verdict::DoneWithout),
        ("Placement", "list_resource_providers", Verdict::DoneWithout),
        ("Nova", "list_services", Verdict::Usable),
        ("Nova", "list_servers", Verdict::Usable),
        ("Nova", "list_server_groups", Verdict::DoneWithout),
        ("Nova", "list_changed_migrations", Verdict::Unusable),
        ("Nova", "live_migrate", Verdict::NotTried),
        ("Nova", "set_scheduling", Verdict::NotTried),
    ] {
        assert_eq!(line(service, call).verdict, verdict, "{call}");
    }
    let migrations = line("Nova", "list_changed_migrations");
    assert_eq!(migrations.rule, "os_compute_api:os-migrations:index");
    assert!(migrations.detail.contains("HTTP 403"), "{}", migrations.detail);
    let all = fake.server.received_requests().await.unwrap();
    let changes = all.iter().filter(|request| request.method != "GET");
    assert_eq!(changes.count(), 1, "only the token was asked for");
}

#[tokio::test]
async fn who_cannot_sign_in_has_no_diagnosis() {
    let fake = Fake::without_keystone().await;
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .and(header("content-type", "application/json"))
        .respond_with(ResponseTemplate::new(401))
        .mount(&fake.server)
        .await;
    let error = diagnose(fake.config()).await.unwrap_err();
    assert!(matches!(error, DiagnosisError::SignIn(_)), "{error}");
    let mut config = fake.config();
    config.source = CloudSource::from_variables([]);
    let error = diagnose(config).await.unwrap_err();
    assert!(matches!(error, DiagnosisError::Config(_)), "{error}");
}
