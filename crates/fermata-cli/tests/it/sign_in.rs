//! Calls with the tokens of an OpenStack, which the command gets by itself.

use std::collections::BTreeMap;
use std::path::Path;

use fermata_openstack::{CloudSource, OpenStackConfig};
use fermata_server::Config;
use fermata_server::config::KeystoneConfig;
use fermata_server::door::KeystoneRoles;
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::run::{Ran, command, finish};

const PASSWORD: &str = "correct-horse-battery";

/// A Keystone with two users: Fermata's own, and an operator.
struct Keystone(MockServer);

impl Keystone {
    async fn start() -> Self {
        let keystone = Self(MockServer::start().await);
        let version = json!({"version": {
            "id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
            "links": [{"rel": "self", "href": keystone.url()}],
        }});
        Mock::given(method("GET"))
            .and(path("/v3/"))
            .respond_with(ResponseTemplate::new(200).set_body_json(version))
            .mount(&keystone.0)
            .await;
        for (user, role) in [("fermata", "service"), ("kim", "maintenance")] {
            keystone.has(user, role).await;
        }
        keystone
    }

    fn url(&self) -> String {
        format!("{}/v3/", self.0.uri())
    }

    async fn has(&self, user: &str, role: &str) {
        let token = self.token(user, role);
        let name = format!("token-of-{user}");
        let signs_in = json!({"auth": {"identity": {"password": {"user": {"name": user, "password": PASSWORD}}}}});
        Mock::given(method("POST"))
            .and(path("/v3/auth/tokens"))
            .and(body_partial_json(signs_in))
            .respond_with(
                ResponseTemplate::new(201)
                    .insert_header("x-subject-token", name.as_str())
                    .set_body_json(&token),
            )
            .mount(&self.0)
            .await;
        Mock::given(method("GET"))
            .and(path("/v3/auth/tokens"))
            .and(header("x-subject-token", name.as_str()))
            .respond_with(ResponseTemplate::new(200).set_body_json(&token))
            .mount(&self.0)
            .await;
    }

    fn token(&self, user: &str, role: &str) -> Value {
        let endpoint = json!([{"id": "e", "interface": "public", "region": "north", "region_id": "north", "url": self.url()}]);
        let domain = json!({"id": "default", "name": "Default"});
        json!({"token": {
            "methods": ["password"],
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "user": {"id": format!("id-of-{user}"), "name": user, "domain": domain},
            "project": {"id": "p1", "name": "admin", "domain": domain},
            "roles": [{"id": "r1", "name": role}],
            "catalog": [{"id": "identity", "type": "identity", "name": "keystone", "endpoints": endpoint}],
        }})
    }

    /// The variables of somebody's `openrc` file.
    fn variables(&self, user: &str) -> BTreeMap<String, String> {
        [
            ("OS_AUTH_URL", format!("{}/v3", self.0.uri()).as_str()),
            ("OS_USERNAME", user),
            ("OS_PASSWORD", PASSWORD),
            ("OS_PROJECT_NAME", "admin"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// A server that takes its tokens.
    fn config(&self, directory: &Path) -> Config {
        let source = CloudSource::from_variables(self.variables("fermata"));
        let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut config = Config::demo(directory);
        config.keystone = Some(KeystoneConfig {
            openstack: OpenStackConfig::new(source),
            roles: KeystoneRoles {
                operator: roles(&["maintenance"]),
                owner: roles(&["member"]),
                monitor: roles(&[]),
                auditor: roles(&[]),
            },
        });
        config
    }
}

#[tokio::test]
async fn a_command_signs_in_by_itself() {
    let keystone = Keystone::start().await;
    let directory = tempfile::tempdir().unwrap();
    let mut running = fermata_server::start(keystone.config(directory.path())).await.unwrap();
    running.ready().await.unwrap();
    let clouds = directory.path().join("clouds.yaml");
    let url = keystone.0.uri();
    let cloud = |name: &str, password: &str| {
        format!(
            "  {name}:\n    auth:\n      auth_url: {url}/v3\n      username: kim\n      password: {password}\n      \
             project_name: admin\n      user_domain_name: Default\n      project_domain_name: Default\n"
        )
    };
    let text = format!("clouds:\n{}{}", cloud("lab", PASSWORD), cloud("wrong", "guessed-it"));
    std::fs::write(&clouds, text).unwrap();
    let server = format!("http://{}", running.grpc_addr());
    let run = async |arguments: &str, variables: BTreeMap<String, String>| -> Ran {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let mut run = command(&arguments);
        run.env("FERMATA_SERVER", &server).env("OS_CLIENT_CONFIG_FILE", &clouds).envs(variables);
        finish(run.spawn().unwrap()).await
    };
    let none = BTreeMap::new;
    let text = run("--os-cloud lab session list", none()).await.text();
    assert!(text.contains("no sessions"), "{text}");
    run("session list --os-cloud envvars", keystone.variables("kim")).await.text();
    // Nothing is taken from the variables unbidden.
    let ran = run("session list", keystone.variables("kim")).await;
    assert!(ran.exit != 0 && ran.stderr.contains("--os-cloud"), "{ran:?}");
    for (cloud, wanted) in [("wrong", "Keystone"), ("unheard-of", "lab")] {
        let ran = run(&format!("session list --os-cloud {cloud}"), none()).await;
        assert!(ran.exit != 0 && ran.stderr.contains(wanted), "{ran:?}");
        assert!(!ran.stderr.contains("guessed-it") && !ran.stderr.contains(PASSWORD), "{ran:?}");
    }
    running.stop().await;
}
