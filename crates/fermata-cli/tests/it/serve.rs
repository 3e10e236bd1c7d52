//! `fermata serve`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};

use crate::run::{Ran, command, finish, run};
use crate::site::CORE_NETWORK;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server in a process of its own.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    /// What it has logged so far.
    log: Vec<Value>,
}

impl Served {
    fn start(directory: &Path, change: impl FnOnce(&mut Command)) -> Self {
        let database = format!("sqlite://{}?mode=rwc", directory.join("fermata.db").display());
        let mut command = command(&[
            "serve",
            "--cloud=simulated",
            "--listen=127.0.0.1:0",
            "--database-url",
            &database,
            "--log-format=json",
        ]);
        change(command.env("FERMATA_HTTP_LISTEN", "off").stdout(Stdio::null()));
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines, log: Vec::new() }
    }

    /// Reads the log up to a line with this message, and gives the line.
    async fn logged(&mut self, message: &str) -> Value {
        self.logged_where(|line| {
            line["message"].as_str().is_some_and(|text| text.starts_with(message))
        })
        .await
    }

    async fn logged_where(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                let line: Value = serde_json::from_str(&line).unwrap();
                self.log.push(line.clone());
                if wanted(&line) {
                    return line;
                }
            }
            panic!("the server ended before it logged that: {:#?}", self.log);
        };
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(line) => line,
            Err(_) => panic!("the server does not log that: {:#?}", self.log),
        }
    }

    /// Its address, once it is ready.
    async fn ready(&mut self) -> String {
        let listening = self.logged("listening").await;
        self.logged("ready").await;
        listening["grpc"].as_str().unwrap().to_owned()
    }

    async fn signal(&self, signal: &str) {
        let pid = self.child.id().unwrap().to_string();
        let sent = tokio::process::Command::new("kill").args([signal, &pid]).status().await;
        assert!(sent.unwrap().success());
    }

    /// Tells it to stop, and waits for its end.
    async fn stop(mut self) -> Ran {
        self.signal("-TERM").await;
        // Its log goes on until the end; nobody else reads the pipe.
        while self.lines.next_line().await.unwrap().is_some() {}
        finish(self.child).await
    }
}

/// A page of a server, with its head.
async fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_server_answers_until_it_is_told_to_stop() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(directory.path(), |_| {});
    let url = format!("http://{}", server.ready().await);
    assert!(run(&["--server", &url, "host", "list"]).await.text().contains("compute-a1"));
    assert_eq!(server.stop().await.exit, 0);
}

#[tokio::test]
async fn health_asks_for_grpc_and_readiness() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(directory.path(), |command| {
        command.env("FERMATA_HTTP_LISTEN", "127.0.0.1:0");
    });
    let listening = server.logged("listening").await;
    server.logged("ready").await;
    let at = |side: &str| listening[side].as_str().unwrap().to_owned();
    // As in a container: it knows by the server's own variables where that listens, on all addresses or one.
    let health = async |http: &str| {
        let mut command = command(&["health"]);
        let port = at("grpc").rsplit(':').next().unwrap().to_owned();
        command.env("FERMATA_LISTEN", format!(":{port}")).env("FERMATA_HTTP_LISTEN", http);
        finish(command.spawn().unwrap()).await
    };
    let said = health(&at("http")).await.text();
    assert!(said.contains("is SERVING") && said.contains("/readyz is ready"), "{said}");
    assert!(!health("off").await.text().contains("readyz"));
    // Nothing is there that is ready.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(health(&closed.to_string()).await.exit, 5);

    let url = format!("http://{}", at("grpc"));
    assert_eq!(run(&["health", "--server", &url]).await.exit, 0);
    assert_eq!(server.stop().await.exit, 0);
    assert_eq!(run(&["health", "--server", &url]).await.exit, 5);
}

#[tokio::test]
async fn item_3_a_server_tells_what_it_works_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(directory.path(), |command| {
        command.env("FERMATA_HTTP_LISTEN", "127.0.0.1:0");
    });
    let starting = server.logged("starting").await;
    let database = directory.path().join("fermata.db").display().to_string();
    for (fact, value) in [
        ("level", "INFO"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("cloud", "simulated"),
        ("cloud_endpoint", "in this process: the small telco site"),
        ("cloud_user", ""),
        ("database", &database),
        ("callers", "anybody"),
    ] {
        assert_eq!(starting[fact], value, "{fact}: {starting}");
    }
    let warning = server.logged("THE CLOUD IS SIMULATED").await;
    assert_eq!(warning["level"], "WARN");

    let listening = server.logged("listening").await;
    server.logged("ready").await;
    let at = |side: &str| listening[side].as_str().unwrap().to_owned();
    let page = page(&at("http"), "/readyz?verbose").await;
    for (fact, value) in [
        ("version", env!("CARGO_PKG_VERSION")),
        ("replica", starting["replica_id"].as_str().unwrap()),
        ("cloud", "simulated"),
        ("cloud endpoint", "in this process: the small telco site"),
        ("database", &database),
        ("callers", "anybody"),
    ] {
        assert!(page.lines().any(|line| line == format!("{fact}: {value}")), "{fact}: {page}");
    }

    let address = at("grpc");
    let told = run(&["--server", &address, "version"]).await.text();
    for fact in ["fermata 0", "simulated", &database, "SIMULATED", "you are"] {
        assert!(told.contains(fact), "{fact}: {told}");
    }
    let told = run(&["--server", &address, "version", "--output=json"]).await.json();
    assert_eq!(told["cloud_kind"], "CLOUD_KIND_SIMULATED");
    assert_eq!(told["replica_id"], starting["replica_id"]);
    assert_eq!(told["caller_kinds"], serde_json::json!(["CALLER_KIND_ANYBODY"]));
    assert_eq!(told["role"], "operator");

    let listed = run(&["--server", &address, "host", "list"]).await;
    assert!(listed.stderr.contains("SIMULATED"), "{listed:?}");
    assert!(!listed.stdout.contains("SIMULATED"), "{listed:?}");
    assert_eq!(server.stop().await.exit, 0);
}

#[tokio::test]
async fn item_3_without_a_cloud_no_server_starts() {
    let ended = run(&["serve", "--listen=127.0.0.1:0"]).await;
    assert_eq!(ended.exit, 2, "{ended:?}");
    assert!(ended.stderr.contains("--cloud openstack"), "{ended:?}");
    assert!(ended.stderr.contains("--cloud simulated"), "{ended:?}");
}

#[tokio::test]
async fn item_13_a_closing_terminal_does_not_end_a_server() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(directory.path(), |_| {});
    let address = server.ready().await;
    server.signal("-HUP").await;
    server.logged("SIGHUP is ignored").await;
    // By its host and port alone.
    assert_eq!(run(&["--server", &address, "host", "list"]).await.exit, 0);
    assert_eq!(server.stop().await.exit, 0);
}

#[tokio::test]
async fn item_13_systemd_is_told_of_readiness_and_of_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
    let mut server = Served::start(directory.path(), |command| {
        command.env("NOTIFY_SOCKET", &path);
    });
    let heard = async || {
        let mut buffer = [0; 256];
        let length = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap();
        String::from_utf8(buffer[..length.unwrap()].to_vec()).unwrap()
    };
    server.ready().await;
    assert_eq!(heard().await.trim(), "READY=1");
    assert_eq!(server.stop().await.exit, 0);
    assert_eq!(heard().await.trim(), "STOPPING=1");
}

#[tokio::test]
async fn item_13_what_is_in_the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let mut server = Served::start(directory.path(), |_| {});
    server.ready().await;
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen.push(entry.file_name().into_string().unwrap());
    }
    assert!(seen.contains(&"fermata.db".to_owned()), "{seen:?}");
    assert!(seen.contains(&"fermata.db-wal".to_owned()), "{seen:?}");
    assert_eq!(server.stop().await.exit, 0);
}

#[tokio::test]
async fn item_13_a_check_says_what_would_start_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("fermata.db");
    let url = format!("sqlite://{}?mode=rwc", database.display());
    let check = ["serve", "--check", "--cloud=simulated", "--database-url", &url];
    let told = run(&check).await;
    assert!(told.stderr.contains("warning: the cloud is simulated"), "{told:?}");
    let told = told.text();
    assert!(told.contains(&database.display().to_string()), "{told}");
    assert!(told.contains("the server can start"), "{told}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);

    std::fs::write(&database, "Dear Sir or Madam, this is no database at all.").unwrap();
    let refused = run(&check).await;
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(refused.stderr.contains("not an SQLite database"), "{refused:?}");
    let topology = directory.path().join("none.toml").display().to_string();
    let refused = run(&[&check[..], &["--topology", &topology]].concat()).await;
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(refused.stderr.contains("none.toml"), "{refused:?}");
}

/// Whose tokens nobody takes never gets in: a principal's issuer has to be in the file of issuers, too.
#[tokio::test]
async fn item_13_a_check_warns_of_issuers_that_are_not_configured() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = directory.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let subject = |issuer: &str| format!("{{ issuer = \"{issuer}\", subject = \"kim\" }}");
    let subjects = [subject("https://a.example"), subject("https://b.example")].join(", ");
    let principals = file(
        "principals.toml",
        &format!(
            "[[principal]]\nname = \"kim\"\nroles = [\"operator\"]\nsubjects = [{subjects}]\n"
        ),
    );
    let issuers = file(
        "issuers.toml",
        "[[issuer]]\nissuer = \"https://a.example\"\naudiences = [\"fermata\"]\n\
         roles = { operator = [\"op\"] }\n",
    );
    let database = directory.path().join("fermata.db");
    let url = format!("sqlite://{}?mode=rwc", database.display());
    let principals = ["--principals", &principals];
    let check = ["serve", "--check", "--cloud=simulated", "--database-url", &url];
    let check = [&check[..], &principals].concat();
    let warns_of = async |arguments: &[&str], issuers: &[&str]| {
        let told = run(arguments).await;
        assert_eq!(told.exit, 0, "{told:?}");
        let warning = told.stderr.lines().find(|line| line.contains("--oidc does not name"));
        let warning = warning.unwrap_or_default();
        for issuer in ["https://a.example", "https://b.example"] {
            assert_eq!(warning.contains(issuer), issuers.contains(&issuer), "{told:?}");
        }
    };
    warns_of(&check, &["https://a.example", "https://b.example"]).await;
    warns_of(&[&check[..], &["--oidc", &issuers]].concat(), &["https://b.example"]).await;
}

#[tokio::test]
async fn item_13_a_mistyped_variable_is_refused() {
    let mut command = command(&["version", "--client"]);
    let refused = finish(command.env("FERMATA_LISTN", "x").spawn().unwrap()).await;
    assert_eq!(refused.exit, 2, "{refused:?}");
    assert!(refused.stderr.contains("did you mean FERMATA_LISTEN?"), "{refused:?}");
}

/// One line for each thing that was done, with what it is searched by at its top level; what went wrong is a warning.
#[tokio::test]
async fn item_4_the_log_says_what_the_product_does() {
    let directory = tempfile::tempdir().unwrap();
    let topology = directory.path().join("site.toml");
    let fault = "[[faults]]\noperation = \"live_migrate\"\nserver = \"amf-1\"\ntimes = 9\nkind = \"fails\"\n\
                 [[faults]]\noperation = \"progress\"\ntimes = 1\nkind = \"unavailable\"\n";
    std::fs::write(&topology, format!("{}\n{fault}", fermata_simcloud::SMALL_TELCO_SITE)).unwrap();
    let start = || {
        Served::start(directory.path(), |command| {
            command.arg("--topology").arg(&topology).arg("--poll-interval=100ms");
        })
    };
    let mut server = start();
    let address = server.ready().await;
    let call = async |line: &str| {
        let line = format!("--server {address} --output json {line}");
        run(&line.split(' ').collect::<Vec<_>>()).await.json()
    };
    let created = call(
        "session create --host compute-a1 --for 4h --reason firmware --manual-start --drain-reply-period 1s --action-attempts 1",
    );
    let session = created.await["id"].as_str().unwrap().to_owned();
    let line = server.logged("session created").await;
    assert_eq!((&line["session_id"], &line["hosts"]), (&session.as_str().into(), &1.into()));
    let trace = line["trace_id"].clone();
    let asked = server.logged("owner asked").await;
    let project = CORE_NETWORK;
    assert!(asked["project_id"].is_string() && asked["servers"].is_u64(), "{asked}");
    let listed = call(&format!("owner list --project {project} --state pending")).await;
    let notification = listed["notifications"][0]["id"].as_str().unwrap().to_owned();
    call(&format!("owner reply --project {project} {notification} --accept live-migrate")).await;
    let replied = server.logged("owner replied").await;
    assert_eq!(replied["project_id"], project);
    assert_eq!(replied["reply"], "REPLY_KIND_ACCEPTED");
    call(&format!("policy server put --project {project} some-server --lead-time 1s")).await;
    call(&format!("session start {session}")).await;

    let failed = server.logged("server action failed").await;
    for (field, value) in [
        ("level", "WARN"),
        ("session_id", &session),
        ("host", "compute-a1"),
        ("project_id", project),
        ("name", "amf-1"),
        ("action", "ACTION_LIVE_MIGRATE"),
    ] {
        assert_eq!(failed[field], value, "{failed}");
    }
    assert!(failed["server_id"].is_string() && failed["reason"].is_string(), "{failed}");
    let given_up = server.logged_where(|line| line["state"] == "DRAIN_FAILED").await;
    assert_eq!((&given_up["message"], &given_up["level"]), (&"host state".into(), &"WARN".into()));
    assert_eq!(given_up["host"], "compute-a1");
    let again = server.log.iter().find(|line| line["message"] == "tried again");
    assert_eq!(again.map(|line| &line["trace_id"]), Some(&trace), "{:#?}", server.log);

    let done: Vec<_> =
        server.log.iter().filter(|line| line["message"] == "asked for and done").collect();
    let actions: Vec<_> = done.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["CreateSession", "Reply", "PutServerPolicy", "StartSession"]);
    for line in done {
        assert!(line["principal"].is_string(), "{line}");
    }
    for line in &server.log {
        let known = line["session_id"].is_string();
        assert!(!known || line["trace_id"].as_str().is_some_and(|id| id.len() == 32), "{line}");
        assert!(line["spans"].is_null() && line["span"].is_null(), "{line}");
        let values = line.as_object().unwrap().values().filter_map(Value::as_str);
        for value in values {
            assert!(!value.contains("Some("), "formatted for debugging: {line}");
        }
    }
    assert_eq!(server.stop().await.exit, 0);

    // The next process works on in the same trace.
    let mut server = start();
    let taken_over = server.logged("session taken over").await;
    assert_eq!((&taken_over["session_id"], &taken_over["trace_id"]), (&session.into(), &trace));
    assert_eq!(server.stop().await.exit, 0);
}
