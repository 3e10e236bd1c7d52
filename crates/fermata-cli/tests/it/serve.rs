//! `fermata serve`.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::run::{command, finish, run};

#[tokio::test]
async fn a_server_answers_until_it_is_told_to_stop() {
    let directory = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}?mode=rwc", directory.path().join("fermata.db").display());
    let mut server = command(&[
        "serve",
        "--listen=127.0.0.1:0",
        "--http-listen=off",
        "--database-url",
        &database,
        "--log-format=json",
    ])
    .stdout(Stdio::null())
    .spawn()
    .unwrap();

    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let mut address = None;
    let ready = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            let log: serde_json::Value = serde_json::from_str(&line).unwrap();
            let text = log.to_string();
            if let Some(found) = log.pointer("/fields/grpc").or(log.get("grpc")) {
                address = found.as_str().map(str::to_owned);
            }
            if text.contains("\"ready\"") {
                return;
            }
        }
        panic!("the server ended before it was ready");
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await.unwrap();
    let url = format!("http://{}", address.unwrap());
    assert!(run(&["--server", &url, "host", "list"]).await.text().contains("compute-a1"));

    let pid = server.id().unwrap().to_string();
    let killed = tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await;
    assert!(killed.unwrap().success());
    // Its log goes on until the end; nobody else reads the pipe.
    while lines.next_line().await.unwrap().is_some() {}
    assert_eq!(finish(server).await.exit, 0);
}
