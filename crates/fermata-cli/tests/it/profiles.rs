//! Profiles, and `fermata config`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{Ran, command, finish};

/// A home folder with profiles.
struct Home(TempDir);

impl Home {
    fn with(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.file().parent().unwrap()).unwrap();
        fs::write(home.file(), config).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(".config/fermata/config.toml")
    }

    /// Arguments are split at spaces.
    async fn run(&self, arguments: &str, variables: &[(&str, &str)]) -> Ran {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let mut run = command(&arguments);
        run.env("HOME", self.0.path()).envs(variables.iter().copied());
        finish(run.spawn().unwrap()).await
    }

    /// What counts, as `config show` has it.
    async fn shown(&self, arguments: &str, variables: &[(&str, &str)]) -> Value {
        let arguments = format!("{arguments} config show --output json");
        self.run(&arguments, variables).await.json()
    }
}

const CONFIG: &str = r#"
[profile.default]
server = "http://127.0.0.1:1"

[profile.prod]
server = "https://fermata.example.org:7400"
tls_ca = "ca.pem"
tls_cert = "~/me.pem"
tls_key = "/keys/me.key"
token_file = "token"
os_cloud = "telco"
project = "core"
output = "yaml"
"#;

fn setting(shown: &Value, key: &str) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or("unset").to_owned();
    let setting = &shown["settings"][key];
    (text(&setting["value"]), text(&setting["from"]))
}

fn is(shown: &Value, key: &str, value: &str, from: &str) {
    assert_eq!(setting(shown, key), (value.to_owned(), from.to_owned()), "{key}");
}

#[tokio::test]
async fn a_flag_counts_before_a_variable_and_a_variable_before_the_profile() {
    let home = Home::with(CONFIG);
    let path = |name: &str| home.file().with_file_name(name).display().to_string();
    let shown = home.shown("", &[]).await;
    assert_eq!(shown["profile"], "default");
    is(&shown, "server", "http://127.0.0.1:1", "profile");
    is(&shown, "tls_ca", "unset", "default");

    let shown = home.shown("--profile prod", &[]).await;
    is(&shown, "server", "https://fermata.example.org:7400", "profile");
    is(&shown, "tls_ca", &path("ca.pem"), "profile");
    is(&shown, "tls_cert", &home.0.path().join("me.pem").display().to_string(), "profile");
    is(&shown, "tls_key", "/keys/me.key", "profile");
    is(&shown, "token_file", &path("token"), "profile");
    is(&shown, "project", "core", "profile");
    is(&shown, "output", "json", "flag");

    let variables = [
        ("FERMATA_PROFILE", "prod"),
        ("FERMATA_SERVER", "http://by.variable:1"),
        ("FERMATA_PROJECT", "ran"),
        ("FERMATA_TOKEN", "s3cret"),
        ("FERMATA_TLS_CERT", "/a.pem"),
        ("FERMATA_TLS_KEY", "/a.key"),
    ];
    let shown = home.shown("", &variables).await;
    assert_eq!(shown["profile"], "prod");
    is(&shown, "server", "http://by.variable:1", "variable");
    is(&shown, "project", "ran", "variable");
    // Whoever says who calls, says it whole.
    is(&shown, "token", "(not shown)", "variable");
    is(&shown, "token_file", "unset", "default");
    is(&shown, "os_cloud", "unset", "default");
    is(&shown, "tls_cert", "/a.pem", "variable");
    let shown = home.shown("--server http://by.flag:1 --os-cloud lab", &variables[..3]).await;
    is(&shown, "server", "http://by.flag:1", "flag");
    is(&shown, "os_cloud", "lab", "flag");
    is(&shown, "token_file", "unset", "default");
}

#[tokio::test]
async fn commands_go_by_the_profile() {
    let home = Home::with(
        "[profile.lab]\nserver = \"http://127.0.0.1:1\"\nproject = \"core\"\noutput = \"json\"\n",
    );
    // Nobody answers there, but that it was tried says that the project was not missing.
    for arguments in
        ["--profile lab owner list", "owner list --profile lab", "--profile lab session list"]
    {
        let ran = home.run(arguments, &[]).await;
        assert_eq!(ran.exit, 5, "{ran:?}");
        assert!(ran.error()["message"].as_str().unwrap().contains("127.0.0.1:1"), "{ran:?}");
    }
    let ran = home.run("owner list", &[]).await;
    assert!(ran.exit == 2 && ran.stderr.contains("--project"), "{ran:?}");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_was_meant_and_without_secrets() {
    let home = Home::with(CONFIG);
    let ran = home.run("--profile prd session list", &[]).await;
    assert!(ran.exit == 2 && ran.stderr.contains("did you mean 'prod'?"), "{ran:?}");
    fs::write(home.file(), "[profile.prod]\ntoken = \"s3cret\"\n").unwrap();
    let ran = home.run("session list", &[]).await;
    assert!(ran.exit == 2 && ran.stderr.contains("did you mean 'token_file'?"), "{ran:?}");
    assert!(!ran.stderr.contains("s3cret"), "{ran:?}");
    // Where the file is may be asked all the same, and what asks no server does not read it.
    assert_eq!(Path::new(home.run("config path", &[]).await.text().trim()), home.file());
    home.run("completions bash", &[]).await.text();

    fs::write(home.file(), "[profile.prod]\noutput = \"xml\"\n").unwrap();
    let ran = home.run("--profile prod session list", &[]).await;
    assert!(ran.exit == 2 && ran.stderr.contains("xml"), "{ran:?}");
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().to_str().unwrap();
    let path = home.run("config path", &[("XDG_CONFIG_HOME", folder)]).await.text();
    assert_eq!(Path::new(path.trim()), elsewhere.path().join("fermata/config.toml"));
    // No file there, so nothing is wrong with it.
    home.run("config show", &[("XDG_CONFIG_HOME", folder)]).await.text();
}

#[tokio::test]
async fn people_see_what_counts_and_where_it_is_from() {
    let home = Home::with(CONFIG);
    let text = home.run("--profile prod config show --output table", &[]).await.text();
    let line = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("server"), ["server", "https://fermata.example.org:7400", "profile"]);
    assert!(text.starts_with("profile prod of "), "{text}");
}
