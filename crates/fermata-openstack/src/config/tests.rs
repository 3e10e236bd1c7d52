use super::*;

fn variables(pairs: &[(&str, &str)]) -> CloudSource {
    CloudSource::from_variables(
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn read(pairs: &[(&str, &str)]) -> Result<Entry, ConfigError> {
    let common = [("OS_AUTH_URL", "https://keystone.example/v3")];
    variables(&[&common, pairs].concat()).resolve()
}

fn password(pairs: &[(&str, &str)]) -> Result<Entry, ConfigError> {
    read(&[&[("OS_USERNAME", "fermata"), ("OS_PASSWORD", "secret")], pairs].concat())
}

#[test]
fn an_openrc_file_becomes_a_configuration() {
    let entry = variables(&[
        ("PATH", "/bin"),
        ("OS_AUTH_URL", "https://keystone.example/v3"),
        ("OS_USERNAME", "fermata"),
        ("OS_PASSWORD", "secret"),
        ("OS_PROJECT_NAME", "admin"),
        ("OS_USER_DOMAIN_NAME", "Default"),
        ("OS_REGION_NAME", "north"),
        ("OS_INTERFACE", "internalURL"),
        ("OS_INSECURE", "True"),
    ])
    .resolve()
    .unwrap();
    let domain = Domain::Name("Default".to_owned());
    let Method::Password { user, password } = &entry.method else { panic!("{:?}", entry.method) };
    assert_eq!(*user, Named::Name { name: "fermata".to_owned(), domain });
    assert_eq!(password.reveal(), "secret");
    let domain = Domain::Id("default".to_owned());
    assert_eq!(entry.scope, Scope::Project(Named::Name { name: "admin".to_owned(), domain }));
    assert_eq!(entry.nova.region.as_deref(), Some("north"));
    assert_eq!(entry.nova.interfaces, ["internal"]);
    assert_eq!(entry.tls.trust, Trust::Everybody);
}

#[test]
fn an_application_credential_is_recognised_by_its_secret() {
    let secret = ("OS_APPLICATION_CREDENTIAL_SECRET", "secret");
    let by_id = read(&[("OS_APPLICATION_CREDENTIAL_ID", "abc"), secret]).unwrap();
    assert_eq!(by_id.method.account(), "application credential abc");
    let by_name = [("OS_APPLICATION_CREDENTIAL_NAME", "n"), ("OS_USERNAME", "kim"), secret];
    let Method::ApplicationCredential { credential, .. } = read(&by_name).unwrap().method else {
        panic!("another kind")
    };
    assert!(
        matches!(credential, Credential::Name { name, user: Named::Name { .. } } if name == "n")
    );
}

#[test]
fn every_scope() {
    let named = |name: &str, domain| Named::Name { name: name.to_owned(), domain };
    let id = |id: &str| Domain::Id(id.to_owned());
    let name = |name: &str| Domain::Name(name.to_owned());
    for (pairs, expected) in [
        (vec![("OS_PROJECT_ID", "p")], Scope::Project(Named::Id("p".to_owned()))),
        (vec![("OS_TENANT_ID", "p")], Scope::Project(Named::Id("p".to_owned()))),
        (vec![("OS_TENANT_NAME", "p")], Scope::Project(named("p", id("default")))),
        (
            vec![("OS_PROJECT_NAME", "p"), ("OS_PROJECT_DOMAIN_NAME", "d")],
            Scope::Project(named("p", name("d"))),
        ),
        (
            vec![("OS_PROJECT_NAME", "p"), ("OS_DEFAULT_DOMAIN", "d")],
            Scope::Project(named("p", id("d"))),
        ),
        (
            vec![("OS_PROJECT_NAME", "p"), ("OS_DEFAULT_DOMAIN_NAME", "d")],
            Scope::Project(named("p", name("d"))),
        ),
        (vec![("OS_DOMAIN_ID", "d")], Scope::Domain(id("d"))),
        (vec![("OS_DOMAIN_NAME", "d")], Scope::Domain(name("d"))),
        (vec![("OS_SYSTEM_SCOPE", "all")], Scope::System),
        (vec![("OS_TRUST_ID", "t"), ("OS_PROJECT_ID", "p")], Scope::Trust("t".to_owned())),
        (vec![], Scope::Unsaid),
    ] {
        assert_eq!(password(&pairs).unwrap().scope, expected, "{pairs:?}");
    }
}

#[test]
fn endpoints_are_chosen_for_each_service() {
    let entry = password(&[
        ("OS_ENDPOINT_TYPE", "internalURL"),
        ("OS_COMPUTE_INTERFACE", "admin"),
        ("OS_PLACEMENT_ENDPOINT_OVERRIDE", "http://p/placement"),
        ("OS_COMPUTE_REGION_NAME", "south"),
        ("OS_COMPUTE_SERVICE_TYPE", "compute-edge"),
        ("OS_COMPUTE_RATE_LIMIT", "2.5"),
        ("OS_COMPUTE_CONCURRENCY", "3"),
        ("OS_API_TIMEOUT", "5"),
        ("OS_REGION_NAME", "north"),
    ])
    .unwrap();
    assert_eq!(entry.nova.interfaces, ["admin"]);
    assert_eq!(entry.nova.region.as_deref(), Some("south"));
    assert_eq!(entry.nova.kind, "compute-edge");
    assert_eq!((entry.nova.rate, entry.nova.concurrency), (Some(2.5), Some(3)));
    assert_eq!(entry.placement.interfaces, ["internal"]);
    assert_eq!(entry.placement.region.as_deref(), Some("north"));
    assert!(entry.placement.endpoint.is_some());
    assert_eq!(entry.api_timeout, Some(Duration::from_secs(5)));
}

#[test]
fn trust_and_certificates() {
    let trust = |pairs: &[(&str, &str)]| password(pairs).unwrap().tls.trust;
    assert_eq!(trust(&[]), Trust::System);
    assert_eq!(trust(&[("OS_CACERT", "/ca.pem")]), Trust::File(PathBuf::from("/ca.pem")));
    assert_eq!(trust(&[("OS_VERIFY", "False"), ("OS_CACERT", "/ca.pem")]), Trust::Everybody);
    assert_eq!(trust(&[("OS_VERIFY", "/ca.pem")]), Trust::File(PathBuf::from("/ca.pem")));
    let tls = password(&[("OS_CERT", "/c.pem"), ("OS_KEY", "/k.pem")]).unwrap().tls;
    assert_eq!(tls.identity, Some((PathBuf::from("/c.pem"), Some(PathBuf::from("/k.pem")))));
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    for (pairs, named) in [
        (vec![("OS_AUTH_TYPE", "v3kerberos")], "auth_type (OS_AUTH_TYPE) cannot be \"v3kerberos\""),
        (vec![("OS_AUTH_TYPE", "v2password")], "v2password"),
        (
            vec![("OS_AUTH_TYPE", "v3oidcpassword")],
            "discovery_endpoint (OS_DISCOVERY_ENDPOINT) is missing",
        ),
        (vec![("OS_AUTH_TYPE", "v3multifactor")], "auth_methods (OS_AUTH_METHODS) is missing"),
        (vec![("OS_IDENTITY_API_VERSION", "2.0")], "identity_api_version"),
        (vec![("OS_INTERFACE", "secret")], "interface"),
        (vec![("OS_VERIFY", "maybe")], "verify"),
        (vec![("OS_SYSTEM_SCOPE", "some")], "system_scope"),
        (vec![("OS_COMPUTE_ENDPOINT_OVERRIDE", "nova:8774")], "compute_endpoint_override"),
        (vec![("OS_API_TIMEOUT", "soon")], "api_timeout"),
    ] {
        let error = password(&pairs).unwrap_err().to_string();
        assert!(error.contains(named), "{pairs:?}: {error}");
    }
    let error = read(&[("OS_USERNAME", "fermata")]).unwrap_err().to_string();
    assert_eq!(error, "password (OS_PASSWORD) is missing: signing in by password needs it");
}

#[test]
fn os_cloud_names_a_cloud_of_a_file() {
    let source =
        variables(&[("OS_CLOUD", "north"), ("OS_CLIENT_CONFIG_FILE", "/etc/fermata/clouds.yaml")]);
    match source {
        CloudSource::CloudsYaml { cloud, file } => {
            assert_eq!(cloud, "north");
            assert_eq!(file, Some(PathBuf::from("/etc/fermata/clouds.yaml")));
        }
        CloudSource::Variables(_) => panic!("taken for credentials"),
    }
}

struct Files(tempfile::TempDir);

impl Files {
    fn with(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        Self(dir)
    }

    fn read(&self, cloud: &str) -> Result<Entry, ConfigError> {
        let file = Some(self.0.path().join("clouds.yaml"));
        CloudSource::CloudsYaml { cloud: cloud.to_owned(), file }.resolve()
    }
}

#[test]
fn a_file_is_read_with_its_secrets_beside_it() {
    let files = Files::with(&[
        (
            "clouds.yaml",
            "clouds: {north: {auth: {auth_url: 'https://k/v3', username: fermata}}, odd: {auth: {username: 5}, regions: [a]}}",
        ),
        (
            "secure.yaml",
            "clouds: {north: {auth: {password: 007123}}, other: {auth: {password: y}}}",
        ),
    ]);
    let Method::Password { password, .. } = files.read("north").unwrap().method else { panic!() };
    assert_eq!(password.reveal(), "007123");
    assert_eq!(
        files.read("south").unwrap_err().to_string(),
        "cloud \"south\" is not in the clouds file; known are [\"north\", \"odd\"]"
    );
}

#[test]
fn a_vendors_settings_lie_under_a_clouds() {
    let clouds = "clouds: {t: {profile: vendor, auth: {username: u, password: x}, region_name: b}}";
    let public = "public-clouds: {vendor: {auth: {auth_url: 'http://v/v3'}, interface: internal, regions: [a, {name: b, values: {interface: admin}}]}}";
    let entry =
        Files::with(&[("clouds.yaml", clouds), ("clouds-public.yaml", public)]).read("t").unwrap();
    assert_eq!(entry.auth_url.as_str(), "http://v/v3");
    assert_eq!(entry.nova.interfaces, ["admin"]);
    assert_eq!(entry.nova.region.as_deref(), Some("b"));
    let error = Files::with(&[("clouds.yaml", clouds)]).read("t").unwrap_err().to_string();
    assert!(error.contains("profile \"vendor\""), "{error}");
}

#[test]
fn as_people_write_it() {
    let base = "auth_url: 'http://k/v3', username: u, password: x";
    for (settings, interfaces, region) in [
        ("interface: [internal, public]", vec!["internal", "public"], None),
        ("endpoint_type: internalURL", vec!["internal"], None),
        ("regions: [one, two]", vec!["public"], Some("one")),
        (
            "regions: [{name: one, values: {interface: admin}}, {name: two}]",
            vec!["admin"],
            Some("one"),
        ),
        ("profile: 'https://cloud.example'", vec!["public"], None),
        ("verify: 'False', compute_api_version: 2.79, networks: [{name: n}]", vec!["public"], None),
        ("user_domain_name: Default, project_name: 42", vec!["public"], None),
    ] {
        let text = format!("clouds: {{t: {{auth: {{{base}}}, {settings}}}}}");
        let entry = Files::with(&[("clouds.yaml", &text), ("secure.yaml", "")]).read("t").unwrap();
        assert_eq!(entry.nova.interfaces, interfaces, "{settings}");
        assert_eq!(entry.nova.region.as_deref(), region, "{settings}");
        assert!(entry.unknown.is_empty(), "{settings}: {:?}", entry.unknown);
    }
}

#[test]
fn what_nobody_knows_is_named() {
    let text = "clouds: {t: {auth: {auth_url: 'http://k/v3', username: u, password: x, projct_name: p}, regoin_name: r}}";
    let entry = Files::with(&[("clouds.yaml", text)]).read("t").unwrap();
    assert_eq!(entry.unknown, ["regoin_name", "auth.projct_name"]);
}

#[test]
fn a_file_that_is_no_yaml_is_not_shown() {
    let error = Files::with(&[("clouds.yaml", "clouds: {t: {auth: {password: hunter2")]).read("t");
    let error = error.unwrap_err();
    assert!(matches!(error, ConfigError::NotYaml { .. }), "{error}");
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = CloudSource::CloudsYaml {
        cloud: "north".to_owned(),
        file: Some(PathBuf::from("/nowhere/clouds.yaml")),
    };
    assert!(matches!(missing.resolve(), Err(ConfigError::File { .. })));
    assert!(matches!(
        variables(&[("OS_USERNAME", "fermata")]).resolve(),
        Err(ConfigError::NoAuthUrl)
    ));
}

#[test]
fn debug_output_holds_no_secret() {
    let config = OpenStackConfig::new(variables(&[
        ("OS_AUTH_URL", "https://keystone.example/v3"),
        ("OS_PASSWORD", "hunter2"),
    ]));
    let text = format!("{config:?}");
    assert!(text.contains("OS_PASSWORD") && !text.contains("hunter2"));
}
