//! The real server without file descriptors for a while: it says so, goes on for whoever is connected, loses nothing, and takes
//! connections again when there are some.

use tokio::net::TcpStream;
use tokio::process::Command;

use crate::disk::{Said, Server, work};

/// How many the process may have.
async fn limit(server: &Server, descriptors: &str) {
    let limit = format!("--nofile={descriptors}");
    let set = Command::new("prlimit").args(["--pid", &server.pid(), &limit]).status().await;
    assert!(set.unwrap().success());
}

#[tokio::test]
async fn descriptors_are_used_up_for_a_while() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::start(directory.path()).await;
    let mut said = Said::default();
    work(&mut server, 6, &mut said).await;
    let before = said.ok.len();
    for round in 0..2 {
        // Those that are open stay open.
        limit(&server, "1:").await;
        let waiting = TcpStream::connect(server.http()).await.unwrap();
        server.says("connections cannot be taken").await;
        work(&mut server, 6, &mut said).await;
        limit(&server, "1024:").await;
        let page = server.readiness_until("200 OK").await;
        assert!(page.contains("[+] database: ok"), "{page}");
        drop(waiting);
        said.catch_up(&mut server).await;
        let ok = said.ok.len();
        work(&mut server, 6, &mut said).await;
        assert!(said.ok.len() > ok, "round {round}: it does not go on by itself");
    }
    assert!(said.ok.len() > before);
    server.kill().await;
    let mut server = Server::start(directory.path()).await;
    said.is_there(&mut server).await;
    server.kill().await;
}
