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

/// What can never be used ends the server at once, with one line that says why; nothing is left beside it.
#[tokio::test]
async fn a_hopeless_database_ends_the_server_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let letter = directory.path().join("letter.txt");
    std::fs::write(&letter, "Dear Sir or Madam, this is no database at all.").unwrap();
    let damaged = directory.path().join("damaged.db");
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.resize(8192, 0xff);
    std::fs::write(&damaged, bytes).unwrap();
    let sqlite = |path: &std::path::Path| format!("sqlite://{}?mode=rwc", path.display());
    for (url, said) in [
        (sqlite(&letter), "not an SQLite database"),
        (sqlite(&damaged), "the database cannot be used"),
        (sqlite(directory.path()), "not a file"),
        (sqlite(&letter.join("fermata.db")), "cannot be read"),
        ("mysql://localhost/fermata".to_owned(), "no driver"),
        ("fermata.db".to_owned(), "no scheme"),
    ] {
        let mut server = command(&[
            "serve",
            "--listen=127.0.0.1:0",
            "--http-listen=off",
            "--log=off",
            "--database-url",
            &url,
        ]);
        let ended = tokio::time::timeout(Duration::from_secs(30), finish(server.spawn().unwrap()));
        let ended = ended.await.unwrap_or_else(|_| panic!("{url} is waited for"));
        assert_ne!(ended.exit, 0, "{url}");
        assert!(ended.stderr.contains(said), "{url}: {}", ended.stderr);
        assert_eq!(ended.stderr.trim().lines().count(), 1, "{}", ended.stderr);
        // Once, whatever the driver repeats.
        assert!(!directory.path().join("letter.txt.lock").exists());
    }
}
